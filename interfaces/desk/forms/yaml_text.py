"""YAML as people mean it: `on` is a word, `10:30` a text, and a key stands once."""

import re
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from interfaces.desk.errors import FileInvalid

M = TypeVar("M", bound=BaseModel)


class _Loader(yaml.SafeLoader):
    """Reads the core of YAML 1.2; the library itself reads `on` as true and 10:30 as 630."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}


for _tag, _pattern, _first in (
    ("null", r"~|null|", ["~", "n", ""]),
    ("bool", r"true|false", list("tf")),
    ("int", r"-?(0|[1-9][0-9_]*)", list("-0123456789")),
    ("float", r"-?(0|[1-9][0-9]*)\.[0-9]+", list("-0123456789")),
    ("timestamp", r"[0-9]{4}-[0-9]{2}-[0-9]{2}", list("0123456789")),
    ("merge", r"<<", ["<"]),
):
    _Loader.add_implicit_resolver(
        f"tag:yaml.org,2002:{_tag}", re.compile(rf"^(?:{_pattern})$"), _first
    )


def _mapping(loader: _Loader, node: yaml.MappingNode) -> dict[Any, Any]:
    seen: set[str] = set()
    for key, _ in node.value:
        if key.value in seen and key.value != "<<":
            raise yaml.constructor.ConstructorError(
                None, None, f"the key {key.value!r} stands twice", key.start_mark
            )
        seen.add(key.value)
    loader.flatten_mapping(node)
    return {
        loader.construct_object(key, deep=True): loader.construct_object(value, deep=True)
        for key, value in node.value
    }


_Loader.add_constructor("tag:yaml.org,2002:map", _mapping)


def read_yaml(path: Path) -> Any:
    """Return what a file holds.

    Raises:
        FileInvalid: if it is not there or not YAML, with the line.

    """
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise FileInvalid(path.name, f"{type(error).__name__}: cannot be read") from error
    try:
        return yaml.load(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        raise FileInvalid(f"{path.name}:{line}", str(error.problem)) from error
    except (yaml.YAMLError, ValueError) as error:
        raise FileInvalid(path.name, str(error)) from error


def read_model(model: type[M], path: Path) -> M:
    """Return what a file holds, as a model.

    Raises:
        FileInvalid: if it is not there, not YAML or not such a model, naming the place.

    """
    raw = read_yaml(path)
    try:
        return model.model_validate(raw)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(str(p) for p in first["loc"])
        raise FileInvalid(f"{path.name}: {where}" if where else path.name, first["msg"]) from error

"""YAML 1.2, in which `on` is a word and `10:30` a text; a key stands once."""

from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from interfaces.desk.errors import FileInvalid

M = TypeVar("M", bound=BaseModel)


_UNFIT = (YAMLError, ValueError, LookupError, TypeError, ArithmeticError, RecursionError)
"""What the library raises on a file: the last four on tags that do not fit what they mark, on keys
that cannot be any, and on what is too deep."""


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
        # The library's parser in C knows 1.1 alone.
        return YAML(typ="safe", pure=True).load(text)
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        raise FileInvalid(f"{path.name}:{line}", str(error.problem)) from error
    except _UNFIT as error:
        raise FileInvalid(path.name, f"{type(error).__name__}: {error}"[:200]) from error


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

"""Reads the catalogue: messages of Project Fluent by their names, each as it stands in its file."""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.abc import Traversable
from importlib.resources import files
from typing import Literal

from domain.terms.value import Text

Lang = Literal["zh", "en"]

_ENTRY = re.compile(r"^(?=[a-z])", re.MULTILINE)
"""A message begins in the first column; what belongs to it is indented."""
_CONSTANT = re.compile(r"[a-z][\w-]* = ([^{}\n]+)\n(?:    \.formerly = ([^{}\n]+)\n)?\n*")


@cache
def sources(lang: Lang) -> Mapping[str, str]:
    """Return the messages of a language by their names."""
    found: dict[str, str] = {}
    for file in _files(files("words").joinpath(lang)):
        for source in _ENTRY.split(file.read_text("utf-8"))[1:]:
            name = source.split(" =", 1)[0]
            if name in found:
                raise ValueError(f"{file.name} says {name} a second time")
            found[name] = source
    return found


def _files(room: Traversable) -> Iterator[Traversable]:
    for one in sorted(room.iterdir(), key=lambda f: f.name):
        if one.is_dir():
            yield from _files(one)
        elif one.name.endswith(".ftl"):
            yield one


def constant(name: str, lang: Lang) -> str | None:
    """Return a message that asks for no fact, which needs no library; None for any other."""
    found = _CONSTANT.fullmatch(sources(lang).get(name, ""))
    return found[1] if found else None


@cache
def term(name: str) -> Text | None:
    """Return what something is called, or None where it has no name."""
    zh, en = constant(name, "zh"), constant(name, "en")
    return Text(zh=zh, en=en) if zh is not None and en is not None else None


def terms(of: str) -> dict[str, Text]:
    """Return all that is called by a name of a sort (`field`, `role`), by its code."""
    names = (n for n in sources("zh") if n.startswith(f"{of}-"))
    return {n.removeprefix(f"{of}-"): found for n in names if (found := term(n)) is not None}


def formerly(name: str) -> tuple[str, ...]:
    """Return what something was called in Chinese before: whoever types it is understood."""
    found = _CONSTANT.fullmatch(sources("zh").get(name, ""))
    return tuple(found[2].split("、")) if found and found[2] else ()

"""A programme's file: read, and recorded command by command, each once however often it is run."""

import hashlib
import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from domain.engine.answer import Answer
from domain.registry import kind_for
from domain.streams.programme.decide import OpenProgramme
from domain.terms.role import Actor
from domain.terms.stream import StreamName
from domain.terms.value import Text, Value
from interfaces.client.errors import BadRequest
from interfaces.rehearsal.errors import ScenarioInvalid
from interfaces.rehearsal.scenario import ProgrammeFile
from interfaces.rehearsal.yaml_text import read_yaml


class Item(Value):
    """One command of the file."""

    place: str
    """Where it stands in the file, like `blocks.0`."""
    stream: StreamName
    command: dict[str, Any]
    command_id: str
    invented: tuple[str, ...] = ()
    """Its fields that the file says are invented; the whole of it for an empty name."""

    @property
    def title(self) -> Text:
        command = kind_for(self.stream).command_types[self.command["type"]]
        return Text(zh=command.zh, en=str(self.command["type"]).replace("_", " "))


class Opened(Value):
    """What became of one command of the file."""

    item: Item
    answer: Answer
    before: bool
    """Whether it had been recorded by an earlier run."""


def read(path: Path) -> tuple[ProgrammeFile, list[Item]]:
    """Return a programme's file and its commands in order.

    Raises:
        BadRequest: if it cannot be read as one, naming the place.

    """
    try:
        raw = read_yaml(path)
        file = ProgrammeFile.model_validate(raw)
    except ScenarioInvalid as error:
        raise _wrong(error.where, error.why) from error
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(str(p) for p in first["loc"]) or path.name
        raise _wrong(f"{path.name}: {where}", first["msg"]) from error
    return file, list(_items(file))


def actor_of(file: ProgrammeFile) -> Actor:
    """Return who opens the programme, as the file says."""
    return file.by


def zone_of(file: ProgrammeFile) -> str:
    """Return the zone in which the programme's days are told."""
    return str(file.programme.get("zone", OpenProgramme.model_fields["zone"].default))


def names(file: ProgrammeFile) -> dict[str, str]:
    """Return what people call the blocks, by slug."""
    return {b.slug: str((b.model_extra or {}).get("name", b.slug)) for b in file.blocks}


def _items(file: ProgrammeFile) -> Iterator[Item]:
    seen: dict[str, int] = {}
    for place, stream, command in file.openings():
        digest = _digest(stream, command)
        again = seen.setdefault(digest, 0)
        seen[digest] += 1
        yield Item(
            place=place,
            stream=stream,
            command=command,
            # From the content: the same line is recorded once, a second like it once more.
            command_id=f"file-{digest}" + (f"-{again}" if again else ""),
            invented=_invented(file, place),
        )


def _invented(file: ProgrammeFile, place: str) -> tuple[str, ...]:
    """Return what of a place is invented, from dotted paths above and below it."""
    found = []
    for path in file.invented:
        if place == path or place.startswith(f"{path}."):
            found.append("")
        elif path.startswith(f"{place}."):
            found.append(path.removeprefix(f"{place}."))
    return tuple(found)


def _digest(stream: str, command: dict[str, Any]) -> str:
    content = json.dumps(
        [stream, command],
        sort_keys=True,
        ensure_ascii=False,
        default=_written,
        separators=(",", ":"),
    )
    return hashlib.sha256(content.encode()).hexdigest()[:32]


def _written(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no place in a programme's file")


def _wrong(where: str, why: str) -> BadRequest:
    return BadRequest(
        Text(
            zh=f"项目文件有误：{where}：{why}",
            en=f"The programme's file is wrong at {where}: {why}",
        ),
        Text(zh="请改正后重试", en="Correct it and try again"),
    )

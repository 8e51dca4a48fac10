"""A programme's file: read, and recorded command by command, each once however often it is run."""

import hashlib
import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator, ConfigDict, Field

from domain.engine.answer import Answer
from domain.registry import kind_for
from domain.streams.programme.decide import OpenProgramme
from domain.terms.role import Actor
from domain.terms.stream import StreamName
from domain.terms.value import Slug, Text, Value
from interfaces.desk.forms.yaml_text import read_model

PROGRAMME_FILE = "programme.yaml"


def actor_from(value: object) -> object:
    """Return `actor:role` as an actor's fields."""
    if not isinstance(value, str):
        return value
    actor, _, role = value.rpartition(":")
    return {"id": actor, "role": role}


As = Annotated[Actor, BeforeValidator(actor_from)]
"""Who acts, written `actor:role`."""


class FromFile(Value):
    """Something written in a file, where `as` and `with` are words like others."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Placed(FromFile):
    """A block of the programme: its slug, and the fields of its opening or import."""

    model_config = ConfigDict(frozen=True, extra="allow")

    slug: Slug

    def command(self) -> dict[str, Any]:
        """Return the command that opens the block, or imports it where a source is named."""
        fields = dict(self.model_extra or {})
        imported = "source_title" in fields
        return {"type": "import_block" if imported else "open_block", **fields}


class ProgrammeFile(FromFile):
    """A programme with its blocks, money and parking, as it is opened."""

    stream: Slug
    programme: dict[str, Any]
    blocks: tuple[Placed, ...] = ()
    money: tuple[dict[str, Any], ...] = ()
    parking: tuple[dict[str, Any], ...] = ()
    invented: tuple[str, ...] = ()
    """Dotted paths of what the programme's source does not say."""
    by: Annotated[As, Field(alias="as")]

    def openings(self) -> list[tuple[str, StreamName, dict[str, Any]]]:
        """Return, in order, every command that opens it: its place in the file, stream, fields."""
        own = StreamName(self.stream)
        found = [("programme", own, {"type": "open_programme", **self.programme})]
        found += [
            (f"blocks.{i}", StreamName(f"{own}/{b.slug}"), b.command())
            for i, b in enumerate(self.blocks)
        ]
        for name, kind in (("money", "allocate_money"), ("parking", "record_parking")):
            lines: tuple[dict[str, Any], ...] = getattr(self, name)
            found += [(f"{name}.{i}", own, {"type": kind, **f}) for i, f in enumerate(lines)]
        return found


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
        FileInvalid: if it cannot be read as one, naming the place.

    """
    file = read_model(ProgrammeFile, path)
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

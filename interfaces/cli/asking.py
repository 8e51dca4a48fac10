"""From what was typed to a command: which stream, which command, which fields."""

import difflib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import typer

from domain.engine.kind import Kind, command_type
from domain.engine.message import Command, Entry, Fact, Source
from domain.registry import kind_for
from domain.streams.programme.state import Appointment
from domain.terms.stream import StreamName, kind_of
from domain.terms.value import Text
from interfaces.cli.language import lang, say
from interfaces.cli.output import Out
from interfaces.cli.view import needs
from interfaces.cli.view.fields import Fields
from interfaces.desk.errors import BadRequest, UnknownName
from interfaces.desk.forms.fields import FieldHelp, fields_of
from interfaces.desk.forms.input import record, typed
from interfaces.desk.names.names import Meant
from interfaces.desk.reading.answers import Way, opening_way
from interfaces.desk.reading.reading import Reader
from interfaces.desk.reading.redaction import words_of
from interfaces.desk.siwen import Siwen
from interfaces.desk.submitting.repeats import digests_in
from ledger.errors import NoSuchStream
from ledger.read.entries import stream_entries
from ledger.views.lookup import place_of
from words import labels
from words.forms import Forms
from words.units import unit


@dataclass(frozen=True)
class Target:
    """What is to be done to which stream."""

    meant: Meant
    command: type[Command]
    zone: str
    actors: tuple[Appointment, ...]

    @property
    def stream(self) -> StreamName:
        return self.meant.stream

    @property
    def type(self) -> str:
        return command_type(self.command)

    @property
    def fields(self) -> tuple[FieldHelp, ...]:
        return fields_of(self.command)

    @property
    def required(self) -> tuple[str, ...]:
        return tuple(f.name for f in self.fields if f.required)

    @property
    def states_something(self) -> bool:
        """Tell whether it is a fact that has fields to say it in."""
        return issubclass(self.command, Fact) and bool(self.fields)


async def target(siwen: Siwen, called: str, named: str) -> Target:
    """Return which command of which stream is meant.

    Raises:
        UnknownName: if there is no such stream, nor a place for one.
        BadRequest: if its kind knows no such command.

    """
    meant = await siwen.meant(
        called, lambda stream: command_named(kind_for(stream), named) in kind_for(stream).opening
    )
    return await _target(siwen, meant, named)


async def target_of(siwen: Siwen, stream: StreamName, named: str) -> Target:
    """Return which command is meant of a stream that was read already.

    Raises:
        BadRequest: if its kind knows no such command.

    """
    return await _target(siwen, Meant(stream, stream, exists=True), named)


async def _target(siwen: Siwen, meant: Meant, named: str) -> Target:
    reader, stream = siwen.reader, meant.stream
    command = command_named(kind_for(stream), named)
    return Target(meant, command, await reader.zone(stream), await reader.actors(stream))


def command_named(kind: Kind[Any], named: str) -> type[Command]:
    """Return a kind's command by its English or Chinese name.

    Raises:
        BadRequest: if there is none, with those that are near.

    """
    wanted = named.strip()
    low = wanted.lower().replace("-", "_").replace(" ", "_")
    for command in kind.command_types.values():
        if low == command_type(command) or wanted in (command.zh, *command.formerly):
            return command
    words = {command_type(c): c for c in kind.command_types.values()}
    chinese = {c.zh: command_type(c) for c in kind.command_types.values()}
    near = difflib.get_close_matches(low, words, n=3, cutoff=0.4)
    near += [chinese[z] for z in difflib.get_close_matches(wanted, chinese, n=3, cutoff=0.4)]
    near += [t for z, t in chinese.items() if wanted and wanted in z]
    offered = list(dict.fromkeys(near)) or sorted(words)
    listed = ", ".join(offered)
    worded = "、".join(f"{words[o].zh} {o}" for o in offered)
    raise BadRequest(
        Text(
            zh=f"{kind.title.zh}没有操作「{wanted[:60]}」",
            en=f"A {kind.title.en} knows no command {wanted[:60]!r}",
        ),
        Text(zh=f"您是指：{worded}", en=f"There is: {listed}"),
    )


def given(target: Target, data: str | None, fields: Sequence[str]) -> dict[str, Any]:
    """Return the fields as typed, read as the command takes them.

    Raises:
        BadRequest: if a field is unknown or not of the form NAME=VALUE.

    """
    found = record(target.fields, _data_of(data), target.zone) if data else {}
    known = {f.name: f for f in target.fields}
    for name, texts in _by_name(fields, known).items():
        found[name] = typed(known[name], texts, target.zone)
    return found


async def blocks_meant(siwen: Siwen, given: dict[str, Any]) -> None:
    """Put the codes of blocks in the place of what people call them."""
    blocks = given.get("blocks")
    if isinstance(blocks, list):
        given["blocks"] = [
            (await siwen.resolve(b)).rsplit("/", 1)[-1]
            if isinstance(b, str) and not b.isascii()
            else b
            for b in blocks
        ]


def _by_name(fields: Sequence[str], known: Mapping[str, Any]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for one in fields:
        name, sign, text = one.partition("=")
        name = name.strip().replace("-", "_")
        if not sign:
            raise BadRequest(
                Text(zh=f"--field {one[:40]} 缺少 =", en=f"--field {one[:40]} has no ="),
                Text(zh="写作 --field 字段=值", en="Write --field NAME=VALUE"),
            )
        if name not in known:
            near = difflib.get_close_matches(name, known, n=3, cutoff=0.5) or list(known)
            listed = ", ".join(near) or "—"
            raise BadRequest(
                Text(zh=f"没有字段 {name[:40]}", en=f"There is no field {name[:40]!r}"),
                Text(zh=f"有：{listed}", en=f"There is: {listed}"),
            )
        found.setdefault(name, []).append(text)
    return found


def source(text: str | None) -> Source | None:
    """Return where a late entry comes from, by its English or Chinese name."""
    if text is None:
        return None
    for one in Source:
        if text.strip().lower() == one or text.strip() == labels.word(one).zh:
            return one
    raise BadRequest(
        Text(zh=f"没有来源「{text[:40]}」", en=f"There is no source {text[:40]!r}"),
        Text(
            zh="可用：" + "、".join(f"{s}（{labels.word(s).zh}）" for s in Source),
            en="There is: " + ", ".join(Source),
        ),
    )


def say_needs(out: Out, target: Target, lacks: Sequence[str]) -> None:
    """Print what a command needs to be told."""
    if out.as_json:
        out.data({"needs": list(lacks), "fields": target.fields})
        return
    way = Way(allowed=opening_way(target.command).allowed, fields=target.fields)
    needs.needs(out, target.meant.called, way, lacks, target.actors)


async def entry(reader: Reader, named: str) -> Entry:
    """Return the entry that is meant: `stream@version`, an alias with a version, or an event's id.

    Raises:
        UnknownName: if there is none.

    """
    stream, version = await _place(reader, named)
    try:
        entries = await stream_entries(reader.pool, stream)
    except NoSuchStream:
        entries = []
    found = next((e for e in entries if e.version == version), None)
    if found is None:
        last = f"{stream}@{len(entries)}" if entries else ""
        raise UnknownName(named, [last] if last else ())
    return found


async def _place(reader: Reader, named: str) -> tuple[StreamName, int]:
    called, sign, number = named.strip().rpartition("@")
    if sign and number.isdigit():
        return await reader.resolve(called), int(number)
    place = await place_of(reader.pool, named.strip())
    if place is None:
        raise UnknownName(named)
    return place


def corrections(entry: Entry, fields: Sequence[str], zone: str) -> dict[str, Any]:
    """Return the fields of an entry that were wrong, with what they should have been."""
    known = {f.name: f for f in fields_of(entry.event.__class__)}
    return {n: typed(known[n], texts, zone) for n, texts in _by_name(fields, known).items()}


async def say_correctable(out: Out, reader: Reader, entry: Entry, zone: str) -> None:
    """Print what an entry says, field by field."""
    if out.as_json:
        out.data(entry)
        return
    texts = await words_of(reader.pool, digests_in(entry.event.model_dump(mode="json")))
    worded = Forms(lang(), kind_of(entry.stream), zone, texts)
    out.problem(
        say(
            "请指明要改的字段：--field 字段=值。现在的内容：",
            "Say which fields were wrong: --field NAME=VALUE. The entry says:",
        )
    )
    told = Fields(out, worded)
    for name, info in type(entry.event).model_fields.items():
        if name != "type":
            held = told.written(getattr(entry.event, name), unit(info, name))
            out.problem(
                (f"{name} ", "bold"),
                f"{labels.field(name).zh}  " if lang() == "zh" else " ",
                (held, "dim"),
                indent=2,
                hanging=4,
            )


def _data_of(text: str) -> dict[str, Any]:
    """Return the fields in `--data`, which is JSON or names a file of JSON."""
    if text.startswith("@"):
        text = Path(text[1:]).read_text("utf-8")
    try:
        found = json.loads(text)
    except ValueError as error:
        raise typer.BadParameter(
            say(f"--data 不是 JSON:{error}", f"--data is not JSON: {error}")
        ) from error
    if not isinstance(found, dict):
        raise typer.BadParameter(say("--data 应为 JSON 对象", "--data is a JSON object"))
    return found

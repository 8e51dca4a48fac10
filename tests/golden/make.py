"""Add a golden event for every type and shape that has none yet; never change or remove one.

A golden event is a body as it is stored. What was released once has to be readable for ever: when
this writes a file because an event's fields have changed, the earlier file stays, and the event
needs a new version with an upcaster unless today's code reads the old file all the same.
"""

import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

from pydantic import ValidationError

from domain.engine.entry import GENERIC_EVENTS
from domain.engine.kind import Kind, entry_id
from domain.engine.message import Entry, Event, Source
from domain.profile import Profile
from domain.registry import KINDS
from domain.terms.role import Role, Via
from domain.terms.stream import StreamName
from ledger.store.canonical import encode, leaf_hash
from tests.golden import rules
from tests.unit.domain.payloads import Payloads
from tests.unit.domain.spec import PAPER, TEXT, person

EVENTS = Path(__file__).parent / "events"
LISTED = EVENTS / "SHA256"
"""Leaf hash and name of every golden file, so that none is changed or removed unseen."""
DEFAULTS = Path(__file__).parent / "profile.1.json"
"""The defaults of every programme whose opening names no other."""
CHOICES = EVENTS.parent / "choices.txt"
"""Every value that a closed set in an event was ever allowed to hold."""
OWN_FORM = {"zone": "Asia/Shanghai", "month": "2026-03"}
"""Values of fields whose form no schema tells."""
ANY_KIND = "any"
"""In the name of an event that happens in any kind of stream."""
STREAMS = {
    "programme": "liupu-2026",
    "block": "liupu-2026/linhe",
    "upkeep": "liupu-2026/linhe/upkeep",
    "finding": "liupu-2026/linhe/upkeep/finding/1",
    "opinion": "liupu-2026/linhe/consultation/1/opinion/1",
    "ballot": "liupu-2026/linhe/poll/1/ballot/1",
    "contract": "liupu-2026/contract/1",
}


class _First(Random):
    """Draws the first of everything, and whatever may be left out; numbers by its seed."""

    def random(self) -> float:
        return 0.5

    def choice(self, seq: Any) -> Any:
        return seq[0]

    def sample(self, population: Any, k: int, **_: Any) -> list[Any]:
        return list(population[:k])


def present() -> dict[str, tuple[Kind[Any], type[Event]]]:
    """Return every event of today's code by the name of its golden file."""
    found = {}
    for kind in KINDS.values():
        for event in kind.events:
            found[_name(kind.name, event)] = (kind, event)
    for event in GENERIC_EVENTS:
        found[_name(ANY_KIND, event)] = (KINDS["programme"], event)
    return found


def kind_of(file: Path) -> Kind[Any]:
    """Return the kind of stream that a golden file's event stands in."""
    name = file.name.split(".", 1)[0]
    return KINDS["programme" if name == ANY_KIND else name]


def make() -> list[str]:
    """Write what is missing and return the names of the new files."""
    EVENTS.mkdir(exist_ok=True)
    made = []
    for name, (kind, event) in sorted(present().items()):
        file = EVENTS / name
        if not file.exists():
            body = _body(kind, event)
            file.write_text(f"{body}\n", encoding="utf-8")
            with LISTED.open("a", encoding="utf-8") as listed:
                listed.write(f"{leaf_hash(body.encode())}  {name}\n")
            made.append(name)
    return made


def choices() -> set[str]:
    """Return every value of every closed set that an entry of today's code may hold."""
    found = set(_choices("entry", Entry.model_json_schema()))
    for name, (_, event) in present().items():
        found.update(_choices(".".join(name.split(".")[:2]), event.model_json_schema()))
    return found


def add_choices() -> list[str]:
    """List the values that are new and return them."""
    listed = set(CHOICES.read_text(encoding="utf-8").splitlines()) if CHOICES.exists() else set()
    CHOICES.write_text("".join(f"{c}\n" for c in sorted(listed | choices())), encoding="utf-8")
    return sorted(choices() - listed)


def _choices(place: str, schema: dict[str, Any]) -> Iterator[str]:
    """Yield the place and the value of every member of a closed set in a schema."""
    inner = schema.get("$defs", {})
    waiting: list[tuple[str, dict[str, Any], frozenset[str]]] = [(place, schema, frozenset())]
    while waiting:
        at, node, above = waiting.pop()
        named = node.get("$ref", "").rpartition("/")[2]
        if named and named not in above:
            waiting.append((at, inner[named], above | {named}))
        for value in (*node.get("enum", ()), *([node["const"]] if "const" in node else ())):
            yield f"{at} {value}"
        waiting += [(f"{at}.{n}", of, above) for n, of in node.get("properties", {}).items()]
        for key in ("items", "additionalProperties"):
            if isinstance(node.get(key), dict):
                waiting.append((f"{at}[]", node[key], above))
        for key in ("prefixItems", "anyOf", "oneOf", "allOf"):
            waiting += [(at, of, above) for of in node.get(key, ())]


def _name(kind: str, event: type[Event]) -> str:
    type_ = event.model_fields["type"].default
    shape = hashlib.sha256(repr(_fields(event.model_json_schema())).encode()).hexdigest()[:8]
    return f"{kind}.{type_}.{event.version}.{shape}.json"


def _fields(schema: dict[str, Any]) -> list[str]:
    """Return the names of an event's fields and of those inside them."""
    inner = schema.get("$defs", {})
    found = list(schema.get("properties", {}))
    for name, definition in inner.items():
        found += [f"{name}.{field}" for field in definition.get("properties", {})]
    return sorted(found)


def _body(kind: Kind[Any], event: type[Event]) -> str:
    stream = StreamName(STREAMS.get(kind.name, f"liupu-2026/linhe/{kind.name}/1"))
    now = datetime(2026, 3, 2, 1, 0, 0, 123456, tzinfo=UTC)
    entry = Entry(
        stream=stream,
        version=1,
        id=entry_id(stream, 1),
        occurred_at=datetime(2026, 3, 1, 1, 0, tzinfo=UTC),
        recorded_at=now,
        actor=person(Role.PROJECT_LEAD),
        via=Via.CLI,
        event=_sample(event),
        command_id="c1",
        source=Source.PAPER,
        reason=TEXT,
        evidence=(PAPER,),
        correlation_id="k1",
    )
    return encode(entry, None)[0]


def _sample(event: type[Event]) -> Event:
    for seed in range(200):
        data = Payloads(_First(seed)).of(event)
        data |= {name: value for name, value in OWN_FORM.items() if name in data}
        try:
            return event.model_validate(data)
        except ValidationError:
            continue
    raise ValueError(f"no sample of {event.__name__} was drawn: give its fields a name or a bound")


def add_defaults() -> list[str]:
    """Keep the defaults of thresholds that are new and return them; those of before stay."""
    kept = json.loads(DEFAULTS.read_text(encoding="utf-8"))
    new = {k: v for k, v in Profile().model_dump(mode="json").items() if k not in kept}
    text = json.dumps({**kept, **new}, ensure_ascii=False, indent=2, sort_keys=True)
    DEFAULTS.write_text(f"{text}\n", encoding="utf-8")
    return sorted(new)


if __name__ == "__main__":
    for added in (*make(), *add_choices(), *add_defaults(), *rules.make()):
        print(f"added {added}")

"""Decisions that nobody took, written as the application role may write: with every hash right."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from domain.engine.fold import evolve
from domain.engine.kind import Context, entry_of
from domain.engine.message import Event, Submission
from domain.engine.step import Head
from domain.registry import carrier_of
from domain.terms.role import SYSTEM, Actor, Role, Via
from domain.terms.stream import StreamName, stream_name
from ledger.store import store
from ledger.store.canonical import encode
from ledger.store.heads import Heads, context
from ledger.store.store import Change, Written
from tests.support.ledgers import Ledger
from tests.unit.domain.spec import person

NOBODY = Actor(id="nobody-7", role=Role.OFFICE, organisation="无此单位")
"""Somebody who was never appointed to anything."""


async def forge(
    city: Ledger,
    stream: str,
    *events: Event,
    actor: Actor | None = None,
    at: datetime | None = None,
    lapse: bool = False,
    **sent_as: Any,
) -> tuple[StreamName, int]:
    """Append events past every rule, as somebody's command or as a lapse; return the first place.

    `sent_as` says of the submission what was not so: its door, when it happened, and why late.
    Those above are told nothing.
    """
    name = stream_name(stream)
    row = (await store.read(city.pool, None, [name])).rows[name]
    head = await Heads().of(city.pool, row)
    now = at or max(datetime.now(UTC), row.recorded_at or datetime.min.replace(tzinfo=UTC))
    ctx = await _context(city, name, now, SYSTEM if lapse else actor or person(Role.OFFICE))
    ctx = replace(ctx, occurred_at=sent_as.get("occurred_at", now))
    sent = None if lapse else _sent(ctx, row.version, **sent_as)
    written, leaf = list[Written](), row.leaf
    for event in events:
        entry = entry_of(ctx, head.version + 1, event, sent)
        body, after = encode(entry, leaf)
        written.append(Written(entry, body, after, leaf))
        state = evolve(head.kind, head.state, entry)
        head = replace(head, version=entry.version, state=state, recorded_at=now)
        leaf = after
    change = _change(head, row.version, written)
    await store.append(city.pool, command=None, now=now, changes=[change], guards={})
    return name, row.version + 1


async def _context(city: Ledger, name: StreamName, now: datetime, actor: Actor) -> Context:
    found = await store.read(city.pool, None, store.wanted_names(name, ()))
    heads = {n: await Heads().of(city.pool, r) for n, r in found.rows.items()}
    return replace(context(name, found, heads, actor), now=now, occurred_at=now)


def _sent(ctx: Context, version: int, **sent_as: Any) -> Submission:
    given = {"via": Via.CONSOLE, "command": {}, **sent_as}
    return Submission(id=f"forged-{version}", stream=ctx.stream, actor=ctx.actor, **given)


def _change(head: Head, expected: int, written: list[Written]) -> Change:
    return Change(
        head=head,
        expected=expected,
        leaf=written[-1].leaf,
        entries=tuple(written),
        due=head.due,
        carrier=carrier_of(head.stream),
    )

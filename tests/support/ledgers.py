"""Fresh ledgers on real servers, each with a database and a namespace of its own."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import asyncpg

from domain.engine.answer import Answer
from domain.engine.fold import evolve
from domain.engine.kind import Context, entry_of
from domain.engine.message import Command, Entry, Event, Receipt, Source, Submission
from domain.engine.state import State
from domain.engine.step import Head
from domain.profile import Profile
from domain.registry import carrier_of, kind_for
from domain.streams.programme.decide import OpenProgramme
from domain.terms.calendar import Calendar
from domain.terms.role import Actor, Role, Via
from domain.terms.stream import StreamName, programme_of, stream_name
from ledger.log import log as stored
from ledger.log.opening import first_log
from ledger.schema.migrate import migrate
from ledger.store import store
from ledger.store.brought import BRING
from ledger.store.canonical import encode
from ledger.store.heads import entries
from ledger.store.record import UNREACHABLE, Recorder
from ledger.store.store import Change, Written
from ledger.vault.mentions import digests_in
from runtime.connect import connect_ledger, connect_once, ensure_database
from runtime.embedded.stack import Stack
from runtime.settings import REHEARSAL, Settings
from tests.unit.domain.spec import TEXT, open_programme, person
from workers.log.sealing import seal_of

APPLICATION_ROLE = "siwen_app"
TEMPLATE = "template"
AWAY_AT_MOST = 90.0
"""Seconds for which a test takes the database away."""
# Invented: what these digests stand for was never written.
_KEEP_WORDS = """
INSERT INTO vault.disclosure (digest, subject, salt, name, value, kept_at)
VALUES ($1, $2, 'salt', 'text', 'words', ledger.now())
ON CONFLICT DO NOTHING
"""
_KEEP_FILE = """
INSERT INTO vault.evidence (digest, subject, media_type, bytes, kept_at)
VALUES ($1, $2, 'application/pdf', 1, ledger.now())
ON CONFLICT DO NOTHING
"""
PROGRAMME = stream_name("liupu-2026")
BLOCK = stream_name("liupu-2026/linhe")


class Ledger:
    """One ledger: its connections, its recorder, and what it has acknowledged."""

    def __init__(self, settings: Settings, url: str, pool: Any) -> None:
        self.settings = settings
        self.url = url
        self.pool = pool
        self.recorder = Recorder(pool)
        self.acknowledged: list[Receipt] = []
        self._count = 0

    async def set_clock(self, at: datetime) -> None:
        """Set the clock of a rehearsal; the first time its log is opened as one."""
        async with self.owner() as owner:
            if await stored.current_log(owner) is None:
                await first_log(owner, seal_of(self.settings), at)
            await owner.execute(
                "INSERT INTO ledger.rehearsal_clock (at) VALUES ($1) "
                "ON CONFLICT (one) DO UPDATE SET at = excluded.at",
                at,
            )

    # asking

    def submission(
        self,
        stream: str,
        command: Command | dict[str, Any],
        *,
        by: Role | Actor | None = None,
        id: str | None = None,
        on: datetime | None = None,
        **fields: Any,
    ) -> Submission:
        """Return a command ready to be sent; `by` defaults to the first role that may send it."""
        name = StreamName(stream)
        data = command if isinstance(command, dict) else command.model_dump(mode="json")
        if on is not None:
            fields = {"occurred_at": on, "source": Source.PAPER, "reason": TEXT, **fields}
        self._count += 1
        return Submission(
            id=id or f"c{self._count}",
            stream=name,
            actor=by if isinstance(by, Actor) else person(by or _first_role(name, data)),
            via=fields.pop("via", Via.CLI),
            command=data,
            **fields,
        )

    async def ask(self, stream: str, command: Command | dict[str, Any], **given: Any) -> Answer:
        """Send a command to the recorder."""
        return await self.send(self.submission(stream, command, **given))

    async def send(self, submission: Submission) -> Answer:
        """Send a submission to the recorder and remember what is acknowledged."""
        await self.bring(submission)
        answer = await self.recorder.record(submission)
        if answer.receipt is not None:
            self.acknowledged.append(answer.receipt)
        return answer

    async def accept(
        self, stream: str, *commands: Command | dict[str, Any], **given: Any
    ) -> Receipt:
        """Send commands that must be accepted, and return the last receipt."""
        receipt = None
        for command in commands:
            answer = await self.ask(stream, command, **given)
            assert answer.refusal is None, f"{stream} refused {command}: {answer.refusal}"
            receipt = answer.receipt
        assert receipt is not None
        return receipt

    async def bring(self, *submissions: Submission) -> None:
        """Put what commands name where a door puts it before it sends them.

        A person who finds the database away comes again until it is back.
        """
        rows = [(digest, s.stream, s.id) for s in submissions for digest in sorted(_digests(s))]
        async with asyncio.timeout(AWAY_AT_MOST):
            while True:
                with contextlib.suppress(*UNREACHABLE):
                    return await self._bring(rows)
                await asyncio.sleep(0.3)

    async def _bring(self, rows: Sequence[tuple[str, str, str]]) -> None:
        async with self.pool.acquire() as connection:
            await connection.executemany(_KEEP_WORDS, [r[:2] for r in rows if r[0][:3] == "sd:"])
            await connection.executemany(_KEEP_FILE, [r[:2] for r in rows if r[0][:3] != "sd:"])
            await connection.executemany(BRING, [(id, stream, d) for d, stream, id in rows])

    def forget(self) -> None:
        """Go on with a recorder that has read nothing yet, as after a restart."""
        self.recorder = Recorder(self.pool)

    # what stands there

    async def version(self, stream: str) -> int:
        found = await self.pool.fetchval(
            "SELECT version FROM ledger.state WHERE stream = $1", stream
        )
        return int(found or 0)

    async def entries(self, stream: str) -> list[Entry]:
        return await entries(self.pool, stream_name(stream))

    async def types(self, stream: str) -> list[str]:
        """Return the types of a stream's events, in order."""
        rows = await self.pool.fetch(
            "SELECT type FROM ledger.event WHERE stream = $1 ORDER BY version", stream
        )
        return [r["type"] for r in rows]

    async def state(self, stream: str) -> State:
        row = await self.pool.fetchrow("SELECT head FROM ledger.state WHERE stream = $1", stream)
        state: State = kind_for(stream_name(stream)).state.model_validate_json(row["head"])
        return state

    async def attempts(self) -> list[asyncpg.Record]:
        rows: list[asyncpg.Record] = await self.pool.fetch(
            "SELECT * FROM ledger.attempt ORDER BY id"
        )
        return rows

    async def count(self, table: str) -> int:
        return int(await self.pool.fetchval(f"SELECT count(*) FROM {table}"))

    @contextlib.asynccontextmanager
    async def owner(self) -> AsyncIterator[Any]:
        """Connect as the ledger's owner, who is the server's superuser in the embedded stack."""
        connection = await connect_once(self.url)
        try:
            yield connection
        finally:
            await connection.close()

    # what was so before

    async def opened(self) -> "Ledger":
        """Open the invented programme, in which every role is held by two people, and a block."""
        await self.accept(PROGRAMME, opening(), by=Role.OFFICE)
        await self.accept(BLOCK, open_block("临河里"), by=Role.OFFICE)
        return self

    async def seconded(self, stream: str, command: str, on: datetime, **what: Any) -> None:
        """Let a second person stand for a late entry that is yet to come."""
        word = {"command": command, "happened_at": on.isoformat(), "reason": TEXT, **what}
        await self.accept(stream, {"type": "countersign", **word}, by=person(Role.SUPERVISOR, 2))

    async def since(self, at: datetime, block: StreamName = BLOCK) -> "Ledger":
        """Say of a block and its programme that they were opened earlier: facts lie after that."""
        for stream in (programme_of(block), block):
            correct = {"type": "correct", "entry": 1, "data": {}, "reason": TEXT}
            await self.accept(stream, {**correct, "happened_at": at.isoformat()}, by=Role.OFFICE)
        return self

    async def given(self, stream: str, *events: Event, on: datetime | None = None) -> None:
        """Append events as they are, past every rule, without telling those above."""
        name = stream_name(stream)
        kind = kind_for(name)
        before = await entries(self.pool, name)
        head = Head(name, kind, len(before))
        row = (await store.read(self.pool, None, [name])).rows[name]
        for entry in before:
            head = replace(head, state=evolve(kind, head.state, entry))
        now = datetime.now(UTC)
        written, leaf = [], row.leaf
        for event in events:
            entry = entry_of(_plain_context(name, now, on or now), head.version + 1, event)
            body, after = encode(entry, leaf)
            written.append(Written(entry, body, after, leaf))
            head = replace(
                head,
                version=entry.version,
                state=evolve(kind, head.state, entry),
                recorded_at=now,
            )
            leaf = after
        assert leaf is not None
        change = Change(
            head=head,
            expected=row.version,
            leaf=leaf,
            entries=tuple(written),
            due=head.due,
            carrier=carrier_of(name),
        )
        await store.append(self.pool, command=None, now=now, changes=[change], guards={})


class Ledgers:
    """Makes fresh ledgers on one stack, from a template that was migrated once."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self._count = 0

    async def prepare(self) -> None:
        """Make the template."""
        url = self.stack.database_url(TEMPLATE)
        await ensure_database(url)
        await migrate(url)

    def name(self, *, rehearsal: bool = False) -> str:
        """Return a name that no ledger has yet."""
        self._count += 1
        return f"{REHEARSAL if rehearsal else ''}test-{self._count}"

    @contextlib.asynccontextmanager
    async def empty(self) -> AsyncIterator[str]:
        """Give the URL of an empty database, without any schema."""
        url = self.stack.database_url(self.name())
        await self._server(f'CREATE DATABASE "{_database(url)}"')
        try:
            yield url
        finally:
            await self._server(f'DROP DATABASE "{_database(url)}" WITH (FORCE)')

    @contextlib.asynccontextmanager
    async def fresh(
        self, *, connections: int = 8, copy_of: Ledger | None = None, rehearsal: bool = False
    ) -> AsyncIterator[Ledger]:
        """Give a migrated ledger with nothing in it, or a copy of one that nobody works on."""
        settings = self.stack.settings.for_ledger(self.name(rehearsal=rehearsal))
        url = self.stack.database_url(settings.ledger)
        template = _database(copy_of.url if copy_of else self.stack.database_url(TEMPLATE))
        await self._server(f'CREATE DATABASE "{_database(url)}" TEMPLATE "{template}"')
        pool = await connect_ledger(settings, max_size=connections, role=APPLICATION_ROLE)
        try:
            yield Ledger(settings, url, pool)
        finally:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(pool.close(), 5)
            await self._server(f'DROP DATABASE IF EXISTS "{_database(url)}" WITH (FORCE)')

    async def _server(self, statement: str) -> None:
        url = self.stack.database_url(TEMPLATE)
        connection = await connect_once(urlsplit(url)._replace(path="/postgres").geturl())
        try:
            await connection.execute(statement)
        finally:
            await connection.close()


def _digests(submission: Submission) -> set[str]:
    """Return what a command names; of what no door would send, nothing is brought."""
    try:
        stream_name(submission.stream)
        return digests_in(json.dumps(submission.model_dump(), default=str))
    except (ValueError, RecursionError):
        return set()


def opening(**values: Any) -> OpenProgramme:
    """Return the opening of the invented programme, with its deadline far away."""
    finish_by = (datetime.now(UTC) + timedelta(days=400)).date().isoformat()
    return open_programme(**{"finish_by": finish_by, **values})


def open_block(name: str) -> dict[str, Any]:
    return {
        "type": "open_block",
        "name": name,
        "community": "临河社区",
        "category": "back_street",
    }


def open_notice(**values: Any) -> dict[str, Any]:
    """Return a notice on the automatic channel alone."""
    given: dict[str, Any] = {
        "type": "open_notice",
        "purpose": "works",
        "channels": ["website"],
        "text": TEXT,
    }
    return {**given, **values}


def extend(days: int = 1) -> dict[str, Any]:
    """Return a decision that a programme takes any number of times."""
    finish_by = datetime.now(UTC).date() + timedelta(days=400 + days)
    return {"type": "extend_programme", "finish_by": finish_by.isoformat(), "reason": TEXT}


def parking(bays: int = 1) -> dict[str, Any]:
    """Return a fact that a programme takes."""
    return {
        "type": "record_parking",
        "places": ["临河里"],
        "year": 2026,
        "basis": "expected",
        "bays": bays,
    }


def open_household(**values: Any) -> dict[str, Any]:
    return {"type": "open_household", "building": "b1", "area": 6000, **values}


def _first_role(stream: StreamName, data: dict[str, Any]) -> Role:
    command = kind_for(stream_name(stream)).command_types.get(str(data.get("type")))
    roles = sorted(command.by - {Role.SYSTEM, Role.RESIDENT}) if command else []
    return roles[0] if roles else Role.OFFICE


def _plain_context(stream: StreamName, now: datetime, occurred_at: datetime) -> Context:
    return Context(
        stream=stream,
        now=now,
        occurred_at=occurred_at,
        actor=person(Role.OFFICE),
        profile=Profile(),
        calendar=Calendar("Asia/Shanghai"),
    )


def _database(url: str) -> str:
    return urlsplit(url).path.lstrip("/")

"""An in-memory dossier that plays submissions through the rules: given / when / then."""

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Self, TypeVar

from domain.engine import admission, step
from domain.engine.command_behind import commands_behind, submission_of
from domain.engine.entry import Breached, Countersign, CountersignUsed, Reported, StageEntered
from domain.engine.fold import FoldError, effective, evolve, fold
from domain.engine.kind import Appointed, Context, Kind, Ruling, entry_of
from domain.engine.message import Command, Entry, Event, Source, Submission
from domain.engine.rule import Missing, Refusal
from domain.engine.state import State, TimedState
from domain.engine.step import Head, Step
from domain.guide import Allowed, Next, allows, lacks, next_
from domain.profile import Profile
from domain.registry import kind_for
from domain.streams.programme.decide import OpenProgramme
from domain.streams.programme.people import appointed
from domain.streams.programme.state import Appointment, ProgrammeState, calendar_of, profile_of
from domain.terms.calendar import Calendar, YearCalendar
from domain.terms.role import UNAPPOINTED, Actor, Role, Via
from domain.terms.stream import StreamName, ancestors, kind_of, parent, programme_of, stream_name
from domain.terms.value import Text
from words.catalogue import say
from words.sources import Lang

S = TypeVar("S", bound=State)
LANGS: tuple[Lang, Lang] = ("zh", "en")

PROGRAMME = "liupu-2026"
BLOCK = f"{PROGRAMME}/linhe"
TEXT = "sd:" + "t" * 43
OTHER_TEXT = "sd:" + "u" * 43
PAPER = "sha256:" + "a" * 64
PHOTO = "sha256:" + "b" * 64
START = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
"""Monday, nine in the morning in Shanghai."""


def person(role: Role, number: int = 1) -> Actor:
    """Return the invented holder of a role; numbers 1 and 2 are appointed in every programme."""
    organisation = None if role in UNAPPOINTED else f"{role} body {number}"
    return Actor(id=f"{role}-{number}".replace("_", "-"), role=role, organisation=organisation)


def open_programme(**values: Any) -> OpenProgramme:
    """Return the opening of an invented programme in which every role is held by two people."""
    people = [person(r, n) for r in Role if r not in UNAPPOINTED for n in (1, 2)]
    given: dict[str, Any] = {
        "name": "柳浦二〇二六",
        "city": "柳浦",
        "year": 2026,
        "finish_by": "2026-12-31",
        "appointments": tuple(
            Appointment(actor=p.id, role=p.role, organisation=p.organisation) for p in people
        ),
    }
    return OpenProgramme.model_validate({**given, **values})


class Spec:
    """Streams of one programme, a clock that the test sets, and the last step taken."""

    def __init__(self, *, start: datetime = START, programme: OpenProgramme | None = None) -> None:
        self.now = start
        self.heads: dict[StreamName, Head] = {}
        self.entries: dict[StreamName, list[Entry]] = {}
        self.sums: dict[StreamName, dict[str, dict[str, int]]] = {}
        self.stand_ins: set[StreamName] = set()
        self.last: Step | None = None
        self.count = 0
        self.published: tuple[YearCalendar, ...] = ()
        self.given(PROGRAMME, programme or open_programme(), by=Role.OFFICE)

    # given

    def given(
        self, stream: str, *commands: Command, by: Role | Actor | None = None, on: Any = None
    ) -> Self:
        """Play commands that must be accepted."""
        for command in commands:
            self.when(stream, command, by=by, on=on)
            refusal = self.last.refusal if self.last else None
            assert refusal is None, f"{stream} refused {command.type}: {refusal}"
        return self

    def given_events(self, stream: str, *events: Event, by: Actor | None = None) -> Self:
        """Append events as they are, past every rule, and tell those above."""
        name = stream_name(stream)
        head, before = self._head(name), self._head(name).state
        ctx = replace(self.context(name), actor=by or person(Role.OFFICE))
        state, version, added = head.state, head.version, []
        for event in events:
            version += 1
            entry = entry_of(ctx, version, event)
            state = evolve(head.kind, state, entry)
            added.append(entry)
        self._keep(replace(head, state=state, version=version, recorded_at=self.now), added)
        self._tell(before, self.heads[name])
        return self

    def placed(self, stream: str, state: State) -> Self:
        """Put a state in a stream's place, with no entries behind it."""
        name = stream_name(stream)
        self.heads[name] = Head(name, kind_for(name), 1, state, self.now)
        return self

    def inert(self, stream: str) -> Self:
        """Put a stream in place that is open and takes whatever it is told, without rules."""
        name = stream_name(stream)
        state = State(stage="open", since=self.now)
        kind = Kind(
            name=kind_of(name),
            title=Text(zh="占位", en="stand-in"),
            state=State,
            schema=1,
            commands=(),
            events=(),
            opening=(),
            decide=lambda s, c, x: Ruling(),
            evolve=lambda s, e: s or state,
        )
        self.heads[name] = Head(name, kind, 1, state, self.now)
        self.stand_ins.add(name)
        return self

    def told(self, stream: str, child: str, outcome: Any) -> Self:
        """Let a stream be told a report, as if a child had made it."""
        head = self._head(stream_name(stream))
        before = head.state
        data = outcome if isinstance(outcome, dict) else outcome.model_dump(mode="json")
        report = Reported(
            stream=stream_name(child), version_then=1, leaf_hash="0" * 64, outcome=data
        )
        taken = step.receive(head, report, self.context(head.stream))
        self._keep(taken.head, taken.entries)
        self.last = taken
        self._tell(before, taken.head)
        return self

    def summed(self, stream: str, kind: str, **counts: int) -> Self:
        """Set the sums over a stream's children of a kind, in place of counting them."""
        self.sums.setdefault(stream_name(stream), {})[kind] = counts
        return self

    def seconded(self, where: str, command: str, on: datetime | None = None, **what: Any) -> Self:
        """Let a second person stand for a late entry that is yet to come."""
        word = Countersign(command=command, happened_at=on, reason=TEXT, **what)
        return self.given(where, word, by=person(Role.SUPERVISOR, 2))

    def wait(self, *, days: float = 0, hours: float = 0, until: datetime | None = None) -> Self:
        """Move the clock and let every stream's deadlines lapse in order."""
        end = until or self.now + timedelta(days=days, hours=hours)
        assert end >= self.now, "the clock runs forward"
        while (first := self._first_due(end)) is not None:
            due, name = first
            self.now = max(self.now, due)
            head = self.heads[name]
            before = head.state
            taken = step.lapse(head, self.context(name))
            self.last = taken
            self._require_words()
            self._keep(taken.head, taken.entries)
            self._tell(before, taken.head)
        self.now = end
        return self

    # when

    def when(
        self,
        stream: str,
        command: Command | dict[str, Any],
        *,
        by: Role | Actor | None = None,
        on: datetime | None = None,
    ) -> Self:
        """Play a command; `by` defaults to the first role that may issue it."""
        name = stream_name(stream)
        head = self._head(name)
        before = head.state
        data = command if isinstance(command, dict) else command.model_dump(mode="json")
        self.count += 1
        submission = Submission(
            id=f"c{self.count}",
            stream=name,
            actor=self._actor(head.kind, data, by),
            via=Via.SYSTEM if by is Role.SYSTEM else Via.CLI,
            command=data,
            occurred_at=on,
            source=None if on is None else Source.PAPER,
            reason=None if on is None else TEXT,
        )
        ctx = replace(self.context(name, command), actor=submission.actor)
        self.last = step.take(
            head,
            admission.parse(head.kind, submission),
            submission,
            ctx,
            self.entries.get(name, []),
        )
        self._require_found_again(head, submission, ctx)
        self._require_words()
        self._keep(self.last.head, self.last.entries)
        self._tell(before, self.last.head)
        self._require_shown(name)
        return self

    # then

    def then_events(self, *types: str | type[Event]) -> Self:
        """Check the types of all entries of the last step, in order."""
        step_ = self._taken()
        assert step_.refusal is None, f"refused: {step_.refusal}"
        found = [e.event.type for e in step_.entries]
        assert found == [_type(t) for t in types], found
        return self

    def then_refused(self, *rules: str) -> Self:
        """Check that the last command was refused and that these rules are named."""
        refusal = self.refusal()
        found = {m.rule for m in refusal.missing}
        assert set(rules) <= found, found
        return self

    def then_breach(self, *rules: str) -> Self:
        """Check that the last step was accepted and broke exactly these rules."""
        step_ = self._taken()
        assert step_.refusal is None, f"refused: {step_.refusal}"
        found = [e.event.rule for e in step_.entries if e.event.type == "breached"]
        assert sorted(found) == sorted(rules), found
        return self

    def then_stage(self, stream: str, stage: str) -> Self:
        found = self.state(stream, State).stage
        assert found == stage, found
        return self

    def then_whole(self) -> Self:
        """Check every stream: versions dense, times in order, fold equals state, head bounded.

        The end of every period that runs was fixed by an event.
        """
        for name, entries in self.entries.items():
            if name in self.stand_ins:
                continue
            head = self.heads[name]
            assert [e.version for e in entries] == list(range(1, len(entries) + 1)), name
            assert all(e.occurred_at <= e.recorded_at for e in entries), name
            assert not _before_its_opening(self.heads, head, entries), name
            assert not _late_alone(head, entries), name
            assert fold(head.kind, entries) == head.state, name
            assert head.state is not None
            if isinstance(head.state, TimedState) and not head.state.closed:
                told = {f.term for f in head.state.fixed}
                assert set(head.kind.terms(head.state)) <= told, f"{name}: no event fixed an end"
            stored = head.state.model_dump_json(exclude_defaults=True)
            assert len(stored.encode()) <= 16_384, name
        return self

    # looking

    def refusal(self) -> Refusal:
        refusal = self._taken().refusal
        assert refusal is not None, "it was accepted"
        return refusal

    def state(self, stream: str, kind: type[S]) -> S:
        found = self.heads[stream_name(stream)].state
        assert isinstance(found, kind), f"{stream} is {type(found).__name__}"
        return found

    def events(self, stream: str) -> list[Event]:
        return [e.event for e in self.entries.get(stream_name(stream), [])]

    def reports(self, stream: str) -> list[dict[str, Any]]:
        """Return what a stream was told by others, in order."""
        return [e.outcome for e in self.events(stream) if isinstance(e, Reported)]

    def allows(self, stream: str) -> dict[str, Allowed]:
        name = stream_name(stream)
        found = allows(kind_for(name), self.state(stream, State), self.context(name))
        return {a.command: a for a in found}

    def next(self, stream: str) -> Next:
        name = stream_name(stream)
        return next_(kind_for(name), self.state(stream, State), self.context(name))

    def context(self, stream: StreamName, command: Any = None) -> Context:
        """Return what the ledger would let a rule look at."""
        head = self.heads.get(programme_of(stream))
        programme = head.state if head else None
        people: tuple[Appointed, ...] = ()
        profile, calendar = Profile(), Calendar("Asia/Shanghai")
        if isinstance(programme, ProgrammeState):
            profile, people = profile_of(programme), appointed(programme)
            calendar = calendar_of(programme)
        kind = self._head(stream).kind
        wanted = {*ancestors(stream)}
        if command is not None:
            parsed = command
            if isinstance(command, dict):
                try:
                    parsed = kind.command_adapter.validate_python(command)
                except ValueError:
                    parsed = None
            if parsed is not None:
                wanted |= set(kind.reads(stream, parsed))
        heads = {n: h.state for n in wanted if (h := self.heads.get(n)) is not None and h.state}
        below = {n: h.state.began for n, h in self.heads.items() if h.state and parent(n) == stream}
        return Context(
            stream=stream,
            below={n: at for n, at in below.items() if at is not None},
            now=self.now,
            occurred_at=self.now,
            actor=person(Role.OFFICE),
            profile=profile,
            calendar=calendar,
            appointed=people,
            heads=heads,
            tallies=self._tallies(kind, stream),
            version=self._head(stream).version,
            published=self.published,
        )

    # inside

    def _require_words(self) -> None:
        """Say what the step refuses or calls a breach, in both languages."""
        taken = self._taken()
        breaches = [e.event for e in taken.entries if isinstance(e.event, Breached)]
        lacks: list[Missing | Breached] = [*breaches]
        lacks += taken.refusal.missing if taken.refusal else ()
        for one in lacks:
            for lang in LANGS:
                assert say(one.code, lang, **{"about": one.about, **one.facts})

    def _require_shown(self, name: StreamName) -> None:
        """Let what a workflow shows as missing be what `next` says, in every state."""
        head = self._head(name)
        if head.state is None or name in self.stand_ins:
            return
        shown = lacks(head.kind, head.state, self.context(name))
        said = self.next(name).missing
        assert sum(one.times for one in shown) == len(said), name
        assert {one.code for one in shown} == {one.code for one in said}, name

    def _head(self, name: StreamName) -> Head:
        return self.heads.get(name) or Head(name, kind_for(name))

    def _taken(self) -> Step:
        assert self.last is not None, "nothing was played yet"
        return self.last

    def _actor(self, kind: Kind[Any], data: dict[str, Any], by: Role | Actor | None) -> Actor:
        if isinstance(by, Actor):
            return by
        if by is None:
            command = kind.command_types[data["type"]]
            able = [r for r in sorted(command.by) if r is not Role.SYSTEM]
            by = able[0]
        return person(by)

    def _require_found_again(self, head: Head, submission: Submission, ctx: Context) -> None:
        """Check that a command is found again from its entries alone, as an audit needs it."""
        step_ = self._taken()
        run = [e for e in step_.entries if e.command_id is not None]
        if step_.refused or not run:
            return
        lapsed, again = step.lapse(head, ctx), submission_of(run[0])
        past = self.entries.get(head.stream, [])
        for command in commands_behind(head.kind, [e.event for e in run], ctx.calendar):
            with contextlib.suppress(FoldError):
                if step.decided(lapsed, command, again, ctx, past).entries == step_.entries:
                    return
        raise AssertionError(f"{submission.command} is not found again from {run}")

    def _keep(self, head: Head, added: Any) -> None:
        if head.version or added:
            self.heads[head.stream] = head
            self.entries.setdefault(head.stream, []).extend(added)

    def _tell(self, before: State | None, head: Head) -> None:
        report = step.told(before, head)
        if report is None or head.state is None:
            return
        for above in head.kind.reports_to(head.stream, head.state):
            target = self.heads.get(above)
            if target is None:
                continue
            earlier = target.state
            told = Reported(
                stream=head.stream,
                version_then=head.version,
                leaf_hash="0" * 64,
                outcome=report.model_dump(mode="json"),
            )
            taken = step.receive(target, told, self.context(above))
            self._keep(taken.head, taken.entries)
            self._tell(earlier, taken.head)

    def _tallies(self, kind: Kind[Any], stream: StreamName) -> dict[str, dict[str, int]]:
        sums = {k: self._sum(stream, k) for k in kind.tallies}
        above = parent(stream)
        if above is not None and stream not in self.heads:
            sums |= {k: self._sum(above, k) for k in kind.beside}
        return sums

    def _sum(self, stream: StreamName, kind: str) -> dict[str, int]:
        if kind in self.sums.get(stream, {}):
            return self.sums[stream][kind]
        total: dict[str, int] = {}
        for name, head in self.heads.items():
            if head.state is not None and kind_of(name) == kind and parent(name) == stream:
                for key, value in head.kind.tally(head.state).items():
                    total[key] = total.get(key, 0) + value
        return total

    def _first_due(self, end: datetime) -> tuple[datetime, StreamName] | None:
        return min(self._due(end), default=None)

    def _due(self, end: datetime) -> Iterator[tuple[datetime, StreamName]]:
        for name, head in self.heads.items():
            if head.state is not None:
                for deadline in head.kind.deadlines(head.state):
                    if deadline.due <= end and not deadline.provisional:
                        yield deadline.due, name


def _type(event: str | type[Event]) -> str:
    return event if isinstance(event, str) else str(event.model_fields["type"].default)


def _before_its_opening(
    heads: Mapping[StreamName, Head], head: Head, entries: Sequence[Entry]
) -> list[int]:
    """Return the entries that lie before the opening of their stream or of one above it."""
    names = (head.stream, *ancestors(head.stream))
    states = (h.state for n in names if (h := heads.get(n)) is not None)
    began = [s.began for s in states if s is not None and s.began is not None]
    return [
        e.version
        for e in effective(head.kind, entries)
        if any(e.occurred_at < b for b in began) and not isinstance(e.event, Reported)
    ]


def _late_alone(head: Head, entries: Sequence[Entry]) -> list[int]:
    """Return the stages that somebody alone entered late, by a decision that leads out of one."""
    gates = {c for ways in head.kind.forward.values() for c in ways}
    seconded = {e.command_id for e in entries if isinstance(e.event, CountersignUsed)}
    return [
        e.version
        for e in entries
        if isinstance(e.event, StageEntered)
        and e.command_id is not None
        and head.kind.command_types.get(e.event.by_decision) in gates
        and e.occurred_at < e.recorded_at - timedelta(days=2)
        and e.command_id not in seconded
    ]

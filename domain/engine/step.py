"""One step of a stream: lapse what fell due, admit, decide, fold, and say what to report.

Everything here is pure: the ledger reads the heads, calls `take`, and writes what comes back.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Any

from domain.engine import admission, order, timing
from domain.engine.amendment import amend, decide_generic, fallen
from domain.engine.entry import NEED_HISTORY, ConfirmDeadline, Correct, Reported, Void
from domain.engine.fold import FoldError, evolve, fold
from domain.engine.judge import breach, judge
from domain.engine.kind import Context, Kind, Report, Ruling, entry_of
from domain.engine.message import Command, Entry, Event, Submission
from domain.engine.rule import Refusal
from domain.engine.state import Lack, State, Status, wakes
from domain.terms.clock import Speed
from domain.terms.role import SYSTEM
from domain.terms.stream import StreamName

MAX_LAPSES = 1000


@dataclass(frozen=True)
class Head:
    """A stream as the ledger holds it: its version and the fold of its entries."""

    stream: StreamName
    kind: Kind[Any]
    version: int = 0
    state: State | None = None
    recorded_at: datetime | None = None

    @cached_property
    def due(self) -> datetime | None:
        """The stream's own next deadline."""
        if self.state is None:
            return None
        return wakes(self.kind.deadlines(self.state))


@dataclass(frozen=True, slots=True)
class Step:
    """What a command did to its stream: new entries, the head after them, or a refusal."""

    head: Head
    entries: tuple[Entry, ...] = ()
    refusal: Refusal | None = None

    @property
    def refused(self) -> bool:
        return self.refusal is not None


def lapse(head: Head, ctx: Context) -> Step:
    """Let every deadline lapse that is due at or before the context's instant, in order.

    What is provisional does not lapse. Then the calendars entered since move what still runs: what
    they bring to an end that has passed already lapses at the next look.

    Raises:
        FoldError: if a lapse does not fold, or leaves its own deadline standing.

    """
    entries: list[Entry] = []
    while head.state is not None and head.due is not None and head.due <= ctx.now:
        due = sorted(
            (d for d in head.kind.deadlines(head.state) if d.due <= ctx.now and not d.provisional),
            key=lambda d: (d.due, d.key),
        )
        if len(entries) > MAX_LAPSES:
            raise FoldError(head.stream, head.version, f"deadline {due[0].key} never ends")
        at = ctx.but(stream=head.stream, occurred_at=due[0].due, actor=SYSTEM, version=head.version)
        ruled = head.kind.lapse(head.state, due[0], at)
        events = (*ruled.events, *(breach(v) for v in ruled.violations))
        if not events:
            raise FoldError(head.stream, head.version, f"deadline {due[0].key} lapses to nothing")
        head, added = _append(head, at, events, None)
        entries.extend(added)
    moved = settle(head, ctx)
    return Step(moved.head, (*entries, *moved.entries))


def settle(head: Head, ctx: Context) -> Step:
    """Move what still runs to where the calendars entered since put it."""
    if head.state is None:
        return Step(head)
    at = ctx.but(stream=head.stream, actor=SYSTEM, occurred_at=ctx.now, version=head.version)
    return Step(*_append(head, at, timing.settled(head.kind, head.state, at), None))


def needs_history(named: object, *dates: object) -> bool:
    """Tell whether a command is judged by the stream's entries, by its type and dates given."""
    return str(named) in NEED_HISTORY or any(date is not None for date in dates)


def asks_history(submission: Submission) -> bool:
    """Tell whether a command, as it was sent, is judged by the stream's entries."""
    command = submission.command
    return needs_history(command.get("type"), submission.occurred_at, command.get("happened_at"))


def take(
    head: Head,
    command: Command | Refusal,
    submission: Submission,
    ctx: Context,
    history: Sequence[Entry] | None = None,
) -> Step:
    """Take one command, as `admission.parse` read it out of its submission.

    `history` (every entry so far) goes with what `needs_history`.

    Lapses are kept even when the command is refused.

    Raises:
        FoldError: if what the rules decided does not fold.

    """
    lapsed = lapse(head, ctx)
    if isinstance(command, Refusal):
        return Step(lapsed.head, lapsed.entries, command)
    return decided(lapsed, command, submission, ctx, history)


def decided(
    lapsed: Step,
    command: Command,
    submission: Submission,
    ctx: Context,
    history: Sequence[Entry] | None = None,
) -> Step:
    """Decide on a command where a stream stands once everything due has lapsed.

    Raises:
        FoldError: if what the rules decided does not fold.

    """
    head = lapsed.head

    def refused(why: Refusal) -> Step:
        return Step(head, lapsed.entries, why)

    occurred_at = admission.when(submission, ctx.now)
    if isinstance(occurred_at, Refusal):
        return refused(occurred_at)
    ctx = ctx.but(occurred_at=occurred_at, version=head.version)
    not_admitted = admission.admit(head.kind, head.state, command, submission, ctx)
    if not_admitted is not None:
        return refused(not_admitted)
    past = [*(history or ()), *lapsed.entries]
    judged = judge(head.state, command, _rule(head, command, ctx, past), ctx)
    if isinstance(judged, Refusal):
        return refused(judged)
    after, entries = _taken(head, ctx, judged, submission, past, command)
    early = order.too_early(head.kind, past, command, entries, ctx)
    if early is not None:
        return refused(early)
    if after.state and order.needs_second(head.kind, after.state, command, entries, ctx):
        second = order.seconded(head.state, command, ctx)
        if isinstance(second, Refusal):
            return refused(second)
        after, entries = _taken(head, ctx, (*judged, second), submission, past, command)
    return Step(after, (*lapsed.entries, *entries))


def _taken(
    head: Head,
    ctx: Context,
    events: Sequence[Event],
    submission: Submission,
    past: Sequence[Entry],
    command: Command,
) -> tuple[Head, tuple[Entry, ...]]:
    """Append what was decided; what was amended is folded anew."""
    after, entries = _append(head, ctx, events, submission)
    if isinstance(command, Correct | Void):
        after = replace(after, state=fold(head.kind, [*past, *entries]))
    return after, entries


def _rule(head: Head, command: Command, ctx: Context, past: Sequence[Entry]) -> Ruling:
    kind, state = head.kind, head.state
    if isinstance(command, Correct | Void) and state is not None:
        return amend(kind, past, state, command, ctx)
    if isinstance(command, ConfirmDeadline) and state is not None:
        return timing.confirm(kind, state, command, ctx)
    if type(command) not in kind.commands and state is not None:
        return decide_generic(state, command, ctx, past)
    ruled = kind.decide(state, command, ctx)
    violations = list(ruled.violations)
    if state is not None:
        conditions = kind.conditions.get(type(command))
        violations = [*(conditions(state, ctx) if conditions else ()), *violations]
        if state.suspended and not type(command).resting:
            violations.insert(0, admission.suspended(state, ctx))
    return Ruling(ruled.events, tuple(violations))


def receive(head: Head, told: Reported, ctx: Context) -> Step:
    """Take another stream's report; it cannot be refused.

    What the stream's own passed decisions rested on and no longer holds becomes a breach.

    Raises:
        FoldError: if the report does not fold; the ledger then appends it unfolded.

    """
    before = head.state
    head, entries = _append(head, ctx, (told,), None)
    if before is None or head.state is None:
        return Step(head, entries)
    lost = fallen(head.kind, before, head.state, ctx)
    if lost:
        head, more = _append(head, ctx, tuple(breach(v) for v in lost), None)
        entries = (*entries, *more)
    return Step(head, entries)


def told(before: State | None, head: Head) -> Report | None:
    """Return what the stream now tells those above it, if it differs from before."""
    if head.state is None:
        return None
    now = head.kind.report(head.state)
    earlier = head.kind.report(before) if before is not None else None
    return now if now is not None and now != earlier else None


def _append(
    head: Head, ctx: Context, events: Sequence[Event], submission: Submission | None
) -> tuple[Head, tuple[Entry, ...]]:
    state, version, entries = head.state, head.version, []
    for event in events:
        version += 1
        entry = entry_of(ctx, version, event, submission)
        after = evolve(head.kind, state, entry)
        timed = timing.with_its_ends(head.kind, state, after, entry, ctx)
        state = after if timed is entry else evolve(head.kind, state, timed)
        entries.append(timed)
    return Head(head.stream, head.kind, version, state, ctx.now), tuple(entries)


def status(head: Head, clock: Speed, due: datetime | None, lacks: tuple[Lack, ...] = ()) -> Status:
    """Return what the stream's workflow follows.

    Raises:
        ValueError: if the stream has no state yet.

    """
    if head.state is None or head.recorded_at is None:
        raise ValueError(f"{head.stream} has no state")
    own = (d for d in head.kind.deadlines(head.state) if d.due == due and not d.provisional)
    return Status(
        stream=head.stream,
        stage=head.state.stage,
        version=head.version,
        closed=head.state.closed,
        suspended=head.state.suspended,
        due=due,
        due_key=min((d.key for d in own), default=None),
        breaches=len(head.state.breaches) + head.state.breaches_beyond,
        lacks=lacks,
        effects=head.state.effects[:20],
        clock=clock,
        recorded_at=head.recorded_at,
    )

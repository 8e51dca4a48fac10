"""What the ledger knows of a notice, how its events add up, and what it tells those above."""

from typing import Any, Literal

from domain.engine.entry import EffectProven, Reported
from domain.engine.kind import Report
from domain.engine.message import Entry
from domain.engine.state import TimedState
from domain.streams.notice.messages import (
    InsertionIssued,
    NoticeClosed,
    NoticeExtended,
    NoticeOpened,
    NoticePeriodEnded,
    NoticeRevised,
    NoticeWithdrawn,
    Purpose,
)
from domain.streams.shared import posting
from domain.streams.shared.posting import Posted
from domain.terms.stored import Stored
from domain.terms.term import Fixed, Term
from domain.terms.value import Instant, Slug


class Insertion(Stored):
    """One publication of the notice, on some channels (第 N 次公示)."""

    channels: tuple[Slug, ...]
    revision: int


class NoticeState(TimedState):
    """A notice: its insertions, its proofs and its clock."""

    purpose: Purpose
    days: int
    channels_needed: int
    blocks: tuple[Slug, ...] = ()
    revision: int = 1
    insertions: tuple[Insertion, ...] = ()
    posted: dict[str, Instant] = {}
    """First proven posting of the present revision, by channel."""
    upheld: tuple[str, ...] = ()
    """Objections upheld since the last revision."""
    period_ended: Instant | None = None
    """When the period was last seen to end; a posting corrected since may move its end."""
    escalated: int = 0
    outcome: Literal["open", "completed", "withdrawn"] = "open"

    @property
    def first_posted(self) -> Instant | None:
        return min(self.posted.values(), default=None)

    @property
    def period(self) -> Term | None:
        """The period, once a posting is proven; a planning permit's counts calendar days."""
        if self.first_posted is None:
            return None
        working = self.purpose is not Purpose.PLANNING_PERMIT
        return Term(key="period", start=self.first_posted, days=self.days, working=working)

    @property
    def ends(self) -> Fixed | None:
        """When the period ends: 24:00 of its last day in the programme's zone."""
        return None if self.period is None else self.end_of(self.period)

    @property
    def ends_at(self) -> Instant | None:
        return None if self.ends is None else self.ends.due


class NoticeReport(Report):
    """What a notice tells its block and programme."""

    purpose: Purpose
    outcome: Literal["open", "completed", "withdrawn"]
    blocks: tuple[Slug, ...] = ()
    channels: int
    first_posted: Instant | None
    ends_at: Instant | None
    upheld: int
    escalated: int


def evolve(state: NoticeState | None, entry: Entry) -> NoticeState:
    """Add one entry to a notice."""
    event = entry.event
    if isinstance(event, NoticeOpened):
        return NoticeState(
            stage="posting",
            since=entry.occurred_at,
            purpose=event.purpose,
            zone=event.zone,
            days=event.days,
            channels_needed=event.channels_needed,
            blocks=event.blocks,
            insertions=(Insertion(channels=event.channels, revision=1),),
            effects=posting.effects(entry, 1, event.automatic),
        )
    if state is None:
        raise ValueError(f"{event.type} before the notice was opened")
    changed: dict[str, Any]
    match event:
        case InsertionIssued():
            changed = _inserted(state, entry, event, state.revision)
        case NoticeRevised():
            changed = {
                **_inserted(state, entry, event, state.revision + 1),
                "revision": state.revision + 1,
                "posted": {},
                "upheld": (),
                "period_ended": None,
                "effects": posting.effects(entry, event.insertion, event.automatic),
            }
        case Posted():
            changed = _posted(state, entry, event.insertion, event.channel, entry.occurred_at)
        case EffectProven():
            insertion = posting.insertion_of(event.effect)
            changed = _posted(state, entry, insertion, event.channel, event.happened_at)
        case NoticeExtended():
            changed = {"days": state.days + event.days}
        case NoticePeriodEnded():
            changed = {"period_ended": entry.occurred_at}
        case NoticeClosed():
            changed = {"closed": True, "outcome": "completed", "escalated": event.escalated}
        case NoticeWithdrawn():
            changed = {"closed": True, "outcome": "withdrawn", "effects": ()}
        case Reported() if event.outcome.get("outcome") == "upheld":
            name = event.stream.rsplit("/", 1)[-1]
            changed = {"upheld": (*(u for u in state.upheld if u != name), name)}
        case Reported():
            name = event.stream.rsplit("/", 1)[-1]
            changed = {"upheld": tuple(u for u in state.upheld if u != name)}
        case _:
            return state
    return state.model_copy(update=changed)


def _inserted(
    state: NoticeState, entry: Entry, event: InsertionIssued | NoticeRevised, revision: int
) -> dict[str, Any]:
    insertion = Insertion(channels=event.channels, revision=revision)
    effects = posting.effects(entry, event.insertion, event.automatic)
    return {
        "insertions": (*state.insertions, insertion),
        "effects": (*state.effects, *effects),
    }


def _posted(
    state: NoticeState, entry: Entry, insertion: int, channel: str, at: Instant
) -> dict[str, Any]:
    changed = posting.done(state, insertion, channel)
    if present(state, insertion):
        changed["posted"] = posting.earliest(state.posted, channel, at)
    return changed


def present(state: NoticeState, insertion: int) -> bool:
    """Tell whether an insertion publishes the present text."""
    return (
        insertion <= len(state.insertions)
        and state.insertions[insertion - 1].revision == state.revision
    )

"""What the ledger knows of an opinion, and what an objection tells its notice."""

from typing import Literal

from domain.engine.kind import Report
from domain.engine.state import TimedState
from domain.streams.opinion.messages import Channel, Disposition, Nature
from domain.terms.term import Fixed, Term
from domain.terms.value import Instant

TAKEN_UP = frozenset({Disposition.ADOPTED, Disposition.PARTLY})


class OpinionState(TimedState):
    """An opinion: its nature, who answers it by when, and what became of it."""

    nature: Nature
    channel: Channel
    from_household: str | None = None
    filed_by: str
    reply_days: int
    asked_at: Instant
    """When it was filed or last taken up again: the reply is due from here."""
    disposition: Disposition | None = None
    clause: str | None = None
    overdue: bool = False
    upheld_once: bool = False
    """Whether the notice was told that it was upheld, or may have been before a correction."""

    @property
    def reply(self) -> Term:
        return Term(key="reply", start=self.asked_at, days=self.reply_days)

    @property
    def reply_ends(self) -> Fixed:
        return self.end_of(self.reply)

    @property
    def due(self) -> Instant:
        return self.reply_ends.due


class OpinionReport(Report):
    """What an objection tells its notice: it was upheld, or no longer is."""

    outcome: Literal["upheld", "settled"]


def tally(state: OpinionState) -> dict[str, int]:
    """Return what it adds to the sums of its notice or consultation.

    `total`, one of the natures; `open` while nobody answered or escalated it, `objections_open`
    likewise for objections; `escalated`; `adopted` (wholly or partly) and its disposition.
    """
    sums = {"total": 1, f"nature:{state.nature}": 1}
    if state.disposition is not None:
        sums[f"disposition:{state.disposition}"] = 1
        if state.disposition in TAKEN_UP:
            sums["adopted"] = 1
    elif state.stage == "escalated":
        sums["escalated"] = 1
    else:
        sums["open"] = 1
        if state.nature is Nature.OBJECTION:
            sums["objections_open"] = 1
    return sums

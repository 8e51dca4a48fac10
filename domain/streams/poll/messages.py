"""What may be asked of a poll, and what happens in it."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from domain.engine.entry import Standing, Timed
from domain.engine.message import Command, Decision, Event, Kept
from domain.streams.poll.codes import CodeList
from domain.streams.poll.state import MAX_OPTIONS, MAX_PARTS, Form, Part, PartLine, Purpose, Result
from domain.terms.role import Role
from domain.terms.value import Count, Days, Evidence, FreeText, LeafHash, Positive, Slug

CONVENERS = frozenset(
    {
        Role.OFFICE,
        Role.PROJECT_LEAD,
        Role.COMMUNITY,
        Role.SUBDISTRICT,
        Role.OWNERS_COMMITTEE,
    }
)
Options = Annotated[tuple[Slug, ...], Field(max_length=MAX_OPTIONS)]
Forms = Annotated[tuple[Form, ...], Field(min_length=1, max_length=len(Form))]


class OpenPoll(Decision):
    """Open a poll of the block's households (发起表决与问卷).

    Who is entitled is taken from the register of households as it stands now and kept.
    """

    zh: ClassVar = "发起表决"
    by: ClassVar = CONVENERS
    type: Literal["open_poll"] = "open_poll"
    purpose: Purpose
    round: Positive = 1
    days: Days
    parts: Annotated[dict[Slug, Part], Field(max_length=MAX_PARTS)] = {}
    """Consent: the parts that are voted on (表决事项)."""
    options: Options = ()
    """Needs: the work kinds to choose from."""
    choose_up_to: Annotated[int, Field(ge=1, le=MAX_OPTIONS)] = 3
    codes: CodeList | None = None
    """Satisfaction: the anonymous codes that were handed out."""
    forms: Forms = tuple(Form)
    text: FreeText | None = None
    document: Evidence | None = None


class ExtendPoll(Decision):
    """Lengthen the voting before it closes (延长表决)."""

    zh: ClassVar = "延长表决"
    by: ClassVar = CONVENERS
    stages: ClassVar = frozenset({"open"})
    type: Literal["extend_poll"] = "extend_poll"
    days: Days
    reason: FreeText


class CountPoll(Decision):
    """Count before the entry window has passed, where nothing more can come (计票)."""

    zh: ClassVar = "计票"
    by: ClassVar = CONVENERS
    stages: ClassVar = frozenset({"open", "counting"})
    type: Literal["count_poll"] = "count_poll"


class RecountPoll(Decision):
    """Count again, because ballots were corrected or withdrawn since (重新计票)."""

    zh: ClassVar = "重新计票"
    by: ClassVar = CONVENERS
    stages: ClassVar = frozenset({"closed"})
    resting: ClassVar[bool] = True
    type: Literal["recount_poll"] = "recount_poll"
    reason: FreeText


class WithdrawPoll(Decision):
    """Withdraw a poll that will not be counted (撤回表决)."""

    zh: ClassVar = "撤回表决"
    by: ClassVar = CONVENERS
    stages: ClassVar = frozenset({"open", "counting"})
    type: Literal["withdraw_poll"] = "withdraw_poll"
    reason: FreeText


class PollOpened(Timed, Standing, kept=Kept.OFFICE):
    type: Literal["poll_opened"] = "poll_opened"
    purpose: Purpose
    round: Positive
    days: Days
    parts: dict[Slug, PartLine]
    options: Options
    choose_up_to: int
    codes: CodeList | None = None
    forms: Forms
    text: FreeText | None = None
    document: Evidence | None = None
    asked: Count
    zone: str
    entry_days: Count


class PollExtended(Timed, Standing, kept=Kept.OFFICE):
    type: Literal["poll_extended"] = "poll_extended"
    days: Days
    reason: FreeText


class VotingClosed(Standing, kept=Kept.OFFICE):
    """Voting ended; papers sealed before may still be entered (投票截止)."""

    type: Literal["voting_closed"] = "voting_closed"


class Tallied(Standing):
    """What the ballots came to, and which ballots those were.

    `root` is that of an RFC 6962 tree over the ballots that counted, in the order of their streams'
    names: each leaf is the last entry that its stream had then. Counts of before this was recorded
    name none.
    """

    version: ClassVar[int] = 2
    result: Result
    ballots: Count | None
    root: LeafHash | None


class PollCounted(Tallied, kept=Kept.OFFICE):
    type: Literal["poll_counted"] = "poll_counted"


class PollRecounted(Tallied, kept=Kept.OFFICE):
    type: Literal["poll_recounted"] = "poll_recounted"
    reason: FreeText


class PollWithdrawn(Standing, kept=Kept.OFFICE):
    type: Literal["poll_withdrawn"] = "poll_withdrawn"
    reason: FreeText


COMMANDS: tuple[type[Command], ...] = (
    OpenPoll,
    ExtendPoll,
    CountPoll,
    RecountPoll,
    WithdrawPoll,
)
EVENTS: tuple[type[Event], ...] = (
    PollOpened,
    PollExtended,
    VotingClosed,
    PollCounted,
    PollRecounted,
    PollWithdrawn,
)

"""What may be asked of a ballot, and what happens to it."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from domain.engine.entry import Standing
from domain.engine.message import Decision, Event, Kept
from domain.streams.poll.codes import MAX_DEPTH
from domain.streams.poll.state import MAX_PARTS, RATED, Choice, Form, Step
from domain.terms.role import Role
from domain.terms.value import Area, Count, Evidence, FreeText, LeafHash, Slug

ENTERING = frozenset({Role.COMMUNITY, Role.GRID_WORKER})
VOTING = ENTERING | {Role.RESIDENT}
Parts = Annotated[dict[Slug, Choice], Field(max_length=MAX_PARTS)]
Needs = Annotated[tuple[Slug, ...], Field(max_length=40)]
Answers = Annotated[dict[str, Step], Field(max_length=len(RATED))]
Path = Annotated[tuple[LeafHash, ...], Field(max_length=MAX_DEPTH)]


class FilledIn(Decision):
    """What a voter fills in, and what shows that it is theirs."""

    by: ClassVar = VOTING
    form: Form
    parts: Parts = {}
    """Consent: yes, no or abstain on each part."""
    needs: Needs = ()
    """Needs: the work kinds chosen, the most wanted first."""
    answers: Answers = {}
    """Satisfaction: a step for RESULT and each of the four questions; any may be left out."""
    aware: bool | None = None
    """Satisfaction: whether they knew of the works (知晓)."""
    signed: bool = False
    scan: Evidence | None = None
    path: Path = ()
    """Satisfaction: the path from the code to the root of the poll's list."""


class CastBallot(FilledIn):
    """Cast a household's ballot, or enter one that it filled in on paper (投票).

    A paper is entered with the day on which it was sealed (`occurred_at`).
    """

    zh: ClassVar = "投票"
    type: Literal["cast_ballot"] = "cast_ballot"


class RecastBallot(FilledIn):
    """Cast again after withdrawing, while voting is open (重投)."""

    zh: ClassVar = "重投"
    stages: ClassVar = frozenset({"withdrawn"})
    type: Literal["recast_ballot"] = "recast_ballot"


class WithdrawBallot(Decision):
    """Withdraw the ballot before voting closes (撤回选票)."""

    zh: ClassVar = "撤回选票"
    by: ClassVar = VOTING
    stages: ClassVar = frozenset({"cast"})
    type: Literal["withdraw_ballot"] = "withdraw_ballot"
    scan: Evidence | None = None
    reason: FreeText | None = None


class Filled(Event):
    """What was filled in."""

    voidable: ClassVar[bool] = False
    form: Form
    parts: Parts = {}
    needs: Needs = ()
    answers: Answers = {}
    aware: bool | None = None
    signed: bool = False
    scan: Evidence | None = None
    path: Path = ()


class BallotCast(Filled, kept=Kept.SIGNED):
    """Cast by the voter, and changed by nobody: they may withdraw it and cast again."""

    correctable: ClassVar[bool] = False
    type: Literal["ballot_cast"] = "ballot_cast"


class BallotEntered(Filled, kept=Kept.SIGNED):
    """Entered from the voter's paper; what was mistyped is corrected by its scan."""

    fixed: ClassVar[frozenset[str]] = frozenset({"form", "signed", "path"})
    type: Literal["ballot_entered"] = "ballot_entered"


class BallotWeighed(Standing, kept=Kept.OFFICE):
    """What the household counted for when it voted (计票权重)."""

    type: Literal["ballot_weighed"] = "ballot_weighed"
    owners: Count
    area: Area


class BallotWithdrawn(Standing, kept=Kept.SIGNED):
    type: Literal["ballot_withdrawn"] = "ballot_withdrawn"
    scan: Evidence | None = None
    reason: FreeText | None = None

"""What may be asked of an opinion, and what happens to it."""

from enum import StrEnum
from typing import ClassVar, Literal

from domain.engine.entry import Timed
from domain.engine.message import ANYONE, Decision, Event, Fact, Kept
from domain.terms.role import Role
from domain.terms.value import FreeText, Ident, Instant, Slug


class Nature(StrEnum):
    """What is put forward."""

    OPINION = "opinion"
    IDEA = "idea"
    """金点子"""
    OBJECTION = "objection"


class Channel(StrEnum):
    """How it came in."""

    PAPER = "paper"
    PHONE = "phone"
    WEB = "web"
    VISIT = "visit"
    MEETING = "meeting"


class Disposition(StrEnum):
    """What became of it (处理结果)."""

    ADOPTED = "adopted"
    PARTLY = "partly"
    NOTED = "noted"
    REJECTED = "rejected"
    UPHELD = "upheld"
    NOT_UPHELD = "not_upheld"


ANSWERING = frozenset({Role.DESIGNER, Role.PROJECT_LEAD, Role.OFFICE, Role.LEADING_GROUP})
PENDING = frozenset({"filed", "escalated"})


class FileOpinion(Fact):
    """File an opinion, an idea or an objection (提交意见).

    It is recorded whenever it comes. `occurred_at` says when it was handed in: a paper sealed
    before the close counts as filed in time on whatever day it is entered.
    """

    zh: ClassVar = "提交意见"
    by: ClassVar = ANYONE
    type: Literal["file_opinion"] = "file_opinion"
    nature: Nature
    text: FreeText
    channel: Channel
    from_household: Slug | None = None


class Dispose(Decision):
    """Answer it with a disposition, the reason and a reply (处理答复)."""

    zh: ClassVar = "处理答复"
    by: ClassVar = ANSWERING
    stages: ClassVar = PENDING
    type: Literal["dispose"] = "dispose"
    disposition: Disposition
    reason: FreeText
    reply: FreeText
    clause: Slug | None = None
    """The design clause it went into, where it was adopted or partly adopted."""


class Escalate(Decision):
    """Put it before those above, because it cannot be settled here (提交上级)."""

    zh: ClassVar = "提交上级"
    by: ClassVar = frozenset({Role.DESIGNER, Role.PROJECT_LEAD, Role.OFFICE})
    stages: ClassVar = frozenset({"filed"})
    type: Literal["escalate"] = "escalate"
    to: Literal["office", "leading_group", "department", "subdistrict"] = "leading_group"
    reason: FreeText


class Reopen(Decision):
    """Take up again what was answered too soon or wrongly (重新处理)."""

    zh: ClassVar = "重新处理"
    by: ClassVar = frozenset({Role.PROJECT_LEAD, Role.OFFICE, Role.LEADING_GROUP})
    stages: ClassVar = frozenset({"answered"})
    resting: ClassVar[bool] = True
    type: Literal["reopen"] = "reopen"
    reason: FreeText


class OpinionFiled(Timed, kept=Kept.SPOKEN):
    voidable: ClassVar[bool] = False
    fixed: ClassVar[frozenset[str]] = frozenset({"filed_by", "zone", "reply_days"})
    type: Literal["opinion_filed"] = "opinion_filed"
    nature: Nature
    text: FreeText
    channel: Channel
    from_household: Slug | None = None
    filed_by: Ident
    zone: str
    reply_days: int


class OpinionDisposed(Event, kept=Kept.OFFICE):
    voidable: ClassVar[bool] = False
    type: Literal["opinion_disposed"] = "opinion_disposed"
    disposition: Disposition
    reason: FreeText
    reply: FreeText
    clause: Slug | None = None


class OpinionEscalated(Event, kept=Kept.OFFICE):
    voidable: ClassVar[bool] = False
    type: Literal["opinion_escalated"] = "opinion_escalated"
    to: str
    reason: FreeText


class OpinionReopened(Timed, kept=Kept.OFFICE):
    voidable: ClassVar[bool] = False
    type: Literal["opinion_reopened"] = "opinion_reopened"
    reason: FreeText


class ReplyOverdue(Event, kept=Kept.OFFICE):
    """The reply was not given in time (逾期未答复)."""

    voidable: ClassVar[bool] = False
    correctable: ClassVar[bool] = False
    type: Literal["reply_overdue"] = "reply_overdue"
    due: Instant

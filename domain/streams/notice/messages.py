"""What may be asked of a notice, and what happens in it."""

from enum import StrEnum
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from domain.engine.entry import Timed
from domain.engine.message import Decision, Event, Kept
from domain.streams.shared.posting import PUBLISHERS, Channels
from domain.terms.value import Count, Days, Evidence, FreeText, Positive, Slug


class Purpose(StrEnum):
    """What a notice tells (公示内容)."""

    SITE_SELECTION = "site_selection"
    DESIGN = "design"
    WORKS = "works"
    PLANNING_PERMIT = "planning_permit"
    RESULT = "result"


OPEN = frozenset({"posting", "running", "answering"})


class OpenNotice(Decision):
    """Open a notice and issue its first insertion (发布公示)."""

    zh: ClassVar = "发布公示"
    by: ClassVar = PUBLISHERS
    type: Literal["open_notice"] = "open_notice"
    purpose: Purpose
    channels: Channels
    text: FreeText
    document: Evidence | None = None
    blocks: Annotated[tuple[Slug, ...], Field(max_length=60)] = ()


class IssueInsertion(Decision):
    """Publish the same text once more; the period goes on (再次发布)."""

    zh: ClassVar = "再次发布"
    formerly: ClassVar = ("再次刊登",)
    by: ClassVar = PUBLISHERS
    stages: ClassVar = OPEN
    type: Literal["issue_insertion"] = "issue_insertion"
    channels: Channels


class ReviseNotice(Decision):
    """Publish a changed text; the period runs anew (修改后重新公示)."""

    zh: ClassVar = "修改后重新公示"
    formerly: ClassVar = ("修改重公示",)
    by: ClassVar = PUBLISHERS
    stages: ClassVar = OPEN
    type: Literal["revise_notice"] = "revise_notice"
    channels: Channels
    text: FreeText
    document: Evidence | None = None


class ExtendNotice(Decision):
    """Lengthen the period before it ends (延长公示)."""

    zh: ClassVar = "延长公示"
    by: ClassVar = PUBLISHERS
    stages: ClassVar = frozenset({"posting", "running"})
    type: Literal["extend_notice"] = "extend_notice"
    days: Days
    reason: FreeText


class CloseNotice(Decision):
    """Close the notice when its period has run and its objections are answered (结束公示)."""

    zh: ClassVar = "结束公示"
    by: ClassVar = PUBLISHERS
    stages: ClassVar = OPEN
    type: Literal["close_notice"] = "close_notice"


class WithdrawNotice(Decision):
    """Withdraw a notice that will not be completed (撤回公示)."""

    zh: ClassVar = "撤回公示"
    by: ClassVar = PUBLISHERS
    stages: ClassVar = OPEN
    type: Literal["withdraw_notice"] = "withdraw_notice"
    reason: FreeText


class NoticeOpened(Event, kept=Kept.OFFICE):
    voidable: ClassVar[bool] = False
    fixed: ClassVar[frozenset[str]] = frozenset({"automatic", "zone", "days", "channels_needed"})
    type: Literal["notice_opened"] = "notice_opened"
    purpose: Purpose
    channels: Channels
    automatic: tuple[Slug, ...]
    text: FreeText
    document: Evidence | None = None
    blocks: tuple[Slug, ...] = ()
    zone: str
    days: Positive
    channels_needed: Count


class InsertionIssued(Event, kept=Kept.OFFICE):
    type: Literal["insertion_issued"] = "insertion_issued"
    insertion: Positive
    channels: Channels
    automatic: tuple[Slug, ...]


class NoticeRevised(Event, kept=Kept.OFFICE):
    voidable: ClassVar[bool] = False
    type: Literal["notice_revised"] = "notice_revised"
    insertion: Positive
    channels: Channels
    automatic: tuple[Slug, ...]
    text: FreeText
    document: Evidence | None = None


class NoticeExtended(Timed, kept=Kept.OFFICE):
    type: Literal["notice_extended"] = "notice_extended"
    days: Days
    reason: FreeText


class NoticePeriodEnded(Event, kept=Kept.OFFICE):
    voidable: ClassVar[bool] = False
    correctable: ClassVar[bool] = False
    type: Literal["notice_period_ended"] = "notice_period_ended"
    objections_open: Count


class NoticeClosed(Event, kept=Kept.OFFICE):
    voidable: ClassVar[bool] = False
    correctable: ClassVar[bool] = False
    type: Literal["notice_closed"] = "notice_closed"
    escalated: Count


class NoticeWithdrawn(Event, kept=Kept.OFFICE):
    voidable: ClassVar[bool] = False
    type: Literal["notice_withdrawn"] = "notice_withdrawn"
    reason: FreeText

"""What may be asked of a consultation, and what happens in it."""

from typing import ClassVar, Literal

from domain.engine.entry import Timed
from domain.engine.message import Decision, Event, Kept
from domain.streams.shared.posting import PUBLISHERS, Channels
from domain.terms.role import Role
from domain.terms.value import Count, Days, Evidence, FreeText, Positive, Slug

EDITORS = PUBLISHERS | {Role.DESIGNER}
OPEN = frozenset({"open", "answering"})


class OpenConsultation(Decision):
    """Put a design text to the people for their opinions (发起设计征询)."""

    zh: ClassVar = "发布征询"
    formerly: ClassVar = ("发起征询",)
    by: ClassVar = EDITORS
    type: Literal["open_consultation"] = "open_consultation"
    subject: Literal["draft", "final"]
    design_version: Positive
    major: bool = False
    """Whether it is a major decision (重大决策), which asks for the longer window."""
    text: FreeText
    document: Evidence | None = None
    channels: Channels


class ExtendConsultation(Decision):
    """Lengthen the window before it closes (延长征询)."""

    zh: ClassVar = "延长征询"
    by: ClassVar = EDITORS
    stages: ClassVar = frozenset({"open"})
    type: Literal["extend_consultation"] = "extend_consultation"
    days: Days
    reason: FreeText


class CloseConsultation(Decision):
    """Close the consultation when its window has run and every opinion is answered (结束征询)."""

    zh: ClassVar = "结束征询"
    by: ClassVar = EDITORS
    stages: ClassVar = OPEN
    type: Literal["close_consultation"] = "close_consultation"


class WithdrawConsultation(Decision):
    """Withdraw a consultation that will not be completed (撤回征询)."""

    zh: ClassVar = "撤回征询"
    by: ClassVar = EDITORS
    stages: ClassVar = OPEN
    type: Literal["withdraw_consultation"] = "withdraw_consultation"
    reason: FreeText


class ConsultationOpened(Timed, kept=Kept.OFFICE):
    voidable: ClassVar[bool] = False
    fixed: ClassVar[frozenset[str]] = frozenset({"automatic", "zone", "days", "major"})
    type: Literal["consultation_opened"] = "consultation_opened"
    subject: Literal["draft", "final"]
    design_version: Positive
    major: bool
    text: FreeText
    document: Evidence | None = None
    channels: Channels
    automatic: tuple[Slug, ...]
    zone: str
    days: Positive


class ConsultationExtended(Timed, kept=Kept.OFFICE):
    type: Literal["consultation_extended"] = "consultation_extended"
    days: Days
    reason: FreeText


class ConsultationWindowEnded(Event, kept=Kept.OFFICE):
    voidable: ClassVar[bool] = False
    correctable: ClassVar[bool] = False
    type: Literal["consultation_window_ended"] = "consultation_window_ended"
    opinions_open: Count


class ConsultationClosed(Event, kept=Kept.OFFICE):
    """Closed, with what had come in by then."""

    voidable: ClassVar[bool] = False
    correctable: ClassVar[bool] = False
    type: Literal["consultation_closed"] = "consultation_closed"
    opinions: Count
    adopted: Count
    escalated: Count


class ConsultationWithdrawn(Event, kept=Kept.OFFICE):
    voidable: ClassVar[bool] = False
    type: Literal["consultation_withdrawn"] = "consultation_withdrawn"
    reason: FreeText

"""How long a value or file outside the events is kept, and what may stand against erasing it.

Who speaks decides, not who typed: a resident's paper stays the resident's when a grid worker
enters it, and the answer to an opinion stays the office's.
"""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Literal

from domain.engine.message import Kept
from domain.engine.rule import Force, Rule, rule
from domain.profile import Profile
from domain.terms.role import Role
from domain.terms.source import law
from domain.terms.value import Text
from domain.terms.zone import zone_of

WHO = rule(
    "keeping.who",
    Force.WALL,
    zh="删除、限制和查阅受限内容由办公室或领导小组办理，审计可以查阅",
    en="the office or the leading group erases, restricts and reads what is restricted; "
    "auditors may read it",
    way_zh="请由任此职责的人办理",
    way_en="let somebody who holds such a role do it",
    source=law(
        "《个人信息保护法》第五十一条；由谁办理为本系统默认",
        "Personal Information Protection Law, art. 51; who does it is our default",
    ),
)


class Ground(StrEnum):
    """Why something is erased or restricted (个人信息保护法 第四十七条第一款)."""

    PURPOSE_MET = "purpose_met"
    TERM_OVER = "term_over"
    WITHDRAWN = "withdrawn"
    UNLAWFUL = "unlawful"
    ORDERED = "ordered"


GROUNDS: dict[Ground, Text] = {
    Ground.PURPOSE_MET: Text(
        zh="处理目的已实现或不再必要", en="the purpose is met, or it is no longer needed"
    ),
    Ground.TERM_OVER: Text(zh="保存期限已届满", en="its term is over"),
    Ground.WITHDRAWN: Text(zh="个人撤回同意", en="consent was withdrawn"),
    Ground.UNLAWFUL: Text(zh="违法违规或违反约定处理", en="it was not lawfully kept"),
    Ground.ORDERED: Text(zh="法律、行政法规规定的其他情形", en="ordered by law or by an authority"),
}

RESIDENTS = frozenset({Role.RESIDENT, Role.RESIDENT_SUPERVISOR})
"""Who speaks for themselves; all other roles speak for a body."""

ERASERS = frozenset({Role.OFFICE, Role.LEADING_GROUP})

READERS = ERASERS | {Role.AUDITOR, Role.TRACKING_AUDITOR}
"""Who may read what is restricted."""

_PAPERS = frozenset({"scan", "paper", "evidence"})


@dataclass(frozen=True, slots=True)
class Keeping:
    """Why something is kept, and for how long."""

    rule: Rule
    counted: Literal["years", "days"] | None
    """How its term, the rule's one threshold, is counted; None: kept for good."""

    @property
    def holds(self) -> bool:
        """Whether the archive needs it: until its term ends it is not erased."""
        return self.rule.force is Force.WALL

    def until(self, since: datetime, profile: Profile, zone: str) -> date | None:
        """Return the first day on which it need no longer be kept, None for never.

        Terms of years are counted as archives count them: from the first of January after.
        """
        if self.counted is None:
            return None
        day = since.astimezone(zone_of(zone)).date()
        (term,) = self.rule.thresholds
        length: int = getattr(profile, term)
        if self.counted == "days":
            return date.fromordinal(day.toordinal() + length)
        return date(day.year + 1 + length, 1, 1)


OFFICE = rule(
    "keeping.office",
    Force.WALL,
    zh="公职人员和单位履职形成的记录永久保存，不能删除",
    en="what officials and bodies said in office is kept for good and cannot be erased",
    way_zh="内容涉及他人隐私的，可以限制查阅",
    way_en="where it touches somebody's privacy, restrict access to it",
    source=law(
        "《档案法》第十三条；《个人信息保护法》第四十七条第二款",
        "Archives Law, art. 13; Personal Information Protection Law, art. 47(2)",
    ),
)

FOR_GOOD = Keeping(OFFICE, None)

SIGNED = rule(
    "keeping.signed",
    Force.WALL,
    zh="居民签字的票、承诺书和同意书在保管期限内须留存",
    en="what a resident signed (ballots, commitments, agreements) is kept until its term ends",
    way_zh="期满前改为限制查阅；期满后再删除",
    way_en="until then access to it is restricted; erase it when the term has ended",
    source=law(
        "《档案法》第十三条；国家档案局令第 8 号第六条；《民法典》第二百七十八条；"
        "《个人信息保护法》第四十七条第二款",
        "Archives Law, art. 13; Order 8 of the State Archives, art. 6; Civil Code, art. 278; "
        "Personal Information Protection Law, art. 47(2)",
    ),
    thresholds=lambda profile: (profile.keep_signed_years,),
)

UNTIL_TERM = Keeping(SIGNED, "years")

WORDS = rule(
    "keeping.words",
    Force.WARN,
    zh="居民的意见、说明和户内照片到期删除，本人可以要求提前删除",
    en="what residents said and what shows their homes is erased when its term ends, "
    "or earlier on request",
    way_zh="期满后删除",
    way_en="erase it when the term has ended",
    source=law(
        "《个人信息保护法》第十九条、第四十七条第一款",
        "Personal Information Protection Law, arts. 19, 47(1)",
    ),
    thresholds=lambda profile: (profile.keep_words_years,),
)

UNTIL_ASKED = Keeping(WORDS, "years")

UNRECORDED = rule(
    "keeping.unrecorded",
    Force.WARN,
    zh="未被登记的操作所附的内容不得久留",
    en="what came with a command that was not recorded does not stay",
    way_zh="到期删除",
    way_en="erase it when it is due",
    source=law("《个人信息保护法》第十九条", "Personal Information Protection Law, art. 19"),
    thresholds=lambda profile: (profile.keep_unrecorded_days,),
)

NOT_RECORDED = Keeping(UNRECORDED, "days")


def keeping_of(kept: Kept, field: str, role: Role, *, enclosed: bool = False) -> Keeping:
    """Return why what stands in a field of an event is kept, by whose the event's words are.

    `enclosed` is what came with the event and not in it: its attachments, and the reason why it
    is late.
    """
    if enclosed and field == "reason":
        return UNTIL_ASKED if role in RESIDENTS else FOR_GOOD
    if kept is Kept.SIGNED and field in _PAPERS:
        return UNTIL_TERM
    if kept is not Kept.OFFICE or role in RESIDENTS:
        return UNTIL_ASKED
    return FOR_GOOD

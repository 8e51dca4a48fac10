"""The profile of a programme: every number of practice, with its source (阈值).

To change a threshold for one city, set it in that programme's file; to change the default, change
it here. `docs/rules.md` is made from this file and the rules.
"""

from datetime import date
from typing import Annotated, Any

from pydantic import Field, JsonValue

from domain.role import Role
from domain.rule import Force
from domain.stored import Stored
from domain.value import Count, Days, Fen, Percent, Positive, Slug
from domain.works import DEFAULT_KINDS, WorkKind


def threshold(default: Any, *, rule: str, unit: str, source: str) -> Any:
    """Declare a number of practice with its rule, unit and source."""
    extra: dict[str, JsonValue] = {"rule": rule, "unit": unit, "source": source}
    return Field(default, json_schema_extra=extra)


class Profile(Stored):
    """What a city's practice and the law say in figures."""

    rules_as_of: date = date(2026, 1, 1)
    forces: dict[str, Force] = {}
    """Forces that differ from the rules' own, by rule id."""
    approvers: dict[str, Role] = {}
    """Who approves exceptions where it is not the rule's own approver, by rule id."""
    sources: dict[str, str] = {}
    """Sources of the values that a programme set itself, by field."""

    notice_days: Days = threshold(
        5, rule="notice.period", unit="working days", source="[P] municipal practice"
    )
    site_selection_days: Days = threshold(
        7, rule="notice.period", unit="working days", source="[P] municipal practice"
    )
    planning_permit_days: Days = threshold(
        10, rule="notice.period", unit="days", source="[L] planning permit notice, at least 10 days"
    )
    notice_channels: Positive = threshold(
        2, rule="notice.channels", unit="channels", source="[d]; 《富阳日报》 in the brief"
    )
    objection_days: Days = threshold(
        15, rule="notice.objections", unit="working days", source="[d] as opinion.reply_within"
    )
    consent_part: Percent = threshold(
        6667,
        rule="consent.count",
        unit="1/100 % of owners and area; two thirds are counted exactly",
        source="[L] Civil Code 278",
    )
    poll_min_days: Days = threshold(
        5, rule="poll.window", unit="days", source="[L] Hangzhou property rules"
    )
    poll_max_days: Days = threshold(
        60, rule="poll.window", unit="days", source="[L] Hangzhou property rules"
    )
    poll_entry_days: Annotated[int, Field(ge=0, le=60)] = threshold(
        3, rule="poll.entry", unit="working days after the close for sealed papers", source="[d]"
    )
    consultation_days: Days = threshold(
        7, rule="consultation.window", unit="working days", source="[d]"
    )
    consultation_major_days: Days = threshold(
        30, rule="consultation.window", unit="days", source="[L] major decisions"
    )
    opinion_reply_days: Days = threshold(
        15, rule="opinion.reply_within", unit="working days", source="[d]"
    )
    cost_over_estimate: Percent = threshold(
        1000,
        rule="cost.estimate_over",
        unit="1/100 % over the feasibility estimate",
        source="[L] 政府投资条例",
    )
    variation_limit: Percent = threshold(
        1000, rule="variation.limit", unit="1/100 % of the contract", source="[d] local rule"
    )
    dig_ban_new_years: Count = threshold(
        5, rule="dig.ban", unit="years after a new road", source="[L] 城市道路管理条例"
    )
    dig_ban_overhaul_years: Count = threshold(
        3, rule="dig.ban", unit="years after an overhaul", source="[L] 城市道路管理条例"
    )
    night_from_hour: Count = threshold(
        22, rule="works.night_ban", unit="hour", source="[P] Hangzhou noise rules"
    )
    night_to_hour: Count = threshold(
        6, rule="works.night_ban", unit="hour", source="[P] Hangzhou noise rules"
    )
    night_permit_days: Count = threshold(
        3,
        rule="works.night_ban",
        unit="days that the permit is posted ahead",
        source="[P] Hangzhou noise rules",
    )
    trial_hours: Positive = threshold(
        24, rule="dig.trial", unit="hours that a trial trench stays open", source="[d]"
    )
    emergency_hours: Positive = threshold(
        24,
        rule="dig.emergency",
        unit="hours until the papers of an emergency dig",
        source="[L] 城市道路管理条例",
    )
    works_days: Days = threshold(
        160,
        rule="works.finish_within",
        unit="days from the start order",
        source="[P] Hangzhou 2009",
    )
    works_warn_days: Days = threshold(
        30, rule="works.finish_within", unit="days of early warning", source="[d]"
    )
    tender_works: Fen = threshold(
        400_000_000,
        rule="contract.split",
        unit="fen from which on works are tendered",
        source="[L] 必须招标的工程项目规定, in force 2018-06-01",
    )
    tender_services: Fen = threshold(
        100_000_000,
        rule="contract.split",
        unit="fen from which on surveying, design and supervision are tendered",
        source="[L] 必须招标的工程项目规定, in force 2018-06-01",
    )
    tender_near: Percent = threshold(
        1000, rule="contract.split", unit="1/100 % under the limit that is just under", source="[d]"
    )
    tender_months: Annotated[int, Field(ge=1, le=120)] = threshold(
        12, rule="contract.split", unit="months whose contracts count as one", source="[d]"
    )
    bid_notice_days: Days = threshold(3, rule="bid.notice", unit="days", source="[L]")
    satisfaction_rate: Percent = threshold(
        8000,
        rule="satisfaction.gate",
        unit="1/100 % of answers 满意 or 很满意 on the result",
        source="[P] Shijiazhuang 2020",
    )
    satisfaction_turnout: Percent = threshold(
        8000, rule="satisfaction.gate", unit="1/100 % of households asked", source="[d]"
    )
    review_rounds: Positive = threshold(3, rule="review.rounds", unit="rounds", source="[d]")
    consulted_departments: Count = threshold(
        1, rule="survey.consulted", unit="departments", source="the brief"
    )
    consulted_deputies: Count = threshold(
        1, rule="survey.consulted", unit="deputies", source="the brief"
    )
    consulted_citizens: Count = threshold(
        1, rule="survey.consulted", unit="citizens' representatives", source="the brief"
    )
    late_days: Annotated[int, Field(ge=0, le=7)] = threshold(
        1,
        rule="entry.countersign",
        unit="days that a gate or a period may be entered late by one person alone",
        source="[d]",
    )
    visit_attempts: Positive = threshold(
        3, rule="survey.visits", unit="attempts at a household", source="[d]"
    )
    material_change: Percent = threshold(
        1000, rule="design.material_change", unit="1/100 % of the estimate", source="[d]"
    )
    warranty_response_days: Days = threshold(
        15, rule="warranty.response", unit="days", source="[L]"
    )
    warranty_urgent_hours: Positive = threshold(
        2,
        rule="warranty.response",
        unit="hours; the law says at once",
        source="[L] 房屋建筑工程质量保修办法; the figure [d]",
    )
    retention: Percent = threshold(
        300, rule="retention", unit="1/100 % of the settlement", source="[P] 2017 rule"
    )
    liability_months: Annotated[int, Field(ge=1, le=120)] = threshold(
        24, rule="retention", unit="months, at most", source="[P] 2017 rule"
    )
    filing_days: Days = threshold(15, rule="filing", unit="days after completion", source="[L]")
    upkeep_score: Count = threshold(
        90, rule="upkeep.score", unit="of 100 points", source="[P] Beijing 2025"
    )
    upkeep_restored_months: Positive = threshold(
        3, rule="upkeep.score", unit="months at the score", source="[P] Beijing 2025"
    )
    litter_hours: Positive = threshold(
        24, rule="upkeep.clean_within", unit="hours for litter", source="[d]"
    )
    damage_days: Days = threshold(
        3, rule="upkeep.clean_within", unit="working days for damage", source="[d]"
    )
    serious_hours: Positive = threshold(
        24, rule="upkeep.clean_within", unit="hours for serious defects", source="[d]"
    )
    keep_signed_years: Positive = threshold(
        30,
        rule="keeping.signed",
        unit="years, from the first of January after",
        source="[L] 国家档案局令第8号 第六条: 30 or 10 years; the choice [d]",
    )
    keep_words_years: Positive = threshold(
        10,
        rule="keeping.words",
        unit="years, from the first of January after",
        source="[d] opinions and findings",
    )
    keep_unrecorded_days: Days = threshold(7, rule="keeping.unrecorded", unit="days", source="[d]")
    work_kinds: dict[Slug, WorkKind] = DEFAULT_KINDS
    automatic_channels: tuple[Slug, ...] = ("website", "console")
    """Channels that Siwen posts on by itself; the others are posted by people, with proof."""

"""The profile of a programme: every number of practice, with its source (阈值).

To change a threshold for one city, set it in that programme's file. A default that programmes go by
is not changed in place (tests/golden/test_profile.py). `docs/rules.md` is made from this file and
the rules.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

from pydantic import Field, JsonValue

from domain.engine.rule import Force
from domain.terms.role import Role
from domain.terms.source import OURS, Basis, Source, brief, law, ours, practice
from domain.terms.stored import Stored
from domain.terms.value import Count, Days, Fen, Percent, Positive, Slug, Text
from domain.terms.works import DEFAULT_KINDS, WorkKind


def threshold(default: Any, *, unit: str, source: Source = OURS) -> Any:
    """Declare a number of practice with its unit and source; the rule that reads it names it."""
    told: dict[str, JsonValue] = {"basis": source.basis, **source.text.model_dump()}
    extra: dict[str, JsonValue] = {"unit": unit, "source": told}
    return Field(default, json_schema_extra=extra)


RETIRED = frozenset({"consent_part"})
"""Thresholds that old programmes name: what the law fixes is no figure of a programme's."""


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
        5,
        unit="working days",
        source=practice("各地做法", "municipal practice"),
    )
    site_selection_days: Days = threshold(
        7,
        unit="working days",
        source=practice("各地做法", "municipal practice"),
    )
    planning_permit_days: Days = threshold(
        10,
        unit="days",
        source=law(
            "规划许可公示不少于 10 日", "a planning permit is notified for at least 10 days"
        ),
    )
    notice_channels: Positive = threshold(
        2,
        unit="channels",
        source=brief(
            "简报：《富阳日报》；数值为本系统默认",
            "the brief: the Fuyang Daily; the figure is our default",
        ),
    )
    objection_days: Days = threshold(
        15,
        unit="working days",
        source=ours("本系统默认，同意见答复期", "our default, as for the reply to opinions"),
    )
    poll_min_days: Days = threshold(
        5,
        unit="days",
        source=law("《杭州市物业管理条例》", "Hangzhou Regulation on Property Management"),
    )
    poll_max_days: Days = threshold(
        60,
        unit="days",
        source=law("《杭州市物业管理条例》", "Hangzhou Regulation on Property Management"),
    )
    poll_entry_days: Annotated[int, Field(ge=0, le=60)] = threshold(
        3, unit="working days after the close for sealed papers"
    )
    consultation_days: Days = threshold(7, unit="working days")
    consultation_major_days: Days = threshold(
        30,
        unit="days",
        source=law(
            "《重大行政决策程序暂行条例》第十五条",
            "Interim Regulation on Major Administrative Decisions, art. 15",
        ),
    )
    opinion_reply_days: Days = threshold(15, unit="working days")
    cost_over_estimate: Percent = threshold(
        1000,
        unit="1/100 % over the feasibility estimate",
        source=law("《政府投资条例》", "Regulation on Government Investment"),
    )
    variation_limit: Percent = threshold(
        1000,
        unit="1/100 % of the contract",
        source=practice("地方规定；数值为本系统默认", "local rules; the figure is our default"),
    )
    dig_ban_new_years: Count = threshold(
        5,
        unit="years after a new road",
        source=law("《城市道路管理条例》", "Regulation on Urban Roads"),
    )
    dig_ban_overhaul_years: Count = threshold(
        3,
        unit="years after an overhaul",
        source=law("《城市道路管理条例》", "Regulation on Urban Roads"),
    )
    night_from_hour: Count = threshold(
        22,
        unit="hour",
        source=practice("杭州市环境噪声管理规定", "Hangzhou noise rules"),
    )
    night_to_hour: Count = threshold(
        6,
        unit="hour",
        source=practice("杭州市环境噪声管理规定", "Hangzhou noise rules"),
    )
    night_permit_days: Count = threshold(
        3,
        unit="days that the permit is posted ahead",
        source=practice("杭州市环境噪声管理规定", "Hangzhou noise rules"),
    )
    trial_hours: Positive = threshold(24, unit="hours that a trial trench stays open")
    emergency_hours: Positive = threshold(
        24,
        unit="hours until the papers of an emergency dig",
        source=law("《城市道路管理条例》", "Regulation on Urban Roads"),
    )
    works_days: Days = threshold(
        160,
        unit="days from the start order",
        source=practice("杭州市 2009 年做法", "practice of Hangzhou, 2009"),
    )
    works_warn_days: Days = threshold(30, unit="days of early warning")
    tender_works: Fen = threshold(
        400_000_000,
        unit="fen from which on works are tendered",
        source=law(
            "《必须招标的工程项目规定》（2018-06-01 起施行）",
            "Rules on Projects that must be Tendered, in force from 2018-06-01",
        ),
    )
    tender_services: Fen = threshold(
        100_000_000,
        unit="fen from which on surveying, design and supervision are tendered",
        source=law(
            "《必须招标的工程项目规定》（2018-06-01 起施行）",
            "Rules on Projects that must be Tendered, in force from 2018-06-01",
        ),
    )
    tender_near: Percent = threshold(1000, unit="1/100 % under the limit that is just under")
    tender_months: Annotated[int, Field(ge=1, le=120)] = threshold(
        12, unit="months whose contracts count as one"
    )
    bid_notice_days: Days = threshold(
        3,
        unit="days",
        source=law(
            "《招标投标法实施条例》第五十四条", "Regulation Implementing the Bidding Law, art. 54"
        ),
    )
    satisfaction_rate: Percent = threshold(
        8000,
        unit="1/100 % of answers 满意 or 很满意 on the result",
        source=practice("石家庄市 2020 年做法", "practice of Shijiazhuang, 2020"),
    )
    satisfaction_turnout: Percent = threshold(8000, unit="1/100 % of households asked")
    review_rounds: Positive = threshold(3, unit="rounds")
    consulted_departments: Count = threshold(
        1, unit="departments", source=brief("简报", "the city's brief")
    )
    consulted_deputies: Count = threshold(
        1, unit="deputies", source=brief("简报", "the city's brief")
    )
    consulted_citizens: Count = threshold(
        1,
        unit="citizens' representatives",
        source=brief("简报", "the city's brief"),
    )
    late_days: Annotated[int, Field(ge=0, le=7)] = threshold(
        1,
        unit="days that a gate or a period may be entered late by one person alone",
    )
    visit_attempts: Positive = threshold(3, unit="attempts at a household")
    material_change: Percent = threshold(1000, unit="1/100 % of the estimate")
    warranty_response_days: Days = threshold(
        15,
        unit="days",
        source=practice(
            "《浙江省建设工程质量管理条例》第三十二条（地方）",
            "Zhejiang Regulation on the Quality of Construction Projects, art. 32 (local)",
        ),
    )
    warranty_urgent_hours: Positive = threshold(
        2,
        unit="hours; the law says at once",
        source=law(
            "《房屋建筑工程质量保修办法》；数值为本系统默认",
            "Measures on Warranties of Buildings; the figure is our default",
        ),
    )
    retention: Percent = threshold(
        300,
        unit="1/100 % of the settlement",
        source=practice(
            "《建设工程质量保证金管理办法》（建质〔2017〕138 号）",
            "Measures on Quality Retentions (2017, no. 138)",
        ),
    )
    liability_months: Annotated[int, Field(ge=1, le=120)] = threshold(
        24,
        unit="months, at most",
        source=practice(
            "《建设工程质量保证金管理办法》（建质〔2017〕138 号）",
            "Measures on Quality Retentions (2017, no. 138)",
        ),
    )
    filing_days: Days = threshold(
        15,
        unit="days after completion",
        source=law(
            "《建设工程质量管理条例》第四十九条",
            "Regulation on the Quality of Construction Projects, art. 49",
        ),
    )
    upkeep_score: Count = threshold(
        90,
        unit="of 100 points",
        source=practice("北京市 2025 年做法", "practice of Beijing, 2025"),
    )
    upkeep_restored_months: Positive = threshold(
        3,
        unit="months at the score",
        source=practice("北京市 2025 年做法", "practice of Beijing, 2025"),
    )
    litter_hours: Positive = threshold(24, unit="hours for litter")
    damage_days: Days = threshold(3, unit="working days for damage")
    serious_hours: Positive = threshold(24, unit="hours for serious defects")
    keep_signed_years: Positive = threshold(
        30,
        unit="years, from the first of January after",
        source=law(
            "国家档案局令第 8 号第六条（30 年或 10 年）；取 30 年为本系统默认",
            "Order 8 of the State Archives, art. 6: 30 or 10 years; the choice is our default",
        ),
    )
    keep_words_years: Positive = threshold(
        10,
        unit="years, from the first of January after",
        source=ours("本系统默认：意见和巡查发现", "our default: opinions and findings"),
    )
    keep_unrecorded_days: Days = threshold(7, unit="days")
    work_kinds: dict[Slug, WorkKind] = DEFAULT_KINDS
    automatic_channels: tuple[Slug, ...] = ("website", "console")
    """Channels that Siwen posts on by itself; the others are posted by people, with proof."""


@dataclass(frozen=True, slots=True)
class Threshold:
    """What a figure of the profile counts and rests on."""

    unit: str
    source: Source


def _thresholds() -> Iterator[tuple[str, Threshold]]:
    for name, field in Profile.model_fields.items():
        match field.json_schema_extra:
            case {"unit": str(unit), "source": {**told}}:
                text = Text(zh=str(told["zh"]), en=str(told["en"]))
                yield name, Threshold(unit, Source(Basis(str(told["basis"])), text))


THRESHOLDS: Mapping[str, Threshold] = dict(_thresholds())
"""Every figure of practice, by its field in the profile."""

"""Why something outside the events is kept, and until when."""

from datetime import UTC, date, datetime
from typing import Literal

import pytest

from domain import keeping
from domain.engine.message import Entry, Event, Kept
from domain.keeping import FOR_GOOD, NOT_RECORDED, UNTIL_ASKED, UNTIL_TERM, keeping_of
from domain.profile import Profile
from domain.registry import KINDS
from domain.terms.role import Role
from domain.terms.source import Basis

NEW_YEARS_EVE = datetime(2014, 12, 31, 17, tzinfo=UTC)
"""Already the new year in the programme's zone."""


@pytest.mark.parametrize(
    ("kind", "event", "field", "role", "expected"),
    [
        ("opinion", "opinion_filed", "text", Role.RESIDENT, UNTIL_ASKED),
        ("opinion", "opinion_filed", "text", Role.GRID_WORKER, UNTIL_ASKED),
        ("opinion", "opinion_disposed", "reply", Role.PROJECT_LEAD, FOR_GOOD),
        ("household", "private_works_agreed", "scan", Role.GRID_WORKER, UNTIL_TERM),
        ("household", "private_works_accepted", "scan", Role.RESIDENT, UNTIL_TERM),
        ("household", "private_works_accepted", "remarks", Role.COMMUNITY, UNTIL_ASKED),
        ("household", "private_works_recorded", "scan", Role.CONTRACTOR, UNTIL_ASKED),
        ("household", "household_struck", "reason", Role.COMMUNITY, FOR_GOOD),
        ("ballot", "ballot_entered", "scan", Role.COMMUNITY, UNTIL_TERM),
        ("commitment", "commitment_signed", "paper", Role.RESIDENT, UNTIL_TERM),
        ("commitment", "commitment_declined", "reason", Role.GRID_WORKER, UNTIL_ASKED),
        ("finding", "finding_recorded", "remark", Role.RESIDENT, UNTIL_ASKED),
        ("finding", "finding_recorded", "remark", Role.ASSISTANT, FOR_GOOD),
        ("work", "defect_reported", "description", Role.RESIDENT, UNTIL_ASKED),
        ("contract", "contract_signed", "scan", Role.OFFICE, FOR_GOOD),
        ("block", "body_heard", "statement", Role.PROJECT_LEAD, FOR_GOOD),
    ],
)
def test_who_speaks_decides_and_not_who_typed(
    kind: str, event: str, field: str, role: Role, expected: keeping.Keeping
) -> None:
    assert field in KINDS[kind].event_types[event].model_fields
    assert keeping_of(KINDS[kind].event_types[event].kept, field, role) is expected


def test_why_an_entry_is_late_is_the_word_of_who_entered_it() -> None:
    assert "reason" in Entry.model_fields
    late = (Kept.SPOKEN, "reason")
    assert keeping_of(*late, Role.GRID_WORKER, enclosed=True) is FOR_GOOD
    assert keeping_of(*late, Role.RESIDENT, enclosed=True) is UNTIL_ASKED


def test_a_letter_that_came_along_is_its_writers() -> None:
    enclosed = ("evidence", Role.GRID_WORKER)
    assert keeping_of(Kept.SPOKEN, *enclosed, enclosed=True) is UNTIL_ASKED
    assert keeping_of(Kept.SIGNED, *enclosed, enclosed=True) is UNTIL_TERM


def test_an_event_says_whose_its_words_are() -> None:
    with pytest.raises(TypeError, match="Unsaid does not say whose"):

        class Unsaid(Event):
            type: Literal["unsaid"] = "unsaid"


def test_terms_of_years_run_from_the_first_of_january_after() -> None:
    profile, zone = Profile(), "Asia/Shanghai"
    assert UNTIL_ASKED.until(datetime(2014, 3, 3, tzinfo=UTC), profile, zone) == date(2025, 1, 1)
    assert UNTIL_ASKED.until(NEW_YEARS_EVE, profile, zone) == date(2026, 1, 1)
    assert UNTIL_ASKED.until(NEW_YEARS_EVE, profile, "UTC") == date(2025, 1, 1)
    assert UNTIL_TERM.until(NEW_YEARS_EVE, profile, "UTC") == date(2045, 1, 1)
    assert NOT_RECORDED.until(NEW_YEARS_EVE, profile, "UTC") == date(2015, 1, 7)
    assert FOR_GOOD.until(NEW_YEARS_EVE, profile, zone) is None


def test_a_city_sets_its_own_terms() -> None:
    own = Profile(keep_words_years=3)
    assert UNTIL_ASKED.until(datetime(2014, 3, 3, tzinfo=UTC), own, "UTC") == date(2018, 1, 1)


def test_only_what_law_keeps_holds_up_an_erasure() -> None:
    assert [k.holds for k in (FOR_GOOD, UNTIL_TERM, UNTIL_ASKED, NOT_RECORDED)] == [
        True,
        True,
        False,
        False,
    ]
    for one in (FOR_GOOD, UNTIL_TERM):
        assert one.rule.source.basis is Basis.LAW

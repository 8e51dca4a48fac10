"""A difference that a change of the rules explains is named so, and no other is."""

from datetime import UTC, datetime, timedelta

import pytest

from domain import release
from domain.engine.rule import RULES
from domain.registry import KINDS
from domain.release import Change
from domain.terms.stream import StreamName
from domain.terms.value import Text
from ledger.audit.judging.entry import Misjudged, why
from ledger.store.rules_in_force import RulesSaid

WHEN = datetime(2026, 3, 2, tzinfo=UTC)
STRICTER = Change(2, frozenset({"notice.period"}), Text(zh="公示期更严", en="notices run longer"))


def misjudged(under: int | None, *about: str) -> Misjudged:
    return Misjudged(StreamName("liupu-2026/linhe"), 3, why("不准", "refused", about), under)


@pytest.fixture
def changed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(release, "CHANGES", (STRICTER,))
    monkeypatch.setattr(release, "RULES_NUMBER", 2)


@pytest.mark.usefixtures("changed")
def test_a_change_since_explains_what_it_is_about() -> None:
    one = misjudged(1, "notice.period")
    assert one.explained == (STRICTER.what,)
    assert one.said("zh") == "@3：不准（规则已变：公示期更严）"
    assert one.said("en") == "@3: refused (rules changed: notices run longer)"


@pytest.mark.usefixtures("changed")
@pytest.mark.parametrize(
    ("under", "about"),
    [
        (2, ("notice.period",)),
        (None, ("notice.period",)),
        (1, ("actor.unknown",)),
        (1, ("notice.period", "actor.unknown")),
        (1, ()),
        (0, ("notice.period",)),
        (3, ("notice.period",)),
    ],
)
def test_nothing_else_is_explained(under: int | None, about: tuple[str, ...]) -> None:
    assert misjudged(under, *about).explained == ()


def test_what_was_not_recorded_is_said_so() -> None:
    assert misjudged(None).said("zh") == "@3：不准（当时规则未记录）"
    assert misjudged(None).said("en") == "@3: refused (rules of then: not recorded)"
    assert misjudged(1).said("en") == "@3: refused (rules 1)"


def test_the_rules_of_an_instant_are_those_said_last() -> None:
    said = RulesSaid([(WHEN, 1), (WHEN + timedelta(days=2), 2)])
    hour = timedelta(hours=1)
    assert [said.at(WHEN + n * hour) for n in (-1, 0, 1, 48, 60)] == [None, 1, 1, 2, 2]
    assert RulesSaid().at(WHEN) is None


def test_every_change_is_about_rules_and_events_there_are() -> None:
    events = {name for kind in KINDS.values() for name in kind.event_types}
    for change in release.CHANGES:
        assert change.about <= RULES.keys() | events

"""Counting: sums over ballots add up to what a count by hand gives, in any order."""

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, date, datetime

from hypothesis import given
from hypothesis import strategies as st

from domain.streams.ballot.decide import BallotState, tally
from domain.streams.poll.counting import count
from domain.streams.poll.state import (
    RATED,
    Choice,
    Form,
    PartLine,
    PollState,
    Purpose,
    Result,
    Step,
)
from domain.streams.shared.consent import Basis, Majority, Weight, measure

NOW = datetime(2026, 3, 2, tzinfo=UTC)
TODAY = date(2026, 3, 2)
PARTS = {
    "stairs": (Basis.COMMON_PARTS, Majority.ORDINARY),
    "funds": (Basis.COMMON_PARTS, Majority.QUALIFIED),
    "land": (Basis.COLLECTIVE_LAND, Majority.ORDINARY),
    "square": (Basis.PUBLIC_SPACE, Majority.ORDINARY),
}
OPTIONS = ("gas", "water", "lighting", "parking")


def cast(**values: object) -> BallotState:
    return BallotState.model_validate({"stage": "cast", "since": NOW, "form": Form.WEB, **values})


consents = st.builds(
    cast,
    parts=st.dictionaries(st.sampled_from(sorted(PARTS)), st.sampled_from(Choice)),
    owners=st.integers(0, 9),
    area=st.integers(0, 50_000),
    form=st.sampled_from(Form),
    withdrawn=st.booleans(),
)
wishes = st.builds(
    cast, needs=st.lists(st.sampled_from(OPTIONS), unique=True, min_size=1, max_size=3)
)
answers = st.builds(
    cast,
    answers=st.dictionaries(st.sampled_from(RATED), st.sampled_from(Step)),
    aware=st.none() | st.booleans(),
)


def poll(purpose: Purpose, asked: int = 50) -> PollState:
    entitled = Weight(heads=100, area=1_000_000)
    lines = {
        name: PartLine(
            basis=basis,
            majority=majority,
            measure=measure(basis, majority, TODAY),
            entitled=entitled,
        )
        for name, (basis, majority) in PARTS.items()
    }
    return PollState(
        stage="open",
        since=NOW,
        purpose=purpose,
        round=1,
        zone="Asia/Shanghai",
        opened_at=NOW,
        known_at=NOW,
        days=10,
        entry_days=3,
        asked=asked,
        forms=tuple(Form),
        parts=lines if purpose is Purpose.CONSENT else {},
        options=OPTIONS if purpose is Purpose.NEEDS else (),
    )


def counted(purpose: Purpose, ballots: Iterable[BallotState]) -> Result:
    sums: Counter[str] = Counter()
    for ballot in ballots:
        sums.update(tally(ballot))
    return count(poll(purpose), sums)


def heads(basis: Basis, ballot: BallotState) -> int:
    return ballot.owners if basis is Basis.COMMON_PARTS else 1


@given(st.lists(consents, max_size=40))
def test_consent_equals_a_count_by_hand(ballots: list[BallotState]) -> None:
    result = counted(Purpose.CONSENT, ballots)
    valid = [b for b in ballots if not b.withdrawn]
    assert result.answered == len(valid)
    for name, (basis, _) in PARTS.items():
        took = [b for b in valid if name in b.parts]
        said = {c: [b for b in took if b.parts[name] == c] for c in Choice}
        part = result.parts[name]
        assert part.took_part.heads == sum(heads(basis, b) for b in took)
        assert part.took_part.area == sum(b.area for b in took)
        assert part.yes.heads == sum(heads(basis, b) for b in said[Choice.YES])
        assert part.yes.area == sum(b.area for b in said[Choice.YES])
        assert part.no.heads == sum(heads(basis, b) for b in said[Choice.NO])


@given(st.lists(consents, max_size=40).flatmap(lambda b: st.tuples(st.just(b), st.permutations(b))))
def test_the_order_of_ballots_does_not_matter(
    both: tuple[list[BallotState], list[BallotState]],
) -> None:
    assert counted(Purpose.CONSENT, both[0]) == counted(Purpose.CONSENT, both[1])


@given(st.lists(consents, max_size=40), consents)
def test_one_more_yes_ballot_never_fails_a_part_that_passed(
    ballots: list[BallotState], more: BallotState
) -> None:
    yes = more.model_copy(update={"parts": dict.fromkeys(PARTS, Choice.YES), "withdrawn": False})
    before, after = counted(Purpose.CONSENT, ballots), counted(Purpose.CONSENT, [*ballots, yes])
    for name, part in before.parts.items():
        assert after.parts[name].passed or not part.passed


@given(st.lists(consents, max_size=40))
def test_a_withdrawn_ballot_counts_as_if_it_had_not_been_cast(ballots: list[BallotState]) -> None:
    kept = [b for b in ballots if not b.withdrawn]
    assert counted(Purpose.CONSENT, ballots) == counted(Purpose.CONSENT, kept)


@given(st.lists(wishes, max_size=40))
def test_needs_are_ranked_by_votes_then_by_first_choices_then_as_offered(
    ballots: list[BallotState],
) -> None:
    result = counted(Purpose.NEEDS, ballots)
    votes = Counter(kind for b in ballots for kind in b.needs)
    first = Counter(b.needs[0] for b in ballots)
    assert result.ranking == {o: votes[o] for o in OPTIONS}
    keys = [(-votes[o], -first[o], OPTIONS.index(o)) for o in result.order]
    assert keys == sorted(keys)
    assert sorted(result.order) == sorted(OPTIONS)


@given(st.lists(answers, max_size=60))
def test_satisfaction_equals_a_count_by_hand(ballots: list[BallotState]) -> None:
    result = counted(Purpose.SATISFACTION, ballots)
    for question in RATED:
        given_ = [b.answers[question] for b in ballots if question in b.answers]
        content = sum(a in {Step.SATISFIED, Step.VERY_SATISFIED} for a in given_)
        assert result.rates[question] == (content * 10_000 // len(given_) if given_ else 0)
        assert result.steps[question] == tuple(given_.count(s) for s in Step)
    told = [b.aware for b in ballots if b.aware is not None]
    assert (result.aware, result.unaware) == (told.count(True), told.count(False))


def test_four_of_five_satisfied_reach_eighty_percent_exactly() -> None:
    said = [Step.SATISFIED, Step.VERY_SATISFIED, Step.SATISFIED, Step.SATISFIED, Step.NEUTRAL]
    result = counted(Purpose.SATISFACTION, [cast(answers={"RESULT": s}) for s in said])
    assert result.rates["RESULT"] == 8_000
    fewer = counted(Purpose.SATISFACTION, [cast(answers={"RESULT": s}) for s in said[1:]])
    assert fewer.rates["RESULT"] == 7_500


def test_turnout_counts_ballots_of_those_asked() -> None:
    assert counted(Purpose.SATISFACTION, [cast(aware=True)] * 40).turnout == 8_000


@given(st.one_of(consents, wishes, answers))
def test_a_ballot_adds_a_bounded_number_of_sums(ballot: BallotState) -> None:
    sums = tally(ballot)
    assert len(sums) <= 2 + 3 * len(PARTS) + len(OPTIONS) + 1 + len(RATED) + 1
    assert all(v > 0 for v in sums.values())

"""A standing follows from the months, in whatever order and however late they are scored."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from domain.streams.upkeep.grade import KEPT_MONTHS, Standing, following

MARK, MONTHS = 90, 3


def after(*scores: tuple[str, int]) -> Standing:
    standing = Standing()
    for month, score in scores:
        standing = standing.scored(month, score, mark=MARK, by="community", restored_after=MONTHS)
    return standing


def plain(scores: list[tuple[str, int]]) -> bool:
    """Say what the rule says, over all months at once."""
    downgraded, row, last = False, 0, ""
    for month, score in scores:
        if score < MARK:
            downgraded, row = True, 0
        else:
            row = row + 1 if last and following(last) == month else 1
            downgraded = downgraded and row < MONTHS
        last = month
    return downgraded


def months(count: int) -> list[str]:
    found = ["2025-10"]
    while len(found) < count:
        found.append(following(found[-1]))
    return found


def test_year_turns() -> None:
    assert following("2025-12") == "2026-01"
    assert all(a < b for a, b in pairwise(months(30)))


def test_month_left_out_breaks_the_row() -> None:
    good = [("2026-02", 95), ("2026-03", 95), ("2026-05", 95)]

    assert after(("2026-01", 10), *good).downgraded
    assert not after(("2026-01", 10), *good[:2], ("2026-04", 95)).downgraded


def test_settled_month_takes_no_more_scores() -> None:
    standing = after(*((m, 95) for m in months(KEPT_MONTHS + 1)))

    assert not standing.takes("2025-10", "subdistrict")
    assert standing.takes("2025-11", "subdistrict")
    assert not standing.takes("2025-11", "community")


@given(st.lists(st.tuples(st.integers(0, 100), st.booleans()), min_size=1, max_size=14))
def test_kept_standing_equals_the_rule_over_all_months(row: list[tuple[int, bool]]) -> None:
    scores = [(m, s) for m, (s, told) in zip(months(len(row)), row, strict=True) if told]

    assert after(*scores).downgraded == plain(scores)


@given(
    st.permutations(months(KEPT_MONTHS)),
    st.lists(st.integers(0, 100), min_size=KEPT_MONTHS, max_size=KEPT_MONTHS),
)
def test_order_of_late_scores_does_not_matter(order: list[str], scores: list[int]) -> None:
    by_month = dict(zip(months(KEPT_MONTHS), scores, strict=True))

    shuffled = after(*((m, by_month[m]) for m in order))

    assert shuffled.downgraded == after(*by_month.items()).downgraded

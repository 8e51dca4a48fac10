"""A standing from monthly scores (考核等次): downgraded below the mark, restored by good months."""

from typing import Self

from domain.terms.stored import Stored

KEPT_MONTHS = 2
"""Months kept open for a second assessor or a late score; older ones are settled."""


class Month(Stored):
    """How one month was assessed; where several levels did, the lowest score counts."""

    passed: bool
    by: tuple[str, ...]
    """Roles that have assessed it."""


class Standing(Stored):
    """Where somebody stands by their months."""

    was_downgraded: bool = False
    was_streak: int = 0
    settled_to: str = ""
    """The last settled month; empty at first."""
    months: dict[str, Month] = {}
    restored_after: int = 3

    def scored(self, month: str, score: int, *, mark: int, by: str, restored_after: int) -> Self:
        """Return the standing with one more assessment of a month."""
        before = self.months.get(month)
        found = Month(passed=score >= mark, by=(by,))
        if before is not None:
            found = Month(passed=found.passed and before.passed, by=(*before.by, by))
        after = self.model_copy(
            update={"months": {**self.months, month: found}, "restored_after": restored_after}
        )
        while len(after.months) > KEPT_MONTHS:
            after = after._settled(min(after.months))
        return after

    @property
    def downgraded(self) -> bool:
        """Whether they are downgraded now."""
        return self._after(*sorted(self.months))[0]

    def takes(self, month: str, by: str) -> bool:
        """Tell whether a role may still assess a month: once, and none that is settled."""
        known = self.months.get(month)
        return month > self.settled_to and (known is None or by not in known.by)

    def _after(self, *months: str) -> tuple[bool, int]:
        """Return whether they are downgraded, and for how many months in a row they passed."""
        downgraded, streak, last = self.was_downgraded, self.was_streak, self.settled_to
        for month in months:
            if not self.months[month].passed:
                downgraded, streak = True, 0
            else:
                streak = streak + 1 if last and month == following(last) else 1
                downgraded = downgraded and streak < self.restored_after
            last = month
        return downgraded, streak

    def _settled(self, month: str) -> Self:
        downgraded, streak = self._after(month)
        return self.model_copy(
            update={
                "was_downgraded": downgraded,
                "was_streak": streak,
                "settled_to": month,
                "months": {k: m for k, m in self.months.items() if k != month},
            }
        )


def following(month: str) -> str:
    """Return the month after one written as YYYY-MM."""
    year, number = int(month[:4]), int(month[5:])
    return f"{year + number // 12:04}-{number % 12 + 1:02}"

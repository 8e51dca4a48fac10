"""A period (期限): when its clock started, how many days it has, and its fixed end.

An event that starts the clock fixes the end, counted with the programme's calendar of that moment.
Only an event moves it afterwards, and says why.
"""

from typing import Annotated

from pydantic import Field

from domain.terms.stored import Stored
from domain.terms.value import Instant

KEPT_ENDS = 12
"""Ends that a head keeps; it looks for those of its present periods alone."""


class Term(Stored):
    """A period of working days or of calendar days."""

    key: str
    start: Instant
    """Its day does not count (民法典 第二百零一条)."""
    days: Annotated[int, Field(ge=0)]
    working: bool = True
    """Whether working days are counted."""


class Fixed(Term):
    """A period with its end."""

    due: Instant
    """24:00 of the last day in the programme's zone."""
    provisional: bool = False
    """Whether it runs into a year whose calendar was not entered: then nothing ends by itself."""

    @property
    def term(self) -> Term:
        return Term(key=self.key, start=self.start, days=self.days, working=self.working)

    def ends(self, term: Term) -> bool:
        """Tell whether it is the end of this very period."""
        mine = (self.key, self.start, self.days, self.working)
        return mine == (term.key, term.start, term.days, term.working)


def keep(held: tuple[Fixed, ...], new: tuple[Fixed, ...]) -> tuple[Fixed, ...]:
    """Return what is held with new ends in place of older ones of the same periods."""
    others = tuple(f for f in held if not any(f.ends(n) for n in new))
    return (*others, *new)[-KEPT_ENDS:]

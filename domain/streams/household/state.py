"""What the ledger knows of a household, and what it adds to its block's sums."""

from domain.engine.state import State
from domain.terms.value import Instant


class HouseholdState(State):
    """A household: its weight in a vote, its visits, and its private parts."""

    building: str
    area: int
    owners: int
    occupied: bool
    representative: bool = False
    known_at: Instant
    """When the ledger first learned of it."""
    weighed_at: Instant
    """When the ledger last learned its building, area or owners."""
    visit_attempts: int
    attempts: int = 0
    met: bool = False
    vacancy: bool = False
    agreed: dict[str, bool] = {}
    """What it last said to each work item in its private parts."""
    touched: dict[str, bool | None] = {}
    """Each work item that touched its private parts: accepted, refused, or not yet asked."""

    @property
    def visited(self) -> bool:
        """Whether visits are done: met, vacancy recorded, or attempted often enough."""
        return self.met or self.vacancy or self.attempts >= self.visit_attempts


def tally(state: HouseholdState) -> dict[str, int]:
    """Return what the household adds to the block's sums.

    `households`, `occupied`, `owners`, `area` and `representatives`, each also by building
    (`owners:<building>`); `visited`; `touched` and `accepted` once works touched private parts.
    """
    if state.closed:
        return {}
    weights = {
        "households": 1,
        "owners": state.owners,
        "area": state.area,
        "representatives": int(state.representative),
    }
    here = {f"{key}:{state.building}": value for key, value in weights.items()}
    touched = bool(state.touched)
    marks = {
        "occupied": state.occupied,
        "visited": state.visited,
        "touched": touched,
        "accepted": touched and all(state.touched.values()),
    }
    sums = {**weights, **here, **{k: int(v) for k, v in marks.items()}}
    return {k: v for k, v in sums.items() if v}

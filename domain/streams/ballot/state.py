"""What the ledger knows of a ballot, and what it adds to its poll's sums."""

from domain.engine.kind import Report
from domain.engine.state import State
from domain.streams.poll import counting
from domain.streams.poll.state import Choice, Form, Step


class BallotState(State):
    """A ballot as it stands."""

    form: Form
    parts: dict[str, Choice] = {}
    needs: tuple[str, ...] = ()
    answers: dict[str, Step] = {}
    aware: bool | None = None
    owners: int = 0
    area: int = 0
    withdrawn: bool = False
    changes: int = 0
    """Corrections of what was cast."""


class BallotReport(Report):
    """Tells the poll that a ballot was corrected: a count that was made is made again."""

    changes: int


def tally(state: BallotState) -> dict[str, int]:
    """Return what the ballot adds to the poll's sums; the keys are those of `poll.counting`."""
    if state.withdrawn:
        return {counting.WITHDRAWN: 1}
    sums = {counting.ANSWERED: 1, counting.form_key(state.form): 1}
    weights = {
        counting.HOUSEHOLDS: 1,
        counting.OWNERS: state.owners,
        counting.AREA: state.area,
    }
    for part, choice in state.parts.items():
        for unit, weight in weights.items():
            sums[counting.part_key(part, choice, unit)] = weight
    sums |= {counting.need_key(kind): 1 for kind in state.needs}
    if state.needs:
        sums[counting.first_key(state.needs[0])] = 1
    sums |= {counting.step_key(q, step): 1 for q, step in state.answers.items()}
    if state.aware is not None:
        sums[counting.aware_key(state.aware)] = 1
    return {k: v for k, v in sums.items() if v}

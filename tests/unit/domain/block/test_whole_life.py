"""A block goes from survey to upkeep, and what it rests on stays on record."""

from domain.engine.entry import Reported
from domain.streams.block.state import BlockState
from domain.streams.programme.state import ProgrammeState
from domain.terms.question import Question
from tests.unit.domain.block.life import in_upkeep
from tests.unit.domain.spec import BLOCK, PROGRAMME


def test_a_block_reaches_upkeep_with_its_four_questions_answered() -> None:
    spec = in_upkeep()
    spec.then_stage(BLOCK, "upkeep").then_whole()
    state = spec.state(BLOCK, BlockState)
    assert {g.question: g.outcome for g in state.gates} == {
        Question.WHETHER: "go",
        Question.WHAT: "decided",
        Question.HOW: "decided",
        Question.HOW_WELL: "met",
    }
    assert not state.breaches


def test_the_programme_is_told_each_stage() -> None:
    spec = in_upkeep()
    told = spec.state(PROGRAMME, ProgrammeState).blocks["linhe"]
    assert (told.name, told.stage, told.closed) == ("临河", "upkeep", False)
    stages = [e.outcome["stage"] for e in spec.events(PROGRAMME) if isinstance(e, Reported)]
    assert stages == [
        "survey",
        "notice",
        "consultation",
        "construction",
        "acceptance",
        "review",
        "upkeep",
    ]

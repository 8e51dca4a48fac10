"""A block is opened as a candidate, or taken over as history with its source."""

from domain.streams.block.decide import BLOCK as KIND
from domain.streams.block.opening import ImportBlock
from domain.streams.block.stages.survey import SelectSite
from domain.streams.block.state import BlockState, Category
from domain.streams.programme.state import ProgrammeState
from domain.terms.role import Role
from tests.unit.domain.block.life import DATA, OPEN, in_survey
from tests.unit.domain.spec import BLOCK, PROGRAMME, TEXT, Spec

HISTORY = ImportBlock(
    name="旧巷",
    community="柳浦社区",
    category=Category.BACK_STREET,
    finished_year=2013,
    source_title="柳浦简报二〇一四年第三期",
)


def test_a_block_opens_in_survey_and_is_found_by_its_names() -> None:
    spec = Spec().when(BLOCK, OPEN).then_events("block_opened").then_stage(BLOCK, "survey")
    assert KIND.aliases(spec.state(BLOCK, BlockState)) == ("临河", "临河巷")


def test_a_block_is_opened_once() -> None:
    in_survey().when(BLOCK, OPEN).then_refused("stream.exists")


def test_residents_open_no_block() -> None:
    Spec().when(BLOCK, OPEN, by=Role.RESIDENT).then_refused("role.required")


def test_imported_history_is_closed_and_not_under_way() -> None:
    spec = Spec().when(BLOCK, HISTORY).then_events("block_imported").then_whole()
    assert spec.state(BLOCK, BlockState).closed
    line = spec.state(PROGRAMME, ProgrammeState).blocks["linhe"]
    assert (line.stage, line.closed) == ("imported", True)
    spec.when(BLOCK, SelectSite(reason=TEXT)).then_refused("stream.closed")


def test_facts_of_imported_history_are_still_recorded() -> None:
    Spec().given(BLOCK, HISTORY).when(BLOCK, DATA).then_events("candidate_data_recorded")

"""Two states of one stream, value by value."""

from domain.streams.block.state import BlockState, Category, Gate, Management, Review, Scope, Stage
from domain.terms.question import Question
from domain.terms.value import Fen, Value
from interfaces.desk.past.leaves import changed, leaves
from tests.unit.domain.spec import START
from words.paths import path


def block(**values: object) -> BlockState:
    given = {
        "stage": Stage.SURVEY,
        "since": START,
        "name": "临河里",
        "community": "临河社区",
        "category": Category.BACK_STREET,
        "management": Management.NONE,
        "zone": "Asia/Shanghai",
    }
    return BlockState.model_validate({**given, **values})


class Money(Value):
    amount: Fen
    parts: dict[str, Fen] = {}


def test_a_state_is_taken_apart_to_its_single_values() -> None:
    found = {
        ".".join(p): leaf.value for p, leaf in leaves(block(scope=Scope(kinds=("road",)))).items()
    }
    assert found["scope.kinds"] == ("road",)
    assert found["stage"] == "survey"
    assert "passed" not in found
    assert "scope.compulsory" not in found


def test_equal_states_differ_in_nothing() -> None:
    assert changed(block(), block()) == {}
    assert changed(None, None) == {}


def test_a_change_names_before_and_after() -> None:
    before, after = block(), block(stage=Stage.NOTICE, scope=Scope(kinds=("road", "gas")))
    found = {
        ".".join(p): (a and a.value, b and b.value) for p, (a, b) in changed(before, after).items()
    }
    assert found == {"stage": ("survey", "notice"), "scope.kinds": (None, ("road", "gas"))}


def test_what_a_stream_begins_with_is_new() -> None:
    found = changed(None, block())
    assert {a for a, _ in found.values()} == {None}
    assert ("name",) in found
    assert ("closed",) not in found


def test_one_of_several_is_named_by_what_tells_it_from_the_others() -> None:
    gates = [Gate(question=q, outcome="go", at=START, version=n) for n, q in enumerate(Question, 1)]
    before, after = block(gates=tuple(gates)), block(gates=(gates[1], gates[0], *gates[2:]))
    assert changed(before, after) == {}
    other = gates[0].model_copy(update={"outcome": "no"})
    found = changed(before, block(gates=(other, *gates[1:])))
    assert list(found) == [("gates", "WHETHER", "outcome")]


def test_money_keeps_its_unit_inside_tables_too() -> None:
    found = leaves(Money(amount=100, parts={"a": 200}))
    assert {leaf.unit for leaf in found.values()} == {"MONEY"}


def test_a_path_is_called_by_its_fields_in_both_languages() -> None:
    assert path(("scope", "kinds")).zh == "整治范围 › 整治内容"
    assert path(("scope_decided", "places")).zh == "决定办什么 › 地点"
    assert path(("commitments", "signed")).zh == "承诺 › 已签订"
    assert path(("scope", "kinds")).en == "scope › kinds"


def test_what_is_as_it_begins_is_not_told_and_what_was_set_is() -> None:
    assert ("review", "done") not in leaves(block())
    found = changed(block(), block(review=Review(done=False), bid_notice_days=0))
    assert {p: b and b.value for p, (_, b) in found.items()} == {
        ("review", "done"): False,
        ("bid_notice_days",): 0,
    }

"""Whatever is submitted in whatever order: the ledger stays whole and the guide tells the truth."""

from collections.abc import Callable
from datetime import timedelta
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.engine.entry import GENERIC_COMMANDS, Correct, StageEntered, Void
from domain.engine.kind import command_type
from domain.engine.message import Command, Decision, Fact
from domain.engine.rule import Force
from domain.engine.state import State
from domain.guide import Allowed
from domain.registry import KINDS, kind_for
from domain.streams.block.stages.acceptance import AcceptFinally
from domain.streams.block.stages.construction import CompleteWorks
from domain.streams.block.stages.consultation import DecideHow
from domain.streams.block.stages.notice import DecideWhether
from domain.streams.block.stages.review import ConcludeReview
from domain.streams.block.stages.survey import SelectSite
from domain.streams.block.state import PATH, BlockState
from domain.terms.role import Role
from domain.terms.stream import parent, stream_name
from tests.unit.domain.block import life
from tests.unit.domain.payloads import Payloads
from tests.unit.domain.spec import BLOCK, PAPER, PROGRAMME, TEXT, Spec, person

STARTS: tuple[Callable[[], Spec], ...] = (
    life.in_survey,
    life.surveyed,
    life.in_notice,
    life.in_consultation,
    life.consulted,
    life.in_construction,
    life.started,
    life.built,
    life.in_acceptance,
    life.accepted,
    life.in_review,
    life.in_upkeep,
)
BELOW = (
    f"{PROGRAMME}/notice/9",
    f"{PROGRAMME}/contract/9",
    f"{BLOCK}/notice/9",
    f"{BLOCK}/notice/9/opinion/1",
    f"{BLOCK}/consultation/9",
    f"{BLOCK}/consultation/9/opinion/1",
    f"{BLOCK}/poll/9",
    f"{BLOCK}/poll/9/ballot/1",
    f"{BLOCK}/household/1",
    f"{BLOCK}/work/drains-9",
    f"{BLOCK}/commitment/1",
    f"{BLOCK}/upkeep",
    f"{BLOCK}/upkeep/finding/1",
)
STREAMS = (PROGRAMME, *([BLOCK] * 12), *BELOW)
BY_STAGE = {"stage.order", "stream.closed", "stream.suspended"}
RARE = {"cancel", "decline_site", "close_programme", "prove_effect", "lose_effect"}
OUT = {"deferred", "declined", "cancelled"}

thorough = settings(max_examples=40, deadline=None, derandomize=True)


def submit(spec: Spec, random: Random) -> None:
    """Play one drawn command and check what came of it."""
    above = {s: parent(stream_name(s)) for s in STREAMS}
    stream = stream_name(random.choice([s for s in STREAMS if above[s] in {None, *spec.heads}]))
    kind = kind_for(stream)
    there = stream in spec.heads
    allowed = spec.allows(stream) if there else {}
    classes = sorted(kind.command_types.values(), key=command_type)
    offered = [c for c in classes if (c in kind.opening) is not there]
    if there and random.random() < 0.8:
        offered = [c for c in offered if command_type(c) in allowed]
    command = random.choice(offered)
    if command_type(command) in RARE and random.random() < 0.9:
        return
    roles = sorted(command.by - {Role.SYSTEM})
    role = Role.OFFICE if command in (Correct, Void) else random.choice(roles)
    actor = person(role, random.randint(1, 2))
    data = {**Payloads(random).of(command), "type": command_type(command)}
    if "entry" in data:
        data["entry"] = random.randint(1, len(spec.events(stream)))
    if "breach" in data:
        data["breach"] = random.choice([1, *(b.id for b in spec.state(stream, State).breaches)])
    late = random.choice((None, None, None, timedelta(hours=1), timedelta(days=3)))
    spec.when(stream, data, by=actor, on=None if late is None else spec.now - late)
    check(spec, command, allowed, there=there)


def check(spec: Spec, command: type[Command], allowed: dict[str, Allowed], *, there: bool) -> None:
    """Check that what came of a command is what the guide said, and that facts are taken."""
    assert spec.last is not None
    refusal = spec.last.refusal
    name = command_type(command)
    if refusal is None:
        if there and issubclass(command, Decision):
            assert name in allowed, f"{name} was not offered"
            walls = [m for m in allowed[name].waits_for if m.force is Force.WALL]
            assert not walls, f"{name} was accepted past a wall"
        return
    rules = {m.rule for m in refusal.missing}
    if issubclass(command, Fact):
        assert not rules & BY_STAGE, f"the fact {name} was refused: {rules}"
        assert all(m.force is Force.WALL for m in refusal.missing), refusal
    elif rules & {"stage.order", "stream.closed"}:
        assert name not in allowed, f"{name} was offered"


def stages_are_legal(spec: Spec) -> None:
    """Check every move of the block: on by one, back by sending back, out, or in again."""
    at = "survey"
    for event in spec.events(BLOCK):
        if not isinstance(event, StageEntered):
            continue
        to = event.stage
        legal = (
            to in OUT
            or at == "deferred"
            or (at in PATH and to in PATH and PATH.index(to) - PATH.index(at) == 1)
            or event.by_decision in {"send_back", "reopen_works"}
        )
        assert legal, f"{at} -> {to} by {event.by_decision}"
        at = to
    assert spec.state(BLOCK, BlockState).stage == at


@thorough
@given(st.integers(0, 2**32))
def test_any_order_of_commands_leaves_the_ledger_whole(seed: int) -> None:
    random = Random(seed)
    spec = random.choice(STARTS)()
    spec.sums.clear()
    for _ in range(60):
        submit(spec, random)
        if random.random() < 0.1:
            spec.wait(days=random.choice((1, 10, 40)))
    spec.then_whole()
    stages_are_legal(spec)


@thorough
@given(st.data())
def test_the_head_equals_the_fold_after_every_correction(data: st.DataObject) -> None:
    spec = data.draw(st.sampled_from(STARTS))()
    for _ in range(data.draw(st.integers(1, 6))):
        entry = data.draw(st.integers(1, len(spec.events(BLOCK))))
        what = data.draw(st.sampled_from(("void", "correct")))
        command = {"type": what, "entry": entry, "reason": TEXT}
        if what == "correct":
            event = spec.events(BLOCK)[entry - 1]
            fields = sorted(set(type(event).model_fields) - {"type"})
            other = data.draw(st.sampled_from(fields or ["reason"]))
            drawn = data.draw(st.sampled_from((None, TEXT, PAPER, 3, True, "road", ["road"])))
            command["data"] = {other: drawn}
        stage = spec.state(BLOCK, State).stage
        spec.when(BLOCK, command, by=Role.OFFICE)
        assert spec.state(BLOCK, State).stage == stage, "a correction moved the stage"
    spec.then_whole()


FORWARD: tuple[tuple[Callable[[], Spec], Command], ...] = (
    (life.surveyed, SelectSite(reason=TEXT)),
    (lambda: life.notice(life.public(life.in_notice()), "1", "site_selection"), life.WHETHER),
    (life.consulted, life.HOW),
    (life.built, CompleteWorks()),
    (life.accepted, life.ACCEPT),
    (lambda: life.satisfied(life.handed_over(life.in_review())), ConcludeReview()),
)


@pytest.mark.parametrize(("ready", "command"), FORWARD)
def test_what_waits_for_nothing_is_accepted(ready: Callable[[], Spec], command: Decision) -> None:
    spec = ready()
    allowed = spec.allows(BLOCK)[command.type]
    assert allowed.forward
    assert allowed.waits_for == ()
    for role in allowed.by:
        ready().given(BLOCK, command, by=role)


@pytest.mark.parametrize("start", STARTS)
def test_a_decision_is_offered_exactly_where_its_stage_allows_it(
    start: Callable[[], Spec],
) -> None:
    spec = start()
    stage = spec.state(BLOCK, State).stage
    allowed = spec.allows(BLOCK)
    for command in kind_for(stream_name(BLOCK)).commands:
        if issubclass(command, Decision) and command not in kind_for(stream_name(BLOCK)).opening:
            here = command.stages is None or stage in command.stages
            assert (command_type(command) in allowed) is here


def test_every_forward_decision_has_its_conditions_shown() -> None:
    kind = KINDS["block"]
    first = {ways[0] for ways in kind.forward.values() if ways}
    regular = {SelectSite, DecideWhether, DecideHow, CompleteWorks, AcceptFinally, ConcludeReview}
    assert regular <= first
    assert regular <= set(kind.conditions)
    assert not set(GENERIC_COMMANDS) & set(kind.conditions)

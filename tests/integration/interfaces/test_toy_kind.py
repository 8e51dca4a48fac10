"""A kind of stream that nobody foresaw takes its own package and its words, and nothing else."""

from collections.abc import Iterator
from typing import Any

import pytest

from domain.engine.kind import Kind
from domain.keeping import UNTIL_ASKED, keeping_of
from domain.terms.role import Role
from domain.terms.stream import stream_name
from interfaces.desk.names.names import resolve
from interfaces.desk.reading.answers import openings
from interfaces.desk.reading.history import timeline
from interfaces.desk.reading.reading import Reader
from ledger.audit.replay import replay
from tests.support.ledgers import BLOCK, PROGRAMME, Ledger
from tests.support.soundness import assert_sound
from tests.support.toy_kind import planted
from words import catalogue

TREE = f"{BLOCK}/tree/1"
PLANT = {"type": "plant_tree", "species": "香樟"}


@pytest.fixture
def tree() -> Iterator[Kind[Any]]:
    with planted() as kind:
        yield kind


async def test_it_is_recorded_refused_and_replayed_like_any_other(
    city: Ledger, tree: Kind[Any]
) -> None:
    await city.accept(TREE, PLANT, by=Role.OFFICE)
    refusal = (await city.ask(TREE, {"type": "fell_tree"}, by=Role.OFFICE)).refusal
    assert refusal is not None
    assert [catalogue.missing(m, "zh") for m in refusal.missing] == ["还没有人浇过水"]
    await city.accept(TREE, {"type": "water_tree"}, by=Role.RESIDENT)
    await city.accept(TREE, {"type": "fell_tree"}, by=Role.OFFICE)
    state = await city.state(TREE)
    assert (state.stage, state.closed) == ("felled", True)
    async with city.pool.acquire() as connection:
        assert (await replay(connection)).differences == ()
    await assert_sound(city.pool, city.acknowledged)


async def test_it_is_opened_only_below_what_it_names(city: Ledger, tree: Kind[Any]) -> None:
    refusal = (await city.ask(f"{PROGRAMME}/tree/1", PLANT, by=Role.OFFICE)).refusal
    assert refusal is not None
    assert refusal.rule == "stream.place"


async def test_it_is_found_shown_and_told(city: Ledger, tree: Kind[Any]) -> None:
    await city.accept(TREE, PLANT, by=Role.OFFICE)
    reader = Reader(city.pool, "city", rehearsal=False)
    for called in ("临河里/树/1", "临河里/行道树/1", "linhe/tree/1"):
        assert await resolve(city.pool, called) == TREE
    assert ("行道树", f"{BLOCK}/tree/new") in [(o.kind.zh, o.stream) for o in openings(BLOCK)]
    guide = await reader.guide(stream_name(TREE))
    assert [
        (w.allowed.title.zh, len(w.allowed.waits_for)) for w in guide.ways if w.allowed.forward
    ] == [("伐树", 1)]
    told = await timeline(reader, stream_name(TREE))
    assert [(line.sentence.zh, line.sentence.en) for line in told.lines] == [
        ("种下一株香樟", "A 香樟 was planted")
    ]


def test_it_says_how_long_its_words_are_kept_and_what_it_is_judged_by(tree: Kind[Any]) -> None:
    watered = tree.event_types["tree_watered"]
    assert keeping_of(watered.kept, "remark", Role.MAINTAINER) is UNTIL_ASKED
    assert tree.thresholds_of("grows") == ("tree.",)

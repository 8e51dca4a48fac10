"""The same seed gives the same events, byte for byte; another seed gives others."""

from datetime import date

from tests.integration.rehearsal.conftest import Theatre


async def test_the_same_seed_gives_equal_events(theatre: Theatre) -> None:
    first = await theatre.once("liupu")
    again = await theatre.play("liupu")
    assert again.bodies == first.bodies
    assert [p.line("en") for p in again.told] == [p.line("en") for p in first.told]


async def test_another_seed_gives_other_households_and_the_same_end(theatre: Theatre) -> None:
    first = await theatre.once("liupu")
    other = await theatre.play("liupu", until=date(2025, 4, 11), seed=8)
    assert other.outcome.seed == 8
    assert {s for s, _ in other.bodies if "/household/" in s}.isdisjoint(
        {s for s, _ in first.bodies}
    )
    assert {b.name: b.stage for b in other.outcome.blocks}["石桥弄"] == "deferred"
    assert other.bodies["liupu-2025", 1] != first.bodies["liupu-2025", 1]

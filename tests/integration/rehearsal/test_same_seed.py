"""The same seed gives the same events, byte for byte; another seed gives others."""

from datetime import date
from pathlib import Path

import orjson

from domain.terms.stream import StreamName
from interfaces.desk.operating.proving import Given, policy_of, verify_ledger
from interfaces.desk.reading.reading import Reader
from ledger.audit.bundle import Wanted, export
from tests.integration.rehearsal.conftest import Theatre
from tests.support.bundles import check, notes


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


async def test_bundles_of_equal_seeds_pass_and_differ_in_the_log_alone(
    theatre: Theatre, tmp_path: Path
) -> None:
    """The events are the same in the same order; which log they stand in is new each time."""
    files = {}
    for number in (1, 2):
        played = await theatre.play("liupu")
        made, ledger = tmp_path / str(number), played.outcome.ledger
        async with theatre.ledger(ledger) as pool:
            reader = Reader(pool, ledger, rehearsal=True)
            await export(pool, made, Wanted(StreamName("liupu-2025")))
            live = await verify_ledger(reader, theatre.settings, Given())
            policy = await policy_of(reader, theatre.settings)
        assert live.passed, live.lines("en")
        report = check(made, policy)
        assert report.passed, report.lines("en")
        assert "recounted" in notes(report)
        assert "not_recounted" not in notes(report)
        files[number] = (made / "events.jsonl").read_bytes().splitlines()
    first, second = files[1], files[2]
    differing = [a for a, b in zip(first, second, strict=True) if a != b]
    assert [orjson.loads(line)["stream"] for line in differing] == ["ledger/log-1", "ledger/heads"]

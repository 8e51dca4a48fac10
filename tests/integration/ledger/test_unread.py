"""What this release cannot read is named by doctor, replay and verification: the same streams."""

import re
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from interfaces.desk.operating.diagnosis import examine_ledger
from interfaces.desk.reading.reading import Reader
from ledger.audit.replay import replay
from tests.integration.ledger.test_unreadable import written
from tests.support.ledgers import BLOCK, PROGRAMME, Ledger
from tests.support.tampering import HOUSE, WHY, Scene

UNREADABLE: dict[str, dict[str, Any]] = {
    "a type that there is not": {"type": "magic_done"},
    "a form of a newer release": {"schema": 99},
    "a form that is none": {"schema": "1"},
    "a field missing": {"data": {}},
    "a value of another type": {"data": {"finish_by": 7, "reason": None}},
    "an actor of no role": {"actor": {"id": "a", "organisation": None, "role": "king"}},
    "what the fold refuses": {
        "type": "voided",
        "schema": 1,
        "data": {"entry": 1, "reason": WHY.digest},
    },
}


async def doctor(scene: Scene) -> set[str]:
    reader = Reader(scene.city.pool, scene.city.settings.ledger, rehearsal=False)
    named = re.compile("quarantined|state row is gone")
    return {f.about for f in await examine_ledger(reader) if named.search(f.what.en)}


async def replayed(scene: Scene) -> set[str]:
    async with scene.city.pool.acquire() as db:
        return set((await replay(db)).unread)


async def verified(scene: Scene) -> set[str]:
    return {f.stream or "" for f in (await scene.live()).failures if f.code == "unread"}


@pytest.mark.parametrize("reader", [replayed, verified])
@pytest.mark.parametrize("fields", UNREADABLE.values(), ids=UNREADABLE)
async def test_doctor_replay_and_verification_name_the_same_streams(
    scene: Scene, fields: dict[str, Any], reader: Callable[[Scene], Awaitable[set[str]]]
) -> None:
    """Whichever of the two that read everything comes first."""
    assert await doctor(scene) == await replayed(scene) == await verified(scene) == set()
    broken = {PROGRAMME, HOUSE}
    async with scene.city.pool.acquire() as db:
        for stream in broken:
            await written(db, stream, **fields)
    assert await reader(scene) == broken
    assert await doctor(scene) == broken
    assert await replayed(scene) == await verified(scene) == broken


async def test_a_stream_without_a_state_is_named_by_all_three(scene: Scene) -> None:
    """It has no row that could be marked."""
    async with scene.city.owner() as owner:
        await owner.execute("SET session_replication_role = replica")
        await owner.execute("DELETE FROM ledger.state WHERE stream = $1", HOUSE)
    assert await doctor(scene) == {HOUSE}
    assert await replayed(scene) == await verified(scene) == {HOUSE}


async def test_who_only_reads_says_that_nothing_is_marked(scene: Scene) -> None:
    async with scene.city.pool.acquire() as db:
        await written(db, HOUSE, type="magic_done")
        async with db.transaction(isolation="repeatable_read", readonly=True):
            found = await replay(db)
    assert (found.unread, found.marked) == ((HOUSE,), False)
    assert await doctor(scene) == set()


async def test_a_mark_ends_with_a_release_that_reads_the_stream(city: Ledger) -> None:
    await city.pool.execute(
        "UPDATE ledger.state SET quarantine = 'of another release', due = NULL WHERE stream = $1",
        BLOCK,
    )
    await city.recorder.look(BLOCK)
    assert not await city.count("ledger.state WHERE quarantine IS NOT NULL")

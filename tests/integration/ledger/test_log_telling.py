"""Who else is told of checkpoints: each until it took the newest; nobody holds up another."""

import asyncio
from typing import Any

import pytest

from ledger.errors import LogFrozen
from ledger.log.note import Checkpoint, Note
from ledger.log.telling import Teller, told
from tests.integration.ledger.test_log_sealer import desk, more
from tests.support.ledgers import Ledger
from tests.support.running import until
from tests.support.sealing import Desk, assert_sealed

__all__ = ["desk"]


class Ear:
    """A publisher that fails as often as it is told to, and then takes what it hears."""

    def __init__(self, failures: int = 0, name: str = "ear") -> None:
        self.name = name
        self.failures = failures
        self.asked = 0
        self.heard: list[int] = []

    async def publish(self, note: Note) -> None:
        self.asked += 1
        if self.failures:
            self.failures -= 1
            raise OSError("no answer")
        self.heard.append(Checkpoint.parse(note.text).size)


class Silent(Ear):
    """A publisher that never comes back."""

    async def publish(self, note: Note) -> None:
        self.asked += 1
        await asyncio.Event().wait()


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pause as in service, a hundred times shorter."""
    for name in ("EVERY_SECONDS", "PAUSE_SECONDS"):
        monkeypatch.setattr(f"ledger.log.telling.{name}", 0.02)
    monkeypatch.setattr("ledger.log.sealer.EVERY_SECONDS", 0.02)


async def test_each_hears_of_the_newest_until_it_takes_it(
    city: Ledger, desk: Desk, quick: None
) -> None:
    ear = Ear(failures=3)
    await desk.sealer().settle()
    await more(city, 1)
    await desk.sealer().settle()
    teller = Teller(city.pool, ear)

    async def taken() -> bool:
        return await teller.tell()

    await until(taken, "it was taken")
    assert ear.heard == [desk.published().size]
    assert ear.asked == 4
    assert not await teller.tell()


async def test_who_does_not_answer_is_asked_ever_more_rarely(
    city: Ledger, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    await desk.sealer().settle()
    monkeypatch.setattr("ledger.log.telling.EVERY_SECONDS", 0.1)
    ear = Ear(failures=10**6)
    teller = Teller(city.pool, ear)
    end = asyncio.get_running_loop().time() + 1.5
    while asyncio.get_running_loop().time() < end:
        await teller.tell()
        await asyncio.sleep(0.01)
    # After 0, 0.1, 0.3, 0.7 and 1.5 seconds.
    assert 3 <= ear.asked <= 5
    [state] = await told(city.pool)
    assert state.failures == ear.asked
    assert state.why == "no answer"
    assert state.size is None


async def test_a_restart_or_another_worker_does_not_tell_again(
    city: Ledger, desk: Desk, quick: None
) -> None:
    first, second = Ear(), Ear()
    await desk.sealer().settle()
    assert await Teller(city.pool, first).tell()
    await asyncio.sleep(0.05)
    assert not await Teller(city.pool, second).tell()
    both = [Ear() for _ in range(6)]
    await more(city, 1)
    await desk.sealer().settle()
    await asyncio.gather(*(Teller(city.pool, ear).tell() for ear in both))
    assert sum(ear.asked for ear in both) == 1


async def test_one_that_never_answers_delays_nobody(
    city: Ledger, desk: Desk, quick: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ledger.log.telling.LEASE_SECONDS", 0.3)
    silent, ear = Silent(name="silent"), Ear()
    sealer = desk.sealer(silent, ear, heads_every=1e9)
    task = asyncio.create_task(sealer.run())

    async def at_rest() -> bool:
        waiting = await city.count("ledger.pending")
        newest = desk.published().size if ear.heard else 0
        return not waiting and ear.heard[-1:] == [newest]

    async def given_up() -> bool:
        return any(t.publisher == "silent" and t.failures for t in await told(city.pool))

    try:
        for _ in range(3):
            await more(city, 1)
            await until(at_rest, "sealed, published and told")
        await until(given_up, "the silent one was given up for now")
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    assert silent.asked >= 1
    assert sealer.trouble is None
    await assert_sealed(city.pool, desk)


async def test_what_keeps_a_sealer_from_sealing_is_seen_from_elsewhere(
    city: Ledger, desk: Desk, quick: None
) -> None:
    from ledger.log import log as stored

    await desk.sealer().settle()
    published = desk.directory / "published" / "checkpoint"
    good = published.read_text()
    published.write_text("nothing\n")
    task = asyncio.create_task(desk.sealer().run())

    async def seen() -> Any:
        return any("damaged" in what for what in await stored.troubles(city.pool))

    async def gone() -> bool:
        return not await city.count("ledger.trouble")

    try:
        await until(seen, "the trouble is seen")
        published.write_text(good)
        await until(gone, "the end of the trouble")
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_a_database_that_hangs_is_given_up_and_sealed_later(
    city: Ledger, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ledger.log.sealer.WITHIN_SECONDS", 0.3)
    monkeypatch.setattr("ledger.log.sealer.EVERY_SECONDS", 0.02)
    await desk.sealer().settle()
    await more(city, 2)
    sealer = desk.sealer(max_delay=0.5)

    async def alarmed() -> bool:
        # A connection that was given up still waits for the lock: its holder is named.
        return "locked: ledger.leaf, process" in str(sealer.trouble)

    async def sealed() -> bool:
        return not await city.count("ledger.pending") and sealer.trouble is None

    async with city.owner() as owner, owner.transaction():
        await owner.execute("LOCK TABLE ledger.leaf IN ACCESS EXCLUSIVE MODE")
        with pytest.raises(TimeoutError, match=r"no answer within 0\.3 s"):
            await sealer.round()
        task = asyncio.create_task(sealer.run())
        await until(alarmed, "the alarm")
    try:
        await until(sealed, "sealed all the same")
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    await desk.sealer().settle()
    await assert_sealed(city.pool, desk)


async def test_a_full_disk_stops_the_sealing_and_leaves_no_litter(
    city: Ledger, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    await desk.sealer().settle()
    await more(city, 1)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    sealer = desk.sealer()
    with monkeypatch.context() as patch:
        patch.setattr("ledger.log.seal.os.fsync", full)
        with pytest.raises(OSError, match="No space"):
            await sealer.round()
        count = await city.count("ledger.checkpoint")
        await more(city, 1)
        for _ in range(3):
            # What was signed is not kept yet: nothing more is signed until it is.
            with pytest.raises(OSError, match="No space"):
                await sealer.round()
            assert await sealer.publish() == 0
        assert await city.count("ledger.checkpoint") == count
    await sealer.settle()
    await assert_sealed(city.pool, desk)
    kept = {path.name for path in desk.directory.rglob("*") if path.is_file()}
    assert {name for name in kept if name.startswith(".")} == {".lock"}


# --- what a restore leaves behind -------------------------------------------------------------


async def test_a_restored_database_on_a_new_machine_is_frozen(city: Ledger, desk: Desk) -> None:
    """The key came along in a setting, what was signed last did not."""
    await desk.sealer().settle()
    files = [desk.directory / "published" / "checkpoint", desk.directory / "seal" / "last-signed"]
    published = files[0].read_bytes()
    await more(city, 1)
    for file in files:
        file.unlink()
    # The newest checkpoint is brought back: it proves that nothing was signed since.
    for file in files:
        with pytest.raises(LogFrozen, match=r"missing.*new-origin"):
            await desk.sealer().round()
        file.write_bytes(published)
    await desk.sealer().settle()
    await assert_sealed(city.pool, desk)


@pytest.mark.parametrize("failures", [0, 10**9, -(10**9)])
@pytest.mark.parametrize("until", ["'2999-01-01'", "'infinity'"])
async def test_a_row_of_somebodys_silences_nobody(
    city: Ledger, desk: Desk, quick: None, until: str, failures: int
) -> None:
    """As the application's role may write it."""
    await desk.sealer().settle()
    await city.pool.execute(
        f"INSERT INTO ledger.telling (publisher, failures, next_at) VALUES ('ear', $1, {until})",
        failures,
    )
    ear = Ear(failures=1)
    teller = Teller(city.pool, ear)
    assert not await teller.tell()
    assert ear.asked == 1
    again = "next_at < clock_timestamp() + interval '301 seconds'"
    assert await city.count(f"ledger.telling WHERE {again}") == 1

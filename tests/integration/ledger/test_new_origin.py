"""A log that goes on from another holds its leaves: what was dropped or changed is named."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from domain.terms.stream import StreamName
from interfaces.desk.operating.logs import Changed, Opened, begin_log
from ledger.audit.bundle import Wanted, export
from ledger.log.note import Checkpoint, Note
from ledger.log.opening import new_origin
from ledger.log.publish import FolderPublisher
from ledger.log.seal import LAST_SIGNED
from tests.integration.ledger.test_log_sealer import more, rewind
from tests.support.bundles import codes, notes, run_alone
from tests.support.ledgers import BLOCK, PROGRAMME, Ledger
from tests.support.tampering import forge, rechain, relist, superuser
from verifier import verify
from verifier.verify import Asked, Report
from workers.log.sealing import seal_of, sealer_of

BASIS = "富审〔2026〕7号"
VICTIM = 5


@dataclass
class Old:
    """What somebody kept of the log that ended: checkpoints and bundles."""

    city: Ledger
    room: Path
    first: bytes
    last: bytes
    whole: Path
    part: Path

    @property
    def origin(self) -> str:
        return Checkpoint.parse(Note.parse(self.last).text).origin

    async def bundle(self, below: str | None = None) -> Path:
        target = self.room / f"new-{below is not None}-{len([*self.room.iterdir()])}"
        await export(self.city.pool, target, Wanted(StreamName(below) if below else None))
        return target

    async def verified(self, below: str | None = None, **given: Any) -> Report:
        origin = await self.city.pool.fetchval(
            "SELECT origin FROM ledger.log ORDER BY number DESC LIMIT 1"
        )
        key = seal_of(self.city.settings).signer(origin).verifier()
        policy = f"log {key}\nquorum none\n".encode()
        return verify.verify(Asked(await self.bundle(below), policy, **given))

    async def replaced(self) -> Checkpoint:
        """Begin a new log with the honest key."""
        seal = seal_of(self.city.settings)
        folder = FolderPublisher(self.city.settings.published)
        made = await new_origin(self.city.pool, seal, folder, basis=BASIS)
        await more(self.city, 2)
        await sealer_of(self.city.settings, self.city.pool).settle()
        return made


@pytest.fixture
async def old(city: Ledger, tmp_path: Path) -> Old:
    sealer = sealer_of(city.settings, city.pool)
    await more(city, 4)
    await sealer.settle()
    kept = city.settings.published / "checkpoint"
    first = kept.read_bytes()
    await more(city, 3)
    await sealer.settle()
    for name, below in (("whole", None), ("part", BLOCK)):
        await export(city.pool, tmp_path / name, Wanted(below))
    return Old(city, tmp_path, first, kept.read_bytes(), tmp_path / "whole", tmp_path / "part")


async def forged(old: Old) -> None:
    """Change an event, and make good all that rests on it."""
    async with superuser(old.city) as db:
        await forge(db, PROGRAMME, VICTIM, finish_by="2031-01-01")
        await rechain(db, PROGRAMME)
        await relist(db)


async def test_an_honest_new_log_holds_every_leaf_of_the_old(old: Old) -> None:
    await old.replaced()
    for pin in (old.first, old.last):
        report = await old.verified(pinned=pin, earlier=old.whole)
        assert report.passed, report.lines("en")
        assert {"goes_on", "pinned_earlier", "earlier_held"} <= notes(report)
    part = await old.verified(BLOCK, earlier=old.part)
    assert part.passed, part.lines("en")
    assert codes(await old.verified(BLOCK, pinned=old.last)) == {"pinned_whole"}
    again = await old.replaced()
    twice = await old.verified(pinned=old.last, earlier=old.whole)
    assert twice.passed, twice.lines("en")
    assert again.origin != old.origin


@pytest.mark.parametrize("by", ["pin", "bundle", "part"])
async def test_a_history_forged_after_a_new_origin_fails_by_name(old: Old, by: str) -> None:
    """The honest key signed a new log over rows that were bent: only holders of the old one see."""
    await forged(old)
    async with old.city.owner() as owner:
        await owner.execute("SET session_replication_role = replica")
        await owner.execute("DELETE FROM ledger.tile")
    await old.replaced()
    alone = await old.verified()
    assert alone.passed
    assert "goes_on_changed" in notes(alone)
    assert "! not the" in "\n".join(alone.lines("en"))
    if by == "pin":
        report = await old.verified(pinned=old.last)
        assert codes(report) == {"pinned_changed"}
    else:
        given = {"earlier": old.whole if by == "bundle" else old.part}
        report = await old.verified(PROGRAMME if by == "part" else None, **given)
        if by == "part":  # nothing of the block was bent
            assert report.passed
            report = await old.verified(PROGRAMME, earlier=old.whole)
        named = {(f.stream, f.version) for f in report.failures if f.code == "earlier_changed"}
        assert (PROGRAMME, VICTIM) in named
        assert (PROGRAMME, VICTIM - 1) not in named


async def test_leaves_that_a_new_log_drops_are_named(old: Old) -> None:
    size = Checkpoint.parse(Note.parse(old.first).text).size
    await rewind(old.city, size)
    async with superuser(old.city) as db:
        await db.execute(
            "DELETE FROM ledger.event AS e USING ledger.pending AS p "
            "WHERE (e.stream, e.version) = (p.stream, p.version)"
        )
        await db.execute("DELETE FROM ledger.pending")
    done = await begin_log(old.city.settings, BASIS, force=False)
    assert isinstance(done, Opened)
    assert done.missing
    assert not done.changed, done.changed
    await sealer_of(old.city.settings, old.city.pool).settle()
    alone = await old.verified()
    assert alone.passed
    assert "goes_on_short" in notes(alone)
    assert (await old.verified(pinned=old.first)).passed
    assert codes(await old.verified(pinned=old.last)) == {"pinned_short"}
    report = await old.verified(earlier=old.whole)
    gone = {f.stream for f in report.failures if f.code == "earlier_gone"}
    assert PROGRAMME in gone
    # The list of heads that was lost has another in its place.
    assert {f.stream for f in report.failures} - gone <= {"ledger/heads"}


async def test_an_opening_that_claims_more_than_it_holds_fails(old: Old) -> None:
    await old.replaced()
    cites = Checkpoint.parse(Note.parse(old.last).text)
    async with superuser(old.city) as db:
        carries = {"origin": cites.origin, "size": cites.size, "root": "00" * 32}
        await forge(db, "ledger/log-2", 1, carries=carries)
        await rechain(db, "ledger/log-2")
    assert "carried_differs" in codes(await old.verified())


async def test_a_new_log_is_not_begun_over_what_was_changed(old: Old) -> None:
    """What is changed is said beside what is missing, by what was kept of the old log."""
    await forged(old)
    done = await begin_log(old.city.settings, BASIS, force=False, earlier=old.whole)
    assert isinstance(done, Changed)
    said = "\n".join(t.en for t in done.changed)
    assert f"{PROGRAMME}@{VICTIM}: not what it is in the older bundle" in said
    assert await old.city.count("ledger.log") == 1
    forced = await begin_log(old.city.settings, BASIS, force=True, earlier=old.whole)
    assert isinstance(forced, Opened)
    assert forced.changed == done.changed


async def test_what_was_kept_of_the_old_log_outlives_it(old: Old) -> None:
    await old.replaced()
    name = f"ended-{old.origin.rpartition('/')[2]}"
    for folder in (old.city.settings.seal_dir, old.city.settings.published):
        assert Note.parse((folder / name).read_bytes()).text == Note.parse(old.last).text
    assert (old.city.settings.seal_dir / LAST_SIGNED).read_bytes() != old.last


async def test_the_verifier_alone_compares_with_an_older_bundle(old: Old, tmp_path: Path) -> None:
    await old.replaced()
    (tmp_path / "pin").write_bytes(old.last)
    origin = await old.city.pool.fetchval("SELECT origin FROM ledger.log WHERE number = 2")
    key = seal_of(old.city.settings).signer(origin).verifier()
    (tmp_path / "policy").write_text(f"log {key}\nquorum none\n")
    bundle = await old.bundle()
    given = ["--policy", str(tmp_path / "policy"), "--pinned", str(tmp_path / "pin")]
    code, said = run_alone(tmp_path / "alone", str(bundle), *given, "--earlier", str(old.whole))
    assert code == 0, said

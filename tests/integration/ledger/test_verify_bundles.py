"""Bundles out of a real ledger pass a verifier that knows nothing of us, and say what they are."""

import asyncio
import hashlib
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import orjson
import pytest

from domain.keeping import Ground
from domain.terms.role import SYSTEM, Via
from domain.terms.stream import StreamName
from ledger.audit.bundle import Wanted, export
from ledger.audit.known import policy_text
from ledger.errors import NoSuchStream, NotSealed
from ledger.evidence.evidence import EvidenceStore
from ledger.log.note import Kind, Signer
from ledger.log.opening import new_origin
from ledger.vault.register import AccessRestricted, ValuesErased, append_act
from ledger.vault.vault import Vault, disclose
from tests.integration.ledger.test_log_sealer import more, rewind
from tests.support.bundles import (
    AUDIT_OFFICE,
    Sealed,
    changed,
    check,
    codes,
    cosign,
    notes,
    run_alone,
    witness,
    zipped,
)
from tests.support.ledgers import (
    BLOCK,
    PROGRAMME,
    Ledger,
    Ledgers,
    extend,
    open_block,
    open_household,
    open_notice,
    opening,
)
from verifier import verify

NEIGHBOURS = ("liupu-2026/linhe-2", "liupu-2026/lin", "liupu-2026/zhong")


async def filled(city: Ledger) -> Ledger:
    """Fill a city with neighbours whose names lie close to each other."""
    for name in NEIGHBOURS:
        await city.accept(name, open_block(name))
    await city.accept(f"{BLOCK}/notice/1", open_notice())
    for number in range(5):
        await city.accept(f"{BLOCK}/household/h{number}", open_household())
    await city.accept(StreamName("liupu-2026-b"), opening())
    return city


@pytest.fixture(scope="module")
async def sealed(
    ledgers: Ledgers, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Sealed]:
    """Give one ledger that is sealed in several steps and only read afterwards."""
    async with ledgers.fresh() as made:
        city = await filled(await made.opened())
        found = Sealed(city.pool, tmp_path_factory.mktemp("sealed"))
        await found.seal()
        await more(city, 300)
        await found.settle()
        await more(city, 20)
        await found.settle()
        yield found


async def test_the_whole_log_passes_on_a_machine_without_us(sealed: Sealed, tmp_path: Path) -> None:
    bundle = await sealed.bundle()
    (tmp_path / "policy").write_bytes(sealed.policy())
    status, report = run_alone(
        tmp_path / "empty", str(bundle), "--policy", str(tmp_path / "policy")
    )
    assert status == 0
    assert report["passed"]
    assert [c["zh"] for c in report["checks"]] == ["真实性", "完整性", "可用性", "安全性"]
    events = await sealed.pool.fetchval("SELECT count(*) FROM ledger.event")
    assert report["figures"]["events"] == report["figures"]["size"] == events
    assert report["figures"]["below"] is None


@pytest.mark.parametrize("below", [BLOCK, PROGRAMME, "liupu-2026/zhong", "liupu-2026/lin"])
async def test_a_part_passes_and_is_all_there_is(sealed: Sealed, below: str) -> None:
    bundle = await sealed.bundle(below)
    report = check(bundle, sealed.policy())
    assert report.passed, report.lines("en")
    rows = await sealed.pool.fetch("SELECT DISTINCT stream FROM ledger.event")
    ours = {r["stream"] for r in rows if f"{r['stream']}/".startswith(f"{below}/")}
    bodies = [orjson.loads(line) for line in (bundle / "events.jsonl").read_bytes().splitlines()]
    assert {b["stream"] for b in bodies} == ours | {"ledger/log-1", "ledger/heads"}
    assert "as_of_bare" in notes(report)
    listed = next(b for b in bodies if b["stream"] == "ledger/heads")
    assert report.figures["complete_as_of"] == listed["recorded_at"]


@pytest.mark.parametrize("below", [None, BLOCK])
@pytest.mark.parametrize("jobs", [2, 3])
async def test_several_processes_say_the_same(
    sealed: Sealed, below: str | None, jobs: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    bundle = await sealed.bundle(below)
    alone = check(bundle, sealed.policy())
    monkeypatch.setattr(verify, "CHUNK", 4096)
    together = await asyncio.to_thread(check, bundle, sealed.policy(), jobs=jobs)
    assert together == alone
    assert together.passed


async def test_a_zip_says_the_same_as_its_directory(sealed: Sealed) -> None:
    bundle = await sealed.bundle(BLOCK)
    packed = check(zipped(bundle), sealed.policy())
    assert packed == check(bundle, sealed.policy())
    assert packed.passed
    made = sealed.directory / "made.zip"
    await export(sealed.pool, made, Wanted(BLOCK))
    assert check(made, sealed.policy()).passed
    assert not list(sealed.directory.glob(".made*"))


async def test_the_sums_are_those_of_sha256sum(sealed: Sealed) -> None:
    bundle = await sealed.bundle(BLOCK)
    process = await asyncio.create_subprocess_exec(
        "sha256sum", "--check", "--strict", "--quiet", "SHA256SUMS", cwd=bundle
    )
    assert await process.wait() == 0


async def test_a_pin_shows_that_nothing_was_changed_since(sealed: Sealed) -> None:
    rows = await sealed.pool.fetch("SELECT size, note FROM ledger.checkpoint ORDER BY size")
    for row in rows:
        pinned = row["note"].encode()
        whole = check(await sealed.bundle(), sealed.policy(), pinned=pinned)
        assert whole.passed, whole.lines("en")
        assert "pinned" in notes(whole)
        assert "as_of" in notes(whole)
        part = await sealed.bundle(BLOCK, since=(row["size"],))
        assert check(part, sealed.policy(), pinned=pinned).passed


async def test_a_part_that_was_not_exported_for_a_pin_says_so(sealed: Sealed) -> None:
    rows = await sealed.pool.fetch("SELECT size, note FROM ledger.checkpoint ORDER BY size")
    part = await sealed.bundle(BLOCK)
    found = [codes(check(part, sealed.policy(), pinned=r["note"].encode())) for r in rows[:-1]]
    assert {"pinned_not_shown"} in found


async def test_a_part_is_not_newer_than_its_list_of_heads(ledgers: Ledgers, tmp_path: Path) -> None:
    """The checkpoint may be as new as one likes: what came after the list is in no part."""
    async with ledgers.fresh() as made:
        city = await made.opened()
        sealed = Sealed(city.pool, tmp_path)
        quiet = str(await sealed.settle()).encode()
        listed = datetime.now(UTC)

        def asked(part: Path, pinned: bytes, after: datetime) -> set[str]:
            return codes(check(part, sealed.policy(), pinned=pinned, fresh_after=after))

        part = await sealed.bundle(BLOCK, since=(sealed.desk.published().size,))
        size = sealed.desk.published().size
        assert asked(part, quiet, listed - timedelta(minutes=1)) == set()
        await asyncio.sleep(1)
        await witness(city.pool, int(time.time()))
        part = await sealed.bundle(BLOCK, since=(size,))
        assert asked(part, quiet, listed) == set(), "nothing came after the list"
        await more(city, 2)
        newer = str(await sealed.seal()).encode()
        since = (size, sealed.desk.published().size)
        part = await sealed.bundle(BLOCK, since=since)
        assert asked(part, quiet, listed - timedelta(minutes=1)) == set()
        assert asked(part, quiet, listed) == {"heads_stale"}
        assert asked(part, newer, listed - timedelta(minutes=1)) == {"heads_old"}
        await more(city, 1)
        await sealed.settle()
        part = await sealed.bundle(BLOCK, since=since)
        assert asked(part, newer, listed) == set()


async def test_fresh_or_not(sealed: Sealed) -> None:
    bundle = await sealed.bundle()
    now = datetime.now(UTC)
    fresh = check(bundle, sealed.policy(), fresh_after=now - timedelta(hours=1))
    assert fresh.passed
    assert {"fresh", "as_of"} <= notes(fresh)
    stale = check(bundle, sealed.policy(), fresh_after=now + timedelta(hours=1))
    assert codes(stale) == {"not_fresh"}


async def test_a_part_ends_where_the_last_list_of_heads_was_made(
    ledgers: Ledgers, tmp_path: Path
) -> None:
    """What came later stands in no list yet: nobody could say whether it is all."""
    async with ledgers.fresh() as made:
        city = await made.opened()
        sealed = Sealed(city.pool, tmp_path)
        await sealed.settle()
        before = (await sealed.bundle(PROGRAMME) / "events.jsonl").read_bytes()
        await more(city, 4)
        await sealed.seal()
        part = await sealed.bundle(PROGRAMME)
        report = check(part, sealed.policy())
        assert report.passed, report.lines("en")
        assert (part / "events.jsonl").read_bytes() == before
        assert report.figures["size"] == sealed.desk.published().size


async def test_the_newest_checkpoint_that_was_witnessed_is_exported(
    ledgers: Ledgers, tmp_path: Path
) -> None:
    async with ledgers.fresh() as made:
        city = await made.opened()
        sealed = Sealed(city.pool, tmp_path)
        await sealed.settle()
        size = sealed.desk.published().size
        await more(city, 2)
        await sealed.desk.sealer().settle()
        assert sealed.desk.published().size > size
        report = check(await sealed.bundle(), sealed.policy())
        assert report.passed, report.lines("en")
        assert report.figures["size"] == size


async def test_of_two_witnesses_both_are_asked_for_and_what_both_signed_is_exported(
    ledgers: Ledgers, tmp_path: Path
) -> None:
    """The second one lags behind: nothing that she has not seen passes for witnessed by both."""
    second = Signer.of("second.example", bytes([9]) * 32)
    keys = [AUDIT_OFFICE.verifier(Kind.COSIGNATURE), second.verifier(Kind.COSIGNATURE)]
    async with ledgers.fresh() as made:
        city = await made.opened()
        sealed = Sealed(city.pool, tmp_path)
        note = await sealed.settle()
        await cosign(city.pool, second, note)
        seen = sealed.desk.published().size
        await more(city, 2)
        await sealed.settle()
        log = sealed.desk.seal().signer(note.text.split("\n", 1)[0]).verifier()
        policy = policy_text(log, keys)
        newest, witnessed = await sealed.bundle(), await sealed.bundle(witnesses=tuple(keys))
        assert codes(check(newest, policy)) == {"not_witnessed"}
        report = check(witnessed, policy)
        assert report.passed, report.lines("en")
        assert report.figures["size"] == seen
        assert check(newest, policy_text(log, keys[:1])).passed


async def test_before_anything_is_published_there_is_no_bundle(
    city: Ledger, tmp_path: Path
) -> None:
    sealed = Sealed(city.pool, tmp_path)
    with pytest.raises(NotSealed):
        await sealed.bundle()
    sealer = sealed.desk.sealer()
    await sealer.round(heads=False)
    with pytest.raises(NotSealed):
        await sealed.bundle()
    await sealer.publish()
    await sealed.bundle()
    with pytest.raises(NotSealed, match="list of heads"):
        await sealed.bundle(BLOCK)
    await sealed.settle()
    with pytest.raises(NoSuchStream):
        await sealed.bundle("liupu-2026/nowhere")
    with pytest.raises(FileExistsError):
        await export(city.pool, tmp_path / "bundle-3", Wanted())
    assert not list(tmp_path.glob(".bundle*"))


async def test_a_new_log_is_a_new_name_for_the_auditor(ledgers: Ledgers, tmp_path: Path) -> None:
    """She sees that it goes on from another, and by the whole that it holds what she kept of it."""
    async with ledgers.fresh() as made:
        city = await made.opened()
        sealed = Sealed(city.pool, tmp_path)
        old = await sealed.settle()
        before = sealed.policy()
        size = sealed.desk.published().size
        await more(city, 3)
        await sealed.settle()
        await rewind(city, size)
        (tmp_path / "seal" / "key").unlink()  # the new log gets a new key
        await new_origin(city.pool, sealed.desk.seal(), sealed.desk.folder)
        await city.accept(PROGRAMME, extend(9))
        await sealed.settle()
        both = before.split(b"\n")[0] + b"\n" + sealed.policy()
        for below in (None, PROGRAMME):
            bundle = await sealed.bundle(below)
            report = check(bundle, sealed.policy())
            assert report.passed, report.lines("en")
            assert "goes_on_short" in notes(report)
            assert codes(check(bundle, before)) == {"unknown_log"}
            pinned = check(bundle, both, pinned=str(old).encode())
            assert codes(pinned) == ({"pinned_whole"} if below else set())


# --- personal values and files ----------------------------------------------------------------


async def personal(city: Ledger, tmp_path: Path) -> tuple[Sealed, EvidenceStore, str, str]:
    """Return a sealed ledger with a household's stream that names a value and a file."""
    store = EvidenceStore(city.pool, tmp_path / "store")
    photo = await store.put(BLOCK, b"\xff\xd8\xff photo")
    said = disclose("text", "张三，电话 0571-0000", "c2FsdHNhbHRzYWx0c2FsdA")
    await Vault(city.pool).keep(BLOCK, [said])
    notice = f"{BLOCK}/notice/1"
    await city.accept(notice, open_notice(text=said.digest))
    await city.accept(
        notice, {"type": "record_posting", "insertion": 1, "channel": "website", "proof": photo}
    )
    sealed = Sealed(city.pool, tmp_path)
    await sealed.settle()
    return sealed, store, said.digest, photo


async def test_values_and_files_come_only_when_asked_for(city: Ledger, tmp_path: Path) -> None:
    sealed, store, said, photo = await personal(city, tmp_path)
    notice = f"{BLOCK}/notice/1"
    bare = await sealed.bundle(notice)
    assert check(bare, sealed.policy()).passed
    assert not {"disclosures", "evidence"} & {p.name for p in bare.iterdir()}
    assert "张三" not in "".join(p.read_text("utf-8", "replace") for p in bare.iterdir())

    full = await sealed.bundle(notice, disclosures=True, evidence=True, store=store)
    report = check(full, sealed.policy())
    assert report.passed, report.lines("en")
    assert {"values", "files"} <= notes(report)
    assert (full / "evidence" / photo.removeprefix("sha256:")).read_bytes().endswith(b"photo")
    encoded = (full / "disclosures").read_bytes().strip()
    digest = hashlib.sha256(encoded).digest()
    assert said == "sd:" + verify._base64url(digest)


async def test_what_is_gone_is_said_with_its_reason(city: Ledger, tmp_path: Path) -> None:
    sealed, store, said, photo = await personal(city, tmp_path)
    notice = f"{BLOCK}/notice/1"
    await city.pool.execute("DELETE FROM vault.disclosure")
    await store.erase(photo)
    wanted = {"disclosures": True, "evidence": True, "store": store}

    lost = check(await sealed.bundle(notice, **wanted), sealed.policy())
    assert codes(lost) == {"lost"}
    assert lost.count == 2

    async with city.pool.acquire() as connection, connection.transaction():
        for act, digest in ((ValuesErased, said), (AccessRestricted, photo)):
            done = act(subject=BLOCK, ground=Ground.WITHDRAWN)
            await append_act(connection, done, [digest], SYSTEM, Via.SYSTEM)
    await sealed.settle()
    for below in (notice, None):
        erased = check(await sealed.bundle(below, **wanted), sealed.policy())
        assert erased.passed, erased.lines("en")
        assert [n.facts for n in erased.notes if n.code == "withheld"] == [
            {"why": "erased", "count": 1},
            {"why": "restricted", "count": 1},
        ]


async def test_of_the_whole_log_an_erasure_is_believed_only_where_it_is_recorded(
    city: Ledger, tmp_path: Path
) -> None:
    sealed, _, said, _ = await personal(city, tmp_path)
    await city.pool.execute("DELETE FROM vault.disclosure")
    made = await sealed.bundle(disclosures=True)
    claimed = changed(made, "withheld", lambda b: b.replace(b"lost", b"erased"))
    assert {f.facts["digest"] for f in check(claimed, sealed.policy()).failures} == {said}


async def test_a_changed_value_in_the_vault_does_not_get_out(city: Ledger, tmp_path: Path) -> None:
    sealed, *_ = await personal(city, tmp_path)
    async with city.owner() as owner:
        await owner.execute("UPDATE vault.disclosure SET value = '李四'")
    report = check(await sealed.bundle(f"{BLOCK}/notice/1", disclosures=True), sealed.policy())
    assert codes(report) == {"lost"}

"""Erasing what is personal: the act stays, the value goes, and everything still adds up."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from domain.terms.role import Actor, Role
from domain.terms.stream import StreamName
from ledger.audit.replay import replay
from ledger.errors import MissingEvidence, NothingKept, RestrictedEvidence, SharedSubject
from ledger.evidence.evidence import EvidenceStore
from ledger.vault.check import missing
from ledger.vault.erasure import CARRIED_OVER
from ledger.vault.pages import write_anew
from ledger.vault.register import AT_ONCE, ERASURES, How, Mark, Marks, tombstones
from ledger.vault.retention import Stands
from tests.support.erasing import OFFICE, ONE, ORDER, PHOTO, SHEET, TWO, WORDS, Home, traces
from tests.support.ledgers import BLOCK, PROGRAMME, Ledgers, open_block, open_household
from tests.support.sealing import Desk, assert_sealed

RESIDENT = Actor(id="one", role=Role.RESIDENT)


@pytest.fixture
async def home(ledgers: Ledgers, tmp_path: Path) -> AsyncIterator[Home]:
    """Give a home in a ledger whose clock may be set."""
    async with ledgers.fresh(rehearsal=True) as ledger:
        yield await (await Home(ledger, tmp_path).opened()).noticed()


async def later(home: Home, **ago: float) -> None:
    """Let time go by, as a rehearsal does."""
    await home.ledger.set_clock(datetime.now(UTC) + timedelta(**ago))


async def acts(home: Home) -> list[str]:
    return await home.ledger.types(ERASURES)


# what goes


async def test_no_trace_of_erased_words_and_files_is_left_anywhere(home: Home) -> None:
    await home.opinion(1, "one")
    photo = await home.photographed(ONE, PHOTO + WORDS.encode())
    async with home.ledger.owner() as owner:
        await owner.execute("ANALYZE")
        directory = Path(await owner.fetchval("SHOW data_directory"))
        await owner.execute("CHECKPOINT")
        pages = directory / await owner.fetchval("SELECT pg_relation_filepath('vault.disclosure')")
        assert WORDS.encode() in pages.read_bytes()
    assert await traces(home.ledger, WORDS) == {"vault.disclosure.value"}

    done = await home.eraser.erase(ONE, ORDER)
    async with home.ledger.owner() as owner:
        assert await write_anew(owner)
        await owner.execute("CHECKPOINT")
        oid = await owner.fetchval("SELECT oid FROM pg_database WHERE datname = current_database()")

    assert {i.digest for i in done.erased} > {photo}
    assert not done.refused
    assert await traces(home.ledger, WORDS) == set()
    kept = [*(directory / f"base/{oid}").iterdir(), *home.directory.rglob("*")]
    assert [p for p in kept if p.is_file() and WORDS.encode() in p.read_bytes()] == []
    assert await missing(home.pool, home.evidence) == []


async def test_the_act_is_a_fact_that_is_sealed_like_any_other(home: Home, tmp_path: Path) -> None:
    stream = await home.opinion(1, "one")
    desk = Desk(home.pool, tmp_path)
    await desk.sealer().settle()

    done = await home.eraser.erase(ONE, ORDER)
    await desk.sealer().settle()

    (row,) = await home.pool.fetch("SELECT * FROM ledger.event WHERE stream = $1", ERASURES)
    assert row["type"] == "values_erased"
    for said in (done.erased[0].digest, OFFICE.id, "withdrawn", "法审〔2026〕3号", ONE):
        assert said in row["body"]
    assert done.versions == (1,)
    assert done.erased[0].places == (f"{stream}@1",)
    await assert_sealed(home.pool, desk)
    async with home.pool.acquire() as connection:
        assert (await replay(connection)).differences == ()
    await home.opinion(2, "two")
    assert await desk.sealer().round() > 0


async def test_a_corrected_word_goes_with_the_one_it_corrects(home: Home) -> None:
    stream = await home.opinion(1, "one")
    corrected = await home.says(stream, "text", WORDS)
    why = await home.says(stream, "reason", "笔误")
    await home.ledger.accept(
        stream,
        {"type": "correct", "entry": 1, "data": {"text": corrected}, "reason": why},
        by=Role.OFFICE,
    )

    done = await home.eraser.erase(ONE, ORDER)

    assert corrected in {i.digest for i in done.erased}
    assert await traces(home.ledger, WORDS) == set()
    assert await home.vault.read([why]) == {why: "笔误"}


async def test_what_a_resident_sent_goes_by_the_residents_own_id(home: Home) -> None:
    await home.opinion(1, None, by=RESIDENT)
    assert len((await home.eraser.erase("one", ORDER)).erased) == 1
    assert await traces(home.ledger, WORDS) == set()


async def test_a_household_of_the_same_code_elsewhere_is_another(home: Home) -> None:
    other = StreamName(f"{PROGRAMME}/other")
    await home.ledger.accept(other, open_block("另一里"), by=Role.OFFICE)
    await home.ledger.accept(f"{other}/household/one", open_household(), by=Role.COMMUNITY)
    kept = await home.photographed(f"{other}/household/one")
    await home.opinion(1, "one")

    done = await home.eraser.erase(ONE, ORDER)

    assert kept not in {i.digest for i in done.erased}
    assert await home.evidence.get(kept) == PHOTO


# what stays


async def test_what_a_resident_signed_is_restricted_until_its_term_ends(home: Home) -> None:
    paper = await home.agreed(ONE)

    done = await home.eraser.erase(ONE, ORDER)

    (item,) = done.restricted
    assert (item.digest, item.rule, item.holds) == (paper, "keeping.signed", True)
    assert done.refused
    assert await acts(home) == ["access_restricted"]
    with pytest.raises(RestrictedEvidence):
        await home.evidence.get(paper)
    assert await tombstones(home.pool, [paper]) == {paper: "restricted"}
    assert await missing(home.pool, home.evidence, files=True) == []

    await later(home, days=366 * 32)
    assert [i.digest for i in (await home.eraser.erase(ONE, ORDER)).erased] == [paper]


async def test_what_is_restricted_is_read_on_record_only(home: Home) -> None:
    stream = await home.opinion(1, "one")
    (item,) = (await home.eraser.restrict(ONE, ORDER)).restricted
    assert await home.vault.read([item.digest]) == {}

    assert await home.eraser.open(ONE, "审〔2026〕1号", OFFICE) == {item.digest: WORDS}

    assert await acts(home) == ["access_restricted", "restricted_read"]
    await home.eraser.lift(ONE, ORDER)
    assert await home.vault.read([item.digest]) == {item.digest: WORDS}
    assert await tombstones(home.pool, [item.digest]) == {}
    assert home.journal.read() == {}
    assert (await home.eraser.kept(stream))[0].stands is Stands.KEPT


async def test_what_officials_said_is_not_erased(home: Home) -> None:
    stream = await home.opinion(1, "one")
    reply, why = await home.says(stream, "reply", "已换"), await home.says(stream, "reason", "合理")
    answer = {"type": "dispose", "disposition": "noted", "reason": why, "reply": reply}
    await home.ledger.accept(stream, answer, by=Role.PROJECT_LEAD)

    done = await home.eraser.erase(stream, ORDER)

    assert {i.digest for i in done.office} == {reply, why}
    assert len(done.erased) == 1
    assert not done.refused
    assert len(await home.vault.read([reply, why])) == 2
    alone = await home.eraser.erase("project-lead-1", ORDER)
    assert alone.refused
    assert alone.erased == ()


async def test_a_file_of_two_goes_with_the_last_of_them(home: Home) -> None:
    photo = await home.photographed(ONE)
    assert await home.photographed(TWO) == photo

    first = await home.eraser.erase(ONE, ORDER)
    assert [i.digest for i in first.shared] == [photo]
    assert await home.evidence.get(photo) == PHOTO
    second = await home.eraser.erase(TWO, ORDER)

    assert [i.digest for i in second.erased] == [photo]
    with pytest.raises(MissingEvidence):
        await home.evidence.get(photo)
    assert await missing(home.pool, home.evidence) == []


async def test_words_that_somebody_else_quoted_are_not_the_quoters_to_erase(home: Home) -> None:
    """As earlier releases let anybody quote; today the append refuses it."""
    own = await home.opinion(1, "one")
    (item,) = await home.eraser.kept(own)
    quoting = f"{BLOCK}/notice/1/opinion/2"
    quoted = {
        "type": "file_opinion",
        "nature": "opinion",
        "text": item.digest,
        "channel": "paper",
        "from_household": "two",
    }
    await home.ledger.accept(quoting, quoted, by=Role.GRID_WORKER)

    done = await home.eraser.erase(quoting, ORDER)
    assert ([i.digest for i in done.shared], done.erased) == ([item.digest], ())
    assert await home.vault.read([item.digest]) == {item.digest: WORDS}
    # and: whose they are has them erased
    assert [i.digest for i in (await home.eraser.erase(own, ORDER)).erased] == [item.digest]
    assert await missing(home.pool, home.evidence) == []


async def test_a_file_is_due_when_the_longest_term_of_all_who_name_it_is_over(home: Home) -> None:
    terms = {"keep_signed_years": 10, "keep_words_years": 20}
    amended = {
        "type": "amend_profile",
        "values": terms,
        "sources": dict.fromkeys(terms, "档〔2026〕1号"),
        "document": "档〔2026〕1号",
    }
    await home.ledger.accept(PROGRAMME, amended, by=Role.LEADING_GROUP)
    await home.agreed(ONE)
    await home.photographed(TWO, SHEET)

    await later(home, days=15 * 366)
    assert await home.eraser.due() == []
    (item,) = await home.eraser.kept(ONE)
    assert item.until is not None
    assert item.until.year == datetime.now(UTC).year + 21

    await later(home, days=22 * 366)
    assert len(await home.eraser.due()) == 1


async def test_a_file_that_another_command_just_brought_stays(home: Home) -> None:
    photo = await home.photographed(ONE)
    await home.evidence.put(TWO, PHOTO)

    done = await home.eraser.erase(ONE, ORDER)

    assert [i.digest for i in done.shared] == [photo]
    assert await home.photographed(TWO) == photo
    assert await home.evidence.get(photo) == PHOTO


async def test_what_is_put_anew_after_its_erasure_is_kept(home: Home) -> None:
    photo = await home.photographed(ONE)
    await home.eraser.erase(ONE, ORDER)

    assert await home.photographed(TWO) == photo

    assert await home.evidence.get(photo) == PHOTO
    await later(home, minutes=1)
    assert await home.eraser.sweep() == []
    assert await missing(home.pool, home.evidence, files=True) == []


# who and what is meant


async def test_a_subject_of_several_people_is_not_erased_by_accident(home: Home) -> None:
    await home.opinion(1, "one")
    await home.opinion(2, "two")

    with pytest.raises(SharedSubject) as refused:
        await home.eraser.erase(f"{BLOCK}/notice/1", ORDER)
    assert refused.value.people == ("one", "two")
    assert await acts(home) == []

    done = await home.eraser.erase(f"{BLOCK}/notice/1", ORDER, everyone=True)
    assert len(done.erased) == 2


async def test_nobody_knows_who_is_meant(home: Home) -> None:
    with pytest.raises(NothingKept, match="nobody"):
        await home.eraser.erase("nobody", ORDER)
    with pytest.raises(NothingKept):
        await home.eraser.erase(ONE, ORDER)


async def test_erased_again_says_that_it_was_done(home: Home) -> None:
    await home.opinion(1, "one")
    first = await home.eraser.erase(ONE, ORDER)

    again = await home.eraser.erase(ONE, ORDER)

    assert (again.erased, again.versions) == ((), ())
    (item,) = again.before
    assert (item.digest, item.stands, item.ground) == (
        first.erased[0].digest,
        Stands.ERASED,
        "withdrawn",
    )
    assert await acts(home) == ["values_erased"]


async def test_the_words_of_a_command_under_way_are_left_alone(home: Home) -> None:
    await home.opinion(1, "one")
    coming = await home.says(f"{BLOCK}/notice/1/opinion/2", "text", "刚刚写的")
    brought = await home.says(ONE, "remarks", "刚刚写的")

    done = await home.eraser.erase(ONE, ORDER)

    assert [i.digest for i in done.under_way] == [brought]
    assert done.refused
    assert len(await home.vault.read([coming, brought])) == 2


async def test_more_digests_than_one_event_holds_make_several(home: Home) -> None:
    stream = f"{BLOCK}/notice/1/opinion/1"
    await home.opinion(1, "one")
    for _ in range(AT_ONCE):
        await home.says(stream, "text", "没有登记")
    await later(home, hours=1)

    done = await home.eraser.erase(stream, ORDER)

    assert (len(done.erased), done.versions) == (AT_ONCE + 1, (1, 2))
    marks = await Marks.read(home.pool)
    assert {m.how for m in marks.of.values()} == {How.ERASED}
    assert len(marks.of) == AT_ONCE + 1


# terms


async def test_what_is_due_goes_and_nothing_else(home: Home) -> None:
    stream = await home.opinion(1, "one")
    paper = await home.agreed(ONE)
    orphan = await home.says(f"{BLOCK}/notice/1/opinion/9", "text", "被退回的意见")
    assert await home.eraser.due() == []

    await later(home, days=8)
    assert [i.digest for i in await home.eraser.due()] == [orphan]
    await later(home, days=366 * 12)
    assert {i.places for i in await home.eraser.due()} == {(f"{stream}@1",), ()}

    (done,) = await home.eraser.erase_due(ORDER)

    assert (done.subject, len(done.erased)) == (PROGRAMME, 2)
    assert await home.evidence.get(paper) == SHEET
    assert await home.eraser.due() == []
    assert await missing(home.pool, home.evidence) == []


# what was interrupted, lost or restored


async def test_an_interrupted_erasure_is_finished_by_a_sweep(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    photo = await home.photographed(ONE)

    async def dies(*_: object) -> bool:
        raise OSError("killed")

    with monkeypatch.context() as patch:
        patch.setattr(EvidenceStore, "remove_unkept", dies)
        with pytest.raises(OSError, match="killed"):
            await home.eraser.erase(ONE, ORDER)
    assert [m.why for m in await missing(home.pool, home.evidence)] == ["not_erased"]
    with pytest.raises(MissingEvidence):
        await home.evidence.get(photo)

    assert await home.eraser.sweep() == [photo]
    assert await home.evidence.stored() == set()
    assert await missing(home.pool, home.evidence) == []


async def test_a_ledger_restored_from_before_erases_again(home: Home) -> None:
    """The journal outside the database knows what the restored one has forgotten."""
    await home.opinion(1, "one")
    photo = await home.photographed(ONE)
    kept = {i.digest for i in await home.eraser.kept(ONE)}
    mark = Mark(How.ERASED, ORDER.ground, ORDER.document, datetime.now(UTC), version=7)
    home.journal.keep(dict.fromkeys(kept, mark))

    assert set(await home.eraser.sweep()) == kept

    rows = await home.pool.fetch("SELECT body FROM ledger.event WHERE stream = $1", ERASURES)
    assert [CARRIED_OVER in r["body"] for r in rows] == [True]
    assert photo not in await home.evidence.stored()
    assert await traces(home.ledger, WORDS) == set()
    assert await missing(home.pool, home.evidence) == []
    assert await home.eraser.sweep() == []


async def test_erasing_goes_on_beside_the_sealer_and_new_commands(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = Desk(home.pool, tmp_path)

    async def speaks() -> None:
        for number in range(1, 13):
            await home.opinion(number, "one" if number % 2 else "two")

    async def seals() -> None:
        for _ in range(20):
            await desk.sealer().round()
            await asyncio.sleep(0.01)

    async def erases() -> None:
        for _ in range(8):
            with contextlib.suppress(NothingKept):
                await home.eraser.erase(ONE, ORDER)
            await asyncio.sleep(0.02)

    await asyncio.gather(speaks(), seals(), erases(), erases())
    monkeypatch.setattr("ledger.vault.retention.UNDER_WAY", timedelta(0))
    await home.eraser.erase(ONE, ORDER)
    await desk.sealer().settle()

    assert await missing(home.pool, home.evidence) == []
    await assert_sealed(home.pool, desk)
    left = await home.pool.fetch("SELECT subject FROM vault.disclosure WHERE value = $1", WORDS)
    assert {int(r["subject"].rsplit("/", 1)[-1]) % 2 for r in left} == {0}


async def test_the_application_writes_the_pages_anew_where_it_may(home: Home) -> None:
    async with home.pool.acquire() as application:
        assert await write_anew(application)


async def test_who_may_not_write_the_tables_anew_is_told_that_they_stay(home: Home) -> None:
    async with home.ledger.owner() as owner:
        # As before PostgreSQL 17.
        await owner.execute("REVOKE MAINTAIN ON vault.disclosure, vault.restricted FROM siwen_app")
        async with home.pool.acquire() as application:
            assert not await write_anew(application)
        assert await write_anew(owner)

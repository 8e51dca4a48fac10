"""`siwen vault` as the office uses it, while a worker runs: in both languages, and on record."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from domain.terms.role import Role
from interfaces.cli import exits
from interfaces.desk.siwen import Siwen
from ledger.audit.replay import replay
from ledger.vault.check import missing
from runtime.backup.backup import backup
from runtime.backup.backup_file import unpack
from tests.integration.interfaces.conftest import LEAD, OFFICE, Call, Said
from tests.support.erasing import WORDS, traces
from tests.support.ledgers import BLOCK, Ledger, open_household, open_notice
from tests.support.pictures import exif, jpeg
from tests.unit.domain.spec import person

HOUSEHOLD = f"{BLOCK}/household/hh7"
OPINION = f"{BLOCK}/notice/1/opinion/1"
GRID = person(Role.GRID_WORKER)
PHOTO = jpeg(exif=exif())
ERASE = ("vault", "erase", "hh7", "--basis", "撤回同意", "--document", "法审〔2026〕3号")


@pytest.fixture(autouse=True)
def office(cli: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    """Act as the office unless told otherwise."""
    monkeypatch.setenv("SIWEN_AS", f"{OFFICE.id}:office")


@pytest.fixture
async def spoken(siwen: Siwen, city: Ledger, monkeypatch: pytest.MonkeyPatch) -> Siwen:
    """A household with an opinion on a notice, entered from its paper, and the answer to it."""
    await _accepted(siwen, HOUSEHOLD, open_household(), GRID)
    await _accepted(siwen, f"{BLOCK}/notice/1", open_notice(text="施工公告"), LEAD)
    filed = {"type": "file_opinion", "nature": "opinion", "channel": "paper", "text": WORDS}
    await _accepted(siwen, OPINION, {**filed, "from_household": "hh7"}, GRID, command_id="file-1")
    answer = {"type": "dispose", "disposition": "noted", "reason": "合理", "reply": "已安排更换"}
    await _accepted(siwen, OPINION, answer, LEAD)
    return siwen


async def _accepted(
    siwen: Siwen, stream: str, command: dict[str, Any], by: Any, **given: Any
) -> None:
    answer = await siwen.submit(stream, command, by, attach=lambda name: PHOTO, **given)
    assert answer.refusal is None, answer.refusal


async def said(cli: Call, *arguments: str | Path, lang: str = "zh") -> Said:
    return await asyncio.to_thread(cli, *arguments, lang=lang)


async def test_listing_shows_why_and_until_when_and_no_words(spoken: Siwen, cli: Call) -> None:
    found = await said(cli, "vault", "list", "hh7")
    assert found.code == exits.OK, found.err
    for word in (HOUSEHOLD, "居民内容", "保存中", "hh7"):
        assert word in found.out
    english = await said(cli, "vault", "show", OPINION, lang="en")
    assert "keeping.office" in english.out
    assert "for good" in english.out
    assert WORDS not in found.out + english.out
    asked = await said(cli, "vault", "show", OPINION, "--values", lang="en")
    assert WORDS in asked.out.replace("\n  ", "")


async def test_erasing_one_resident_leaves_no_trace_and_everything_whole(
    spoken: Siwen, city: Ledger, cli: Call, tmp_path: Path
) -> None:
    before = await said(cli, "history", OPINION, "--all")
    assert WORDS in before.out.replace("\n       ", "")

    done = await said(cli, *ERASE)

    assert done.code == exits.OK, done.err
    assert "已删除 文字 1" in done.out
    assert "ledger/erasures@1" in done.out
    assert await traces(city, WORDS) == set()
    assert await missing(city.pool) == []
    async with city.pool.acquire() as connection:
        assert (await replay(connection)).differences == ()
    after = await said(cli, "history", OPINION, "--all")
    assert "〔已删除：个人撤回同意，法审〔2026〕3号〕" in after.out.replace("\n       ", "")
    english = await said(cli, "history", OPINION, "--all", lang="en")
    assert "[erased: consent was withdrawn" in english.out.replace("\n       ", " ")
    assert "已安排更换" in after.out
    await backup(city.settings, tmp_path / "after.backup")
    unpack(tmp_path / "after.backup", tmp_path / "out")
    held = [p for p in (tmp_path / "out").rglob("*") if p.is_file()]
    assert held
    assert [p for p in held if WORDS.encode() in p.read_bytes()] == []


async def test_sending_a_command_again_brings_nothing_back(
    spoken: Siwen, city: Ledger, cli: Call
) -> None:
    await said(cli, *ERASE)
    filed = {"type": "file_opinion", "nature": "opinion", "channel": "paper", "text": WORDS}

    answer = await spoken.submit(
        OPINION, {**filed, "from_household": "hh7"}, GRID, command_id="file-1"
    )

    assert answer.refusal is not None
    assert await traces(city, WORDS) == set()


async def test_a_restricted_word_is_read_on_record_and_its_command_answers_as_before(
    spoken: Siwen, city: Ledger, cli: Call
) -> None:
    done = await said(cli, "vault", "restrict", "hh7", "--basis", "ordered", lang="en")
    assert done.code == exits.OK, done.err
    shown = await said(cli, "history", OPINION, "--all")
    assert "限制查阅" in shown.out
    assert WORDS not in shown.out
    assert WORDS not in (await said(cli, "vault", "show", OPINION, "--values")).out
    refused = await said(cli, "vault", "show", OPINION, "--restricted")
    assert refused.code == exits.USAGE
    assert "--document" in refused.err

    read = await said(cli, "vault", "show", "hh7", "--restricted", "--document", "审〔2026〕1号")

    assert WORDS in read.out.replace("\n  ", "")
    assert await city.types("ledger/erasures") == ["access_restricted", "restricted_read"]
    filed = {"type": "file_opinion", "nature": "opinion", "channel": "paper", "text": WORDS}
    again = await spoken.submit(
        OPINION, {**filed, "from_household": "hh7"}, GRID, command_id="file-1"
    )
    assert again.receipt is not None
    assert (await said(cli, "vault", "lift", "hh7", "--basis", "ordered")).code == exits.OK
    assert WORDS in (await said(cli, "history", OPINION, "--all")).out.replace("\n       ", "")


async def test_what_was_signed_is_refused_and_restricted_instead(
    spoken: Siwen, city: Ledger, cli: Call
) -> None:
    agreed = {"type": "agree_private_works", "work": "gas", "scan": "paper.png"}
    await _accepted(spoken, HOUSEHOLD, agreed, GRID)

    done = await said(cli, *ERASE, lang="en")

    assert done.code == exits.REFUSED
    assert "erased 1 text" in done.out
    assert "not erased, restricted instead 1 file" in done.out
    assert "keeping.signed" in done.out


@pytest.mark.parametrize(
    ("arguments", "code", "zh", "en"),
    [
        (("nobody", "--basis", "withdrawn"), exits.USAGE, "没有「nobody」", "no 'nobody'"),
        (("hh7",), exits.USAGE, "没有说明依据", "basis was not said"),
        (("hh7", "--basis", "因为张三要求"), exits.USAGE, "文号用 --document", "withdrawn"),
        ((), exits.USAGE, "--due", "--due"),
        (
            ("hh7", "--basis", "withdrawn", "--as", "community-1:community"),
            exits.REFUSED,
            "keeping.who",
            "community may not",
        ),
        (
            ("hh7", "--basis", "withdrawn", "--as", "of-99:office"),
            exits.REFUSED,
            "未被任命",
            "not appointed",
        ),
        (("project-lead-1", "--basis", "withdrawn"), exits.REFUSED, "不能删除", "never erased"),
    ],
)
async def test_what_cannot_be_done_is_said_with_the_way_on(
    spoken: Siwen, city: Ledger, cli: Call, arguments: tuple[str, ...], code: int, zh: str, en: str
) -> None:
    chinese = await said(cli, "vault", "erase", *arguments)
    english = await said(cli, "vault", "erase", *arguments, lang="en")
    assert (chinese.code, english.code) == (code, code), chinese.err
    assert zh in "".join((chinese.out + chinese.err).split("\n"))
    assert en in " ".join((english.out + english.err).split())
    assert await city.types("ledger/erasures") == []


async def test_a_subject_of_two_people_asks_which(spoken: Siwen, cli: Call) -> None:
    await _accepted(spoken, f"{BLOCK}/household/hh8", open_household(), GRID)
    other = {"type": "file_opinion", "nature": "opinion", "channel": "paper", "text": "另一户说"}
    await _accepted(spoken, f"{BLOCK}/notice/1/opinion/2", {**other, "from_household": "hh8"}, GRID)

    found = await said(cli, "vault", "erase", f"{BLOCK}/notice/1", "--basis", "withdrawn")
    assert found.code == exits.USAGE
    assert "hh7" in found.err
    assert "--everyone" in found.err
    everyone = ("--basis", "withdrawn", "--everyone", "--json")
    all_ = await said(cli, "vault", "erase", f"{BLOCK}/notice/1", *everyone)
    assert len(json.loads(all_.out)[0]["done"]["erased"]) == 2


async def test_due_and_sweep_say_that_there_is_nothing(spoken: Siwen, cli: Call) -> None:
    assert "没有到期的内容" in (await said(cli, "vault", "due")).out
    assert "Nothing is due" in (await said(cli, "vault", "erase", "--due", lang="en")).out
    assert "没有遗留" in (await said(cli, "vault", "sweep")).out
    assert "written anew" in (await said(cli, "vault", "pages", lang="en")).out


async def test_doctor_tells_what_is_gone_from_what_was_erased(
    spoken: Siwen, city: Ledger, cli: Call
) -> None:
    await said(cli, *ERASE)
    well = await said(cli, "doctor")
    assert well.code == exits.OK, well.out
    async with city.owner() as owner:
        await owner.execute("DELETE FROM vault.disclosure WHERE value = '合理'")

    found = await said(cli, "doctor", lang="en")

    assert found.code == exits.FAILED
    assert f"{OPINION}@2" in found.out
    assert "no erasure of it is recorded" in " ".join(found.out.split())
    assert "缺失" in (await said(cli, "history", OPINION, "--all")).out


async def test_words_of_a_refused_command_do_not_stay(spoken: Siwen, city: Ledger) -> None:
    answer = await spoken.submit(
        HOUSEHOLD,
        {"type": "accept_private_works", "work": "gas", "remarks": "张三的厨房漏水"},
        GRID,
    )
    assert answer.refusal is not None
    assert await traces(city, "张三的厨房漏水") == set()


async def test_a_damaged_picture_is_refused_in_both_languages(
    spoken: Siwen, cli: Call, tmp_path: Path
) -> None:
    photo = tmp_path / "kitchen.jpg"
    photo.write_bytes(PHOTO[:-9])
    wrong = ("do", HOUSEHOLD, "agree_private_works", "-f", "work=gas", "--attach", f"scan={photo}")
    chinese = await said(cli, *wrong, "--as", f"{GRID.id}:grid_worker")
    english = await said(cli, *wrong, "--as", f"{GRID.id}:grid_worker", lang="en")
    assert (chinese.code, english.code) == (exits.USAGE, exits.USAGE)
    assert "图片已损坏" in chinese.err
    assert "the picture is damaged" in english.err


async def test_a_place_that_matters_is_kept_and_noted(
    spoken: Siwen, cli: Call, tmp_path: Path
) -> None:
    photo = tmp_path / "kitchen.jpg"
    photo.write_bytes(PHOTO)
    agreed = ("do", HOUSEHOLD, "agree_private_works", "-f", "work=gas", "--attach", f"scan={photo}")
    done = await said(cli, *agreed, "--keep-location", "--as", f"{GRID.id}:grid_worker")
    assert done.code == exits.OK, done.err

    shown = await said(cli, "vault", "show", "hh7", "--files", tmp_path / "out", lang="en")

    assert "was kept on purpose" in shown.out
    (saved,) = (tmp_path / "out").iterdir()
    assert saved.read_bytes() == PHOTO
    assert saved.suffix == ".jpg"

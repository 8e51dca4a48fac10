"""The auditor at her desk: what the commands say, in both languages, on the rehearsals' ledgers."""

import asyncio
import base64
import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from rich.cells import cell_len

from interfaces.cli.main import run
from tests.integration.rehearsal.conftest import Theatre
from tests.support.bundles import run_alone

Said = tuple[int, str, str]
Ask = Callable[..., Any]
BLOCK = "小花坞"


@pytest.fixture
async def ask(
    theatre: Theatre, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Ask:
    """Give the command line on the ledger of the real programme's rehearsal."""
    played = await theatre.once("fuyang-2014")
    monkeypatch.setenv("SIWEN_STATE_DIR", str(theatre.settings.state_dir))
    monkeypatch.setenv("SIWEN_LEDGER", played.outcome.ledger)
    monkeypatch.setenv("COLUMNS", "80")

    async def asked(*arguments: str, lang: str = "zh") -> Said:
        capsys.readouterr()
        code = await asyncio.to_thread(run, [*arguments, "--lang", lang])
        said = capsys.readouterr()
        return code, said.out, said.err

    return asked


def flat(text: str) -> str:
    """Return what was said without its line breaks."""
    return "".join(line.strip() for line in text.splitlines())


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize(
    "arguments",
    [
        ("history", BLOCK, "--from", "2014-09-01", "--to", "2014-09-10"),
        ("audit", "show", BLOCK, "--at", "2014-09-05"),
        ("audit", "show", BLOCK, "--at", "2014-09-05", "--true"),
        ("audit", "show", BLOCK, "--version", "20"),
        ("audit", "show", "fuyang-2014", "--at", "2014-09-05"),
        ("audit", "diff", BLOCK, "@19", "@22"),
        ("audit", "why", BLOCK, "scope"),
        ("audit", "flags"),
        ("audit", "replay"),
        ("audit", "replay", BLOCK),
    ],
    ids=" ".join,
)
async def test_every_answer_fits_the_terminal_and_has_its_data(
    ask: Ask, arguments: tuple[str, ...], lang: str
) -> None:
    code, out, err = await ask(*arguments, lang=lang)
    assert (code, err) == (0, "")
    assert max(cell_len(line) for line in out.splitlines()) <= 80
    code, out, _ = await ask(*arguments, "--json")
    assert code == 0
    assert json.loads(out)


async def test_an_answer_says_which_of_the_two_times_it_answers_and_as_of_which_entry(
    ask: Ask,
) -> None:
    asked = ("audit", "show", BLOCK, "--at", "2014-09-05")
    known = flat((await ask(*asked))[1])
    true = flat((await ask(*asked, "--true"))[1])
    assert "当时所知：截至 2014-09-05 全天" in known
    assert "当时实情：截至 2014-09-05 全天" in true
    assert "最后是 @74" in known
    assert "意见 0（实情 1）" in known
    assert "意见 1（当时所知 0）" in true
    assert "公示期满  2014-09-10 24:00" in known


async def test_an_instant_without_a_zone_is_the_programmes_and_that_is_said(ask: Ask) -> None:
    _, assumed, _ = await ask("audit", "show", BLOCK, "--at", "2014-09-05T10:00", lang="en")
    _, given, _ = await ask("audit", "show", BLOCK, "--at", "2014-09-05T02:00Z", lang="en")
    assert "the programme's zone" in " ".join(assumed.split())
    assert "the programme's zone" not in " ".join(given.split())
    assert assumed.splitlines()[-3:] == given.splitlines()[-3:]


async def test_what_was_not_recorded_yet_is_said_to_be_so(ask: Ask) -> None:
    paper = f"{BLOCK}/notice/3/opinion/001"
    code, out, _ = await ask("audit", "show", paper, "--at", "2014-09-05")
    assert code == 0
    assert "当时还没有记录：最早的一条记录于 2014-09-10 10:00" in flat(out)
    assert "但实际发生于 2014-09-03 16:00" in flat(out)


async def test_the_changed_scope_is_explained(ask: Ask) -> None:
    _, diff, _ = await ask("audit", "diff", BLOCK, "2014-03-12T09:00", "2014-03-13T09:00")
    _, why, _ = await ask("audit", "why", BLOCK, "整治范围")
    _, places, _ = await ask("audit", "why", BLOCK, "地点")
    assert "@20 › 地点  小花坞主巷、小花坞之巷 → 小花坞主巷、小花坞支巷" in flat(diff)
    assert "@21 · 办公室 of-01" in diff
    assert "后经 @21" in why
    assert "由以下 2 条记录形成" in places


async def test_nothing_found_is_said(ask: Ask) -> None:
    code, out, _ = await ask("history", BLOCK, "--grep", "海啸")
    assert code == 0
    assert "没有符合的记录" in out
    assert "含「海啸」" in out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("history", BLOCK, "--type", "scop_decided"), "scope_decided 决定办什么"),
        (("history", BLOCK, "--from", "yesterday"), "不是时间"),
        (("history", BLOCK, "--from", "2014-10-01", "--to", "2014-09-01"), "对调"),
        (("history", BLOCK, "--by", "mars"), "recorded"),
        (("audit", "show", BLOCK, "--at", "2014-09-05T10:00+99:00"), "不是时间"),
        (("audit", "show", BLOCK, "--at", "2014-09-05T10:00Mars"), "不是时间"),
        (("audit", "show", BLOCK, "--at", "2033-01-01"), "还没有到"),
        (("audit", "show", BLOCK, "--version", "0"), "不是记录编号"),
        (("audit", "show", BLOCK, "--version", "999"), "没有第 999 条"),
        (("audit", "show", BLOCK, "--version", "3", "--true"), "--at"),
        (("audit", "diff", BLOCK, "@3", "soon"), "不是时间"),
        (("audit", "diff", BLOCK, "@3", "@5", "--true"), "问实情请写时间"),
        (("audit", "why", BLOCK, "整治范"), "整治范围"),
        (("audit", "flags", "--xlsx", "flags.csv"), ".xlsx"),
        (("audit", "show", "没有这个"), "没有「没有这个」"),
    ],
    ids=lambda v: " ".join(v) if isinstance(v, tuple) else None,
)
async def test_what_cannot_be_answered_is_one_line_that_says_what_to_do(
    ask: Ask, arguments: tuple[str, ...], said: str
) -> None:
    code, out, err = await ask(*arguments)
    assert (code, out) == (2, "")
    assert said in flat(err)


async def test_flags_are_written_as_a_spreadsheet(ask: Ask, tmp_path: Path) -> None:
    without, file = tmp_path / "疑点.xlsx", tmp_path / "文字.xlsx"
    code, out, _ = await ask("audit", "flags", BLOCK, "--xlsx", str(without))
    assert code == 0
    assert "补录  1" in out
    assert "--words" in flat(out)
    assert (await ask("audit", "flags", BLOCK, "--words", "--xlsx", str(file)))[0] == 0
    # What a resident wrote leaves the ledger only where that was asked for.
    assert "希望早晚高峰" in cells(file)
    assert "希望早晚高峰" not in cells(without)
    assert "〔文字从略〕" in cells(without)


def cells(file: Path) -> str:
    """Return everything that a spreadsheet says."""
    sheets = load_workbook(file).worksheets
    return "\n".join(str(c.value) for s in sheets for row in s.iter_rows() for c in row)


async def test_the_slip_of_a_ballot_is_checked_on_any_machine(
    ask: Ask, theatre: Theatre, tmp_path: Path
) -> None:
    """What a resident has in hand: a file that proves itself, and a line to look for in a part."""
    played = await theatre.once("fuyang-2014")
    async with theatre.ledger(played.outcome.ledger) as owner:
        row = await owner.fetchrow(
            "SELECT stream, version FROM ledger.event WHERE type = 'ballot_cast' "
            'ORDER BY stream COLLATE "C" LIMIT 1'
        )
    place = f"{row['stream']}@{row['version']}"
    code, out, _ = await ask("audit", "receipt", place, "--out", str(tmp_path / "slips"))
    assert code == 0, out
    (slip,) = (tmp_path / "slips").iterdir()
    policy, copied = tmp_path / "policy", tmp_path / "copied"
    policy.write_text(json.loads((await ask("audit", "policy", "--json"))[1])["policy"])
    copied.write_text(out)
    status, report = run_alone(tmp_path / "a", str(slip), "--policy", str(policy))
    assert status == 0, report
    assert report["of"]["below"] == place
    assert (await ask("audit", "receipt", str(slip), "--policy", str(policy)))[0] == 0
    part = tmp_path / "part.zip"
    assert (await ask("audit", "export", row["stream"].split("/poll/")[0], "--out", str(part)))[
        0
    ] == 0
    given = (str(part), "--policy", str(policy), "--receipt")
    for receipt in (slip, copied):
        status, report = run_alone(tmp_path / "b", *given, str(receipt))
        assert status == 0, report
        assert (await ask("audit", "receipt", str(receipt)))[0] == 0
    copied.write_text(out.replace(place, f"{row['stream']}@9"))
    assert run_alone(tmp_path / "b", *given, str(copied))[0] == 1
    assert (await ask("audit", "receipt", str(copied)))[0] == 1
    forged = tmp_path / "forged.tlog-proof"
    forged.write_text(_of_another_history(slip.read_text()))
    code, _, said = await ask("audit", "receipt", str(forged))
    assert (code, "另一段历史" in said) == (1, True), said


def _of_another_history(slip: str) -> str:
    """Let the same event stand alone in a log of the same name, which then proves it as well."""
    header, extra, *_ = slip.split("\n")
    note = slip.split("\n\n", 1)[1].split("\n")
    leaf = hashlib.sha256(b"\x00" + base64.b64decode(extra.split()[1])).digest()
    note[1:3] = ["1", base64.b64encode(leaf).decode()]
    return "\n".join([header, extra, "index 0", "", *note])

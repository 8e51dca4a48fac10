"""The command line as a project lead uses it, on real servers."""

import asyncio
import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from domain.registry import KINDS
from domain.terms.role import Role
from interfaces.cli import exits
from interfaces.desk.siwen import Siwen
from tests.integration.interfaces.conftest import PHOTO, Call, Said
from tests.support.ledgers import BLOCK, PROGRAMME, Ledger
from tests.unit.domain.spec import TEXT, person

HEARD = (
    "hear_body",
    "-f",
    "body=有关部门",
    "-f",
    "organisation=规划部门",
    "-f",
    "statement=无异议",
)


@pytest.fixture
def lead(monkeypatch: pytest.MonkeyPatch, city: Ledger) -> str:
    """Act as the project lead unless told otherwise."""
    actor = person(Role.PROJECT_LEAD).id
    monkeypatch.setenv("SIWEN_AS", f"{actor}:project_lead")
    return actor


async def said(cli: Call, *arguments: str | Path, lang: str = "zh") -> Said:
    return await asyncio.to_thread(cli, *arguments, lang=lang)


async def data(cli: Call, *arguments: str | Path) -> Any:
    found = await said(cli, *arguments, "--json")
    assert found.code in (exits.OK, exits.REFUSED), found.err
    return json.loads(found.out)


async def test_next_says_what_is_missing_in_either_language(siwen: Siwen, cli: Call) -> None:
    chinese = await said(cli, "next", "临河里")
    assert chinese.code == exits.OK
    assert "还缺什么" in chinese.out
    assert "项目负责人" in chinese.out
    english = await said(cli, "next", "临河里", lang="en")
    assert "What is missing" in english.out
    assert "owed by the project lead" in english.out
    overview = await said(cli, "next")
    assert "临河里" in overview.out


async def test_no_line_is_wider_than_the_terminal(siwen: Siwen, cli: Call) -> None:
    from rich.cells import cell_len

    for lang in ("zh", "en"):
        for command in (["next", "临河里"], ["history", "临河里"], ["show", "临河里"], ["next"]):
            found = await said(cli, *command, lang=lang)
            assert found.code == exits.OK, found.err
            assert max(cell_len(line) for line in found.out.splitlines()) <= 80


async def test_a_command_is_recorded_and_told_in_history(
    siwen: Siwen, cli: Call, lead: str
) -> None:
    done = await said(cli, "do", "临河里", *HEARD)
    assert done.code == exits.OK, done.err
    assert "已记录" in done.out
    history = await said(cli, "history", "临河里")
    assert "听取有关部门意见（规划部门）：「无异议」" in history.out
    english = await said(cli, "history", "临河里", lang="en")
    assert "heard a department" in english.out


async def test_a_late_paper_shows_both_times(
    siwen: Siwen, cli: Call, city: Ledger, lead: str
) -> None:
    await city.since(datetime(2026, 1, 1, tzinfo=UTC))
    late = ("--on", "2026-01-05", "--source", "纸质", "--reason", "会议纪要晚到")
    timely = [f.replace("无异议", "没有补录") for f in HEARD]
    assert (await said(cli, "do", "临河里", *timely)).code == exits.OK
    done = await said(cli, "do", "临河里", *HEARD, *late)
    assert done.code == exits.OK, done.err
    history = (await said(cli, "history", "临河里")).out.replace("\n       ", "")
    assert "补录：发生于 2026-01-05 12:00，来源纸质，原因「会议纪要晚到」" in history
    by_occurrence = (await said(cli, "history", "临河里", "--true")).out
    assert by_occurrence.index("会议纪要晚到") < by_occurrence.index("没有补录")


async def test_a_late_paper_without_its_reason_is_refused(
    siwen: Siwen, cli: Call, lead: str
) -> None:
    refused = await said(cli, "do", "临河里", *HEARD, "--on", "2026-01-05")
    assert refused.code == exits.REFUSED
    assert "entry.late_reason" in refused.err
    assert "--source" in refused.err


async def test_today_alone_means_now(siwen: Siwen, cli: Call, lead: str) -> None:
    guide = await siwen.guide(await siwen.resolve("临河里"))
    today = guide.now.astimezone().date().isoformat()
    done = await said(cli, "do", "临河里", *HEARD, "--on", today)
    # Noon of today may have passed already: then it is a late entry and says so.
    assert done.code == exits.OK or "entry.late_reason" in done.err


async def test_a_refusal_names_the_rule_what_is_missing_who_owes_it_and_the_way_on(
    siwen: Siwen, cli: Call
) -> None:
    office = person(Role.OFFICE).id
    asked = ("do", "临河里", "选址", "-f", "reason=居民支持", "--as", office)
    refused = await said(cli, *asked)
    assert refused.code == exits.REFUSED
    assert refused.out == ""
    for word in ("survey.complete", "备选资料缺户数", "项目负责人", "→", "特批"):
        assert word in refused.err
    answer = await data(cli, *asked)
    assert answer["refusal"]["missing"][0]["owed_by"] == "project_lead"


async def test_without_its_fields_a_command_says_what_it_needs(
    siwen: Siwen, cli: Call, lead: str
) -> None:
    asked = await said(cli, "do", "临河里/公示/new", "发布公示")
    assert asked.code == exits.USAGE
    for word in ("purpose", "用途", "site_selection（选址）", "--attach document=FILE", "siwen do"):
        assert word in asked.err
    needs = await said(cli, "do", "临河里/公示/new", "发布公示", "--json")
    assert set(json.loads(needs.out)["needs"]) == {"purpose", "channels", "text"}


async def test_a_fact_that_says_nothing_is_not_recorded_by_mistake(
    siwen: Siwen, cli: Call, lead: str, city: Ledger
) -> None:
    version = await city.version(BLOCK)
    asked = await said(cli, "do", "临河里", "登记备选资料")
    assert asked.code == exits.USAGE
    assert "households" in asked.err
    assert await city.version(BLOCK) == version


async def test_a_photo_is_attached_to_the_field_that_wants_it(
    siwen: Siwen, cli: Call, lead: str, tmp_path: Path
) -> None:
    photo = tmp_path / "报纸.jpg"
    photo.write_bytes(PHOTO)
    opened = ("do", "临河里/公示/new", "发布公示", "-f", "purpose=选址", "-f", "channels=newspaper")
    assert (await said(cli, *opened, "-f", "text=拟整治临河里")).code == exits.OK
    posted = ("do", "临河里/公示/1", "登记张贴", "-f", "channel=newspaper")
    assert (await said(cli, *posted, "--attach", tmp_path / "nosuch.jpg")).code == exits.USAGE
    done = await said(cli, *posted, "--attach", photo)
    assert done.code == exits.OK, done.err
    assert "附件" in done.out


async def test_a_correction_and_a_withdrawal_are_marked_in_history(
    siwen: Siwen, cli: Call, lead: str, city: Ledger
) -> None:
    await said(cli, "do", "临河里", *HEARD)
    await said(cli, "do", "临河里", *HEARD)
    version = await city.version(BLOCK)
    fixed = await said(
        cli, "correct", f"临河里@{version}", "-f", "organisation=水务部门", "--reason", "单位写错"
    )
    assert fixed.code == exits.OK, fixed.err
    assert "规划部门 → 水务部门" in fixed.out
    gone = await said(cli, "void", f"{BLOCK}@{version - 1}", "--reason", "重复")
    assert gone.code == exits.OK, gone.err
    history = (await said(cli, "history", "临河里")).out
    assert f"已更正，见 @{version + 1}" in history
    assert "已作废，见" in history


async def test_an_entry_may_be_named_by_its_id(
    siwen: Siwen, cli: Call, lead: str, city: Ledger
) -> None:
    await said(cli, "do", "临河里", *HEARD)
    entry = (await city.entries(BLOCK))[-1]
    fixed = await said(cli, "correct", entry.id, "-f", "organisation=水务部门", "--reason", "写错")
    assert fixed.code == exits.OK, fixed.err


async def test_an_opening_cannot_be_withdrawn_and_says_the_way_on(
    siwen: Siwen, cli: Call, lead: str
) -> None:
    refused = await said(cli, "void", "临河里@1", "--reason", "x")
    assert refused.code == exits.REFUSED
    assert "entry.standing" in refused.err


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["next", "临何里"], exits.USAGE, "临河里"),
        (["do", "临河里", "suspendd"], exits.USAGE, "suspend"),
        (["do", "临河里", "suspend", "-f", "raeson=x"], exits.USAGE, "reason"),
        (["do", "临河里", "suspend", "-f", "reason"], exits.USAGE, "="),
        (["do", "临河里", "suspend", "--data", "{"], exits.USAGE, "JSON"),
        (["do", "临河里", "suspend", "-f", "reason=x", "--on", "soon"], exits.USAGE, "--on"),
        (["do", "临河里", "suspend", "-f", "reason=x", "--as", "x:nobody"], exits.USAGE, "nobody"),
        (["correct", "临河里@999", "--reason", "x"], exits.USAGE, "临河里@999"),
        (["block", "show", str(PROGRAMME)], exits.USAGE, "区块"),
        (["programme", "open", "nosuch.yaml"], exits.USAGE, "nosuch.yaml"),
    ],
)
async def test_what_cannot_be_understood_is_one_line_and_exit_2(
    siwen: Siwen, cli: Call, lead: str, arguments: list[str], code: int, says: str
) -> None:
    found = await said(cli, *arguments)
    assert found.code == code
    assert says in found.err
    assert "Traceback" not in found.err


async def test_the_same_id_twice_is_recorded_once(
    siwen: Siwen, cli: Call, lead: str, city: Ledger
) -> None:
    for _ in range(2):
        assert (await said(cli, "do", "临河里", *HEARD, "--id", "paper-7")).code == exits.OK
    assert (await city.types(BLOCK)).count("body_heard") == 1


async def test_words_that_were_lost_are_said_to_be_missing(
    siwen: Siwen, cli: Call, lead: str, city: Ledger
) -> None:
    await said(cli, "do", "临河里", *HEARD)
    async with city.owner() as owner:
        await owner.execute("DELETE FROM vault.disclosure")
    assert "缺失" in (await said(cli, "history", "临河里")).out
    assert "missing" in (await said(cli, "history", "临河里", lang="en")).out


async def test_a_programmes_file_is_recorded_once(
    siwen: Siwen, cli: Call, city: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = "examples/fuyang-2014/programme.yaml"
    first = await said(cli, "programme", "open", path)
    assert first.code == exits.OK, first.err
    assert "虚构" in first.out
    events = await city.count("ledger.event")
    again = await said(cli, "programme", "open", path)
    assert again.code == exits.OK, again.err
    assert "新记录 0 项" in again.out
    assert await city.count("ledger.event") == events
    listed = await data(cli, "block", "list", "fuyang-2014")
    assert {"小花坞", "田园路", "象牙浦", "佳和苑"} <= {b["place"]["name"] for b in listed}
    shown = (await said(cli, "programme", "show", "fuyang-2014")).out
    assert "6,300 万元" in shown
    assert "3,098 万元" in shown


async def test_status_is_well_and_doctor_finds_nothing(siwen: Siwen, cli: Call) -> None:
    status = await said(cli, "status")
    assert status.code == exits.OK, status.out
    found = await data(cli, "doctor")
    assert found["findings"] == []
    assert found["versions"]["python"]


async def test_a_quarantined_stream_is_named_and_the_others_are_shown(
    siwen: Siwen, cli: Call, city: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    def evolve(state: Any, entry: Any) -> Any:
        raise ValueError("unknown")

    monkeypatch.setitem(KINDS, "block", replace(KINDS["block"], evolve=evolve))
    async with city.owner() as owner:
        await owner.execute(
            "UPDATE ledger.state SET quarantine = $2 WHERE stream = $1",
            BLOCK,
            f"{BLOCK} does not fold at version 1: unknown",
        )
    listed = (await said(cli, "block", "list")).out
    assert "已隔离" in listed
    doctor = await said(cli, "doctor")
    assert doctor.code == exits.FAILED
    assert BLOCK in doctor.out
    assert "version 1" in doctor.out
    assert (await said(cli, "history", "临河里")).code == exits.OK
    told = await said(cli, "next", "临河里")
    assert told.code == exits.FAILED
    assert "隔离" in told.err


async def test_every_reading_command_prints_json(siwen: Siwen, cli: Call) -> None:
    for command in (
        ["next"],
        ["next", "临河里"],
        ["history", "临河里"],
        ["history", str(PROGRAMME), "--all"],
        ["show", "临河里"],
        ["block", "list"],
        ["block", "show", "临河里"],
        ["programme", "list"],
        ["programme", "show", str(PROGRAMME)],
        ["status"],
    ):
        assert await data(cli, *command), command


async def test_a_posting_entered_late_waits_for_a_second_persons_word(
    siwen: Siwen, cli: Call, city: Ledger, lead: str, tmp_path: Path
) -> None:
    """By the outermost door: refused with what to do, countersigned, taken, flagged."""
    await city.since(datetime(2026, 1, 1, tzinfo=UTC))
    notice = {"type": "open_notice", "purpose": "works", "channels": ["newspaper"], "text": TEXT}
    on = datetime(2026, 1, 5, tzinfo=UTC)
    await city.accept(f"{BLOCK}/notice/1", notice, on=on)
    photo = tmp_path / "page.jpg"
    photo.write_bytes(PHOTO)
    late = ("--on", "2026-01-06", "--source", "纸质", "--reason", "报纸才送到")
    what = ("登记张贴", "-f", "channel=newspaper", "--attach", str(photo))
    posting = ("do", "临河里/公示/1", *what, *late)
    refused = await said(cli, *posting)
    assert refused.code == exits.REFUSED, refused.out
    assert "entry.countersign" in refused.err
    assert "happened_at=2026-01-06T12:00:00+08:00" in refused.err.replace("\n", "")
    late_one = ("-f", "command=record_posting", "-f", "happened_at=2026-01-06")
    word = ("do", "临河里/公示/1", "补录会签", *late_one, "-f", "reason=报纸原件看过")
    own = await said(cli, *word)
    assert own.code == exits.OK, own.err
    assert (await said(cli, *posting)).code == exits.REFUSED
    other = await said(cli, *word, "--as", f"{person(Role.OFFICE).id}:office")
    assert other.code == exits.OK, other.err
    done = await said(cli, *posting)
    assert done.code == exits.OK, done.err
    assert "会签" in done.out
    flags = await data(cli, "audit", "flags")
    assert "late_gate" in {f["flag"] for one in flags for f in one["findings"]}
    replayed = await said(cli, "audit", "replay")
    assert replayed.code == exits.OK, replayed.out

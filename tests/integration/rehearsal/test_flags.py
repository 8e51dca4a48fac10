"""What is flagged in both rehearsals: what went wrong there, and nothing else."""

from collections import Counter
from pathlib import Path

import orjson
from openpyxl import load_workbook

from domain.terms.stream import StreamName
from interfaces.desk.reading.flags import Flagged, flagged
from interfaces.desk.reading.reading import Reader
from interfaces.desk.reading.sheet import write
from tests.integration.rehearsal.conftest import Theatre


async def _flagged(theatre: Theatre, name: str, stream: str) -> Flagged:
    played = await theatre.once(name)
    async with theatre.ledger(played.outcome.ledger) as pool:
        return await flagged(Reader(pool, played.outcome.ledger, True), StreamName(stream))


async def test_in_the_real_programme_only_the_late_paper_is_flagged(theatre: Theatre) -> None:
    found = await _flagged(theatre, "fuyang-2014", "fuyang-2014")
    assert [(f.flag, [(x.stream, x.version) for x in f.lines]) for f in found.findings] == [
        ("late", [("fuyang-2014/xiaohuawu/notice/3/opinion/001", 1)])
    ]
    assert found.unreadable == ()


async def test_a_block_is_flagged_for_what_is_its_own(theatre: Theatre) -> None:
    own = await _flagged(theatre, "fuyang-2014", "fuyang-2014/xiaohuawu")
    other = await _flagged(theatre, "fuyang-2014", "fuyang-2014/xiangyapu")
    assert [f.flag for f in own.findings] == ["late"]
    assert other.findings == ()


async def test_every_breach_and_exception_that_was_recorded_is_flagged(theatre: Theatre) -> None:
    played = await theatre.once("liupu")
    found = await _flagged(theatre, "liupu", "liupu-2025")
    counts = Counter(f.flag for f in found.findings)
    assert counts["breach"] == len(played.of("breached")) > 5
    assert counts["exception"] == len(played.of("exception_used")) > 0
    assert counts == {f.id: f.count for f in found.flags if f.count}
    broken = {orjson.loads(b)["data"]["rule"] for b in played.of("breached")}
    assert {f.rule for f in found.findings if f.flag == "breach"} == broken
    for finding in found.findings:
        assert finding.lines
        assert finding.rule_text is not None


async def test_they_make_a_spreadsheet_with_an_entry_a_row(
    theatre: Theatre, tmp_path: Path
) -> None:
    found = await _flagged(theatre, "liupu", "liupu-2025")
    write([found], tmp_path / "疑点.xlsx", "zh")
    flags, entries = load_workbook(tmp_path / "疑点.xlsx").worksheets
    assert flags.max_row == 1 + len(found.flags)
    assert entries.max_row == 1 + sum(len(f.lines) for f in found.findings)
    assert "违规" in {r[1].value for r in entries.iter_rows(min_row=2)}

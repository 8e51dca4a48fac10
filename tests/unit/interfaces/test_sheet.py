"""The spreadsheet of flags: readable, and no text in it is ever a formula."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from openpyxl import load_workbook

from domain.flag import FLAGS
from domain.terms.stream import StreamName
from domain.terms.value import Text
from interfaces.desk.reading.answers import Place
from interfaces.desk.reading.flags import Finding, Flagged, FlagLine
from interfaces.desk.reading.line import Line
from interfaces.desk.reading.sheet import write

AT = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
BLOCK = StreamName("liupu-2026/linhe")


def flagged(*sentences: str) -> Flagged:
    lines = tuple(
        Line(
            stream=BLOCK,
            version=n,
            place=f"@{n}",
            type="x",
            occurred_at=AT,
            recorded_at=AT,
            so_at=AT,
            late=False,
            sentence=Text(zh=s, en=s),
            reason=Text(zh=s, en=s),
        )
        for n, s in enumerate(sentences, 1)
    )
    return Flagged(
        place=Place(
            stream=BLOCK,
            kind="block",
            name="临河里",
            zone="Asia/Shanghai",
            ledger="city",
            rehearsal=True,
        ),
        flags=tuple(FlagLine(id=f.id, title=f.title, means=f.means, count=1) for f in FLAGS),
        findings=(
            Finding(number=1, flag="late", at=AT, what=Text(zh="晚", en="late"), lines=lines),
        ),
    )


def test_it_has_headers_widths_and_chinese_text(tmp_path: Path) -> None:
    file = tmp_path / "疑点.xlsx"
    write([flagged("收到意见")], file, "zh")
    book = load_workbook(file)
    flags, entries = book.worksheets
    assert [c.value for c in flags[1]] == ["年度计划", "疑点", "含义", "数量"]
    assert flags["A2"].value == "演练 临河里 liupu-2026/linhe"
    assert [r[1].value for r in flags.iter_rows(min_row=2)] == [f.title.zh for f in FLAGS]
    assert flags["D2"].value == 1
    assert (flags.freeze_panes, entries.freeze_panes) == ("A2", "A2")
    assert entries.auto_filter.ref == "A1:N2"
    assert entries["A1"].font.bold
    assert all(entries.column_dimensions[c].width > 5 for c in "ABCDEFGHIJKLMN")
    assert entries["K2"].value == "收到意见"
    assert entries["G2"].value == "2026-03-02 09:00"


@pytest.mark.parametrize(
    "words",
    ["=1+1", "+1", "-1", "@SUM(A1)", '=HYPERLINK("http://x","y")', "\t=1", "\r=1"],
)
def test_what_people_wrote_is_never_a_formula(tmp_path: Path, words: str) -> None:
    file = tmp_path / "flags.xlsx"
    write([flagged(words)], file, "zh")
    cells = [c for s in load_workbook(file).worksheets for r in s.iter_rows() for c in r]
    written = [c for c in cells if isinstance(c.value, str) and c.value.strip() == words.strip()]
    assert len(written) == 2
    assert {c.data_type for c in written} == {"s"}
    assert all(c.quotePrefix for c in written)
    assert not any(c.data_type == "f" for c in cells)


def test_what_no_cell_can_hold_is_left_out(tmp_path: Path) -> None:
    file = tmp_path / "flags.xlsx"
    write([flagged("a\x0bb", "长" * 40_000)], file, "zh")
    entries = load_workbook(file).worksheets[1]
    assert entries["K2"].value == "ab"
    assert len(entries["K3"].value) == 32_000


def test_an_older_file_is_replaced_as_a_whole(tmp_path: Path) -> None:
    file = tmp_path / "flags.xlsx"
    file.write_bytes(b"older")
    write([flagged("x")], file, "en")
    assert load_workbook(file).worksheets[0].title == "Flags"
    assert [p.name for p in tmp_path.iterdir()] == ["flags.xlsx"]

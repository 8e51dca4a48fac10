"""What is flagged as a spreadsheet: one sheet of flags, one of the entries behind each."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Literal

from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from domain.terms.value import Text
from interfaces.desk.names.moments import exact
from interfaces.desk.reading.flags import Finding, Flagged
from interfaces.desk.reading.line import Line
from words import labels

Lang = Literal["zh", "en"]

_FONT = "Microsoft YaHei"
_LONGEST = 32_000
"""A cell holds no more characters than 32,767."""
_FORMULA = ("=", "+", "-", "@", "\t", "\r")

_FLAGS = (
    (Text(zh="年度计划", en="programme"), 34),
    (Text(zh="疑点", en="flag"), 26),
    (Text(zh="含义", en="what it means"), 70),
    (Text(zh="数量", en="count"), 10),
)
_FINDINGS = (
    (Text(zh="编号", en="no."), 7),
    (Text(zh="疑点", en="flag"), 20),
    (Text(zh="情况", en="what"), 30),
    (Text(zh="规则", en="rule"), 34),
    (Text(zh="规则编号", en="rule id"), 20),
    (Text(zh="记录", en="entry"), 38),
    (Text(zh="发生时间", en="happened"), 18),
    (Text(zh="记录时间", en="recorded"), 18),
    (Text(zh="职责", en="role"), 16),
    (Text(zh="登记人", en="by"), 16),
    (Text(zh="内容", en="what the entry says"), 70),
    (Text(zh="来源", en="source"), 12),
    (Text(zh="迟录原因", en="why it came late"), 36),
    (Text(zh="后来更正或作废", en="amended by"), 16),
)


def write(found: Sequence[Flagged], file: Path, lang: Lang) -> None:
    """Write what is flagged to a file, which is replaced as a whole.

    Raises:
        OSError: if it cannot be written.

    """
    book = Workbook()
    sheet = book.active
    if not isinstance(sheet, Worksheet):
        raise TypeError("a new workbook has a first sheet")
    sheet.title = _("疑点", "Flags", lang)
    _table(sheet, _FLAGS, (row for one in found for row in _flags(one, lang)), lang)
    entries = book.create_sheet(_("明细", "Entries", lang))
    _table(entries, _FINDINGS, (row for one in found for row in _entries(one, lang)), lang)
    beside = file.with_name(f".{file.name}.part")
    try:
        book.save(beside)
        beside.replace(file)
    finally:
        beside.unlink(missing_ok=True)


def _flags(found: Flagged, lang: Lang) -> Iterable[Sequence[Any]]:
    mark = _("演练 ", "REHEARSAL ", lang) if found.place.rehearsal else ""
    for flag in found.flags:
        yield (
            f"{mark}{found.place.name} {found.place.stream}",
            flag.title.in_(lang),
            flag.means.in_(lang),
            flag.count,
        )


def _entries(found: Flagged, lang: Lang) -> Iterable[Sequence[Any]]:
    titles = {f.id: f.title.in_(lang) for f in found.flags}
    for one in found.findings:
        for line in one.lines:
            yield _entry(one, line, titles[one.flag], found.place.zone, lang)


def _entry(one: Finding, line: Line, title: str, zone: str, lang: Lang) -> Sequence[Any]:
    actor = line.entry.actor if line.entry else None
    amended = [line.voided_by] if line.voided_by else line.corrected_by
    return (
        one.number,
        title,
        one.what.in_(lang),
        one.rule_text.in_(lang) if one.rule_text else "",
        one.rule or "",
        f"{line.stream}@{line.version}",
        exact(line.so_at, zone),
        exact(line.recorded_at, zone),
        labels.role(actor.role).in_(lang) if actor else "",
        actor.id if actor else "",
        line.sentence.in_(lang),
        line.source.in_(lang) if line.source else "",
        line.reason.in_(lang) if line.reason else "",
        " ".join(f"@{n}" for n in amended),
    )


def _table(
    sheet: Worksheet,
    columns: Sequence[tuple[Text, int]],
    rows: Iterable[Sequence[Any]],
    lang: Lang,
) -> None:
    for number, (title, width) in enumerate(columns, 1):
        cell = sheet.cell(1, number)
        _put(cell, title.in_(lang))
        cell.font = Font(name=_FONT, bold=True, color="FFFFFF")
        cell.fill = PatternFill("solid", fgColor="1F4E78")
        cell.alignment = Alignment(vertical="center", wrap_text=True)
        sheet.column_dimensions[get_column_letter(number)].width = width
    last = 1
    for last, row in enumerate(rows, 2):
        for number, value in enumerate(row, 1):
            cell = sheet.cell(last, number)
            _put(cell, value)
            cell.font = Font(name=_FONT)
            cell.alignment = Alignment(vertical="top", wrap_text=True)
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(columns))}{last}"


def _put(cell: Any, value: Any) -> None:
    """Put a value into a cell; a text is a text, whatever it begins with."""
    if not isinstance(value, str):
        cell.value = value
        return
    text = ILLEGAL_CHARACTERS_RE.sub("", value)[:_LONGEST]
    cell.value = text
    cell.data_type = "s"
    if text.startswith(_FORMULA) and isinstance(cell, Cell):
        # Who edits the cell or saves it as another format keeps a text.
        cell.quotePrefix = True


def _(zh: str, en: str, lang: Lang) -> str:
    return zh if lang == "zh" else en

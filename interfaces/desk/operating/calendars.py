"""A programme's calendars: which years are entered, what waits for one, and entering one."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any

from pydantic import ValidationError

from domain.streams.programme.state import ProgrammeState, calendar_of
from domain.terms.calendar import YearCalendar
from domain.terms.calendar_table import FIRST_YEAR, LAST_YEAR, YEARS
from domain.terms.said import said
from domain.terms.stored import read_json
from domain.terms.stream import StreamName, kind_of
from domain.terms.value import Text, Value
from interfaces.desk.errors import BadRequest
from interfaces.desk.ledgers import Ledgers
from interfaces.desk.reading.answers import Place
from interfaces.desk.reading.reading import Reader
from ledger.read import streams
from ledger.store.heads import provisional_below
from ledger.store.published import published_year
from ledger.store.store import Connection

_RUN = re.compile(r"^(?:(\d{4})-)?(\d\d)-(\d\d)(?:\.\.(?:(\d{4})-)?(\d\d)-(\d\d))?$")


class Waiting(Value):
    """How many deadlines are provisional because of a year that is not entered."""

    year: int
    count: int


class Calendars(Value):
    """The calendar of a programme."""

    place: Place
    table_from: int = min(YEARS)
    table_to: int = max(YEARS)
    """The years that the code knows, for whatever is not entered."""
    entered: tuple[YearCalendar, ...]
    waiting: tuple[Waiting, ...]


async def calendars(ledgers: Ledgers, programme: str | None) -> Calendars:
    """Return a programme's calendars; of the only programme where none is named.

    Raises:
        UnknownName: if there is no such programme.
        BadRequest: if none is named and there are several, or it is no programme.

    """
    name = programme or _only(
        [p.place.stream for r in await ledgers.every() for p in await r.programmes()]
    )
    reader, stream = await ledgers.find(name)
    looked = await reader.look(stream)
    if not isinstance(looked.state, ProgrammeState):
        raise _no_programme(stream)
    return Calendars(
        place=looked.place,
        entered=looked.state.calendars,
        waiting=await waiting_for(reader.pool, stream, looked.state),
    )


async def waiting_for(
    connection: Connection, programme: StreamName, state: ProgrammeState
) -> tuple[Waiting, ...]:
    """Return the years that are to be entered first, and how many deadlines wait for each."""
    calendar = calendar_of(state)
    ends = [e for _, some in await provisional_below(connection, programme) for e in some]
    years = Counter(calendar.missing_year(e.term, e.due) for e in ends)
    return tuple(Waiting(year=y, count=n) for y, n in sorted(years.items()) if y is not None)


async def all_waiting(connection: Connection) -> dict[StreamName, tuple[Waiting, ...]]:
    """Return what waits for a calendar, by the programmes in which something does."""
    found = {}
    for programme, head in (await streams.heads(connection, "programme")).items():
        try:
            state = read_json(ProgrammeState, head)
        except ValidationError:
            continue  # of an older release, and folded anew by the next command
        if waiting := await waiting_for(connection, programme, state):
            found[programme] = waiting
    return found


async def the_programme(reader: Reader, named: str | None) -> str:
    """Return the programme that is meant: as named, or the only one there is.

    Raises:
        BadRequest: if none is named and there is none or more than one.

    """
    return named or _only([p.place.stream for p in await reader.programmes()])


def _only(there: Sequence[str]) -> str:
    if len(there) == 1:
        return there[0]
    listed = ", ".join(there)
    raise BadRequest(
        Text(zh="没有说明是哪个年度计划", en="Which programme was not said"),
        Text(zh=f"有：{listed or '无'}", en=f"There is: {listed or 'none'}"),
    )


def entering(
    year: int, document: str | None, off: Sequence[str], worked: Sequence[str]
) -> dict[str, Any]:
    """Return the command that enters a year: with the days given, else with those known here.

    Raises:
        BadRequest: if nobody enters such a year, the document is missing, or no days are given and
            the year is not known.

    """
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise BadRequest(
            Text(
                zh=f"放假安排只有 {FIRST_YEAR} 至 {LAST_YEAR} 年的，没有 {year} 年的",
                en=f"Calendars are of the years {FIRST_YEAR} to {LAST_YEAR}, and not of {year}",
            ),
            Text(
                zh="请写四位年份，如 2027",
                en="Give the year in four digits, like 2027",
            ),
        )
    if not document:
        raise BadRequest(
            Text(zh="没有写文号", en="The document's number is missing"),
            Text(
                zh="请写国务院办公厅放假安排通知的文号",
                en="Give the number of the State Council's notice",
            ),
            said("document"),
        )
    command = {"type": "enter_calendar", "year": year, "document": document}
    if off or worked:
        given = {"off": list(_days(off, year)), "worked": list(_days(worked, year))}
        return {**command, **given}
    known = published_year(year)
    if known is None:
        raise BadRequest(
            Text(
                zh=f"本机没有 {year} 年的放假安排；在录入之前，这一年只扣除周末和固定节日，"
                "春节、清明、端午、中秋要等国务院公布",
                en=f"The calendar of {year} is not known here; until it is entered only weekends "
                "and the fixed days are off, and the festivals by the moon are not known",
            ),
            Text(
                zh="公布后请写明文号、放假的日子和补班的日子",
                en="Once published, give its number, the days off and the days worked",
            ),
            said("enter_days", year=year),
        )
    return {**command, **known.model_dump(mode="json", include={"off", "worked"})}


def _days(written: Iterable[str], year: int) -> Iterable[str]:
    """Return every day of runs like `10-01..10-07`, or `2026-12-31..2027-01-02`."""
    for text in written:
        match = _RUN.match(text.strip())
        try:
            if match is None:
                raise ValueError(text)
            first = date(int(match[1] or year), int(match[2]), int(match[3]))
            last = date(int(match[4] or year), int(match[5]), int(match[6])) if match[5] else first
        except ValueError as error:
            raise BadRequest(
                Text(zh=f"{text[:40]} 不是日期", en=f"{text[:40]} is no day"),
                Text(zh="写作 10-01 或 10-01..10-07", en="Write 10-01 or 10-01..10-07"),
            ) from error
        if last < first:
            raise BadRequest(
                Text(zh=f"{text[:40]} 首尾颠倒", en=f"{text[:40]} ends before it begins"),
                Text(zh="先写第一天，再写最后一天", en="Write the first day before the last"),
            )
        for later in range(min((last - first).days, 366) + 1):
            yield (first + timedelta(days=later)).isoformat()


def _no_programme(stream: StreamName) -> BadRequest:
    return BadRequest(
        Text(zh=f"{stream} 不是年度计划", en=f"{stream} is a {kind_of(stream)}, no programme"),
        Text(zh="放假安排按年度计划录入", en="Calendars are entered for a programme"),
    )

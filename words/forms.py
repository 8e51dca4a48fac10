"""How a value is written: money in yuan, instants in the programme's zone, texts from the vault."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, Literal

from pydantic import BaseModel

from domain.terms.question import Question
from domain.terms.stream import SINGLE, StreamName, block_of, kind_of
from domain.terms.term import Fixed
from domain.terms.value import DISCLOSURE, EVIDENCE, Text
from domain.terms.zone import zone_of
from words import fields, labels
from words.labels import title

_TEXT = re.compile(DISCLOSURE)
_FILE = re.compile(EVIDENCE)
_INSTANT = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$")

MISSING = Text(zh="〔缺失〕", en="[missing]")
"""In the place of words that are not there; of what was erased or restricted it says why."""


def empty(value: Any) -> bool:
    """Tell whether there is nothing to say of a value; 0 counts as nothing, False does not."""
    return (
        value is None
        or value == ""
        or value == ()
        or value == {}
        or value == []
        or (value == 0 and not isinstance(value, bool))
    )


@dataclass(frozen=True)
class Forms:
    """Writes values in one language."""

    lang: Literal["zh", "en"]
    kind: str = ""
    zone: str = "UTC"
    texts: Mapping[str, str | Text] | None = None
    blocks: Mapping[str, str] | None = None

    def write(self, value: Any, form: str | None = None) -> str:
        """Return a value as it stands in a sentence."""
        match form:
            case None:
                return self._plain(value)
            case "yuan":
                return yuan(value, self.lang)
            case "pct":
                return self._percents(value) if isinstance(value, Mapping) else percent(value)
            case "passed":
                return self._join(self._passed(name, v) for name, v in value.items())
            case "place":
                return self._place(value)
            case "until":
                return until(value, self.zone) if isinstance(value, datetime) else str(value)
            case "end":
                return self._each((value,) if isinstance(value, Fixed) else value, self._end)
            case "m2":
                return area(value)
            case "n":
                return str(len(value))
            case "word":
                return self._text(labels.word(value))
            case "stage":
                return self._text(labels.stage(self.kind, value))
            case "work":
                return self._each(value, lambda v: self._text(labels.work_kind(v)))
            case "channel":
                return self._each(value, lambda v: self._text(labels.channel(v)))
            case "block":
                return self._each(value, lambda v: (self.blocks or {}).get(v, v))
            case "keys":
                return self._join(str(k) for k in value)
            case "parts":
                return self._join(self._part(p) for p in value)
            case "defects":
                return self._join(self._defect(d) for d in value)
            case "result":
                return self._result(value)
            case _:
                raise ValueError(f"no form {form!r}")

    def _end(self, end: Fixed) -> str:
        what, when = self._text(labels.deadline(end.key)), until(end.due, self.zone)
        if not end.provisional:
            return f"{what} {when}"
        return f"{what} {when}（暂定）" if self.lang == "zh" else f"{what} {when} (provisional)"

    def instant(self, value: datetime) -> str:
        """Return an instant on the clocks of the programme's zone."""
        return instant(value, self.zone)

    def _plain(self, value: Any) -> str:
        match value:
            case bool():
                return self._text(YES if value else NO)
            case StrEnum():
                return self._text(labels.word(value))
            case datetime():
                return self.instant(value)
            case date():
                return value.isoformat()
            case str():
                return self._string(value)
            case Text():
                return self._text(value)
            case BaseModel():
                return self._pairs(value.model_dump(exclude_defaults=True))
            case Mapping():
                return self._pairs(value)
            case tuple() | list():
                return self._join(self._plain(v) for v in value)
            case None:
                return "—"
            case _:
                return str(value)

    def _string(self, value: str) -> str:
        if value.startswith("sd:") and _TEXT.match(value):
            words = (self.texts or {}).get(value, MISSING)
            if isinstance(words, Text):
                return self._text(words)
            return f"「{words}」" if self.lang == "zh" else f"“{words}”"
        if value.startswith("sha256:") and _FILE.match(value):
            short = value.removeprefix("sha256:")[:8]
            why = (self.texts or {}).get(value)
            unseen = self._text(why) if isinstance(why, Text) else ""
            return (
                f"附件 {short}{unseen}" if self.lang == "zh" else f"file {short} {unseen}".strip()
            )
        if value.endswith("Z") and _INSTANT.match(value):
            return self.instant(datetime.fromisoformat(value))
        return value

    def _pairs(self, value: Mapping[Any, Any]) -> str:
        return self._join(self._pair(k, v) for k, v in value.items())

    def _pair(self, key: Any, value: Any) -> str:
        named = self._key(str(key))
        if isinstance(value, Change):
            return f"{named} {self._plain(value.was)} → {self._plain(value.now)}"
        return f"{named} {self._plain(value)}"

    def _key(self, key: str) -> str:
        kind = labels.work_kind(key)
        return self._text(kind if kind.zh != key else fields.field(key))

    def _part(self, part: Any) -> str:
        basis = self._text(labels.word(part.basis))
        return f"{part.part}（{basis}）" if self.lang == "zh" else f"{part.part} ({basis})"

    def _defect(self, defect: Any) -> str:
        mark = ("严重：" if self.lang == "zh" else "serious: ") if defect.serious else ""
        told = f"{mark}{self._plain(defect.what)}"
        return f"{defect.id}（{told}）" if self.lang == "zh" else f"{defect.id} ({told})"

    def _result(self, result: Any) -> str:
        zh = self.lang == "zh"
        told = [
            f"应投 {result.asked}，已投 {result.answered}，参与率 {percent(result.turnout)}"
            if zh
            else f"{result.answered} of {result.asked} answered, turnout {percent(result.turnout)}"
        ]
        told += [self._passed(name, part.passed) for name, part in result.parts.items()]
        for kind, votes in sorted(result.ranking.items(), key=lambda r: (-r[1], r[0])):
            told.append(f"{self._text(labels.work_kind(kind))} {votes}")
        if result.rates:
            told.append(self._percents(result.rates))
        if len(told) == 1:
            return told[0]
        return f"{told[0]}{'；' if zh else '; '}{self._join(told[1:])}"

    def _passed(self, name: str, passed: bool) -> str:
        return f"{name} {self._text(PASSED if passed else FAILED)}"

    def _percents(self, rates: Mapping[str, int]) -> str:
        """Return shares by question, in the order in which the questions are asked."""
        order = [*Question, "RESULT"]
        return self._join(
            f"{self._text(RESULT_ASKED if q == 'RESULT' else labels.word(q))} {percent(rates[q])}"
            for q in sorted(rates, key=lambda q: order.index(q) if q in order else len(order))
        )

    def _place(self, stream: StreamName) -> str:
        """Return what a stream is called in the sentence of another."""
        kind, last = kind_of(stream), stream.rsplit("/", 1)[-1]
        called = self._text(title(kind))
        if kind not in SINGLE:
            called = f"{called} {last}"
        if kind == "notice" and block_of(stream) is None:
            return f"项目{called}" if self.lang == "zh" else f"the programme's {called}"
        return called

    def _each(self, value: Any, write: Any) -> str:
        if isinstance(value, str):
            return str(write(value))
        return self._join(write(v) for v in value)

    def _join(self, items: Iterable[str]) -> str:
        return ("、" if self.lang == "zh" else ", ").join(items)

    def _text(self, text: Text) -> str:
        return text.in_(self.lang)


@dataclass(frozen=True)
class Change:
    """What a field was and what it is now."""

    was: Any
    now: Any


YES = Text(zh="是", en="yes")
NO = Text(zh="否", en="no")
PASSED = Text(zh="通过", en="passed")
FAILED = Text(zh="未通过", en="failed")
RESULT_ASKED = Text(zh="对结果满意", en="satisfied with the result")


def parsed(value: Any) -> Any:
    """Return a value of JSON, an instant as one."""
    if isinstance(value, str) and _INSTANT.match(value):
        return datetime.fromisoformat(value)
    return value


def instant(value: datetime, zone: str) -> str:
    """Return an instant to the minute in a zone."""
    return f"{value.astimezone(zone_of(zone)):%Y-%m-%d %H:%M}"


def until(value: datetime, zone: str) -> str:
    """Return a deadline to the minute; midnight is written as 24:00 of the day that ends."""
    local = value.astimezone(zone_of(zone))
    if (local.hour, local.minute) == (0, 0):
        return f"{local - timedelta(days=1):%Y-%m-%d} 24:00"
    return f"{local:%Y-%m-%d %H:%M}"


def yuan(fen: int, lang: str) -> str:
    """Return an amount in yuan, in 万元 where that is exact to the yuan and Chinese is spoken."""
    sign, fen = ("-", -fen) if fen < 0 else ("", fen)
    whole, rest = divmod(fen, 100)
    if lang == "zh" and whole >= 10_000 and whole % 100 == 0 and rest == 0:
        ten_thousands, left = divmod(whole, 10_000)
        part = f".{left:04d}".rstrip("0") if left else ""
        return f"{sign}{ten_thousands:,}{part} 万元"
    cents = f".{rest:02d}" if rest else ""
    return f"{sign}{whole:,}{cents} 元" if lang == "zh" else f"{sign}¥{whole:,}{cents}"


def percent(share: int) -> str:
    """Return a share given in hundredths of a percent."""
    whole, rest = divmod(share, 100)
    return f"{whole}.{rest:02d}".rstrip("0").rstrip(".") + "%"


def area(dm2: int) -> str:
    """Return a floor area given in square decimetres."""
    whole, rest = divmod(dm2, 100)
    return (f"{whole:,}.{rest:02d}".rstrip("0").rstrip(".") if rest else f"{whole:,}") + " m²"

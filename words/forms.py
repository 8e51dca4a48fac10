"""How a value is written: money in yuan, instants in the programme's zone, texts from the vault."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, Literal

from pydantic import BaseModel

from domain.terms.question import Question
from domain.terms.stream import PATHS, Path, StreamName, block_of, kind_of
from domain.terms.value import DISCLOSURE, EVIDENCE, Text
from domain.terms.zone import zone_of
from words import labels
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


Form = Callable[["Forms", Any], str]


@dataclass(frozen=True)
class Forms:
    """Writes values in one language."""

    lang: Literal["zh", "en"]
    kind: str = "block"
    """The kind of the stream whose stages are named."""
    zone: str | None = None
    """The zone of the clocks; without one an instant is written on its own."""
    texts: Mapping[str, str | Text] | None = None
    blocks: Mapping[str, str] | None = None

    def write(self, value: Any, form: str | None = None) -> str:
        """Return a value as it stands in a sentence, in a form that `FORMS` names."""
        if form is None:
            return self._plain(value)
        if isinstance(value, tuple | list):
            return self.joined(FORMS[form](self, v) for v in value)
        return FORMS[form](self, value)

    def money(self, value: Any) -> str:
        return yuan(int(value), self.lang)

    def share(self, value: Any) -> str:
        return self._percents(value) if isinstance(value, Mapping) else percent(int(value))

    def passed(self, value: Any) -> str:
        """Return what passed and what did not, given with or as its result."""
        return self.joined(
            f"{name} {self._text(PASSED if getattr(one, 'passed', one) else FAILED)}"
            for name, one in value.items()
        )

    def ranking(self, votes: Any) -> str:
        """Return kinds of works with their votes, the most first."""
        return self.joined(
            f"{self._key(kind)} {n}"
            for kind, n in sorted(votes.items(), key=lambda r: (-r[1], r[0]))
        )

    def until(self, value: Any) -> str:
        """Return a deadline; a day as it is."""
        return until(value, self.zone) if isinstance(value, datetime) else str(value)

    def at(self, value: Any) -> str:
        """Return an instant, given as text on its own clock."""
        return self.instant(value if isinstance(value, datetime) else datetime.fromisoformat(value))

    def block(self, value: Any) -> str:
        return (self.blocks or {}).get(value, value)

    def keys(self, value: Any) -> str:
        return self.joined(str(k) for k in value)

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
                return self.string(value)
            case Text():
                return self._text(value)
            case BaseModel():
                return self._pairs(value.model_dump(exclude_defaults=True))
            case Mapping():
                return self._pairs(value)
            case tuple() | list():
                return self.joined(self._plain(v) for v in value)
            case None:
                return "—"
            case _:
                return str(value)

    def string(self, value: str) -> str:
        """Return a text: a digest as what it stands for, an instant on the clock."""
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
        return self.joined(self._pair(k, v) for k, v in value.items())

    def _pair(self, key: Any, value: Any) -> str:
        named = self._key(str(key))
        if isinstance(value, Change):
            return f"{named} {self._changed(value.was, value)} → {self._changed(value.now, value)}"
        return f"{named} {self._plain(value)}"

    def _changed(self, one: Any, change: "Change") -> str:
        return self.write(one, change.form if isinstance(one, int) else None)

    def _key(self, key: str) -> str:
        kind = labels.work_kind(key)
        return self._text(kind if kind.zh != key else labels.field(key))

    def _percents(self, rates: Mapping[str, int]) -> str:
        """Return shares by question, in the order in which the questions are asked."""
        order = [*Question, "RESULT"]
        return self.joined(
            f"{self._text(labels.known(q) or labels.word(q))} {percent(rates[q])}"
            for q in sorted(rates, key=lambda q: order.index(q) if q in order else len(order))
        )

    def place(self, stream: StreamName) -> str:
        """Return what a stream is called in the sentence of another."""
        kind, last = kind_of(stream), stream.rsplit("/", 1)[-1]
        called = self._text(title(kind))
        if PATHS[kind] is not Path.SINGLE:
            called = f"{called} {last}"
        if kind == "notice" and block_of(stream) is None:
            return f"年度计划{called}" if self.lang == "zh" else f"the programme's {called}"
        return called

    def joined(self, items: Iterable[str]) -> str:
        return ("、" if self.lang == "zh" else ", ").join(items)

    def _text(self, text: Text) -> str:
        return text.in_(self.lang)


@dataclass(frozen=True)
class Change:
    """What a field was and what it is now."""

    was: Any
    now: Any
    form: str | None = None
    """In which both are written."""


YES = Text(zh="是", en="yes")
NO = Text(zh="否", en="no")
PASSED = Text(zh="通过", en="passed")
FAILED = Text(zh="未通过", en="failed")


def parsed(value: Any) -> Any:
    """Return a value of JSON, an instant as one."""
    if isinstance(value, str) and _INSTANT.match(value):
        return datetime.fromisoformat(value)
    return value


def instant(value: datetime, zone: str | None) -> str:
    """Return an instant to the minute in a zone."""
    return f"{_local(value, zone):%Y-%m-%d %H:%M}"


def until(value: datetime, zone: str | None) -> str:
    """Return a deadline to the minute; midnight is written as 24:00 of the day that ends."""
    local = _local(value, zone)
    if (local.hour, local.minute) == (0, 0):
        return f"{local - timedelta(days=1):%Y-%m-%d} 24:00"
    return f"{local:%Y-%m-%d %H:%M}"


def _local(value: datetime, zone: str | None) -> datetime:
    return value.astimezone(zone_of(zone)) if zone else value


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


def _named(told: Callable[[str], Text]) -> Form:
    return lambda forms, value: told(value).in_(forms.lang)


FORMS: dict[str, Form] = {
    "MONEY": Forms.money,
    "SHARE": Forms.share,
    "AREA": lambda _, value: area(int(value)),
    "INSTANT": Forms.at,
    "UNTIL": Forms.until,
    "ROLE": _named(labels.role),
    "PERSON": _named(labels.person),
    "COMMAND": _named(labels.command),
    "EVENT": _named(labels.event),
    "KIND": _named(labels.title),
    "WORKS": _named(labels.work_kind),
    "CHANNEL": _named(labels.channel),
    "STAGE": lambda forms, value: labels.stage(forms.kind, value).in_(forms.lang),
    "DEADLINE": _named(labels.deadline),
    "FIELD": _named(labels.field),
    "WORD": _named(labels.word),
    "BLOCK": Forms.block,
    "PLACE": Forms.place,
    "KEYS": Forms.keys,
    "PASSED": Forms.passed,
    "RANKING": Forms.ranking,
}
"""The forms in which a message may ask for a fact, as functions of Project Fluent; of several facts
each is said in it."""

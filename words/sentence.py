"""From an event to a sentence, in either language: the one place that knows the templates."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any, Literal

from domain.engine.entry import Breached, Corrected, Reported, Timed
from domain.engine.message import Entry
from domain.terms.stream import kind_of
from domain.terms.value import Text
from words import block_sentences as block
from words import catalogue
from words import people_sentences as people
from words import report_sentences as reports
from words import shared_sentences as shared
from words import works_sentences as works
from words.forms import Change, Forms, empty, parsed

SENTENCES: dict[str, dict[str, Text]] = {
    "programme": shared.PROGRAMME,
    "block": block.BLOCK,
    "notice": people.NOTICE,
    "household": people.HOUSEHOLD,
    "consultation": people.CONSULTATION,
    "opinion": people.OPINION,
    "poll": people.POLL,
    "ballot": people.BALLOT,
    "contract": works.CONTRACT,
    "work": works.WORK,
    "commitment": works.COMMITMENT,
    "upkeep": works.UPKEEP,
    "finding": works.FINDING,
}
"""By kind of stream and type of event; what any stream knows stands in `shared.GENERIC`."""

FALLBACK = Text(zh="{type}：{all}", en="{type}: {all}")
_ENDS = Text(zh="；{ends:end}", en="; {ends:end}")
"""Added where an event starts the clock of a period."""

_FIELD = re.compile(r"\{([a-z_.]+)(?::([a-z0-9]+))?\}")
_OPTIONAL = re.compile(r"\[(?:([?!])([a-z_]+) )?([^\[\]]*)\]")


def template(kind: str, event_type: str) -> Text | None:
    """Return the sentence for a type of event, or None where it has none of its own."""
    return SENTENCES.get(kind, {}).get(event_type) or shared.GENERIC.get(event_type)


def report(event: Reported) -> Text | None:
    """Return the sentence for what a stream tells another, or None where it has none."""
    kind = kind_of(event.stream)
    return reports.REPORTS.get(f"{kind}.{event.outcome.get('outcome')}") or reports.REPORTS.get(
        kind
    )


@dataclass(frozen=True)
class Speaker:
    """Says events in both languages, with what one programme's sentences need."""

    zone: str
    texts: Mapping[str, str | Text] = field(default_factory=dict)
    """Free texts by digest, as far as the vault has them, and what is said of the others."""
    blocks: Mapping[str, str] = field(default_factory=dict)
    """Blocks' names by slug."""
    langs: tuple[Literal["zh", "en"], ...] = ("zh", "en")
    """In which languages sentences are wanted; the other stays empty."""
    _kept: dict[tuple[str, str], Forms] = field(default_factory=dict, repr=False, compare=False)

    def say(self, entry: Entry, before: Entry | None = None) -> Text:
        """Return an entry's sentence; `before` is the entry that a correction corrects."""
        kind, event = kind_of(entry.stream), entry.event
        found = template(kind, event.type) or FALLBACK
        if isinstance(event, Timed) and event.ends:
            found = Text(zh=found.zh + _ENDS.zh, en=found.en + _ENDS.en)
        if isinstance(event, Reported) and (said := report(event)) is not None:
            # In the words of the kind that tells.
            kind, found = kind_of(event.stream), said
        values: dict[str, Any] = {}

        def value(name: str) -> Any:
            if name not in values:
                values[name] = _value(entry, before, name)
            return values[name]

        told = {
            lang: _filled(found.in_(lang), self._forms(lang, kind), value) for lang in self.langs
        }
        return Text(zh=told.get("zh", ""), en=told.get("en", ""))

    def word(self, value: Any) -> Text:
        """Return one value in both languages."""
        return Text(zh=self._forms("zh").write(value), en=self._forms("en").write(value))

    def _forms(self, lang: Literal["zh", "en"], kind: str = "") -> Forms:
        found = self._kept.get((lang, kind))
        if found is None:
            found = Forms(lang, kind, self.zone, self.texts, self.blocks)
            self._kept[lang, kind] = found
        return found


def _filled(text: str, forms: Forms, value: Callable[[str], Any]) -> str:
    """Fill a template, in one pass: what people wrote may hold brackets of its own."""
    told: list[str] = []
    for piece in _pieces(text):
        if not piece.fields:
            if piece.named is None or bool(value(piece.named)) is (piece.sign == "?"):
                told.append(piece.words[0])
            continue
        if piece.named is not None and bool(value(piece.named)) is not (piece.sign == "?"):
            continue
        values = [value(name) for name, _ in piece.fields]
        if piece.optional and piece.named is None and any(map(empty, values)):
            continue
        for words, one, (_, form) in zip(piece.words, values, piece.fields, strict=False):
            told += (words, forms.write(one, form))
        told.append(piece.words[-1])
    return "".join(told)


@dataclass(frozen=True, slots=True)
class _Piece:
    """A stretch of a template: words around fields, said always or only where it has a value."""

    words: tuple[str, ...]
    """One more than there are fields."""
    fields: tuple[tuple[str, str | None], ...]
    """Each field's name and the form in which it is written."""
    optional: bool = False
    sign: str | None = None
    named: str | None = None


@cache
def _pieces(text: str) -> tuple[_Piece, ...]:
    """Take a template apart, once."""
    found, place = [], 0
    for optional in _OPTIONAL.finditer(text):
        sign, named, inside = optional.groups()
        found.append(_piece(text[place : optional.start()]))
        found.append(replace(_piece(inside), optional=True, sign=sign, named=named))
        place = optional.end()
    found.append(_piece(text[place:]))
    return tuple(p for p in found if p.fields or p.words != ("",))


def _piece(text: str) -> _Piece:
    words, fields, place = [], [], 0
    for match in _FIELD.finditer(text):
        words.append(text[place : match.start()])
        fields.append((match[1], match[2]))
        place = match.end()
    return _Piece((*words, text[place:]), tuple(fields))


def _value(entry: Entry, before: Entry | None, name: str) -> Any:
    event = entry.event
    if name == "all":
        return event.model_dump(mode="json", exclude={"type"}, exclude_defaults=True)
    if name == "missing" and isinstance(event, Breached):
        return catalogue.in_both(event)
    if name == "data" and isinstance(event, Corrected):
        return changes(event, before)
    if name == "told" and isinstance(event, Reported):
        return {k: v for k, v in event.outcome.items() if not empty(v) and v is not False}
    if isinstance(event, Reported) and name in event.outcome:
        return parsed(event.outcome[name])
    value: Any = event
    for part in name.split("."):
        value = getattr(value, part)
    return value


def changes(event: Corrected, before: Entry | None) -> dict[str, Any]:
    """Return what a correction says anew, beside what the entry said where that is known."""
    found: dict[str, Any] = dict(event.data)
    if event.happened_at is not None:
        found["happened_at"] = event.happened_at
    if before is None:
        return found
    was = {"happened_at": before.occurred_at}
    return {k: Change(was.get(k) or getattr(before.event, k, None), v) for k, v in found.items()}

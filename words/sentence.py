"""From an event to a sentence, in either language."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from pydantic import TypeAdapter

from domain.engine.entry import Breached, Corrected, Reported, Timed
from domain.engine.message import Entry, Event
from domain.terms.stream import kind_of
from domain.terms.value import Text
from words import catalogue
from words.compiled import Message, given, message
from words.forms import Change, Forms, empty, parsed
from words.sources import Lang, sources
from words.units import unit


@cache
def sentence(kind: str, event_type: str) -> str | None:
    """Return the message that says a type of event, or None where it has none of its own."""
    names = (f"sentence-{kind}-{event_type}", f"sentence-any-{event_type}")
    return next((n for n in names if n in sources("zh")), None)


def report(event: Reported) -> str | None:
    """Return the message for what a stream tells another, or None where there is none."""
    kind = kind_of(event.stream)
    names = (f"report-{kind}-{event.outcome.get('outcome')}", f"report-{kind}")
    return next((n for n in names if n in sources("zh")), None)


@dataclass(frozen=True)
class Speaker:
    """Says events in both languages, with what one programme's sentences need."""

    zone: str
    texts: Mapping[str, str | Text] = field(default_factory=dict)
    """Free texts by digest, as far as the vault has them, and what is said of the others."""
    blocks: Mapping[str, str] = field(default_factory=dict)
    """Blocks' names by slug."""
    langs: tuple[Lang, ...] = ("zh", "en")
    """In which languages sentences are wanted; the other stays empty."""
    _kept: dict[tuple[Lang, str], Forms] = field(default_factory=dict, repr=False, compare=False)

    def say(self, entry: Entry, before: Entry | None = None) -> Text:
        """Return an entry's sentence; `before` is the entry that a correction corrects."""
        kind, event = kind_of(entry.stream), entry.event
        name = sentence(kind, event.type)
        if isinstance(event, Reported) and (told := report(event)) is not None:
            # In the words of the kind that tells.
            kind, name = kind_of(event.stream), told
        names = [name or "sentence-any"]
        if isinstance(event, Timed) and event.ends:
            names.append("sentence-ends")
        values: dict[str, Any] = {}

        def value(fact: str) -> Any:
            if fact not in values:
                values[fact] = _value(entry, before, fact)
            return values[fact]

        said = {
            lang: "".join(_said(_known(n, lang), self._forms(lang, kind), value) for n in names)
            for lang in self.langs
        }
        return Text(zh=said.get("zh", ""), en=said.get("en", ""))

    def word(self, value: Any) -> Text:
        """Return one value in both languages."""
        return Text(zh=self._forms("zh").write(value), en=self._forms("en").write(value))

    def _forms(self, lang: Lang, kind: str = "") -> Forms:
        found = self._kept.get((lang, kind))
        if found is None:
            found = Forms(lang, kind, self.zone, self.texts, self.blocks)
            self._kept[lang, kind] = found
        return found


def _known(name: str, lang: Lang) -> Message:
    found = message(name, lang)
    if found is None:
        raise catalogue.Unsaid(f"nothing is said in {lang} for {name}")
    return found


def _said(found: Message, forms: Forms, value: Callable[[str], Any]) -> str:
    return found.tell({fact: given(value(fact), forms) for fact in found.takes})


def _value(entry: Entry, before: Entry | None, name: str) -> Any:
    event = entry.event
    match name:
        case "type":
            return event.type
        case "all":
            return event.model_dump(mode="json", exclude={"type"}, exclude_defaults=True)
        case "missing" if isinstance(event, Breached):
            return catalogue.in_both(event)
        case "data" if isinstance(event, Corrected):
            return changes(event, before)
        case "told" if isinstance(event, Reported):
            return {k: v for k, v in event.outcome.items() if not empty(v) and v is not False}
    if isinstance(event, Reported) and name in event.outcome:
        return parsed(event.outcome[name])
    value: Any = event
    for part in name.split("-"):
        value = getattr(value, part, None)
    return value


def changes(event: Corrected, before: Entry | None) -> dict[str, Any]:
    """Return what a correction says anew, beside what the entry said where that is known."""
    found: dict[str, Any] = dict(event.data)
    if event.happened_at is not None:
        found["happened_at"] = event.happened_at
    if before is None:
        return found
    was = {"happened_at": before.occurred_at}
    of = type(before.event)
    return {
        k: Change(was.get(k) or getattr(before.event, k, None), _as_said(of, k, v), _form(of, k))
        for k, v in found.items()
    }


def _form(of: type[Event], field: str) -> str | None:
    info = of.model_fields.get(field)
    return unit(info, field) if info is not None else None


@cache
def _adapter(of: type[Event], field: str) -> TypeAdapter[Any] | None:
    info = of.model_fields.get(field)
    return TypeAdapter(info.annotation) if info and info.annotation else None


def _as_said(of: type[Event], field: str, value: Any) -> Any:
    """Return a value of JSON as the event has it, so that a choice is said in words."""
    adapter = _adapter(of, field)
    return adapter.validate_python(value) if adapter is not None else value

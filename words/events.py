"""What types of events are called in Chinese, and which are meant by a name."""

import difflib
from functools import cache

from domain.registry import KINDS
from words.labels import event
from words.sources import formerly


@cache
def chinese() -> dict[str, str]:
    """Return the Chinese name of every type of event there is."""
    return {t: event(t).zh for kind in KINDS.values() for t in kind.event_types}


def types(named: str) -> frozenset[str]:
    """Return the types of events that are meant by a type, its words or its Chinese name."""
    text = named.strip()
    code = text.lower().replace(" ", "_").replace("-", "_")
    return frozenset(
        t for t, zh in chinese().items() if t == code or text in (zh, *formerly(f"event-{t}"))
    )


def near(named: str) -> list[str]:
    """Return types of events, each with its Chinese name, that may have been meant."""
    text = named.strip().lower().replace(" ", "_")
    known = {**{t: t for t in chinese()}, **{zh: t for t, zh in chinese().items()}}
    inside = [t for name, t in known.items() if text and (text in name or name in text)]
    close = [known[n] for n in difflib.get_close_matches(text, known, n=5, cutoff=0.5)]
    return [f"{t} {chinese()[t]}" for t in list(dict.fromkeys([*inside, *close]))[:5]]

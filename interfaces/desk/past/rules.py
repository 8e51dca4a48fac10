"""The rules as they were: the profile in force at an instant, and what a stream lacked by it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from domain.engine.fold import effective
from domain.engine.kind import Context, Kind
from domain.engine.message import Entry
from domain.engine.rule import RULES, Missing
from domain.engine.state import State
from domain.guide import next_
from domain.past import Time, known, true, true_state
from domain.profile import THRESHOLDS, Profile
from domain.registry import kind_for
from domain.streams.programme.decide import PROGRAMME
from domain.streams.programme.messages import ProfileAmended, ProgrammeOpened
from domain.streams.programme.people import appointed
from domain.streams.programme.state import ProgrammeState, calendar_of, profile_of
from domain.terms.stream import StreamName, programme_of
from domain.terms.value import Text, Value
from words.catalogue import threshold


class Threshold(Value):
    """A number that a rule went by."""

    field: str
    rule: str
    text: Text
    source: Text
    set_by: int | None = None
    """The programme's entry that set it; None for the default."""


class Rules(Value):
    """The profile in force, as far as a stream at its stage is judged by it."""

    programme: StreamName
    version: int
    """The programme's entry that last changed the profile; 0 before it was opened."""
    rules_as_of: str
    thresholds: tuple[Threshold, ...]


def programme_then(entries: Sequence[Entry], at: datetime, time: Time) -> ProgrammeState | None:
    """Return the programme as it was."""
    return true_state(PROGRAMME, _ordered(entries, at, time))


def rules_of(
    stream: StreamName,
    state: State | None,
    led: ProgrammeState | None,
    entries: Sequence[Entry],
    at: datetime,
    time: Time,
) -> Rules:
    """Return the thresholds that a stream was judged by, each with what set it."""
    set_by: dict[str, tuple[int, str]] = {}
    for entry in _ordered(entries, at, time):
        event = entry.event
        values = event.profile if isinstance(event, ProgrammeOpened) else {}
        if isinstance(event, ProfileAmended):
            values = event.values
        for field in values:
            set_by[field] = (entry.version, event.sources.get(field, ""))
    profile = profile_of(led) if led else Profile()
    return Rules(
        programme=programme_of(stream),
        version=max((v for v, _ in set_by.values()), default=1 if led else 0),
        rules_as_of=profile.rules_as_of.isoformat(),
        thresholds=_thresholds(profile, set_by, _wanted(stream, state)),
    )


def lacking(
    kind: Kind[Any],
    state: State,
    context: Context,
    at: datetime,
    heads: Mapping[StreamName, State],
    tallies: Mapping[str, Mapping[str, int]],
) -> tuple[Missing, ...]:
    """Return what a stream lacked before it could go on, by the rules of then.

    `heads` are the streams above it as they were, `tallies` the sums below it.
    """
    led = heads.get(programme_of(context.stream))
    led = led if isinstance(led, ProgrammeState) else None
    then = replace(
        context,
        now=at,
        occurred_at=at,
        profile=profile_of(led) if led else context.profile,
        calendar=calendar_of(led) if led else context.calendar,
        appointed=appointed(led) if led else (),
        heads=heads,
        tallies=tallies,
    )
    return next_(kind, state, then).missing


def _ordered(entries: Sequence[Entry], at: datetime, time: Time) -> list[Entry]:
    if time is Time.TRUE:
        return true(PROGRAMME, entries, at)
    return effective(PROGRAMME, known(entries, at))


def _wanted(stream: StreamName, state: State | None) -> tuple[str, ...]:
    return kind_for(stream).thresholds_of(state.stage if state is not None else "")


def _thresholds(
    profile: Profile, set_by: Mapping[str, tuple[int, str]], wanted: tuple[str, ...]
) -> tuple[Threshold, ...]:
    found = []
    read_by = {name: rule for rule in RULES.values() for name in rule.thresholds}
    for name, one in THRESHOLDS.items():
        rule = read_by[name]
        if not (rule.id.startswith(wanted) if wanted else name in set_by):
            continue
        if rule.in_force_from and rule.in_force_from > profile.rules_as_of:
            continue
        version, source = set_by.get(name, (None, ""))
        found.append(
            Threshold(
                field=name,
                rule=rule.id,
                text=threshold(name, getattr(profile, name)),
                source=Text(zh=source, en=source) if source else one.source.text,
                set_by=version,
            )
        )
    return tuple(found)

"""A scenario's files: the programme as it would be opened, and who does what on which day.

`programme.yaml` is what `siwen programme open` takes for a real programme; `scenario.yaml` says
what is played with it. Both say what in them is invented.
"""

import re
from datetime import date, time
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from domain.engine.message import Source
from domain.terms.value import Ident, Slug, Text, Value
from interfaces.desk.forms.programme_file import FromFile

SCENARIO_FILE = "scenario.yaml"
MORNING = time(9)

_CLOCK = re.compile(r"^([01]?\d|2[0-3]):([0-5]\d)$")


def _clock(value: object) -> object:
    if isinstance(value, str) and (found := _CLOCK.match(value)):
        return time(int(found[1]), int(found[2]))
    return value


def _expected(value: object) -> object:
    if not isinstance(value, str):
        return value
    how, _, rule = value.partition(" ")
    return {"how": how, "rule": rule.strip()}


Clock = Annotated[time, BeforeValidator(_clock)]
"""A time of day in the programme's zone, written 09:30."""


class Expected(Value):
    """How an act ends that does not simply succeed."""

    how: Literal["refused", "breach"]
    rule: Ident


class Act(FromFile):
    """Something that somebody does on a day, in one stream or the same in several blocks."""

    on: date
    at: Clock = MORNING
    by: Annotated[str | None, Field(alias="as")] = None
    stream: str = ""
    """Below the programme, or below each of the blocks."""
    blocks: tuple[Slug, ...] | Literal["all"] = ()
    do: Annotated[str, Field(pattern=r"^[a-z_]+$")] | None = None
    """A command, as `siwen do` takes it."""
    draw: Annotated[str, Field(pattern=r"^[a-z_]+$")] | None = None
    """Several commands, drawn from the seed."""
    fields: Annotated[dict[str, Any], Field(alias="with")] = {}
    each: dict[Slug, dict[str, Any]] = {}
    """Fields that differ by block."""
    occurred: str | date | None = None
    """When it was so, where it is entered late: a day, or `2014-09-03 10:00`."""
    source: Source | None = None
    reason: str | None = None
    evidence: tuple[str, ...] = ()
    expect: Annotated[Expected | None, BeforeValidator(_expected)] = None
    """`refused RULE` or `breach RULE`."""
    say: Text | None = None
    """What is told while it is played."""


def _one_thing(act: Act) -> Act:
    if (act.do is None) == (act.draw is None):
        raise ValueError("an act has either `do` or `draw`")
    if act.each and not act.blocks:
        raise ValueError("`each` goes with `blocks`")
    return act


class ScenarioFile(FromFile):
    """What is played: from when to when, from which seed, and the acts."""

    title: Text
    seed: Annotated[int, Field(ge=0, lt=2**53)]
    starts: date
    ends: date
    by: Annotated[str, Field(alias="as")]
    """Who acts where an act does not say."""
    notes: tuple[Text, ...] = ()
    """What people are told before it is shown."""
    invented: tuple[Text, ...]
    """What in it is invented."""
    stagger: dict[Slug, Annotated[int, Field(ge=0, le=120)]] = {}
    """By how many working days a block comes after the day of an act for several."""
    later: dict[str, date] = {}
    """Lines of the programme's file that are learned only on a later day."""
    acts: tuple[Annotated[Act, AfterValidator(_one_thing)], ...]

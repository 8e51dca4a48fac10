"""The playbook: a scenario's acts as turns, each in one stream at one instant, in order."""

import re
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfoNotFoundError

from pydantic import ValidationError

from domain.terms.calendar import first_release
from domain.terms.role import Actor
from domain.terms.stream import BadStreamName, StreamName, stream_name
from domain.terms.value import Value
from domain.terms.zone import zone_of
from interfaces.desk.errors import FileInvalid
from interfaces.desk.forms.programme_file import PROGRAMME_FILE, ProgrammeFile, actor_from
from interfaces.desk.forms.yaml_text import read_model
from rehearsal.scenario import MORNING, SCENARIO_FILE, Act, ScenarioFile
from runtime.settings import REHEARSAL

_MOMENT = re.compile(r"^\d{4}-\d\d-\d\d \d\d:\d\d$")
M = TypeVar("M", bound=Value)


class Turn(Value):
    """One act in one stream at one instant."""

    number: int
    """Its place in the file; what is drawn for it follows from that."""
    at: datetime
    stream: StreamName
    block: str | None
    by: Actor
    act: Act
    fields: dict[str, Any]


class Scenario(Value):
    """A scenario ready to be played."""

    programme: ProgrammeFile
    file: ScenarioFile
    zone: str
    names: dict[str, str]
    """What people call the blocks, by slug."""
    turns: tuple[Turn, ...]

    @property
    def stream(self) -> StreamName:
        return StreamName(self.programme.stream)

    @property
    def ledger(self) -> str:
        return f"{REHEARSAL}{self.programme.stream}"

    def instant(self, day: date, clock: time = MORNING) -> datetime:
        return datetime.combine(day, clock, zone_of(self.zone))

    def moment(self, text: str | date) -> datetime:
        """Return a day's morning, or the instant of `2014-09-03 10:00`."""
        if isinstance(text, datetime):
            return text if text.tzinfo else text.replace(tzinfo=zone_of(self.zone))
        if isinstance(text, date):
            return self.instant(text)
        return datetime.strptime(text, "%Y-%m-%d %H:%M").replace(tzinfo=zone_of(self.zone))


def load(directory: Path) -> Scenario:
    """Read a scenario's two files.

    Raises:
        FileInvalid: if a file is missing or does not hold, naming the place.

    """
    programme = read_model(ProgrammeFile, directory / PROGRAMME_FILE)
    file = read_model(ScenarioFile, directory / SCENARIO_FILE)
    zone = str(programme.programme.get("zone", "Asia/Shanghai"))
    try:
        zone_of(zone)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise FileInvalid(f"{PROGRAMME_FILE}: programme.zone", f"no zone {zone!r}") from error
    names = {b.slug: str((b.model_extra or {}).get("name", b.slug)) for b in programme.blocks}
    scenario = Scenario(programme=programme, file=file, zone=zone, names=names, turns=())
    known = {place for place, _, _ in programme.openings()}
    for place in file.later:
        if place not in known:
            raise FileInvalid(f"{SCENARIO_FILE}: later", f"there is no {place}")
    return scenario.model_copy(update={"turns": tuple(sorted(_turns(scenario), key=_order))})


def _order(turn: Turn) -> tuple[datetime, int]:
    return (turn.at, turn.number)


def _turns(scenario: Scenario) -> list[Turn]:
    found = _opening_turns(scenario)
    for act in scenario.file.acts:
        found += _turns_of(scenario, act, len(found))
    return found


def _opening_turns(scenario: Scenario) -> list[Turn]:
    """Return the turns that open the programme as a rehearsal, and enter what its file says."""
    file, found = scenario.file, list[Turn]()
    for place, stream, command in scenario.programme.openings():
        fields = {k: v for k, v in command.items() if k != "type"}
        if place == "programme":
            fields["rehearsal"] = True
        act = Act(on=file.later.get(place, file.starts), do=str(command["type"]))
        found.append(
            Turn(
                number=len(found),
                at=scenario.instant(act.on),
                stream=stream,
                block=stream.partition("/")[2] or None,
                by=scenario.programme.by,
                act=act,
                fields=_plain(fields, scenario),
            )
        )
    return found


def _turns_of(scenario: Scenario, act: Act, first: int) -> list[Turn]:
    where = f"{SCENARIO_FILE}: {act.on} {act.do or act.draw} {act.stream}".rstrip()
    own = scenario.stream
    slugs: tuple[str | None, ...] = (None,)
    if act.blocks:
        slugs = _under_way(scenario) if act.blocks == "all" else act.blocks
    found = []
    for number, slug in enumerate(slugs, start=first):
        if slug is not None and slug not in scenario.names:
            raise FileInvalid(where, f"there is no block {slug}")
        stem = own if slug is None else f"{own}/{slug}"
        try:
            stream = stream_name(f"{stem}/{act.stream}" if act.stream else stem)
        except BadStreamName as error:
            raise FileInvalid(where, str(error)) from error
        block = slug or next(iter(stream.split("/")[1:2]), None)
        told = {"slug": block or "", "block": scenario.names.get(block or "", "")}
        fields = {**act.fields, **act.each.get(slug or "", {})}
        by = _filled(act.by or scenario.file.by, told)
        found.append(
            Turn(
                number=number,
                at=scenario.instant(_day(scenario, act.on, slug), act.at),
                stream=stream,
                block=block if block in scenario.names else None,
                by=_who(by, where),
                act=act,
                fields=_plain(_filled(fields, told), scenario),
            )
        )
    return found


def _who(text: str, where: str) -> Actor:
    try:
        return Actor.model_validate(actor_from(text))
    except ValidationError as error:
        raise FileInvalid(where, f"{text!r} is not `actor:role`") from error


def _under_way(scenario: Scenario) -> tuple[str, ...]:
    """Return the blocks of this programme, those taken over as history left out."""
    blocks = scenario.programme.blocks
    return tuple(b.slug for b in blocks if b.command()["type"] == "open_block")


def _day(scenario: Scenario, day: date, slug: str | None) -> date:
    """Return an act's day in a block that follows others by so many working days."""
    calendar = first_release(scenario.zone)
    later = scenario.file.stagger.get(slug or "", 0)
    while later > 0:
        day += timedelta(days=1)
        later -= calendar.works(day)
    return day


def _filled(value: Any, told: dict[str, str]) -> Any:
    """Put a block's slug and name where a text says {slug} and {block}."""
    match value:
        case str():
            for name, text in told.items():
                value = value.replace("{" + name + "}", text)
            return value
        case dict():
            return {k: _filled(v, told) for k, v in value.items()}
        case list() | tuple():
            return [_filled(v, told) for v in value]
        case _:
            return value


def _plain(value: Any, scenario: Scenario) -> Any:
    """Return a value as a command takes it: days and moments as text, in the programme's zone."""
    match value:
        case datetime():
            return scenario.moment(value).isoformat()
        case date():
            return value.isoformat()
        case str() if _MOMENT.match(value):
            return scenario.moment(value).isoformat()
        case dict():
            return {str(k): _plain(v, scenario) for k, v in value.items()}
        case list() | tuple():
            return [_plain(v, scenario) for v in value]
        case _:
            return value

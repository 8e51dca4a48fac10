"""Narrowing a timeline: between two instants, by type, by who acted, by what the sentences say."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Literal

from domain.engine.message import Entry
from domain.terms.role import Role
from domain.terms.value import Text, Value
from interfaces.desk.errors import BadRequest
from interfaces.desk.names.moments import Moment, moment
from words import events, labels

Lang = Literal["zh", "en"]


class By(StrEnum):
    """Which of an entry's two times a range is over, and a timeline in order of."""

    RECORDED = "recorded"
    OCCURRED = "occurred"


class Narrow(Value):
    """What of a timeline is wanted; the empty one wants everything."""

    by: By = By.RECORDED
    since: Moment | None = None
    until: Moment | None = None
    types: tuple[str, ...] = ()
    actor: str | None = None
    """An actor's id, or a role in either language."""
    grep: str | None = None

    @property
    def asked(self) -> bool:
        """Whether anything was asked to be left out."""
        return bool(self.since or self.until or self.types or self.actor or self.grep)

    @property
    def reads(self) -> bool:
        """Whether an entry has to be read before it is known to be wanted."""
        return bool(self.actor or self.grep)

    def in_range(self, recorded_at: datetime, occurred_at: datetime) -> bool:
        at = recorded_at if self.by is By.RECORDED else occurred_at
        if self.since is not None and at < self.since.at:
            return False
        return self.until is None or at <= self.until.at

    def acted(self, entry: Entry | None) -> bool:
        """Tell whether the entry is of the actor or role that was asked for."""
        if self.actor is None:
            return True
        return entry is not None and self.actor in (entry.actor.id, *_called(entry.actor.role))

    def says(self, texts: Iterable[Text | None], lang: Lang) -> bool:
        """Tell whether what is said of an entry holds the words that were asked for."""
        if self.grep is None:
            return True
        wanted = self.grep.casefold()
        return any(wanted in t.in_(lang).casefold() for t in texts if t is not None)


def narrow(
    zone: str,
    *,
    by: By = By.RECORDED,
    since: str | None = None,
    until: str | None = None,
    types: Sequence[str] = (),
    actor: str | None = None,
    grep: str | None = None,
    among: Iterable[str] = (),
) -> Narrow:
    """Return what is wanted from what was typed, days and hours in the programme's zone.

    `among` are the types of events that there are in the dossier: a type that is unknown and like
    none is answered with them.

    Raises:
        BadRequest: if an instant or a type cannot be understood, or nothing lies between.

    """
    found = Narrow(
        by=by,
        since=moment(since, zone, start=True) if since else None,
        until=moment(until, zone) if until else None,
        types=tuple(sorted({t for named in types for t in _types(named, among)})),
        actor=_actor(actor) if actor else None,
        grep=grep or None,
    )
    if found.since and found.until and found.since.at > found.until.at:
        raise BadRequest(
            Text(
                zh=f"{found.since.text.zh} 晚于 {found.until.text.zh}",
                en=f"{found.since.text.en} is after {found.until.text.en}",
            ),
            Text(zh="请把起止时间对调", en="Swap the two instants"),
        )
    return found


def by_named(named: str) -> By:
    """Return the time that is meant.

    Raises:
        BadRequest: if it is neither.

    """
    said = {
        "recorded": By.RECORDED,
        "known": By.RECORDED,
        "记录": By.RECORDED,
        "occurred": By.OCCURRED,
        "true": By.OCCURRED,
        "发生": By.OCCURRED,
    }
    found = said.get(named.strip().lower().removesuffix("_at").removesuffix("时间"))
    if found is None:
        raise BadRequest(
            Text(zh=f"没有「{named[:40]}」这种时间", en=f"There is no time {named[:40]!r}"),
            Text(
                zh="recorded 按记录时间，occurred 按发生时间",
                en="recorded is when it was recorded, occurred when it was so",
            ),
        )
    return found


def _types(named: str, among: Iterable[str]) -> frozenset[str]:
    found = events.types(named)
    if found:
        return found
    near, here = events.near(named), [f"{t} {events.chinese()[t]}" for t in among]
    raise BadRequest(
        Text(zh=f"没有「{named[:60]}」这种记录", en=f"There is no type of entry {named[:60]!r}"),
        Text(zh=f"您是指：{'、'.join(near)}?", en=f"Did you mean {', '.join(near)}?")
        if near
        else Text(zh=f"这里有：{'、'.join(here)}", en=f"Here there are {', '.join(here)}"),
    )


def _actor(named: str) -> str:
    text = named.strip()
    return labels.role_meant(text) or text


def _called(role: Role) -> tuple[str, str]:
    return str(role), str(role).replace("_", " ")

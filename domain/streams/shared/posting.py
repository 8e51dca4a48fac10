"""Posting in public: channels, what is posted by itself, and the proof of each posting (发布)."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from domain.engine.entry import Timed
from domain.engine.kind import Context
from domain.engine.message import Entry, Fact, Kept
from domain.engine.state import Effect, State
from domain.terms.role import Role
from domain.terms.value import Evidence, Instant, Positive, Slug

Channels = Annotated[tuple[Slug, ...], Field(min_length=1, max_length=10)]

PUBLISHERS = frozenset({Role.OFFICE, Role.PROJECT_LEAD, Role.SUBDISTRICT, Role.COMMUNITY})
"""Who publishes on the public side."""


class RecordPosting(Fact):
    """Record that a text was posted on a channel, with its proof (登记发布凭证)."""

    zh: ClassVar = "登记发布凭证"
    formerly: ClassVar = ("登记张贴",)
    by: ClassVar = PUBLISHERS | {Role.GRID_WORKER, Role.INTEGRATION, Role.SYSTEM}
    type: Literal["record_posting"] = "record_posting"
    insertion: Positive = 1
    channel: Slug
    proof: Evidence


class Posted(Timed, kept=Kept.OFFICE):
    """Posted when it occurred; the proof says so."""

    type: Literal["posted"] = "posted"
    insertion: Positive
    channel: Slug
    proof: Evidence


def automatic(channels: tuple[Slug, ...], ctx: Context) -> tuple[Slug, ...]:
    """Return the channels that are posted on without a person."""
    return tuple(c for c in channels if c in ctx.profile.automatic_channels)


def effect_id(insertion: int, channel: str) -> str:
    """Return the id, within its stream, of the effect that posts an insertion on a channel."""
    return f"{insertion}:{channel}"


def insertion_of(effect: str) -> int:
    """Return the insertion that an effect posts, from its id."""
    return int(effect.split(":", 1)[0])


def effects(entry: Entry, insertion: int, channels: tuple[Slug, ...]) -> tuple[Effect, ...]:
    """Return what is to be posted without a person, about the entry that decided it."""
    return tuple(
        Effect(
            id=effect_id(insertion, channel),
            kind="post",
            channel=channel,
            about=f"{entry.stream}@{entry.version}",
        )
        for channel in channels
    )


def done(state: State, insertion: int, channel: str) -> dict[str, Any]:
    """Return the effects that remain once an insertion is posted on a channel by anybody."""
    id = effect_id(insertion, channel)
    return {
        "effects": tuple(e for e in state.effects if e.id != id),
        "unknown_effects": tuple(e for e in state.unknown_effects if e.id != id),
    }


def earliest(posted: Mapping[str, Instant], channel: str, at: Instant) -> dict[str, Instant]:
    """Return the first proven posting by channel, one more being proven."""
    return {**posted, channel: min(posted.get(channel, at), at)}

"""Work items of a rehearsal: each planned, cleared, started, opened, inspected, built, accepted."""

from dataclasses import dataclass, replace
from datetime import time
from typing import Annotated, Any

from pydantic import AfterValidator, Field

from domain.streams.programme.state import ProgrammeState, profile_of
from domain.terms.role import Actor
from domain.terms.stream import StreamName, programme_of
from domain.terms.value import Count, Line, Positive, Slug, Text, Value
from domain.terms.works import WorkKind
from interfaces.desk.forms.programme_file import As
from rehearsal.drawing.drawing import Batch, Item, Room
from rehearsal.exhibits import PAPER, PHOTO

Step = tuple[Actor, dict[str, Any]]
"""Who does something on the site, and what."""


class Planned(Value):
    """One work item; days count from the day of the act."""

    id: Slug
    kind: Slug
    name: Line
    quantity: Count
    segments: tuple[Line, ...] = ()
    private: bool = False
    after: tuple[Slug, ...] = ()
    contract: Slug | None = None
    starts: Annotated[int, Field(ge=1)]
    ends: Positive
    accepted: Positive


def _in_order(item: Planned) -> Planned:
    if not item.starts + 3 <= item.ends <= item.accepted:
        raise ValueError("an item takes three days at least and is accepted when it is done")
    return item


class Works(Value):
    """`work_items`: the items and who is who on the site."""

    items: Annotated[tuple[Annotated[Planned, AfterValidator(_in_order)], ...], Field(min_length=1)]
    builder: As
    supervisor: As
    clears: dict[Line, As] = {}
    """Who clears for each body that a kind of works needs; else whoever leads."""


async def work_items(room: Room) -> list[Batch]:
    """Build work items, by whoever does each step, with photos of what disappears."""
    asked, block = room.parameters(Works), room.turn.stream
    programme = await room.head(programme_of(block), ProgrammeState)
    kinds = profile_of(programme).work_kinds
    batches: list[Batch] = []
    for item in asked.items:
        if item.kind not in kinds:
            raise room.wrong(f"there is no kind of works {item.kind}")
        batches += _Steps(room, asked, item, kinds[item.kind]).all()
    return batches


@dataclass(frozen=True, slots=True)
class _Steps:
    """The steps of one item."""

    room: Room
    asked: Works
    item: Planned
    kind: WorkKind

    def all(self) -> list[Batch]:
        """Return what happens to the item, in order; its acceptance is told."""
        item, builder = self.item, self.asked.builder
        half = (item.starts + item.ends) // 2
        name = Text(zh=f"{item.name}验收合格", en=f"{self.kind.name.en} accepted")
        return [
            self._at(0, 9, self._plan()),
            *self._some(max(item.starts - 2, 1), 10, self._clearances()),
            self._at(item.starts, 9, self._start(), *self._along("record_opened")),
            self._at(half, 17, (builder, _progress(item.quantity // 2))),
            *self._some(item.ends - 1, 10, [*self._inspection(), *self._along("record_backfill")]),
            self._at(
                item.ends,
                16,
                (builder, _progress(item.quantity)),
                (builder, {"type": "finish_work"}),
            ),
            replace(self._at(item.accepted, 17, self._acceptance()), say=name),
        ]

    def _at(self, day: int, hour: int, *steps: Step) -> Batch:
        stream = StreamName(f"{self.room.turn.stream}/work/{self.item.id}")
        items = tuple(Item(stream, by, command) for by, command in steps)
        return Batch(self.room.after(day, time(hour)), items)

    def _some(self, day: int, hour: int, steps: list[Step]) -> list[Batch]:
        return [self._at(day, hour, *steps)] if steps else []

    def _plan(self) -> Step:
        fields = {"kind", "name", "quantity", "segments", "private", "after", "contract"}
        planned = self.item.model_dump(mode="json", include=fields, exclude_none=True)
        return self.room.turn.by, {"type": "plan_work", **planned}

    def _clearances(self) -> list[Step]:
        lead, clears = self.room.turn.by, self.asked.clears
        return [
            (
                clears.get(body, lead),
                {
                    "type": "record_clearance",
                    "body": body,
                    "document": f"演练会签-{self.item.id}-{n}",
                },
            )
            for n, body in enumerate(self.kind.clearances, start=1)
        ]

    def _start(self) -> Step:
        return self.room.turn.by, {"type": "start_work"}

    def _along(self, command: str) -> list[Step]:
        """Return the same for every segment of what digs."""
        return [
            (
                self.asked.builder,
                {"type": command, "segment": s, "photo": f"{PHOTO}{command} {s}"},
            )
            for s in (self.item.segments if self.kind.digs else ())
        ]

    def _inspection(self) -> list[Step]:
        if not self.kind.hidden:
            return []
        inspected = {
            "type": "record_hidden_inspection",
            "segments": list(self.item.segments),
            "passed": True,
            "photos": [f"{PHOTO}隐蔽验收 {self.item.name}"],
        }
        return [(self.asked.supervisor, inspected)]

    def _acceptance(self) -> Step:
        accepted = {
            "type": "accept_work",
            "quantity": self.item.quantity,
            "minutes": f"{PAPER}验收 {self.item.name}",
        }
        return self.asked.supervisor, accepted


def _progress(quantity: int) -> dict[str, Any]:
    return {"type": "record_progress", "quantity": quantity}

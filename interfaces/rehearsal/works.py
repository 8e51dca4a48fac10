"""Work items of a rehearsal: each planned, cleared, started, opened, inspected, built, accepted."""

from datetime import time
from typing import Annotated, Any

from pydantic import AfterValidator, Field

from domain.programme.state import ProgrammeState, profile_of
from domain.role import Actor
from domain.stream import StreamName, programme_of
from domain.value import Count, Line, Positive, Slug, Text, Value
from domain.works import WorkKind
from interfaces.rehearsal.drawing import Batch, Item, Room
from interfaces.rehearsal.exhibits import PHOTO
from interfaces.rehearsal.scenario import As


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
        batches += _steps(room, asked, item, kinds[item.kind])
    return batches


def _steps(room: Room, asked: Works, item: Planned, kind: WorkKind) -> list[Batch]:
    stream, lead = StreamName(f"{room.turn.stream}/work/{item.id}"), room.turn.by
    name = Text(zh=item.name, en=kind.name.en)

    def at(day: int, hour: int, zh: str, en: str, *steps: tuple[Actor, dict[str, Any]]) -> Batch:
        items = tuple(Item(stream, by, command) for by, command in steps)
        return Batch(
            room.after(day, time(hour)), items, Text(zh=f"{name.zh}:{zh}", en=f"{name.en}: {en}")
        )

    digs = [(s, kind.digs) for s in item.segments if kind.digs]
    planned = {
        "type": "plan_work",
        **item.model_dump(mode="json", include={"kind", "name", "quantity", "segments", "private"}),
        "after": list(item.after),
        **({"contract": item.contract} if item.contract else {}),
    }
    found = [at(0, 9, "列入", "planned", (lead, planned))]
    cleared = [
        (
            asked.clears.get(body, lead),
            {"type": "record_clearance", "body": body, "document": f"演练会签-{item.id}-{n}"},
        )
        for n, body in enumerate(kind.clearances, start=1)
    ]
    if cleared:
        found.append(at(max(item.starts - 2, 1), 10, "会签", "cleared", *cleared))
    opened = [(asked.builder, _seen("record_opened", segment=s)) for s, _ in digs]
    found.append(at(item.starts, 9, "开工", "started", (lead, {"type": "start_work"}), *opened))
    half = (item.starts + item.ends) // 2
    found.append(at(half, 17, "过半", "half done", (asked.builder, _progress(item.quantity // 2))))
    covered: list[tuple[Actor, dict[str, Any]]] = []
    if kind.hidden:
        inspected = {
            "type": "record_hidden_inspection",
            "segments": list(item.segments),
            "passed": True,
            "photos": [f"{PHOTO}隐蔽验收 {item.name}"],
        }
        covered.append((asked.supervisor, inspected))
    covered += [(asked.builder, _seen("record_backfill", segment=s)) for s, _ in digs]
    if covered:
        found.append(at(item.ends - 1, 10, "隐蔽验收", "inspected", *covered))
    finished = [(asked.builder, _progress(item.quantity)), (asked.builder, {"type": "finish_work"})]
    found.append(at(item.ends, 16, "完工", "finished", *finished))
    accepted = {
        "type": "accept_work",
        "quantity": item.quantity,
        "minutes": f"paper:验收 {item.name}",
    }
    found.append(
        at(
            item.accepted,
            15 if item.accepted > item.ends else 17,
            "验收合格",
            "accepted",
            (asked.supervisor, accepted),
        )
    )
    return found


def _seen(command: str, **fields: Any) -> dict[str, Any]:
    return {"type": command, **fields, "photo": f"{PHOTO}{command} {fields.get('segment', '')}"}


def _progress(quantity: int) -> dict[str, Any]:
    return {"type": "record_progress", "quantity": quantity}

"""A town in a zone whose midnight is near: a programme, and commands sent to it as people do."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from domain.engine.answer import Answer
from domain.engine.message import Receipt
from domain.engine.rule import RULES, Force
from domain.registry import KINDS
from domain.terms.calendar import Calendar, fixed_days
from domain.terms.role import Role
from domain.terms.stream import StreamName, kind_of
from interfaces.desk.siwen import Siwen
from tests.support.ledgers import opening
from tests.support.midnight import Zone
from tests.support.pictures import jpeg
from tests.unit.domain.spec import person

PHOTO = jpeg()
EARLIER = timedelta(days=2)
"""How long the town has stood before anything is sent to it."""
SHORT: dict[str, Any] = {
    "planning_permit_days": 1,
    "consultation_major_days": 1,
    "opinion_reply_days": 1,
    "poll_min_days": 1,
    "works_days": 1,
    "works_warn_days": 1,
    "litter_hours": 1,
    "emergency_hours": 1,
    "forces": {r.id: "warn" for r in RULES.values() if r.force is Force.APPROVAL},
}
"""Every deadline as near as it may be, and every rule that an exception could pass let through."""


def invented_calendar(year: int) -> dict[str, Any]:
    """Return a calendar with the days that are off in every year and no others."""
    off = [d.isoformat() for d in sorted(fixed_days(year))]
    return {"type": "enter_calendar", "year": year, "off": off, "document": "虚构〔2026〕1号"}


@dataclass
class Town:
    """A programme of one name and zone, entered two days after it began."""

    siwen: Siwen
    zone: Zone
    name: str
    at: datetime = field(default_factory=lambda: datetime.now(UTC) - EARLIER)

    @property
    def block(self) -> StreamName:
        return StreamName(f"{self.name}/linhe")

    async def opened(self) -> "Town":
        sources = dict.fromkeys(SHORT, "柳浦规〔2026〕1号")
        programme = opening(zone=self.zone.name, profile=SHORT, sources=sources)
        await self.send(self.name, programme.model_dump(mode="json"), by=Role.OFFICE, at=self.at)
        block = {
            "type": "open_block",
            "name": "临河里",
            "community": "临河社区",
            "category": "back_street",
        }
        await self.send(self.block, block, at=self.at)
        for year in sorted({self.zone.today.year, self.zone.tomorrow.year}):
            if Calendar(self.zone.name).provisional(date(year, 1, 1)):
                await self.send(self.name, invented_calendar(year), by=Role.OFFICE)
        return self

    async def noticed(self, *channels: str, at: datetime | None = None) -> str:
        """Open a notice of one day, on the channel that posts by itself unless others are named."""
        name = f"{self.block}/notice/1"
        command = {
            "type": "open_notice",
            "purpose": "planning_permit",
            "channels": channels or ["website"],
            "text": "规划公示",
        }
        await self.send(name, command, at=at)
        return name

    async def posted(self, notice: str, channel: str, at: datetime | None = None) -> int:
        """Record a posting, and return its number."""
        command = {"type": "record_posting", "channel": channel, "proof": "photo.jpg"}
        receipt = await self.send(notice, command, at=at)
        return next(e.version for e in receipt.events if e.type == "posted")

    async def consulted(self, *, major: bool, at: datetime | None = None) -> str:
        """Open a consultation: of one day, or of seven working days where it is not major."""
        name = f"{self.block}/consultation/1"
        design = {"type": "submit_design", "text": "text.jpg", "kinds": ["road"], "estimate": 1}
        await self.send(self.block, design, at=at)
        command = {
            "type": "open_consultation",
            "subject": "draft",
            "design_version": 1,
            "major": major,
            "text": "征询",
            "channels": ["website"],
        }
        await self.send(name, command, at=at)
        return name

    async def send(
        self, stream: str, command: dict[str, Any], *, by: Role | None = None, at: Any = None
    ) -> Receipt:
        """Send a command that must be accepted, by the first role that may send it."""
        kind = KINDS[kind_of(StreamName(stream))]
        able = sorted(kind.command_types[command["type"]].by - {Role.SYSTEM, Role.RESIDENT})
        late = {} if at is None else {"at": at, "source": "paper", "reason": "补录"}

        async def sent() -> Answer:
            return await self.siwen.submit(
                stream, command, person(by or able[0]), attach=lambda name: PHOTO, **late
            )

        answer = await sent()
        if answer.refusal is not None and answer.refusal.rule == "entry.countersign":
            await self.seconded(stream, command, at)
            answer = await sent()
        assert answer.receipt is not None, f"{stream} refused {command}: {answer.refusal}"
        return answer.receipt

    async def seconded(self, stream: str, command: dict[str, Any], at: Any) -> None:
        """Let a second person stand for what is entered late."""
        word = {"type": "countersign", "command": command["type"], "reason": "原件看过"}
        if "entry" in command:
            word["entry"] = command["entry"]
        else:
            word["happened_at"] = at.isoformat()
        opens = command["type"].startswith("open_")
        if opens:
            word["stream"] = stream
        answer = await self.siwen.submit(
            self.block if opens else stream, word, person(Role.SUPERVISOR, 2)
        )
        assert answer.receipt is not None, answer.refusal

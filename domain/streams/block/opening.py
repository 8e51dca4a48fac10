"""How a block begins: opened for renovation, or taken over as history with its source."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from domain.engine.kind import Context, Ruling, ruling
from domain.engine.message import Command, Decision, Entry, Event, Kept
from domain.streams.block.state import BlockState, Category, Management, Stage
from domain.terms.role import Role
from domain.terms.value import DocumentNumber, Evidence, FreeText, Line

Aliases = Annotated[tuple[Line, ...], Field(max_length=8)]
Year = Annotated[int, Field(ge=1990, le=2100)]


class OpenBlock(Decision):
    """Open a block as a candidate for renovation (设立区块)."""

    zh: ClassVar = "设立区块"
    formerly: ClassVar = ("立区块",)
    by: ClassVar = frozenset({Role.LEADING_GROUP, Role.OFFICE, Role.PROJECT_LEAD})
    type: Literal["open_block"] = "open_block"
    name: Line
    aliases: Aliases = ()
    community: Line
    category: Category
    management: Management = Management.NONE


class ImportBlock(Decision):
    """Take over a block that was finished earlier, with its source (补录历史区块)."""

    zh: ClassVar = "补录历史区块"
    by: ClassVar = frozenset({Role.OFFICE, Role.INTEGRATION})
    type: Literal["import_block"] = "import_block"
    name: Line
    aliases: Aliases = ()
    community: Line
    category: Category = Category.OTHER
    finished_year: Year | None = None
    source_title: Line
    """The document that says so, by its title."""
    document: DocumentNumber | None = None
    scan: Evidence | None = None
    note: FreeText | None = None


class BlockOpened(Event, kept=Kept.OFFICE):
    fixed: ClassVar = frozenset({"zone"})
    voidable: ClassVar[bool] = False
    type: Literal["block_opened"] = "block_opened"
    name: Line
    aliases: tuple[Line, ...]
    community: Line
    category: Category
    management: Management
    zone: str


class BlockImported(Event, kept=Kept.OFFICE):
    voidable: ClassVar[bool] = False
    fixed: ClassVar = frozenset({"zone"})
    type: Literal["block_imported"] = "block_imported"
    name: Line
    aliases: tuple[Line, ...]
    community: Line
    category: Category
    finished_year: int | None
    source_title: Line
    document: DocumentNumber | None
    scan: Evidence | None
    note: FreeText | None
    zone: str


COMMANDS: tuple[type[Command], ...] = (OpenBlock, ImportBlock)
EVENTS: tuple[type[Event], ...] = (BlockOpened, BlockImported)


def decide(command: Command, ctx: Context) -> Ruling:
    zone = str(ctx.calendar.zone)
    fields = command.model_dump(exclude={"type"})
    if isinstance(command, ImportBlock):
        return ruling(BlockImported(zone=zone, **fields))
    return ruling(BlockOpened(zone=zone, **fields))


def evolve(entry: Entry) -> BlockState:
    match entry.event:
        case BlockOpened() as opened:
            return BlockState(
                stage=Stage.SURVEY, since=entry.occurred_at, **opened.model_dump(exclude={"type"})
            )
        case BlockImported() as told:
            return BlockState(
                stage=Stage.IMPORTED,
                closed=True,
                since=entry.occurred_at,
                name=told.name,
                aliases=told.aliases,
                community=told.community,
                category=told.category,
                management=Management.NONE,
                zone=told.zone,
            )
        case other:
            raise ValueError(f"{other.type} before the block was opened")

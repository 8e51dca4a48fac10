"""A kind of stream that the product does not have: what adding one takes, and no more.

A street tree (行道树) of a block is planted, watered, and felled. Its words stand in the catalogue
of words, a file for each language; everything else stands here.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, ClassVar, Literal, cast

from domain import registry
from domain.engine.entry import StageEntered
from domain.engine.kind import Context, Kind, Ruling, ruling
from domain.engine.message import Command, Decision, Entry, Event, Fact, Kept
from domain.engine.rule import RULES, Force, Violation, rule, unmet
from domain.engine.state import State
from domain.terms import stream
from domain.terms.role import Role
from domain.terms.value import Line, Text
from interfaces.desk.names.kinds import called
from words.sources import Lang, sources, term


class PlantTree(Decision):
    """Plant a tree in the street (种树)."""

    zh: ClassVar = "种树"
    by: ClassVar = frozenset({Role.OFFICE, Role.PROJECT_LEAD})
    type: Literal["plant_tree"] = "plant_tree"
    species: Line


class WaterTree(Fact):
    """Water a tree (浇水)."""

    zh: ClassVar = "浇水"
    by: ClassVar = frozenset({Role.MAINTAINER, Role.RESIDENT})
    type: Literal["water_tree"] = "water_tree"


class FellTree(Decision):
    """Fell a tree (伐树)."""

    zh: ClassVar = "伐树"
    by: ClassVar = frozenset({Role.OFFICE})
    type: Literal["fell_tree"] = "fell_tree"


class TreePlanted(Event, kept=Kept.OFFICE):
    type: Literal["tree_planted"] = "tree_planted"
    species: str


class TreeWatered(Event, kept=Kept.SPOKEN):
    type: Literal["tree_watered"] = "tree_watered"


class TreeState(State):
    species: str
    watered: int = 0


WATERED = rule(
    "tree.watered",
    Force.APPROVAL,
    zh="没有浇过水的树不得砍伐",
    en="a tree that nobody watered is not felled",
    way_zh="请先浇水",
    way_en="water it first",
    does=("water_tree",),
)
del RULES[WATERED.id]  # no rule of the product: it stands among them only while the kind does


def watered(state: TreeState, ctx: Context) -> list[Violation]:
    return [] if state.watered else [unmet(WATERED, owed_by=Role.MAINTAINER)]


def decide(state: TreeState | None, command: Command, ctx: Context) -> Ruling:
    match command:
        case PlantTree():
            return ruling(TreePlanted(species=command.species))
        case WaterTree():
            return ruling(TreeWatered())
        case FellTree():
            return ruling(StageEntered(stage="felled", by_decision=command.type))
        case _:
            raise TypeError(type(command).__name__)


def evolve(state: TreeState | None, entry: Entry) -> TreeState:
    match entry.event:
        case TreePlanted(species=species):
            return TreeState(stage="grows", since=entry.occurred_at, species=species)
        case TreeWatered() if state is not None:
            return state.model_copy(update={"watered": state.watered + 1})
        case StageEntered(stage=stage) if state is not None:
            now = {"stage": stage, "since": entry.occurred_at, "closed": True}
            return state.model_copy(update=now)
        case _:
            raise TypeError(type(entry.event).__name__)


TREE: Kind[TreeState] = Kind(
    name="tree",
    title=Text(zh="行道树", en="street tree"),
    under=frozenset({"block"}),
    called=("树",),
    judged_by={"": ("tree.",)},
    state=TreeState,
    schema=1,
    commands=(PlantTree, WaterTree, FellTree),
    events=(TreePlanted, TreeWatered),
    opening=(PlantTree,),
    decide=decide,
    evolve=evolve,
    conditions={FellTree: watered},
    forward={"grows": (FellTree,)},
)

WORDS: dict[Lang, str] = {
    "zh": """
tree-watered = 还没有人浇过水
event-tree_planted = 已种树
event-tree_watered = 已浇水
field-species = 树种
stage-grows = 生长
stage-felled = 已砍伐
sentence-tree-tree_planted = 种下一株{ $species }
sentence-tree-tree_watered = 浇水
""",
    "en": """
tree-watered = nobody has watered it yet
event-tree_planted = tree planted
event-tree_watered = tree watered
field-species = species
stage-grows = grows
stage-felled = felled
sentence-tree-tree_planted = A { $species } was planted
sentence-tree-tree_watered = It was watered
""",
}
"""What stands in a file of `words/zh/` and one of `words/en/` for a kind of the product."""


@contextmanager
def planted() -> Iterator[Kind[Any]]:
    """Let there be such a kind for a while."""
    registry.KINDS[TREE.name] = TREE
    RULES[WATERED.id] = WATERED
    stream.declare(TREE.name, TREE.path)
    said = {lang: dict(_messages(text)) for lang, text in WORDS.items()}
    for lang, messages in said.items():
        cast("dict[str, str]", sources(lang)).update(messages)
    _forget()
    try:
        yield TREE
    finally:
        del registry.KINDS[TREE.name]
        del RULES[WATERED.id]
        del stream.PATHS[TREE.name]
        for lang, messages in said.items():
            for name in messages:
                del cast("dict[str, str]", sources(lang))[name]
        _forget()


def _messages(text: str) -> Iterator[tuple[str, str]]:
    for line in text.strip().splitlines():
        yield line.split(" =", 1)[0], f"{line}\n"


def _forget() -> None:
    for cached in (stream.kind_of, stream.parent, stream.ancestors, term, called):
        cached.cache_clear()

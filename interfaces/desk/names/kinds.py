"""Kinds of streams as people call them, and which are opened below which."""

from domain.registry import KINDS

BELOW: dict[str, tuple[str, ...]] = {
    "programme": ("block", "notice", "contract"),
    "block": ("notice", "consultation", "poll", "work", "commitment", "household", "upkeep"),
    "notice": ("opinion",),
    "consultation": ("opinion",),
    "poll": ("ballot",),
    "upkeep": ("finding",),
}
"""What may be opened directly below a stream of each kind."""

MASS = frozenset({"household", "ballot", "opinion"})
"""Kinds of which there are many: counted in a dossier's timeline, listed only when asked for."""

CALLED: dict[str, str] = {
    "公示": "notice",
    "公告": "notice",
    "征询": "consultation",
    "设计征询": "consultation",
    "投票": "poll",
    "表决": "poll",
    "问卷": "poll",
    "评议": "poll",
    "选票": "ballot",
    "表决票": "ballot",
    "意见": "opinion",
    "异议": "opinion",
    "金点子": "opinion",
    "工程": "work",
    "工程项": "work",
    "承诺": "commitment",
    "户": "household",
    "住户": "household",
    "合同": "contract",
    "长效": "upkeep",
    "长效管理": "upkeep",
    "问题": "finding",
    "巡查": "finding",
    "新": "new",
    "新建": "new",
}
"""Segments of a name that people may write in Chinese."""


def segment(word: str) -> str:
    """Return a segment of a stream's name for what a person calls it."""
    by_title = {k.title.zh: name for name, k in KINDS.items()}
    return CALLED.get(word) or by_title.get(word) or word

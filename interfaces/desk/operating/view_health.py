"""How the views stand, in words: for `siwen status` and `siwen views status`."""

from domain.terms.value import Text, Value
from ledger.store.store import Connection
from ledger.views.standing import Standing, quarantined, standings

NEVER_MADE = 0


class ViewLine(Value):
    """One view in a list."""

    view: str
    version: int
    wanted: int
    log: int
    leaves: int
    lag: int
    lag_seconds: float
    rebuilding: int | None
    well: bool


class Views(Value):
    """How all views of a ledger stand."""

    views: tuple[ViewLine, ...]
    quarantined: dict[str, str]
    """Streams whose entries do not add up, with why."""

    @property
    def well(self) -> bool:
        return all(v.well for v in self.views)


async def views_of(connection: Connection) -> Views:
    """Return how the views of a ledger stand."""
    found = await standings(connection)
    return Views(
        views=tuple(
            ViewLine(**{name: getattr(one, name) for name in Standing.__slots__}, well=one.well)
            for one in found
        ),
        quarantined=await quarantined(connection),
    )


def in_short(found: Views) -> Text:
    """Say in a line how far the views go and what is not in them yet."""
    leaves = min(v.leaves for v in found.views)
    if not any(v.leaves or v.lag for v in found.views):
        return Text(zh="还没有内容", en="nothing to show yet")
    worst = max(found.views, key=lambda v: (v.lag, v.lag_seconds))
    zh, en = f"到第 {leaves} 条", f"up to leaf {leaves}"
    if worst.lag:
        ago = age(worst.lag_seconds)
        zh += f"；{worst.view} 还差 {worst.lag} 条，最早的在 {ago.zh}前"
        en += f"; {worst.view} lacks {worst.lag}, the first from {ago.en} ago"
    older = [v.view for v in found.views if NEVER_MADE < v.version < v.wanted]
    newer = [v.view for v in found.views if v.version > v.wanted]
    if older:
        zh += f"；{'、'.join(older)} 由旧版程序生成，工作进程会重建"
        en += f"; {', '.join(older)} made by older code: a worker makes it anew"
    if newer:
        zh += f"；{'、'.join(newer)} 由更新的版本生成"
        en += f"; {', '.join(newer)} made by a newer release"
    return Text(zh=zh, en=en)


def age(seconds: float) -> Text:
    """Say how long ago something was, by its largest unit."""
    for size, zh, en in ((86400, "天", "d"), (3600, "小时", "h"), (60, "分钟", "min")):
        if seconds >= size:
            return Text(zh=f"{seconds // size:.0f} {zh}", en=f"{seconds // size:.0f} {en}")
    return Text(zh=f"{seconds:.0f} 秒", en=f"{seconds:.0f} s")

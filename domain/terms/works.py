"""Kinds of works: data that a city may add to, not code."""

from domain.terms.stored import Stored
from domain.terms.value import Count, Line, Text


class WorkKind(Stored):
    """One kind of works (整治内容) and what follows from it."""

    name: Text
    depth: Count = 0
    """Order of opening, in centimetres below the surface: the deepest goes first."""
    clearances: tuple[Line, ...] = ()
    """Bodies that must clear it before it starts."""
    hidden: bool = False
    """Whether it disappears under a surface and is inspected before that."""
    digs: bool = False
    closes_surface: bool = False
    """Whether accepting it starts the segment's dig ban."""
    indicator: Text
    unit: Line
    warranty_years: Count = 1


def _kind(
    zh: str,
    en: str,
    indicator: tuple[str, str],
    unit: str,
    *,
    depth: int = 0,
    clearances: tuple[str, ...] = (),
    hidden: bool = False,
    digs: bool = False,
    closes_surface: bool = False,
    warranty_years: int = 1,
) -> WorkKind:
    return WorkKind(
        name=Text(zh=zh, en=en),
        depth=depth,
        clearances=clearances,
        hidden=hidden,
        digs=digs,
        closes_surface=closes_surface,
        indicator=Text(zh=indicator[0], en=indicator[1]),
        unit=unit,
        warranty_years=warranty_years,
    )


DEFAULT_KINDS: dict[str, WorkKind] = {
    "drainage": _kind(
        "排水截污",
        "drainage and sewage interception",
        ("排水通畅", "drains run freely"),
        "m",
        depth=200,
        clearances=("排水",),
        hidden=True,
        digs=True,
        warranty_years=2,
    ),
    "water": _kind(
        "供水",
        "water",
        ("一户一表", "households with a meter"),
        "户",
        depth=120,
        clearances=("供水",),
        hidden=True,
        digs=True,
        warranty_years=2,
    ),
    "gas": _kind(
        "管道天然气入户",
        "gas to the home",
        ("通气户数", "households with gas"),
        "户",
        depth=100,
        clearances=("燃气",),
        hidden=True,
        digs=True,
        warranty_years=2,
    ),
    "cables": _kind(
        "管线入地（上改下）",
        "cables underground",
        ("入地长度", "length laid underground"),
        "m",
        depth=80,
        clearances=("电力", "通信"),
        hidden=True,
        digs=True,
        warranty_years=2,
    ),
    "road": _kind(
        "路面平整",
        "road surface",
        ("平整路面", "surface levelled"),
        "m2",
        closes_surface=True,
        clearances=("交警",),
    ),
    "lighting": _kind("路灯亮化", "lighting", ("路灯", "lamps"), "盏"),
    "greening": _kind("绿化景观", "greening", ("绿地", "green area"), "m2"),
    "facade": _kind("立面整治", "façade", ("立面", "façade"), "m2"),
    "waterproofing": _kind(
        "屋面防水", "roof waterproofing", ("防水", "roof"), "m2", warranty_years=5
    ),
    "parking": _kind("停车泊位", "parking", ("新增泊位", "bays added"), "个"),
    "culture": _kind("人文品位", "culture", ("文化节点", "cultural spots"), "处"),
    "walls": _kind("围墙棚子拆除", "walls and sheds", ("拆除", "taken down"), "处"),
}

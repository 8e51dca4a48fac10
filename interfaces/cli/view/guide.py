"""`siwen next`: what is missing, who owes it, and what may be done now."""

from collections.abc import Iterable, Sequence

from domain.engine.entry import GENERIC_COMMANDS
from domain.engine.kind import command_type
from domain.engine.rule import Force
from domain.streams.programme.state import Appointment
from domain.terms.role import Role
from interfaces.cli.language import lang, say
from interfaces.cli.output import Out, joined
from interfaces.cli.view import shared
from interfaces.desk.forms.fields import FieldHelp
from interfaces.desk.reading.answers import Below, BlockLine, Guide, Opening, Place, Way
from interfaces.desk.reading.unproven import REMEDY
from words import labels
from words.labels import title

GENERIC = frozenset(command_type(c) for c in GENERIC_COMMANDS)


def overview(out: Out, blocks: Sequence[BlockLine]) -> None:
    """Print where every block stands and what it lacks."""
    for block in blocks:
        zone = block.place.zone
        stage = labels.stage("block", block.stage).in_(lang())
        out.line(
            *shared.mark(block.place.rehearsal),
            (block.place.name, "bold"),
            (f"  {stage}", "cyan"),
            say(
                f"，自 {shared.when(block.since, zone)}", f" since {shared.when(block.since, zone)}"
            ),
            say(f"，到期 {shared.due(block.due, zone)}", f", due {shared.due(block.due, zone)}")
            if block.due
            else "",
            (say(" 已暂停", " suspended"), "yellow") if block.suspended else "",
        )
        if block.quarantined:
            out.line((say("已隔离：siwen doctor", "quarantined: `siwen doctor`"), "red"), indent=2)
        shared.missing_in_short(out, block.missing)
        if block.breaches:
            out.line(
                ("⚠ ", "yellow"),
                say(f"未销号的违规 {block.breaches} 条", f"{block.breaches} open breaches"),
                indent=2,
            )
        if not block.missing and not block.closed and not block.quarantined:
            out.line((say("本阶段不缺什么", "nothing is missing in this stage"), "green"), indent=2)


def guide(out: Out, found: Guide, *, beside: bool) -> None:
    """Print all that `siwen next NAME` says of one stream."""
    shared.heading(out, found.place, beside=beside)
    _standing(out, found)
    zone = found.place.zone
    if found.next.missing:
        _section(out, say("还缺什么", "What is missing"))
        shared.missing(out, found.next.missing, zone)
    elif found.next.forward:
        out.line(
            (
                say("不缺什么，可以进入下一步", "Nothing is missing: the next step may be taken"),
                "green",
            )
        )
    if found.unproven:
        _section(out, say("已办而未入账", "Done, and not on record"))
        for one in found.unproven:
            out.line(("✗ ", "bold red"), one.what.in_(lang()), indent=2, hanging=4)
            out.line((f"→ {REMEDY.in_(lang())}", "dim"), indent=4)
    if found.next.breaches:
        _section(
            out, say("未销号的违规（close_breach 销号）", "Open breaches (close_breach ends one)")
        )
        shared.breaches(out, found.next.breaches, found.next.breaches_beyond, zone)
    _ways(out, found)
    _below(out, found.below, zone, found.place.stream)
    if found.ways:
        _example(out, found)


def _standing(out: Out, found: Guide) -> None:
    zone, following = found.place.zone, found.next
    stage = labels.stage(found.place.kind, following.stage).in_(lang())
    parts: list[object] = [
        f"{title(found.place.kind).in_(lang())}  ",
        (stage, "bold cyan"),
        say(
            f"，自 {shared.when(following.since, zone)}",
            f" since {shared.when(following.since, zone)}",
        ),
    ]
    if following.due is not None:
        what = labels.deadline(following.due_key or "").in_(lang())
        parts.append(say(f"；{what} ", f"; {what} ") + shared.due(following.due, zone))
    if following.suspended:
        parts.append((say(" 已暂停", " suspended"), "yellow"))
    out.line(*parts)
    if following.due is not None and following.provisional:
        shared.provisional(out, following.due, zone, following.due_key)


def _ways(out: Out, found: Guide) -> None:
    own = [w for w in found.ways if w.allowed.command not in GENERIC and _possible(w)]
    forward = [w for w in own if w.allowed.forward]
    decisions = [w for w in own if w.allowed.decision and not w.allowed.forward]
    facts = [w for w in own if not w.allowed.decision]
    for heading, ways in (
        (say("走向下一步的决定", "Decisions that lead on"), forward),
        (say("可作的决定", "Decisions that may be taken"), decisions),
        (say("可登记的事实", "Facts that may be recorded"), facts),
    ):
        if ways:
            _section(out, heading)
            for way in ways:
                _way(out, way)
    _openings(out, found.openings, found.place)
    generic = [w for w in found.ways if w.allowed.command in GENERIC]
    if generic:
        _section(out, say("随时可以", "At any time"))
        names = (
            f"{w.allowed.title.zh} {w.allowed.command}" if lang() == "zh" else w.allowed.command
            for w in generic
        )
        out.line(joined(names), indent=2)


def _possible(way: Way) -> bool:
    """Tell whether a way leads on, or nothing that cannot be passed stands in it."""
    return way.allowed.forward or all(m.force is not Force.WALL for m in way.allowed.waits_for)


def _way(out: Out, way: Way) -> None:
    allowed = way.allowed
    name = f"{allowed.title.zh} {allowed.command}" if lang() == "zh" else allowed.command
    waits = len(allowed.waits_for)
    out.line(
        (name, "bold"),
        (say(f"  待 {waits} 项", f"  waits for {waits}"), "yellow") if waits else "",
        (f"  {shared.roles(_people(allowed.by))}", "dim"),
        indent=2,
        hanging=6,
    )
    if way.fields:
        out.line((_fields(way.fields), "dim"), indent=6, hanging=6)


def _openings(out: Out, openings: Sequence[Opening], place: Place) -> None:
    if not openings:
        return
    _section(out, say("可以开启", "May be opened"))
    for one in openings:
        name = (
            f"{one.way.allowed.title.zh} {one.way.allowed.command}"
            if lang() == "zh"
            else one.way.allowed.command
        )
        out.line(
            (name, "bold"),
            f"  {place.name}{one.stream.removeprefix(place.stream)}",
            (f"  {shared.roles(_people(one.way.allowed.by))}", "dim"),
            indent=2,
            hanging=6,
        )


def _below(out: Out, below: Sequence[Below], zone: str, top: str) -> None:
    if not below:
        return
    _section(out, say("下面正在进行", "Open below"))
    for one in below:
        late = one.overdue
        due = ""
        if one.due is not None:
            until = shared.due(one.due, zone)
            due = say(f"，到期 {until}", f", due {until}")
        out.line(
            one.stream.removeprefix(f"{top}/"),
            (f"  {labels.stage(one.kind, one.stage).in_(lang())}", "cyan"),
            (due, "red" if late else ""),
            indent=2,
            hanging=6,
        )


def _example(out: Out, found: Guide) -> None:
    """Print one command that could be typed as it stands, but for the values."""
    ways = [w for w in found.ways if w.allowed.command not in GENERIC and _possible(w)]
    leading = sorted(ways, key=lambda w: (bool(w.allowed.waits_for), w.allowed.decision))
    ready = [w for w in leading if any(f.required for f in w.fields)] or leading
    if not ready:
        return
    out.line()
    out.line((say("例：", "For example:"), "dim"))
    typed = example(
        found.place.name,
        ready[0].allowed.command,
        ready[0].fields,
        ready[0].allowed.by,
        found.actors,
    )
    out.command(typed, indent=2)


def example(
    stream: str,
    command: str,
    fields: Iterable[FieldHelp],
    by: Iterable[Role],
    actors: Iterable[Appointment],
) -> str:
    """Return a command line with every field that must be there."""
    typed = " ".join(_given(f) for f in fields if f.required)
    able = set(by)
    who = next((f"{a.actor}:{a.role}" for a in actors if a.role in able), None)
    return " ".join(
        p
        for p in (f"siwen do {quoted(stream)} {command}", typed, f"--as {who or 'ACTOR:ROLE'}")
        if p
    )


def quoted(name: str) -> str:
    return f"'{name}'" if " " in name else name


def _given(field: FieldHelp) -> str:
    if field.form == "file":
        return f"--attach {field.name}=FILE"
    value = field.choices[0] if field.choices else "…"
    return f"--field {field.name}={value}"


def _fields(fields: Iterable[FieldHelp]) -> str:
    return say("字段 ", "fields ") + ", ".join(
        f.name if f.required else f"[{f.name}]" for f in fields
    )


def _people(named: Iterable[Role]) -> list[Role]:
    return [r for r in named if r is not Role.SYSTEM]


def _section(out: Out, heading: str) -> None:
    out.line()
    out.line((heading, "bold"))

"""Where a stream stands: programmes and blocks in their own words, others field by field."""

from collections.abc import Mapping, Sequence

from domain.engine.state import State
from domain.streams.block.state import BlockState
from domain.streams.programme.state import Money, Parking, ProgrammeState
from domain.terms.question import Question
from interfaces.cli.language import lang, say
from interfaces.cli.output import Out, joined
from interfaces.cli.view import shared
from interfaces.cli.view.fields import Fields
from interfaces.desk.reading.answers import BlockLine, Place, ProgrammeLine
from words import forms, labels
from words.labels import title

_SHARED = frozenset(State.model_fields)


def programmes(out: Out, found: Sequence[ProgrammeLine]) -> None:
    """Print the programmes as a table."""
    if not found:
        out.line(
            say(
                "还没有年度计划：siwen programme open FILE",
                "No programmes: `siwen programme open FILE`",
            )
        )
        return
    out.table(
        (
            say("年度计划", "programme"),
            say("城市", "city"),
            say("年度", "year"),
            say("限期", "due"),
            say("区块", "blocks"),
            "",
        ),
        [
            (
                (f"{p.place.name}\n{p.place.stream}", "bold"),
                p.city,
                str(p.year),
                p.finish_by,
                _stages(p.stages),
                (say("演练", "REHEARSAL") if p.place.rehearsal else "", "yellow"),
            )
            for p in found
        ],
    )


def _stages(stages: Mapping[str, int]) -> str:
    return joined(f"{labels.stage('block', s).in_(lang())} {n}" for s, n in stages.items()) or "0"


def blocks(out: Out, found: Sequence[BlockLine]) -> None:
    """Print the blocks as a table."""
    if not found:
        out.line(
            say("还没有区块：siwen programme open FILE", "No blocks: `siwen programme open FILE`")
        )
        return
    out.table(
        (
            say("区块", "block"),
            say("阶段", "stage"),
            say("自", "since"),
            say("还缺", "missing"),
            say("到期", "due"),
            "",
        ),
        [
            (
                (b.place.name, "bold"),
                (labels.stage("block", b.stage).in_(lang()), "dim" if b.closed else "cyan"),
                shared.when(b.since, b.place.zone)[:10],
                "" if b.closed else str(len(b.missing)),
                shared.due(b.due, b.place.zone) if b.due else "",
                _marks(b),
            )
            for b in found
        ],
    )


def _marks(block: BlockLine) -> tuple[str, str]:
    marks = []
    if block.place.rehearsal:
        marks.append(say("演练", "REHEARSAL"))
    if block.quarantined:
        marks.append(say("已隔离", "quarantined"))
    if block.suspended:
        marks.append(say("暂停", "suspended"))
    if block.breaches:
        marks.append(say(f"违规 {block.breaches}", f"{block.breaches} breaches"))
    return " ".join(marks), "yellow"


def show(out: Out, place: Place, state: State, version: int, *, beside: bool) -> None:
    """Print where a stream stands."""
    shared.heading(out, place, beside=beside)
    state_of(out, place, state, version)


def state_of(out: Out, place: Place, state: State, version: int) -> None:
    """Print a stream's state as it is at one of its entries."""
    stage = labels.stage(place.kind, state.stage).in_(lang())
    out.line(
        f"{title(place.kind).in_(lang())}  ",
        (stage, "bold cyan"),
        say(
            f"，自 {shared.when(state.since, place.zone)}",
            f" since {shared.when(state.since, place.zone)}",
        ),
        (say(" 已暂停", " suspended"), "yellow") if state.suspended else "",
        (f"  @{version}", "dim"),
    )
    match state:
        case ProgrammeState():
            _programme(out, state)
        case BlockState():
            _block(out, state, place)
        case _:
            _fields(out, state, place)
    if state.breaches:
        out.line()
        out.line((say("未销号的违规", "Open breaches"), "bold"))
        shared.breaches(out, state.breaches, state.breaches_beyond, place.zone)
    for granted in state.exceptions:
        until = shared.when(granted.expires_at, place.zone)
        out.line(
            say(
                f"特批 @{granted.id}：{granted.rule}，文号 {granted.document}，至 {until}",
                f"exception @{granted.id}: {granted.rule} by {granted.document} until {until}",
            ),
            indent=2,
        )


def _programme(out: Out, state: ProgrammeState) -> None:
    names = {slug: b.name for slug, b in state.blocks.items()}
    out.line(
        say(
            f"{state.city} {state.year} 年，限期 {state.finish_by}，按 {state.rules_as_of} 的规则",
            f"{state.city}, {state.year}, due {state.finish_by}, by the rules of "
            f"{state.rules_as_of}",
        )
    )
    _list(
        out,
        say("区块", "Blocks"),
        [f"{b.name}  {labels.stage('block', b.stage).in_(lang())}" for b in state.blocks.values()],
    )
    _list(out, say("资金", "Money"), [_money(m, names) for m in state.money])
    _list(out, say("停车泊位", "Parking"), [_parking(p) for p in state.parking])
    _list(
        out,
        say("人员", "People"),
        [
            f"{a.actor}  {labels.role(a.role).in_(lang())}"
            + (f"  {a.organisation}" if a.organisation else "")
            for a in state.appointments
        ],
    )
    _list(out, say("自定阈值", "Own thresholds"), [f"{k} = {v}" for k, v in state.profile.items()])


def _money(money: Money, names: Mapping[str, str]) -> str:
    of = joined(names.get(b, b) for b in money.blocks)
    amount = forms.yuan(money.amount, lang())
    basis = labels.word(money.basis).in_(lang())
    return f"{of}  {basis} {amount}" + (f"  {money.document}" if money.document else "")


def _parking(parking: Parking) -> str:
    of, basis = joined(parking.places), labels.word(parking.basis).in_(lang())
    return say(
        f"{of}  {parking.year} 年{basis} {parking.bays} 个",
        f"{of}  {parking.year} {basis} {parking.bays}",
    )


def _block(out: Out, state: BlockState, place: Place) -> None:
    out.line(f"{state.community}  {labels.word(state.category).in_(lang())}")
    gates = {g.question: g for g in state.gates}
    out.line()
    out.line((say("四问四权", "The four questions and rights"), "bold"))
    for question in Question:
        gate = gates.get(question)
        told = say("未答", "open")
        if gate is not None:
            at = shared.when(gate.at, place.zone)
            told = f"{labels.word(gate.outcome).in_(lang())}  {at}  @{gate.version}"
        out.line(
            f"{labels.question(question).in_(lang())}  ", (told, "" if gate else "dim"), indent=2
        )
    _fields(out, state, place, but=frozenset({"gates", "name", "community", "category", "zone"}))


def _fields(out: Out, state: State, place: Place, *, but: frozenset[str] = frozenset()) -> None:
    """Print what differs from an empty state."""
    out.line()
    Fields(out, forms.Forms(lang(), place.kind, place.zone, {}, {})).model(
        state, indent=2, but=_SHARED | but
    )


def _list(out: Out, heading: str, lines: Sequence[str]) -> None:
    if not lines:
        return
    out.line()
    out.line((heading, "bold"))
    for line in lines:
        out.line(line, indent=2, hanging=4)

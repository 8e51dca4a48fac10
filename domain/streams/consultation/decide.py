"""A design consultation (设计征询): a text put to the people, every opinion answered."""

from collections.abc import Iterable, Sequence
from typing import Any

from domain.engine.entry import EffectProven, StageEntered
from domain.engine.kind import Context, Earlier, Kind, Ruling, ruling
from domain.engine.message import Command, Entry, Event
from domain.engine.rule import Force, Rule, Violation, rule, unmet
from domain.engine.state import Deadline
from domain.streams.block.stages.design import submitted
from domain.streams.block.state import BlockState, Design
from domain.streams.consultation.messages import (
    OPEN,
    CloseConsultation,
    ConsultationClosed,
    ConsultationExtended,
    ConsultationOpened,
    ConsultationWindowEnded,
    ConsultationWithdrawn,
    ExtendConsultation,
    OpenConsultation,
    WithdrawConsultation,
)
from domain.streams.consultation.state import ConsultationReport, ConsultationState
from domain.streams.shared import posting
from domain.streams.shared.posting import Posted, RecordPosting
from domain.streams.shared.waiting import deadline, over, provisional, runs_until, waits_for
from domain.terms.role import Role
from domain.terms.source import brief, law
from domain.terms.stored import read
from domain.terms.stream import StreamName, parent
from domain.terms.term import Term
from domain.terms.value import Text

__all__ = [
    "CONSULTATION",
    "CloseConsultation",
    "ConsultationReport",
    "ConsultationState",
    "ExtendConsultation",
    "OpenConsultation",
    "WithdrawConsultation",
]

MAX_DAYS = 366


def decide(state: ConsultationState | None, command: Command, ctx: Context) -> Ruling:
    if isinstance(command, OpenConsultation):
        profile = ctx.profile
        days = profile.consultation_major_days if command.major else profile.consultation_days
        return ruling(
            ConsultationOpened(
                **command.model_dump(exclude={"type"}),
                automatic=posting.automatic(command.channels, ctx),
                zone=str(ctx.calendar.zone),
                days=days,
            ),
            violations=_unsubmitted(command, ctx),
        )
    if state is None:
        raise TypeError(f"{command.type} needs a consultation")
    match command:
        case RecordPosting():
            posted = Posted(insertion=1, channel=command.channel, proof=command.proof)
            return ruling(posted, violations=_postable(state, command))
        case ExtendConsultation():
            extended = ConsultationExtended(days=command.days, reason=command.reason)
            return ruling(extended, violations=_extendable(state.days + command.days))
        case CloseConsultation():
            return Ruling(_closing(ctx), tuple(_unposted(state)))
        case WithdrawConsultation():
            withdrawn = ConsultationWithdrawn(reason=command.reason)
            return ruling(withdrawn, StageEntered(stage="closed", by_decision=command.type))
        case _:
            raise TypeError(type(command).__name__)


def _texts(ctx: Context) -> tuple[Design, ...] | None:
    """Return the design texts of the block, or None where it stands under none."""
    above = parent(ctx.stream)
    block = ctx.head(above, BlockState) if above else None
    return None if block is None else block.designs


TEXT = rule(
    "consultation.text",
    Force.WALL,
    zh="征询的设计文本须已提交",
    en="a consultation is about a design text that was submitted",
    way_zh="请设计单位先提交设计文本，并核对版本号",
    way_en="let the designer submit the text first, and check its version",
    does=("submit_design",),
)


def _unsubmitted(command: OpenConsultation, ctx: Context) -> list[Violation]:
    texts = _texts(ctx)
    newest = max((t.version for t in texts or ()), default=0)
    if texts is None or command.design_version <= newest:
        return []
    what = command.design_version
    return [_no(TEXT, version=what)]


def _text_submitted(
    past: Sequence[Entry], event: ConsultationOpened, ctx: Context
) -> Iterable[Earlier]:
    """Name when the text that is put to the people had been submitted."""
    for text in _texts(ctx) or ():
        if text.version == event.design_version and text.submitted_at is not None:
            yield submitted(text.version, text.submitted_at)


def _closing(ctx: Context) -> tuple[Event, ...]:
    return (
        ConsultationClosed(
            opinions=ctx.tally("opinion", "total"),
            adopted=ctx.tally("opinion", "adopted"),
            escalated=ctx.tally("opinion", "escalated"),
        ),
        StageEntered(stage="closed", by_decision="close_consultation"),
    )


DISPOSITION = rule(
    "opinion.disposition",
    Force.APPROVAL,
    zh="意见须逐条处理并答复",
    en="every opinion has a disposition with reason and reply",
    way_zh="请逐条处理，或提交上级",
    way_en="dispose of each, or escalate what remains",
    does=(
        "dispose",
        "escalate",
    ),
    source=brief(
        "问计于民；简报：归纳汇总意见，贯彻到设计文本",
        "the brief: opinions are summed up and carried into the design",
    ),
    approver=Role.LEADING_GROUP,
)

WINDOW = rule(
    "consultation.window",
    Force.APPROVAL,
    zh="征询期须满",
    en="a consultation runs its whole window",
    way_zh="请等到期满，或取得特批",
    way_en="wait until the window has run, or have an exception granted",
    source=law(
        "《重大行政决策程序暂行条例》第十五条（重大事项 30 日）；7 个工作日为本系统默认",
        "Interim Regulation on Major Administrative Decisions, art. 15: 30 days; "
        "the 7 working days are our default",
    ),
    approver=Role.LEADING_GROUP,
    thresholds=lambda profile: (
        profile.consultation_days,
        profile.consultation_major_days,
    ),
)


def closable(state: ConsultationState, ctx: Context) -> list[Violation]:
    """Return what a consultation lacks before it is closed."""
    found: list[Violation] = []
    owed = Role.PROJECT_LEAD
    if not over(state.closes, state, ctx):
        found.append(
            unmet(
                WINDOW,
                provisional(state.closes),
                owed_by=waits_for(state.closes, owed, ctx),
                **runs_until(state.closes, ctx),
                due=state.closes_at,
            )
        )
    waiting = ctx.tally("opinion", "open")
    if waiting:
        found.append(unmet(DISPOSITION, owed_by=owed, waiting=waiting))
    return found


MADE_PUBLIC = rule(
    "consultation.posted",
    Force.WARN,
    zh="征询文本须公开并留凭证",
    en="the text is made public, with proof",
    way_zh="请登记发布凭证",
    way_en="record a posting with its proof",
    does=("record_posting",),
)


def _unposted(state: ConsultationState) -> list[Violation]:
    if state.posted:
        return []
    return [unmet(MADE_PUBLIC, owed_by=Role.PROJECT_LEAD)]


CHANNEL_UNKNOWN = rule(
    "consultation.channel",
    Force.WALL,
    zh="本次征询没有这一渠道",
    en="the consultation does not name this channel",
    way_zh="请核对渠道",
    way_en="check the channel",
)


def _postable(state: ConsultationState, command: RecordPosting) -> list[Violation]:
    if command.insertion == 1 and command.channel in state.channels:
        return []
    return [_no(CHANNEL_UNKNOWN, channel=command.channel)]


EXTENSION = rule(
    "consultation.extension",
    Force.WALL,
    zh="征询期最长一年",
    en="a consultation runs for a year at most",
    way_zh="请另开征询",
    way_en="open another consultation",
)


def _extendable(days: int) -> list[Violation]:
    return [] if days <= MAX_DAYS else [_no(EXTENSION, days=days)]


def _no(why: Rule, what: str = "", /, **facts: Any) -> Violation:
    return unmet(why, what, owed_by=Role.PROJECT_LEAD, **facts)


def evolve(state: ConsultationState | None, entry: Entry) -> ConsultationState:
    event = entry.event
    if isinstance(event, ConsultationOpened):
        return ConsultationState(
            stage="open",
            since=entry.occurred_at,
            opened_at=entry.occurred_at,
            effects=posting.effects(entry, 1, event.automatic),
            **event.model_dump(include={"subject", "design_version", "major", "zone", "days"}),
            channels=event.channels,
        )
    if state is None:
        raise ValueError(f"{event.type} before the consultation was opened")
    changed: dict[str, Any]
    match event:
        case Posted():
            changed = posting.done(state, event.insertion, event.channel)
            changed["posted"] = posting.earliest(state.posted, event.channel, entry.occurred_at)
        case EffectProven():
            changed = {"posted": posting.earliest(state.posted, event.channel, event.happened_at)}
        case ConsultationExtended():
            changed = {"days": state.days + event.days}
        case ConsultationWindowEnded():
            changed = {"window_ended": entry.occurred_at}
        case ConsultationClosed():
            counts = event.model_dump(include={"opinions", "adopted", "escalated"})
            changed = {"closed": True, "outcome": "closed", **counts}
        case ConsultationWithdrawn():
            changed = {"closed": True, "outcome": "withdrawn", "effects": ()}
        case _:
            return state
    return state.model_copy(update=changed)


def deadlines(state: ConsultationState) -> tuple[Deadline, ...]:
    """Return the end of the window."""
    ended = state.window_ended is not None and state.window_ended >= state.closes_at
    if state.closed or ended:
        return ()
    return (deadline(state.closes),)


def terms(state: ConsultationState) -> tuple[Term, ...]:
    return (state.window,)


def lapse(state: ConsultationState, deadline: Deadline, ctx: Context) -> Ruling:
    """End the window; close by itself where no opinion waits."""
    waiting = ctx.tally("opinion", "open")
    ended = ConsultationWindowEnded(opinions_open=waiting)
    if waiting:
        return ruling(ended, StageEntered(stage="answering", by_decision="window"))
    return Ruling((ended, *_closing(ctx)), tuple(_unposted(state)))


def report(state: ConsultationState) -> ConsultationReport:
    told = {name: getattr(state, name) for name in ConsultationReport.model_fields}
    return read(ConsultationReport, told)


def reports_to(stream: StreamName, state: ConsultationState) -> tuple[StreamName, ...]:
    above = parent(stream)
    return (above,) if above else ()


CONSULTATION = Kind(
    name="consultation",
    title=Text(zh="设计征询", en="design consultation"),
    under=frozenset({"block"}),
    called=("征询", "设计征询"),
    judged_by={"": ("consultation.", "opinion.")},
    state=ConsultationState,
    schema=3,
    workflow=True,
    commands=(
        OpenConsultation,
        RecordPosting,
        ExtendConsultation,
        CloseConsultation,
        WithdrawConsultation,
    ),
    events=(
        ConsultationOpened,
        Posted,
        ConsultationExtended,
        ConsultationWindowEnded,
        ConsultationClosed,
        ConsultationWithdrawn,
    ),
    opening=(OpenConsultation,),
    decide=decide,
    evolve=evolve,
    conditions={CloseConsultation: closable},
    forward=dict.fromkeys(OPEN, (CloseConsultation,)),
    terms=terms,
    deadlines=deadlines,
    lapse=lapse,
    report=report,
    rests_on={ConsultationOpened: _text_submitted},
    reports_to=reports_to,
    tallies=("opinion",),
    counts=frozenset({CloseConsultation}),
)

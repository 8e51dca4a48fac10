"""Who may ask what of which stream, before any rule of practice is looked at."""

import difflib
from datetime import datetime

from pydantic import ValidationError

from domain.engine.kind import Context, Kind
from domain.engine.message import Command, Decision, Submission
from domain.engine.rule import Force, Refusal, Violation, refuse, rule, unmet
from domain.engine.state import State
from domain.terms.complaint import placed
from domain.terms.role import UNAPPOINTED, Role, Via
from domain.terms.stream import ancestors, kind_of, parent
from domain.terms.value import Text

QUARANTINED = rule(
    "stream.quarantined",
    Force.WALL,
    zh="该对象的记录无法汇总，已隔离",
    en="the stream's entries do not add up and it is quarantined",
    way_zh="请联系系统管理员，体检会指出首个出错的记录",
    way_en="ask the operator: a check-up names the first bad entry",
)

EARLIEST_YEAR = 1990

UNKNOWN_STREAM = rule(
    "stream.unknown",
    Force.WALL,
    zh="没有这个对象",
    en="there is no such stream",
    way_zh="请核对名称；新对象要先建立",
    way_en="check the name; a new stream is opened by its opening command first",
)

MALFORMED = rule(
    "command.malformed",
    Force.WALL,
    zh="内容格式不对",
    en="the command is malformed",
    way_zh="请按提示改正字段后重发",
    way_en="correct the field that is named and send again",
)

UNKNOWN_COMMAND = rule(
    "command.unknown",
    Force.WALL,
    zh="没有这个操作",
    en="there is no such command here",
    way_zh="请看该对象现在可以办理什么",
    way_en="look at what may be done there now",
)

NOT_UNDERSTOOD = frozenset({UNKNOWN_STREAM.id, UNKNOWN_COMMAND.id, MALFORMED.id})
"""Refusals whose words may repeat what was sent; only their facts are free of it."""


def parse(kind: Kind[State], submission: Submission) -> Command | Refusal:
    """Read the command out of a submission, or refuse it by the field that is wrong."""
    named = submission.command.get("type")
    if not isinstance(named, str) or named not in kind.command_types:
        near = difflib.get_close_matches(str(named), kind.command_types, n=3, cutoff=0.5)
        offer = near or sorted(kind.command_types)
        return refuse(UNKNOWN_COMMAND, kind=kind.name, named=str(named)[:60], offer=offer)
    try:
        command: Command = kind.command_adapter.validate_python(submission.command)
    except ValidationError as error:
        found = error.errors(include_input=False, include_url=False)[:6]
        said = [placed(e, named) for e in found]
        what = Text(zh="；".join(s.zh for s in said), en="; ".join(s.en for s in said))
        wrong = {str(e["loc"][1]) for e in error.errors() if len(e["loc"]) > 1}
        known = sorted(wrong & set(kind.command_types[named].model_fields))
        return refuse(MALFORMED, named=named, what=what, fields=", ".join(known))
    return command


FUTURE = rule(
    "entry.future",
    Force.WALL,
    zh="发生时间不能晚于现在",
    en="what is recorded cannot lie in the future",
    way_zh="请填写实际发生的日期",
    way_en="give the day on which it happened",
)

IMPOSSIBLE_DATE = rule(
    "entry.impossible_date",
    Force.WALL,
    zh="发生时间不可能",
    en="the date is impossible",
    way_zh="请核对年份",
    way_en="check the year",
)

LATE_REASON = rule(
    "entry.late_reason",
    Force.WALL,
    zh="补录须写明来源和迟录原因",
    en="a late entry names its source and why it is late",
    way_zh="请写明来源和迟录原因",
    way_en="name the source and why it is late",
)


def when(submission: Submission, now: datetime) -> datetime | Refusal:
    """Return when it was so, or refuse an impossible or unexplained time."""
    at = submission.occurred_at
    if at is None:
        return now
    if at > now:
        return refuse(FUTURE, at=at)
    if at.year < EARLIEST_YEAR:
        return refuse(IMPOSSIBLE_DATE, year=at.year, earliest=EARLIEST_YEAR)
    if submission.source is None or submission.reason is None:
        return refuse(LATE_REASON)
    return at


STREAM_EXISTS = rule(
    "stream.exists",
    Force.WALL,
    zh="同名对象已经存在",
    en="a stream of this name exists already",
    way_zh="请另取编号或名称",
    way_en="choose another number or name",
)

NO_PARENT = rule(
    "stream.parent",
    Force.WALL,
    zh="上级对象不存在或已结束",
    en="the stream above does not exist or is closed",
    way_zh="请先开启上级对象",
    way_en="open the stream above first",
)


def admit(
    kind: Kind[State], state: State | None, command: Command, submission: Submission, ctx: Context
) -> Refusal | None:
    """Refuse the unknown, the unappointed, the wrong role and the wrong stage."""
    opening = isinstance(command, kind.opening)
    if state is None and not opening:
        return refuse(UNKNOWN_STREAM, stream=ctx.stream)
    if state is not None and opening:
        taken = kind.taken or STREAM_EXISTS
        return refuse(taken, "taken", stream=ctx.stream)
    if opening and (misplaced := _misplaced(kind, ctx)) is not None:
        return misplaced
    if opening and (gap := _gap_above(command, ctx)) is not None:
        return refuse(NO_PARENT, gap=gap)
    founding = opening and parent(ctx.stream) is None
    if (wrong := _may_act(command, submission, ctx, founding=founding)) is not None:
        return wrong
    if state is None or not isinstance(command, Decision):
        return None
    return _in_order(state, command, ctx)


WRONG_PARENT = rule(
    "stream.place",
    Force.WALL,
    zh="不能开在这一上级之下",
    en="such a stream is not opened below this one",
    way_zh="请开在所列上级之下",
    way_en="open it below one of the kinds named",
)


def _misplaced(kind: Kind[State], ctx: Context) -> Refusal | None:
    above = parent(ctx.stream)
    if above is None or kind_of(above) in kind.under:
        return None
    return refuse(WRONG_PARENT, kind=kind.name, able=sorted(kind.under))


def _gap_above(command: Command, ctx: Context) -> str | None:
    """Name the stream above that is missing or, for what may rest with it, closed."""
    for name in ancestors(ctx.stream):
        head = ctx.heads.get(name)
        if head is None or (head.closed and not command.resting):
            return name
    return None


ACTOR_UNKNOWN = rule(
    "actor.unknown",
    Force.WALL,
    zh="此人没有这一职责",
    en="this actor was not appointed to this role",
    way_zh="请办公室先任命或委托",
    way_en="let the office appoint or delegate first",
    does=(
        "appoint",
        "delegate",
    ),
)

SYSTEM_ROLE = rule(
    "actor.system",
    Force.WALL,
    zh="系统职责不能由外部使用",
    en="nobody acts as the system through a door",
    way_zh="请以自己的职责操作",
    way_en="act in a role of your own",
)

WRONG_ROLE = rule(
    "role.required",
    Force.WALL,
    zh="该职责不能做此操作",
    en="this role may not do this",
    way_zh="请由有权的职责办理或委托",
    way_en="let one of the roles named do it, or be delegated",
)


def _may_act(
    command: Command, submission: Submission, ctx: Context, *, founding: bool
) -> Refusal | None:
    """Refuse who does not hold the role; nobody is appointed yet where a programme is founded."""
    actor = submission.actor
    if actor.role is Role.SYSTEM:
        if submission.via is not Via.SYSTEM:
            return refuse(SYSTEM_ROLE, actor=actor.id)
    elif submission.via is Via.SYSTEM:
        return refuse(SYSTEM_ROLE, "door", actor=actor.id)
    elif actor.role not in command.by:
        return refuse(WRONG_ROLE, role=actor.role, command=command.type, able=sorted(command.by))
    if actor.role in UNAPPOINTED or command.unappointed or founding:
        return None
    held = [
        a
        for a in ctx.appointed
        if a.actor == actor.id and a.role is actor.role and (a.until is None or a.until > ctx.now)
    ]
    if not held:
        return refuse(ACTOR_UNKNOWN, owed_by=Role.OFFICE, actor=actor.id, role=actor.role)
    return None


CLOSED = rule(
    "stream.closed",
    Force.WALL,
    zh="该对象已结束",
    en="the stream is closed",
    way_zh="事实仍可登记；决定须另开新对象",
    way_en="facts may still be recorded; for decisions open a new stream",
)

WRONG_STAGE = rule(
    "stage.order",
    Force.WALL,
    zh="现在的阶段不能做此决定",
    en="this decision does not belong to the present stage",
    way_zh="请看本阶段还缺什么",
    way_en="look at what this stage still lacks",
)


def _in_order(state: State, command: Decision, ctx: Context) -> Refusal | None:
    if state.closed and not command.resting:
        return refuse(CLOSED, stream=ctx.stream)
    if command.stages is not None and state.stage not in command.stages:
        return refuse(
            WRONG_STAGE, command=command.type, stages=sorted(command.stages), stage=state.stage
        )
    return None


SUSPENDED = rule(
    "stream.suspended",
    Force.APPROVAL,
    zh="该对象已暂停",
    en="the stream is suspended",
    way_zh="请先恢复",
    way_en="resume it first",
    does=("resume",),
    approver=Role.LEADING_GROUP,
)


def suspended(state: State, ctx: Context) -> Violation:
    """Say that decisions rest while the stream is suspended."""
    return unmet(SUSPENDED, owed_by=Role.PROJECT_LEAD, since=state.since, stream=ctx.stream)

"""Who may act in a programme: appointment, delegation and the hand-over of a role."""

from typing import ClassVar, Literal

from domain.kind import Appointed, Context, Ruling, ruling
from domain.message import ANYONE, Command, Decision, Entry, Event
from domain.programme.state import Appointment, HandOver, ProgrammeState
from domain.role import UNAPPOINTED, Role
from domain.rule import Force, Violation, rule, unmet
from domain.value import Count, FreeText, Ident, Instant, Line

MAX_APPOINTMENTS = 120

NOT_ONESELF = rule(
    "appoint.self",
    Force.WALL,
    zh="不能任命或委托自己",
    en="nobody appoints or delegates to themselves",
    way_zh="请由领导小组或办公室另一人办理",
    way_en="let another member of the leading group or office do it",
)
NOT_APPOINTABLE = rule(
    "appoint.role",
    Force.WALL,
    zh="此职责不经任命",
    en="nobody is appointed to this role",
    way_zh="居民凭户码参与",
    way_en="residents take part by their household's code",
)
ROLE_HELD = rule(
    "appoint.held",
    Force.WALL,
    zh="本人并不担任这一职责",
    en="the role is not held by who gives it",
    way_zh="请由现任者办理,或由办公室任命",
    way_en="let the holder do it, or let the office appoint",
)
TOO_MANY = rule(
    "programme.size",
    Force.WALL,
    zh="数量超过一个项目所能容纳",
    en="more than one programme can hold",
    way_zh="请先解除不再需要的任命,或另立项目",
    way_en="relieve what is no longer needed, or open another programme",
)
MATTERS_OPEN = rule(
    "hand_over.countersign",
    Force.WALL,
    zh="没有待接收的移交",
    en="no hand-over waits for this countersignature",
    way_zh="请由移交人先提出(offer_role)",
    way_en="let the holder offer the role first (offer_role)",
)

BOARD = frozenset({Role.LEADING_GROUP, Role.OFFICE})


class Appoint(Decision):
    """Appoint an actor to a role (任命)."""

    zh: ClassVar = "任命"
    by: ClassVar = BOARD
    type: Literal["appoint"] = "appoint"
    actor: Ident
    role: Role
    organisation: Line | None = None
    until: Instant | None = None


class Relieve(Decision):
    """End an appointment (免除)."""

    zh: ClassVar = "免除"
    by: ClassVar = BOARD
    type: Literal["relieve"] = "relieve"
    actor: Ident
    role: Role
    reason: FreeText


class Delegate(Decision):
    """Let another act in one's own role until a day (委托)."""

    zh: ClassVar = "委托"
    by: ClassVar = ANYONE - UNAPPOINTED
    type: Literal["delegate"] = "delegate"
    to: Ident
    until: Instant


class OfferRole(Decision):
    """Offer one's role to a successor with the open matters (移交)."""

    zh: ClassVar = "移交职责"
    by: ClassVar = ANYONE - UNAPPOINTED
    type: Literal["offer_role"] = "offer_role"
    to: Ident
    matters: Count
    list_of_matters: FreeText


class CountersignRole(Decision):
    """Take over a role by countersigning its open matters (接收)."""

    zh: ClassVar = "接收职责"
    by: ClassVar = ANYONE - UNAPPOINTED
    type: Literal["countersign_role"] = "countersign_role"
    holder: Ident


class ActorAppointed(Event):
    type: Literal["actor_appointed"] = "actor_appointed"
    appointment: Appointment


class Relieved(Event):
    type: Literal["relieved"] = "relieved"
    actor: Ident
    role: Role
    reason: FreeText


class Delegated(Event):
    type: Literal["delegated"] = "delegated"
    appointment: Appointment


class RoleOffered(Event):
    type: Literal["role_offered"] = "role_offered"
    hand_over: HandOver
    list_of_matters: FreeText


class RoleHandedOver(Event):
    type: Literal["role_handed_over"] = "role_handed_over"
    role: Role
    holder: Ident
    successor: Ident
    organisation: Line | None = None


COMMANDS: tuple[type[Command], ...] = (Appoint, Relieve, Delegate, OfferRole, CountersignRole)
EVENTS: tuple[type[Event], ...] = (ActorAppointed, Relieved, Delegated, RoleOffered, RoleHandedOver)


def decide(state: ProgrammeState, command: Command, ctx: Context) -> Ruling:
    me = ctx.actor
    match command:
        case Appoint():
            given = Appointment(
                actor=command.actor,
                role=command.role,
                organisation=command.organisation,
                until=command.until,
            )
            return ruling(
                ActorAppointed(appointment=given), violations=_appointable(state, given, ctx)
            )
        case Relieve():
            event = Relieved(actor=command.actor, role=command.role, reason=command.reason)
            return ruling(event, violations=_held(state, command.actor, command.role))
        case Delegate():
            given = Appointment(
                actor=command.to,
                role=me.role,
                organisation=_organisation(state, me.id, me.role),
                until=command.until,
                delegated_by=me.id,
            )
            return ruling(Delegated(appointment=given), violations=_appointable(state, given, ctx))
        case OfferRole():
            offer = HandOver(
                role=me.role, holder=me.id, successor=command.to, matters=command.matters
            )
            event_ = RoleOffered(hand_over=offer, list_of_matters=command.list_of_matters)
            return ruling(event_, violations=_held(state, me.id, me.role))
        case CountersignRole():
            found = [
                h for h in state.hand_overs if (h.holder, h.successor) == (command.holder, me.id)
            ]
            if not found:
                return ruling(
                    violations=[
                        unmet(
                            MATTERS_OPEN,
                            zh=f"{command.holder} 没有向 {me.id} 移交",
                            en=f"{command.holder} offered nothing to {me.id}",
                            owed_by=Role.OFFICE,
                        )
                    ]
                )
            return ruling(
                RoleHandedOver(
                    role=found[0].role,
                    holder=command.holder,
                    successor=me.id,
                    organisation=_organisation(state, command.holder, found[0].role),
                )
            )
        case _:
            raise TypeError(type(command).__name__)


def evolve(state: ProgrammeState, entry: Entry) -> ProgrammeState:
    match entry.event:
        case ActorAppointed(appointment=new) | Delegated(appointment=new):
            kept = _without(state, new.actor, new.role)
            return state.model_copy(update={"appointments": (*kept, new)})
        case Relieved(actor=actor, role=role):
            return state.model_copy(update={"appointments": _without(state, actor, role)})
        case RoleOffered(hand_over=offer):
            others = tuple(h for h in state.hand_overs if h.role is not offer.role)
            return state.model_copy(update={"hand_overs": (*others, offer)})
        case RoleHandedOver() as done:
            kept = _without(state, done.holder, done.role)
            new = Appointment(actor=done.successor, role=done.role, organisation=done.organisation)
            left = tuple(h for h in state.hand_overs if h.role is not done.role)
            return state.model_copy(update={"appointments": (*kept, new), "hand_overs": left})
        case _:
            return state


def appointed(state: ProgrammeState) -> tuple[Appointed, ...]:
    """Return who may act, as the admission of commands asks it."""
    return tuple(Appointed(a.actor, a.role, a.organisation, a.until) for a in state.appointments)


def _without(state: ProgrammeState, actor: str, role: Role) -> tuple[Appointment, ...]:
    return tuple(a for a in state.appointments if (a.actor, a.role) != (actor, role))


def _organisation(state: ProgrammeState, actor: str, role: Role) -> str | None:
    return next(
        (a.organisation for a in state.appointments if (a.actor, a.role) == (actor, role)), None
    )


def _held(state: ProgrammeState, actor: str, role: Role) -> list[Violation]:
    if any((a.actor, a.role) == (actor, role) for a in state.appointments):
        return []
    return [
        unmet(
            ROLE_HELD,
            zh=f"{actor} 并非 {role}",
            en=f"{actor} does not hold the role {role}",
            owed_by=Role.OFFICE,
        )
    ]


def _appointable(state: ProgrammeState, new: Appointment, ctx: Context) -> list[Violation]:
    found: list[Violation] = []
    if new.role in UNAPPOINTED:
        found.append(unmet(NOT_APPOINTABLE, zh=new.role, en=new.role, owed_by=Role.OFFICE))
    if new.actor == ctx.actor.id:
        found.append(unmet(NOT_ONESELF, zh=new.actor, en=new.actor, owed_by=Role.LEADING_GROUP))
    if len(state.appointments) >= MAX_APPOINTMENTS:
        found.append(
            unmet(
                TOO_MANY,
                zh=f"已有 {MAX_APPOINTMENTS} 项任命",
                en=f"there are {MAX_APPOINTMENTS} appointments",
                owed_by=Role.OFFICE,
            )
        )
    return found

"""Who may act in a programme: appointment, delegation and the hand-over of a role."""

from typing import ClassVar, Literal

from domain.engine.entry import Standing
from domain.engine.kind import Appointed, Context, RestsOn, Ruling, ruling
from domain.engine.message import ANYONE, Command, Decision, Entry, Event, Kept, said_in
from domain.engine.order import newest
from domain.engine.rule import Force, Violation, rule, unmet
from domain.streams.programme.state import Appointment, HandOver, ProgrammeState
from domain.terms.role import UNAPPOINTED, Role
from domain.terms.value import Count, FreeText, Ident, Instant, Line

MAX_APPOINTMENTS = 120

BOARD = frozenset({Role.LEADING_GROUP, Role.OFFICE})


class Appoint(Decision):
    """Appoint an actor to a role (任命)."""

    zh: ClassVar = "任命"
    by: ClassVar = BOARD
    told: ClassVar = said_in("appointment", "actor", "role", "organisation", "until")
    type: Literal["appoint"] = "appoint"
    actor: Ident
    role: Role
    organisation: Line | None = None
    until: Instant | None = None


class Relieve(Decision):
    """End an appointment (免除)."""

    zh: ClassVar = "免去职责"
    formerly: ClassVar = ("免除",)
    by: ClassVar = BOARD
    type: Literal["relieve"] = "relieve"
    actor: Ident
    role: Role
    reason: FreeText


class Delegate(Decision):
    """Let another act in one's own role until a day (委托)."""

    zh: ClassVar = "委托"
    by: ClassVar = ANYONE - UNAPPOINTED
    told: ClassVar = said_in("appointment", "until", to="actor")
    type: Literal["delegate"] = "delegate"
    to: Ident
    until: Instant


class OfferRole(Decision):
    """Offer one's role to a successor with the open matters (移交)."""

    zh: ClassVar = "移交职责"
    by: ClassVar = ANYONE - UNAPPOINTED
    told: ClassVar = said_in("hand_over", "matters", to="successor")
    type: Literal["offer_role"] = "offer_role"
    to: Ident
    matters: Count
    list_of_matters: FreeText


class CountersignRole(Decision):
    """Take over a role by countersigning its open matters (接收)."""

    zh: ClassVar = "接收职责"
    unappointed: ClassVar[bool] = True
    by: ClassVar = ANYONE - UNAPPOINTED
    type: Literal["countersign_role"] = "countersign_role"
    holder: Ident


class ActorAppointed(Standing, kept=Kept.OFFICE):
    type: Literal["actor_appointed"] = "actor_appointed"
    appointment: Appointment


class Relieved(Standing, kept=Kept.OFFICE):
    type: Literal["relieved"] = "relieved"
    actor: Ident
    role: Role
    reason: FreeText


class Delegated(Standing, kept=Kept.OFFICE):
    type: Literal["delegated"] = "delegated"
    appointment: Appointment


class RoleOffered(Standing, kept=Kept.OFFICE):
    type: Literal["role_offered"] = "role_offered"
    hand_over: HandOver
    list_of_matters: FreeText


class RoleHandedOver(Standing, kept=Kept.OFFICE):
    type: Literal["role_handed_over"] = "role_handed_over"
    role: Role
    holder: Ident
    successor: Ident
    organisation: Line | None = None


COMMANDS: tuple[type[Command], ...] = (Appoint, Relieve, Delegate, OfferRole, CountersignRole)

GROWING: tuple[type[Event], ...] = (ActorAppointed, Delegated, RoleOffered)

EVENTS: tuple[type[Event], ...] = (ActorAppointed, Relieved, Delegated, RoleOffered, RoleHandedOver)

RESTS_ON: dict[type[Event], RestsOn] = {
    Relieved: newest(
        ActorAppointed,
        "actor",
        "role",
        within="appointment",
        what="appointment",
    ),
    RoleHandedOver: newest(
        RoleOffered,
        "holder",
        "role",
        within="hand_over",
        what="role_offer",
    ),
}


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
            found = [*_appointable(state, given, ctx), *_led(command.role, ctx)]
            return ruling(ActorAppointed(appointment=given), violations=found)
        case Relieve():
            event = Relieved(actor=command.actor, role=command.role, reason=command.reason)
            found = [
                *_held(state, command.actor, command.role),
                *_led(command.role, ctx),
                *_remaining(state, command.actor, command.role),
            ]
            return ruling(event, violations=found)
        case Delegate():
            given = Appointment(
                actor=command.to,
                role=me.role,
                organisation=_organisation(state, me.id, me.role),
                until=command.until,
                delegated_by=me.id,
            )
            found = [*_appointable(state, given, ctx), *_within_term(state, command.until, ctx)]
            return ruling(Delegated(appointment=given), violations=found)
        case OfferRole():
            offer = HandOver(
                role=me.role, holder=me.id, successor=command.to, matters=command.matters
            )
            event_ = RoleOffered(hand_over=offer, list_of_matters=command.list_of_matters)
            found = [*_held(state, me.id, me.role), *_oneself(command.to, ctx)]
            return ruling(event_, violations=found)
        case CountersignRole():
            return _countersign(state, command, ctx)
        case _:
            raise TypeError(type(command).__name__)


MATTERS_OPEN = rule(
    "hand_over.countersign",
    Force.WALL,
    zh="没有待接收的移交",
    en="no hand-over waits for this countersignature",
    way_zh="请由移交人先提出",
    way_en="let the holder offer the role first",
    does=("offer_role",),
)


def _countersign(state: ProgrammeState, command: CountersignRole, ctx: Context) -> Ruling:
    """Hand the role over to whom it was offered; they act in it already, before they hold it."""
    me = ctx.actor
    wanted = (me.role, command.holder, me.id)
    offer = next((h for h in state.hand_overs if (h.role, h.holder, h.successor) == wanted), None)
    if offer is None:
        return ruling(
            violations=[
                unmet(
                    MATTERS_OPEN,
                    owed_by=Role.OFFICE,
                    holder=command.holder,
                    actor=me.id,
                    role=me.role,
                )
            ]
        )
    return ruling(
        RoleHandedOver(
            role=offer.role,
            holder=command.holder,
            successor=me.id,
            organisation=_organisation(state, command.holder, offer.role),
        )
    )


def evolve(state: ProgrammeState, entry: Entry) -> ProgrammeState:
    match entry.event:
        case ActorAppointed(appointment=new) | Delegated(appointment=new):
            kept = _without(state, new.actor, new.role)
            return state.model_copy(update={"appointments": (*kept, new)})
        case Relieved(actor=actor, role=role):
            left = _ended(state.appointments, actor, role)
            offers = _withdrawn(state, actor, role)
            return state.model_copy(update={"appointments": left, "hand_overs": offers})
        case RoleOffered(hand_over=offer):
            others = _withdrawn(state, offer.holder, offer.role)
            return state.model_copy(update={"hand_overs": (*others, offer)})
        case RoleHandedOver() as done:
            return _handed_over(state, done)
        case _:
            return state


def _handed_over(state: ProgrammeState, done: RoleHandedOver) -> ProgrammeState:
    """Give the successor what the holder had: the same term, and delegated if it was."""
    held = next(
        (a for a in state.appointments if (a.actor, a.role) == (done.holder, done.role)),
        Appointment(actor=done.holder, role=done.role, organisation=done.organisation),
    )
    kept = _ended(state.appointments, done.holder, done.role)
    kept = tuple(a for a in kept if (a.actor, a.role) != (done.successor, done.role))
    new = held.model_copy(update={"actor": done.successor})
    offers = _withdrawn(state, done.holder, done.role)
    return state.model_copy(update={"appointments": (*kept, new), "hand_overs": offers})


def appointed(state: ProgrammeState) -> tuple[Appointed, ...]:
    """Return who may act, as the admission of commands asks it."""
    return tuple(Appointed(a.actor, a.role, a.organisation, a.until) for a in state.appointments)


def _without(state: ProgrammeState, actor: str, role: Role) -> tuple[Appointment, ...]:
    return tuple(a for a in state.appointments if (a.actor, a.role) != (actor, role))


def _ended(
    appointments: tuple[Appointment, ...], actor: str, role: Role
) -> tuple[Appointment, ...]:
    """Take away a role, and with it whatever its holder had delegated of it."""
    kept = tuple(a for a in appointments if (a.actor, a.role) != (actor, role))
    for lost in (a for a in kept if a.delegated_by == actor and a.role is role):
        kept = _ended(kept, lost.actor, role)
    return kept


def _withdrawn(state: ProgrammeState, holder: str, role: Role) -> tuple[HandOver, ...]:
    """Return the offers without one holder's of one role."""
    return tuple(h for h in state.hand_overs if (h.holder, h.role) != (holder, role))


def _organisation(state: ProgrammeState, actor: str, role: Role) -> str | None:
    return next(
        (a.organisation for a in state.appointments if (a.actor, a.role) == (actor, role)), None
    )


ROLE_HELD = rule(
    "appoint.held",
    Force.WALL,
    zh="本人并不担任这一职责",
    en="the role is not held by who gives it",
    way_zh="请由现任者办理，或由办公室任命",
    way_en="let the holder do it, or let the office appoint",
)


def _held(state: ProgrammeState, actor: str, role: Role) -> list[Violation]:
    if any((a.actor, a.role) == (actor, role) for a in state.appointments):
        return []
    return [unmet(ROLE_HELD, owed_by=Role.OFFICE, actor=actor, role=role)]


LEADERS = rule(
    "appoint.leading_group",
    Force.WALL,
    zh="领导小组成员由领导小组任免",
    en="the leading group appoints and relieves its own members",
    way_zh="请由领导小组办理",
    way_en="let the leading group do it",
)


def _led(role: Role, ctx: Context) -> list[Violation]:
    if role is not Role.LEADING_GROUP or ctx.actor.role is Role.LEADING_GROUP:
        return []
    return [unmet(LEADERS, owed_by=Role.LEADING_GROUP, role=ctx.actor.role)]


def _remaining(state: ProgrammeState, actor: str, role: Role) -> list[Violation]:
    return no_board(_ended(state.appointments, actor, role))


LAST = rule(
    "appoint.last",
    Force.WALL,
    zh="领导小组或办公室至少须有一人",
    en="somebody of the leading group or the office must remain",
    way_zh="请先任命继任者",
    way_en="appoint a successor first",
)


def no_board(appointments: tuple[Appointment, ...]) -> list[Violation]:
    """Say so where nobody would be left who can appoint, for good rather than by delegation."""
    if any(a.role in BOARD and a.until is None for a in appointments):
        return []
    return [unmet(LAST, owed_by=Role.LEADING_GROUP)]


TERM = rule(
    "delegate.until",
    Force.WALL,
    zh="委托期须在将来，且不超过本人任期",
    en="a delegation ends in the future and not after one's own term",
    way_zh="请改到期日",
    way_en="give another day",
)


def _within_term(state: ProgrammeState, until: Instant, ctx: Context) -> list[Violation]:
    me = ctx.actor
    own = [a.until for a in state.appointments if (a.actor, a.role) == (me.id, me.role)]
    ends = own[0] if own else None
    if until > ctx.now and (ends is None or until <= ends):
        return []
    day = ctx.calendar.day(until)
    return [unmet(TERM, owed_by=me.role, day=day)]


NOT_ONESELF = rule(
    "appoint.self",
    Force.WALL,
    zh="不能任命或委托自己",
    en="nobody appoints or delegates to themselves",
    way_zh="请由领导小组或办公室另一人办理",
    way_en="let another member of the leading group or office do it",
)


def _oneself(to: str, ctx: Context) -> list[Violation]:
    if to != ctx.actor.id:
        return []
    return [unmet(NOT_ONESELF, owed_by=Role.LEADING_GROUP, actor=to)]


NOT_APPOINTABLE = rule(
    "appoint.role",
    Force.WALL,
    zh="此职责不经任命",
    en="nobody is appointed to this role",
    way_zh="居民凭户码参与",
    way_en="residents take part by their household's code",
)

TOO_MANY = rule(
    "programme.size",
    Force.WALL,
    zh="数量超过一个年度计划所能容纳",
    en="more than one programme can hold",
    way_zh="请先解除不再需要的任命，或另建年度计划",
    way_en="relieve what is no longer needed, or open another programme",
)


def _appointable(state: ProgrammeState, new: Appointment, ctx: Context) -> list[Violation]:
    found: list[Violation] = []
    if new.role in UNAPPOINTED:
        found.append(unmet(NOT_APPOINTABLE, owed_by=Role.OFFICE, role=new.role))
    found += _oneself(new.actor, ctx)
    if len(state.appointments) >= MAX_APPOINTMENTS:
        found.append(unmet(TOO_MANY, "appointments", owed_by=Role.OFFICE, most=MAX_APPOINTMENTS))
    return found

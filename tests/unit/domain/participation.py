"""A block's register of households and the polls put to them, for tests."""

from typing import Any

from domain.streams.ballot.decide import CastBallot
from domain.streams.household.decide import OpenHousehold
from domain.streams.poll.codes import CodeList, code_list, path_of
from domain.streams.poll.messages import OpenPoll
from domain.streams.poll.state import PollState
from domain.terms.role import Actor, Role
from tests.unit.domain.spec import BLOCK, PAPER, Spec

POLL = f"{BLOCK}/poll/1"
CODES = tuple(f"code{n}" for n in range(1, 7))
COMMON = {"basis": "common_parts"}
QUALIFIED = {"basis": "common_parts", "majority": "qualified"}
PUBLIC = {"basis": "public_space"}
COLLECTIVE = {"basis": "collective_land"}


def registered(homes: int = 6, **values: Any) -> Spec:
    """Return a spec with households h1, h2 … of one owner and 100 m² each, in building b1."""
    spec = Spec().inert(BLOCK)
    for number in range(1, homes + 1):
        home(spec, f"h{number}", **values)
    return spec


def home(spec: Spec, code: str, **values: Any) -> Spec:
    opening = OpenHousehold.model_validate({"building": "b1", "area": 10_000, **values})
    return spec.given(f"{BLOCK}/household/{code}", opening, by=Role.COMMUNITY)


def consent(**parts: dict[str, Any]) -> OpenPoll:
    return OpenPoll.model_validate({"purpose": "consent", "days": 10, "parts": parts})


def needs(*options: str, choose_up_to: int = 2, **values: Any) -> OpenPoll:
    data = {"purpose": "needs", "days": 10, "options": options, "choose_up_to": choose_up_to}
    return OpenPoll.model_validate({**data, **values})


def satisfaction(codes: CodeList | None = None, **values: Any) -> OpenPoll:
    data = {"purpose": "satisfaction", "days": 10, "codes": codes or code_list(CODES), **values}
    return OpenPoll.model_validate(data)


def polled(spec: Spec, poll: OpenPoll, stream: str = POLL) -> Spec:
    return spec.given(stream, poll, by=Role.COMMUNITY)


def voted(spec: Spec, code: str, **choices: str) -> Spec:
    """Cast a household's signed vote on the web."""
    return spec.given(ballot(code), vote(**choices), by=resident(code))


def vote(**choices: str) -> CastBallot:
    return filled(parts=choices, signed=True, scan=PAPER)


def answered(spec: Spec, code: str, aware: bool | None = None, **answers: str) -> Spec:
    """Cast an anonymous answer under a code."""
    return spec.given(ballot(code), answer(code, aware, **answers), by=resident(code))


def filled(**values: Any) -> CastBallot:
    """Return a ballot as somebody filled it in on the web."""
    return CastBallot.model_validate({"form": "web", **values})


def answer(code: str, aware: bool | None = None, **answers: str) -> CastBallot:
    path = path_of(CODES, code) if code in CODES else ()
    return filled(answers=answers, aware=aware, path=path)


def ballot(code: str) -> str:
    return f"{POLL}/ballot/{code}"


def resident(code: str) -> Actor:
    return Actor(id=code, role=Role.RESIDENT)


def poll_of(spec: Spec) -> PollState:
    return spec.state(POLL, PollState)


def told_block(spec: Spec) -> dict[str, Any]:
    """Return what the block was last told."""
    return spec.reports(BLOCK)[-1]

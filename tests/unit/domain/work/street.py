"""An invented block under construction, and the work items in its streets."""

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from domain.engine.entry import GrantException
from domain.streams.block.opening import OpenBlock
from domain.streams.block.state import BlockState, Category, Management
from domain.streams.contract.price import SignContract
from domain.streams.contract.state import ContractKind
from domain.streams.shared.site import Surface
from domain.streams.work.build import AcceptWork, FinishWork, RecordHiddenInspection
from domain.streams.work.plan import PlanWork, RecordClearance, StartWork
from domain.streams.work.state import WorkState
from domain.terms.role import Role
from domain.terms.stream import StreamName
from tests.unit.domain.spec import BLOCK, PAPER, PHOTO, PROGRAMME, START, TEXT, Spec

DRAIN = f"{BLOCK}/work/drain"
ROAD = f"{BLOCK}/work/road"
LIGHTS = f"{BLOCK}/work/lights"
CONTRACT = f"{PROGRAMME}/contract/works-1"
HERE, THERE = "临河巷东段", "临河巷西段"


def block(spec: Spec, **changes: Any) -> Spec:
    """Put the block under construction, its start order given, in the place it would have."""
    state = BlockState(
        stage=changes.pop("stage", "construction"),
        since=START,
        name="临河",
        community="临河社区",
        category=Category.BACK_STREET,
        management=Management.NONE,
        zone="Asia/Shanghai",
        **{"works_ordered_at": START - timedelta(days=1), **changes},
    )
    spec.stand_ins.add(StreamName(BLOCK))
    return spec.placed(BLOCK, state)


def surfaced(spec: Spec, closed_at: datetime, *, overhaul: bool = False, by: str = "old") -> Spec:
    return block(spec, surfaces={HERE: Surface(item=by, closed_at=closed_at, overhaul=overhaul)})


def drain(**values: Any) -> PlanWork:
    given: dict[str, Any] = {"kind": "drainage", "name": "雨污分流", "quantity": 120}
    return PlanWork.model_validate({**given, "segments": (HERE,), **values})


def road(**values: Any) -> PlanWork:
    given: dict[str, Any] = {"kind": "road", "name": "路面", "quantity": 800}
    return PlanWork.model_validate({**given, "segments": (HERE,), **values})


def lights(**values: Any) -> PlanWork:
    given: dict[str, Any] = {"kind": "lighting", "name": "路灯", "quantity": 20}
    return PlanWork.model_validate({**given, **values})


def cleared(body: str) -> RecordClearance:
    return RecordClearance(body=body, document=f"{body}函〔2026〕1号")


def inspected(*segments: str, passed: bool = True) -> RecordHiddenInspection:
    return RecordHiddenInspection(segments=segments, passed=passed, photos=(PHOTO,))


def contract(amount: int = 1_000_000_00, **values: Any) -> SignContract:
    given: dict[str, Any] = {
        "kind": ContractKind.WORKS,
        "contractor": "contractor body 1",
        "amount": amount,
        "blocks": ("linhe",),
        "document": "合〔2026〕1号",
    }
    return SignContract.model_validate({**given, **values})


def signed(spec: Spec, amount: int = 1_000_000_00) -> Spec:
    """Sign a works contract for the block, which the programme must know first."""
    opened = OpenBlock(name="临河", community="临河社区", category=Category.BACK_STREET)
    spec.given(BLOCK, opened).given(CONTRACT, contract(amount), by=Role.OFFICE)
    return block(spec)


def started(spec: Spec, stream: str, planned: PlanWork) -> Spec:
    spec.given(stream, planned)
    for body in spec.state(stream, WorkState).needed:
        spec.given(stream, cleared(body), by=Role.UTILITY)
    return spec.given(stream, StartWork(), by=Role.PROJECT_LEAD)


def finished(spec: Spec, stream: str, planned: PlanWork) -> Spec:
    started(spec, stream, planned)
    if spec.state(stream, WorkState).hidden:
        spec.given(stream, inspected())
    return spec.given(stream, FinishWork(), by=Role.CONTRACTOR)


def accepted(spec: Spec, stream: str, planned: PlanWork) -> Spec:
    finished(spec, stream, planned)
    return spec.given(stream, AcceptWork(quantity=planned.quantity), by=Role.SUPERVISOR)


def exception(spec: Spec, rule: str) -> GrantException:
    return GrantException(
        rule=rule,
        reason=TEXT,
        document="县府办〔2026〕8号",
        scan=PAPER,
        expires_at=spec.now + timedelta(days=30),
    )


def evening(day: date, hour: int, minute: int = 0) -> datetime:
    """Return an instant of a day in the programme's zone."""

    zone = ZoneInfo("Asia/Shanghai")
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=zone)

"""Findings below an upkeep: the shortest way to a deadline that is a second or two away."""

from datetime import UTC, datetime, timedelta

from domain.engine.entry import StageEntered
from domain.profile import Profile
from domain.streams.finding.state import FindingState
from domain.terms.role import Role
from domain.terms.stream import StreamName
from tests.support.ledgers import Ledger
from tests.unit.domain.spec import PHOTO

LITTER = timedelta(hours=Profile().litter_hours)


async def open_upkeep(ledger: Ledger, block: StreamName) -> StreamName:
    """Put a block into upkeep, and return the name of the upkeep opened below it."""
    await ledger.given(block, StageEntered(stage="upkeep", by_decision="begin_upkeep"))
    name = StreamName(f"{block}/upkeep")
    command = {
        "type": "open_upkeep",
        "regime": "property_company",
        "maintainer": "临河里管养站",
        "community": "community-1",
    }
    began = datetime.now(UTC) - timedelta(days=30)
    await ledger.since(began, block)
    await ledger.accept(name, command, on=began)
    return name


async def litter(ledger: Ledger, upkeep: StreamName, *, due_in: timedelta) -> StreamName:
    """Record litter found long enough ago that its time limit ends soon; past every workflow."""
    finding = StreamName(f"{upkeep}/finding/1")
    found = {
        "type": "record_finding",
        "place": "临河里 3 号门口",
        "nature": "litter",
        "photo": PHOTO,
    }
    await ledger.accept(finding, found, by=Role.ASSISTANT, on=datetime.now(UTC) - LITTER + due_in)
    return finding


async def due(ledger: Ledger, finding: StreamName) -> datetime:
    """Return when a finding's time limit ends."""
    state = await ledger.state(finding)
    assert isinstance(state, FindingState)
    return state.due

"""A contract of the programme (合同): signed, varied, paid, settled, its retention released."""

from domain.engine.kind import Context, Kind, Ruling
from domain.engine.message import Command, Entry
from domain.streams.contract import payment, price
from domain.streams.contract.payment import ReleaseRetention
from domain.streams.contract.price import ContractSigned, Settle, SignContract
from domain.streams.contract.split import SPLIT
from domain.streams.contract.state import ContractReport, ContractState
from domain.terms.stream import StreamName, parent
from domain.terms.value import Text


def decide(state: ContractState | None, command: Command, ctx: Context) -> Ruling:
    if isinstance(command, SignContract):
        return price.sign(command, ctx)
    if state is None:
        raise TypeError(f"{command.type} needs a contract")
    if isinstance(command, price.COMMANDS):
        return price.decide(state, command, ctx)
    return payment.decide(state, command, ctx)


def evolve(state: ContractState | None, entry: Entry) -> ContractState:
    event = entry.event
    if isinstance(event, ContractSigned):
        return ContractState(
            stage="signed",
            since=entry.occurred_at,
            signed_amount=event.amount,
            **event.model_dump(exclude={"type", "amount", "document", "scan"}),
        )
    if state is None:
        raise ValueError(f"{event.type} before the contract was signed")
    changed = price.evolve(state, entry) | payment.evolve(state, entry)
    after = state.model_copy(update=changed)
    return after.model_copy(update={"closed": _over(after)})


def _over(state: ContractState) -> bool:
    """Tell whether all is settled, released and paid."""
    return state.final is not None and state.retained == 0 and state.paid >= state.final


def report(state: ContractState) -> ContractReport:
    return ContractReport(
        blocks=state.blocks,
        amount=state.amount,
        paid=state.paid,
        settled=state.final is not None,
    )


def reports_to(stream: StreamName, state: ContractState) -> tuple[StreamName, ...]:
    above = parent(stream)
    return (above,) if above else ()


CONTRACT = Kind(
    name="contract",
    title=Text(zh="合同", en="contract"),
    under=frozenset({"programme"}),
    called=("合同",),
    judged_by={"": ("retention", "variation.", "cost.", "contract.")},
    state=ContractState,
    schema=3,
    commands=(*price.COMMANDS, *payment.COMMANDS),
    events=(*price.EVENTS, *payment.EVENTS),
    opening=(SignContract,),
    decide=decide,
    evolve=evolve,
    conditions={Settle: price.settleable, ReleaseRetention: payment.releasable},
    forward={"signed": (Settle,), "settled": (ReleaseRetention,)},
    deadlines=payment.deadlines,
    lapse=payment.lapse,
    report=report,
    reports_to=reports_to,
    rests_on={**price.RESTS_ON, **payment.RESTS_ON},
)
__all__ = ["CONTRACT", "SPLIT", "ContractReport", "ContractState"]

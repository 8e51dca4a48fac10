"""Every kind of stream there is, by name."""

from typing import Any

from domain import keeping as keeping  # no kind's rules, but rules of the register all the same
from domain.ballot import BALLOT
from domain.block import BLOCK
from domain.commitment import COMMITMENT
from domain.consultation import CONSULTATION
from domain.contract import CONTRACT
from domain.finding import FINDING
from domain.household import HOUSEHOLD
from domain.kind import Kind
from domain.notice import NOTICE
from domain.opinion import OPINION
from domain.poll import POLL
from domain.programme import PROGRAMME
from domain.stream import StreamName, kind_of
from domain.upkeep import UPKEEP
from domain.work import WORK

KINDS: dict[str, Kind[Any]] = {
    k.name: k
    for k in (
        PROGRAMME,
        BLOCK,
        NOTICE,
        HOUSEHOLD,
        CONSULTATION,
        OPINION,
        POLL,
        BALLOT,
        CONTRACT,
        WORK,
        COMMITMENT,
        UPKEEP,
        FINDING,
    )
}


def kind_for(stream: StreamName) -> Kind[Any]:
    """Return the kind of a stream."""
    return KINDS[kind_of(stream)]

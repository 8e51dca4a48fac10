"""Every kind of stream there is, by name."""

from typing import Any

from domain import keeping as keeping  # no kind's rules, but rules of the register all the same
from domain.engine.kind import Kind
from domain.streams.ballot.decide import BALLOT
from domain.streams.block.decide import BLOCK
from domain.streams.commitment.decide import COMMITMENT
from domain.streams.consultation.decide import CONSULTATION
from domain.streams.contract.decide import CONTRACT
from domain.streams.finding.decide import FINDING
from domain.streams.household.decide import HOUSEHOLD
from domain.streams.notice.decide import NOTICE
from domain.streams.opinion.decide import OPINION
from domain.streams.poll.decide import POLL
from domain.streams.programme.decide import PROGRAMME
from domain.streams.upkeep.decide import UPKEEP
from domain.streams.work.decide import WORK
from domain.terms.stream import StreamName, ancestors, declare, kind_of

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

MANY = frozenset(k.name for k in KINDS.values() if k.many)
"""Kinds of which there are many: told one by one only when asked for."""
CODED = frozenset(k.name for k in KINDS.values() if k.coded)
"""Kinds whose streams are households or their votes."""

for _kind in KINDS.values():
    declare(_kind.name, _kind.path)


def kind_for(stream: StreamName) -> Kind[Any]:
    """Return the kind of a stream."""
    return KINDS[kind_of(stream)]


def carrier_of(stream: StreamName) -> StreamName:
    """Return the stream itself or the nearest one above that has a workflow."""
    if KINDS[kind_of(stream)].workflow:
        return stream
    return next(a for a in reversed(ancestors(stream)) if KINDS[kind_of(a)].workflow)

"""The attributes by which Temporal's lists find streams: registered where that is allowed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import (
    AddSearchAttributesRequest,
    ListSearchAttributesRequest,
)
from temporalio.client import Client
from temporalio.service import RPCError

from domain.search import INSTANTS, KEYWORDS

ONE_TRY = timedelta(seconds=10)
TYPES = {
    **dict.fromkeys(KEYWORDS, IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD),
    **dict.fromkeys(INSTANTS, IndexedValueType.INDEXED_VALUE_TYPE_DATETIME),
}


@dataclass(frozen=True, slots=True)
class Registered:
    """Which attributes a namespace has now."""

    added: tuple[str, ...] = ()
    """Those that were registered just now: the server's parts may learn of them seconds later."""
    lacking: tuple[str, ...] = ()
    """Those that it has not, or under another type."""
    why: str = ""
    """Why the server could not be asked or refused; empty where they are of another type."""


async def register_search_attributes(client: Client, namespace: str) -> Registered:
    """Register the attributes that a namespace lacks; a server that refuses is no error.

    One under another type stays as it is: it is somebody else's.
    """
    try:
        there = await _registered(client, namespace)
        missing = {name: kind for name, kind in TYPES.items() if name not in there}
        if missing:
            await client.operator_service.add_search_attributes(
                AddSearchAttributesRequest(namespace=namespace, search_attributes=missing),
                timeout=ONE_TRY,
            )
            there = await _registered(client, namespace)
    except RPCError as error:
        return Registered(lacking=tuple(TYPES), why=f"{error.status.name}: {error.message}"[:200])
    wrong = tuple(name for name, kind in TYPES.items() if there.get(name) != kind)
    return Registered(added=tuple(missing), lacking=wrong)


async def _registered(client: Client, namespace: str) -> dict[str, IndexedValueType.ValueType]:
    found = await client.operator_service.list_search_attributes(
        ListSearchAttributesRequest(namespace=namespace), timeout=ONE_TRY
    )
    return dict(found.custom_attributes)

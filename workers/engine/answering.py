"""What the engine says of a stream's workflow, held against what the ledger says of the stream."""

from datetime import datetime, timedelta
from enum import StrEnum

from temporalio.client import Client, WorkflowQueryFailedError, WorkflowQueryRejectedError
from temporalio.common import QueryRejectCondition
from temporalio.service import RPCError, RPCStatusCode

from domain.engine.state import Status
from domain.terms.stream import StreamName
from domain.terms.value import Value

WITHIN = timedelta(seconds=5)


class Standing(StrEnum):
    """How a workflow stands to its stream."""

    FOLLOWS = "follows"
    BEHIND = "behind"
    """It answers with an earlier version, or waits for a later deadline."""
    MISSING = "missing"
    """There is none, or it has ended."""
    SILENT = "silent"
    """It does not answer in time: no worker has room for it, or it cannot be replayed."""


class Standpoint(Value):
    """How a workflow stands to its stream, and what it or the server says."""

    stream: StreamName
    standing: Standing
    version: int = 0
    why: str = ""


async def ask(client: Client, stream: StreamName, version: int, due: datetime | None) -> Standpoint:
    """Ask a stream's workflow where it stands; the ledger's version and deadline are given.

    Raises:
        RPCError: if the server does not answer at all.

    """
    try:
        known: Status | None = await client.get_workflow_handle(stream).query(
            "status",
            result_type=Status,
            reject_condition=QueryRejectCondition.NOT_OPEN,
            rpc_timeout=WITHIN,
        )
    except WorkflowQueryRejectedError:
        return Standpoint(stream=stream, standing=Standing.MISSING)
    except WorkflowQueryFailedError as error:
        return Standpoint(stream=stream, standing=Standing.SILENT, why=str(error)[:120])
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            return Standpoint(stream=stream, standing=Standing.MISSING)
        if error.status is RPCStatusCode.UNAVAILABLE:
            raise
        return Standpoint(stream=stream, standing=Standing.SILENT, why=str(error)[:120])
    if known is None or known.version < version or _later(known.due, due):
        at = known.version if known is not None else 0
        return Standpoint(stream=stream, standing=Standing.BEHIND, version=at)
    return Standpoint(stream=stream, standing=Standing.FOLLOWS, version=known.version)


def _later(known: datetime | None, due: datetime | None) -> bool:
    return due is not None and (known is None or known > due)

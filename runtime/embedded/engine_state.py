"""Making Temporal forget a ledger: its workflows come back from the ledger by the sweeper."""

from __future__ import annotations

import asyncio

import structlog
from temporalio.api.operatorservice.v1 import DeleteNamespaceRequest
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from runtime.embedded import ports
from runtime.embedded.state import StateDir
from runtime.embedded.temporal_server import TemporalServer
from runtime.settings import Settings
from runtime.temporal import connect_temporal

log = structlog.stdlib.get_logger(__name__)


async def discard_workflows(settings: Settings, state: StateDir | None) -> None:
    """Empty the ledger's Temporal namespace, while none of its workers runs.

    On the embedded server (down, its state directory held by the caller) the namespace is
    deleted, so that no workflow can be left over, and other ledgers keep theirs; where even that
    fails, the whole file goes. On an external one, where namespaces are not ours to delete, every
    open workflow is terminated. Raises `ServerUnreachable` for the external one.
    """
    if settings.temporal_address is not None:
        await _terminate_all(await connect_temporal(settings))
        return
    assert state is not None, "the embedded server's state directory has to be held"
    server = TemporalServer(state, ports.choose(0, setting=""), None)
    if not server.database.exists():
        return
    await server.start()
    try:
        await _delete_namespace(server.address, settings.namespace)
    except RPCError as error:
        log.warning("temporal_state_wiped", reason=error.message)
        await server.kill()
        server.wipe()
    finally:
        await server.stop()


async def _delete_namespace(address: str, name: str) -> None:
    client = await Client.connect(address)
    try:
        await client.operator_service.delete_namespace(DeleteNamespaceRequest(namespace=name))
    except RPCError as error:
        if error.status != RPCStatusCode.NOT_FOUND:
            raise


async def _terminate_all(client: Client) -> None:
    """Terminate open workflows until none is listed any more (lists lag behind a little)."""
    while True:
        found = [w async for w in client.list_workflows("ExecutionStatus = 'Running'")]
        if not found:
            return
        for workflow in found:
            handle = client.get_workflow_handle(workflow.id, run_id=workflow.run_id)
            try:
                await handle.terminate(reason="the ledger was restored from a backup")
            except RPCError as error:
                if error.status != RPCStatusCode.NOT_FOUND:
                    raise
        await asyncio.sleep(0.5)

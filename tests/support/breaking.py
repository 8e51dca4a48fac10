"""The embedded servers broken on purpose: killed, made to forget everything, started again."""

import signal

from runtime.embedded.postgres import PostgresServer
from runtime.embedded.stack import Stack
from runtime.embedded.temporal_server import TemporalServer


def postgres_of(stack: Stack) -> PostgresServer:
    assert stack.postgres is not None, "PostgreSQL is not ours"
    return stack.postgres


def temporal_of(stack: Stack) -> TemporalServer:
    assert stack.temporal is not None, "Temporal is not ours"
    return stack.temporal


async def kill_postgres(stack: Stack) -> None:
    """Kill PostgreSQL as a power cut would."""
    server = postgres_of(stack)
    assert server.child is not None, "not started"
    server.child.send(signal.SIGKILL)
    await server.child.wait()
    await server.stop()


async def start_postgres(stack: Stack) -> None:
    """Start PostgreSQL again at the same address."""
    await postgres_of(stack).start()


async def kill_temporal(stack: Stack) -> None:
    """Kill Temporal as a crash would."""
    await temporal_of(stack).kill()


async def start_temporal(stack: Stack) -> None:
    """Start Temporal again at the same address."""
    await temporal_of(stack).start()


async def wipe_temporal(stack: Stack) -> None:
    """Kill Temporal, make it forget everything, and start it again at the same address."""
    await kill_temporal(stack)
    temporal_of(stack).wipe()
    await start_temporal(stack)

"""The witness over HTTP, as C2SP tlog-witness says, and what it signed last for anybody to read."""

import asyncio
import contextlib
import hashlib
import signal
import socket
from collections.abc import Iterable, Iterator

import structlog
import uvicorn
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from ledger.errors import LogFrozen
from ledger.log.note import MAX_BYTES, VerifierKey
from ledger.log.witness import Outdated, Question, Witness, WitnessRefused

log = structlog.get_logger()

MAX_BODY_BYTES = MAX_BYTES + 8 * 1024
"""A note at its largest, and 63 hashes."""
READ_WITHIN_SECONDS = 10.0
SIZE_TYPE = "text/x.tlog.size"


class _TooLarge(Exception):
    """The body is larger than any question."""


def application(witness: Witness, logs: Iterable[VerifierKey]) -> Starlette:
    """Return the service of a witness that knows these logs."""
    origins = {hashlib.sha256(key.name.encode()).hexdigest(): key.name for key in logs}

    async def add_checkpoint(request: Request) -> Response:
        try:
            async with asyncio.timeout(READ_WITHIN_SECONDS):
                body = await _body(request)
        except (TimeoutError, ClientDisconnect):
            return _said(408, "the request did not arrive in time")
        except _TooLarge:
            return _said(413, f"more than {MAX_BODY_BYTES} bytes")
        try:
            question = Question.parse(body)
            line = await asyncio.to_thread(witness.add_checkpoint, question)
        except Outdated as refused:
            return PlainTextResponse(f"{refused.size}\n", 409, {"content-type": SIZE_TYPE})
        except WitnessRefused as refused:
            log.warning("not_signed", status=refused.status, why=str(refused)[:300])
            return _said(refused.status, str(refused))
        except (OSError, LogFrozen) as error:
            # Nothing is signed that could not be kept.
            log.error("not_signed", status=500, why=str(error)[:300])
            return _said(500, "the witness cannot keep what it would sign")
        origin, size = question.note.text.split("\n")[:2]
        log.info("cosigned", origin=origin, size=int(size))
        return PlainTextResponse(f"{line}\n")

    async def checkpoint(request: Request) -> Response:
        origin = origins.get(request.path_params["origin"])
        try:
            kept = await asyncio.to_thread(witness.kept, origin) if origin else None
        except (OSError, LogFrozen) as error:
            log.error("not_shown", why=str(error)[:300])
            return _said(500, "what was signed last cannot be read")
        return _said(404, "nothing of such a log was signed") if kept is None else _plain(str(kept))

    return Starlette(
        routes=[
            Route("/add-checkpoint", add_checkpoint, methods=["POST"]),
            Route("/{origin}/checkpoint", checkpoint, methods=["GET"]),
            # Where an earlier release of ours asks for it.
            Route("/checkpoint/{origin}", checkpoint, methods=["GET"]),
        ]
    )


def listening(host: str, port: int) -> socket.socket:
    """Return a socket that listens.

    Raises:
        OSError: if the address cannot be used.

    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    found = socket.socket(family, socket.SOCK_STREAM)
    try:
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        found.bind((host, port))
        found.listen(128)
    except OSError:
        found.close()
        raise
    return found


async def serve(app: Starlette, on: socket.socket) -> None:
    """Serve until SIGINT or SIGTERM."""
    config = uvicorn.Config(
        app,
        log_config=None,
        log_level="warning",
        access_log=False,
        lifespan="off",
        server_header=False,
        limit_concurrency=64,
        timeout_keep_alive=30,
        timeout_graceful_shutdown=5,
    )
    server = _Server(config)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, server.stop)
    await server.serve(sockets=[on])


class _Server(uvicorn.Server):
    """A server that ends when it is told to, and not by the signal that told it."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    def stop(self) -> None:
        self.should_exit = True


async def _body(request: Request) -> bytes:
    found = b""
    async for part in request.stream():
        found += part
        if len(found) > MAX_BODY_BYTES:
            raise _TooLarge
    return found


def _said(status: int, text: str) -> Response:
    return PlainTextResponse(f"{text}\n", status)


def _plain(text: str) -> Response:
    return PlainTextResponse(text)

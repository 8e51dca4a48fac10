"""`siwen up`: the servers and the workers, started in order, kept running, stopped in order."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
import time
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Sequence
from pathlib import Path
from typing import Protocol

import structlog

from ledger.forever import forever, in_short, say_fault
from runtime.connect import ensure_database
from runtime.embedded.child import Child, identity, spawn
from runtime.embedded.ready import ReadyPipe
from runtime.embedded.stack import Stack
from runtime.embedded.state import running_stack
from runtime.errors import StackError
from runtime.log_files import open_log
from runtime.settings import Settings

Migrate = Callable[[str], Awaitable[object]]

WORKER = (sys.executable, "-m", "workers")
_WORKER_READY_WITHIN = 20.0
_WORKER_STOPPED_WITHIN = 15.0
_FIRST_PAUSE = 0.2
_LONGEST_PAUSE = 10.0
_STEADY_AFTER = 30.0

log = structlog.stdlib.get_logger(__name__)


class Supervisor:
    """One stack that stays up: whatever part ends by itself is started again."""

    def __init__(
        self,
        settings: Settings,
        *,
        migrate: Migrate | None = None,
        worker: Sequence[str] = WORKER,
        workers: int = 1,
    ) -> None:
        """Take `migrate` (brings an embedded ledger's schema up to date, given its URL) and how
        to start a worker, and how many.
        """
        self._settings = settings
        self._migrate = migrate
        self._stack = Stack(settings, purpose="up")
        self._workers = [_Worker(settings, worker, number + 1) for number in range(workers)]
        self._stop = asyncio.Event()
        self._hurry = asyncio.Event()

    async def run(self) -> None:
        """Start everything, keep it running until SIGINT, SIGTERM or SIGHUP, and stop it.

        A second signal cuts short the time that workers have to finish. Raises a `StackError`
        when the start fails; then nothing is left running.
        """
        with self._signals():
            starting = asyncio.create_task(self._start())
            keepers: list[asyncio.Task[None]] = []
            try:
                if await self._first_of(starting):
                    keepers = [asyncio.create_task(keeper) for keeper in self._keepers()]
                    await self._stop.wait()
                log.info("stack_stopping")
            finally:
                await _cancelled(starting, *keepers)
                await asyncio.gather(*(worker.stop(self._hurry) for worker in self._workers))
                await self._stack.stop()
            log.info("stack_stopped")

    async def _start(self) -> None:
        began = time.monotonic()
        await self._stack.start()
        facts = self._stack.facts
        if facts.database_server is not None and self._migrate is not None:
            url = self._stack.database_url()
            await ensure_database(url)
            await self._migrate(url)
        ready = await asyncio.gather(*(worker.start() for worker in self._workers))
        log.info(
            "stack_ready",
            seconds=round(time.monotonic() - began, 2),
            ledger=self._settings.ledger,
            workers=sum(ready),
            temporal=self._stack.temporal_address,
            temporal_pages=self._stack.ui_address,
            state_dir=str(self._settings.state_dir),
            logs=str(self._stack.state.logs),
        )

    async def _first_of(self, starting: asyncio.Task[None]) -> bool:
        """Tell whether the start came to its end before somebody asked to stop."""
        stop = asyncio.create_task(self._stop.wait())
        try:
            await asyncio.wait({starting, stop}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            stop.cancel()
        if starting.done():
            await starting
        return starting.done()

    def _keepers(self) -> Iterator[Coroutine[None, None, None]]:
        for worker in self._workers:
            yield _Keeper(worker.name, worker).run()
        if self._stack.postgres is not None:
            yield _Keeper("postgresql", self._stack.postgres).run()
        if self._stack.temporal is not None:
            yield _Keeper("temporal", self._stack.temporal).run()
            yield forever(self._stack.temporal.watch, every=0.0, failed=_watch_failed)

    @contextlib.contextmanager
    def _signals(self) -> Iterator[None]:
        loop = asyncio.get_running_loop()
        numbers = [signal.SIGINT, signal.SIGTERM]
        if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:  # as nohup asks
            numbers.append(signal.SIGHUP)
        for number in numbers:
            loop.add_signal_handler(number, self._asked_to_stop)
        try:
            yield
        finally:
            for number in numbers:
                loop.remove_signal_handler(number)

    def _asked_to_stop(self) -> None:
        if self._stop.is_set():
            self._hurry.set()
        self._stop.set()


class _Part(Protocol):
    """What is kept running."""

    @property
    def child(self) -> Child | None: ...

    async def start(self) -> object: ...


class _Worker:
    """One worker process and its log."""

    def __init__(self, settings: Settings, command: Sequence[str], number: int) -> None:
        self.name = f"worker-{number}"
        self.child: Child | None = None
        self._settings = settings
        self._command = command

    async def start(self) -> bool:
        """Start the process; return whether it said that it is ready."""
        pipe = ReadyPipe()
        with open_log(self._log) as output:
            self.child = spawn(
                self._command,
                log=output,
                environment=self._settings.child_environment() | pipe.environment,
                directory=Path.cwd(),
                pass_fds=(pipe.write,),
            )
        pipe.passed_on()
        ready = await pipe.wait(_WORKER_READY_WITHIN)
        if not ready:
            log.warning("worker_not_ready", part=self.name, log=str(self._log))
        return ready

    async def stop(self, hurry: asyncio.Event) -> None:
        """Let the process finish what it does, for a while."""
        if self.child is None:
            return
        self.child.send(signal.SIGTERM)
        loop = asyncio.get_running_loop()
        end = loop.time() + _WORKER_STOPPED_WITHIN
        while self.child.running and loop.time() < end and not hurry.is_set():
            await self.child.wait(0.2)
        await self.child.stop(signal.SIGKILL, seconds=5)

    @property
    def _log(self) -> Path:
        return self._settings.state_dir / "log" / f"{self.name}.log"


class _Keeper:
    """Starts a part again whenever it ends, after a pause that grows while it keeps ending."""

    def __init__(self, name: str, part: _Part) -> None:
        self._name = name
        self._part = part
        self._pause = _FIRST_PAUSE

    async def run(self) -> None:
        """Keep the part running until cancelled, whatever goes wrong with a start."""
        await forever(self._again, every=_FIRST_PAUSE, failed=self._failed)

    async def _again(self) -> None:
        if self._part.child is not None:
            began = time.monotonic()
            code = await self._part.child.wait()
            if time.monotonic() - began > _STEADY_AFTER:
                self._pause = _FIRST_PAUSE
            log.error("part_ended", part=self._name, exit_code=code, again_in_seconds=self._pause)
        await asyncio.sleep(self._pause)
        self._pause = min(self._pause * 2, _LONGEST_PAUSE)
        await self._part.start()
        log.info("part_started_again", part=self._name)

    def _failed(self, error: BaseException) -> None:
        log.error(
            "part_not_started",
            part=self._name,
            reason=in_short(error),
            again_in_seconds=self._pause,
            exc_info=None if isinstance(error, StackError | OSError) else error,
        )


def _watch_failed(error: BaseException) -> None:
    say_fault("temporal_not_watched", error)


async def _cancelled(*tasks: asyncio.Task[None]) -> None:
    """Cancel tasks and wait until they are over."""
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def stop_running(settings: Settings, *, seconds: float = 60.0) -> bool:
    """Stop the stack that runs on the state directory; False when there was none.

    Raises `StackError` when it still runs after `seconds`.
    """
    facts = running_stack(settings.state_dir)
    if facts is None or facts.pid is None:
        return False
    os.kill(facts.pid, signal.SIGTERM)
    loop = asyncio.get_running_loop()
    end = loop.time() + seconds
    while identity(facts.pid) == facts.started:
        if loop.time() >= end:
            raise StackError(
                f"The stack (process {facts.pid}) still runs after {seconds:.0f} s",
                f"See what it says in its terminal, or end it with `kill -9 {facts.pid}`:"
                " nothing recorded is lost",
            )
        await asyncio.sleep(0.05)
    return True

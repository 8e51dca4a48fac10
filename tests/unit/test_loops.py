"""Every loop that is to go on for ever goes on, whatever a round of it raises, and says so."""

import ast
import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any, cast

import asyncpg
import pytest
from structlog.testing import capture_logs
from temporalio.client import Client

from ledger import forever
from ledger.log import sealer, telling
from ledger.log.publish import FolderPublisher
from ledger.log.seal import Seal
from ledger.log.sealer import Sealer
from ledger.log.telling import Publisher, Teller
from ledger.views import projector
from ledger.views.projector import Projector
from runtime.embedded import supervisor
from runtime.embedded.child import Child
from runtime.settings import load_settings
from tests.support.rooms import ROOMS, ROOT
from workers.engine import mender, sweeper
from workers.engine.mender import Mender
from workers.engine.sweeper import Sweeper
from workers.log import sealing

ODD: tuple[Callable[[], BaseException], ...] = (
    lambda: asyncpg.InvalidPasswordError("the password does not hold"),
    lambda: asyncpg.InternalClientError("got result for unknown protocol state 3"),
    lambda: asyncpg.InterfaceError("cannot perform operation: another operation is in progress"),
    lambda: KeyError("stream"),
    lambda: RuntimeError("no running worker"),
    lambda: TypeError("'NoneType' object is not subscriptable"),
    lambda: ExceptionGroup("several", [ValueError("one")]),
    # Of something that it waited for; nobody cancelled the loop itself.
    lambda: asyncio.CancelledError(),
)


class Rounds:
    """Raises one odd error after the other, and then notes that the loop came round again."""

    def __init__(self) -> None:
        self._odd = [make() for make in ODD]
        self.raised = 0
        self.went_on = asyncio.Event()

    async def __call__(self, *_: Any, **__: Any) -> int:
        if self.raised < len(self._odd):
            self.raised += 1
            raise self._odd[self.raised - 1]
        self.went_on.set()
        await asyncio.sleep(0.01)
        return 0


class Part:
    """A part that does not start."""

    def __init__(self, rounds: Rounds) -> None:
        self.start = rounds
        self.child: Child | None = None


def _sealer(tmp_path: Path) -> Sealer:
    return Sealer(None, Seal(tmp_path / "seal", "log"), FolderPublisher(tmp_path / "published"))


def _no_pool(patch: pytest.MonkeyPatch, module: Any) -> None:
    @contextlib.asynccontextmanager
    async def acquired(*_: Any, **__: Any) -> Any:
        yield None

    patch.setattr(module, "acquired", acquired)


def sweeping(patch: pytest.MonkeyPatch, rounds: Rounds, _: Path) -> Awaitable[object]:
    return _one_of_the_sweeper(patch, rounds, "sweep")


def verifying(patch: pytest.MonkeyPatch, rounds: Rounds, _: Path) -> Awaitable[object]:
    return _one_of_the_sweeper(patch, rounds, "verify")


def finding_the_server(patch: pytest.MonkeyPatch, rounds: Rounds, _: Path) -> Awaitable[object]:
    return _one_of_the_sweeper(patch, rounds, "find_server")


def _one_of_the_sweeper(
    patch: pytest.MonkeyPatch, rounds: Rounds, method: str
) -> Awaitable[object]:
    patch.setattr(sweeper, "EVERY_SECONDS", 0.0)
    patch.setattr(sweeper, "FIND_SERVER_SECONDS", 0.0)
    for other in ("sweep", "verify", "find_server"):
        patch.setattr(Sweeper, other, rounds if other == method else _rests)
    return Sweeper(None, cast(Client, None)).run()


async def _rests(*_: Any, **__: Any) -> int:
    await asyncio.sleep(0.01)
    return 0


def mending(patch: pytest.MonkeyPatch, rounds: Rounds, _: Path) -> Awaitable[object]:
    patch.setattr(mender, "EVERY_SECONDS", 0.0)
    patch.setattr(Mender, "mend", rounds)
    return Mender(cast(Client, None)).run()


def _one_of_the_sealer(
    patch: pytest.MonkeyPatch, rounds: Rounds, tmp_path: Path, method: str
) -> Awaitable[object]:
    patch.setattr(sealer, "EVERY_SECONDS", 0.0)
    for other in ("round", "watch", "publish"):
        patch.setattr(Sealer, other, rounds if other == method else _rests)
    return _sealer(tmp_path).run()


def sealing_what_waits(patch: pytest.MonkeyPatch, rounds: Rounds, at: Path) -> Awaitable[object]:
    return _one_of_the_sealer(patch, rounds, at, "round")


def watching(patch: pytest.MonkeyPatch, rounds: Rounds, at: Path) -> Awaitable[object]:
    return _one_of_the_sealer(patch, rounds, at, "watch")


def publishing(patch: pytest.MonkeyPatch, rounds: Rounds, at: Path) -> Awaitable[object]:
    return _one_of_the_sealer(patch, rounds, at, "publish")


def beginning_to_seal(patch: pytest.MonkeyPatch, rounds: Rounds, at: Path) -> Awaitable[object]:
    patch.setattr(sealing, "AGAIN_SECONDS", 0.0)
    patch.setattr(sealing, "sealer_of", lambda *_: _sealer(at))
    patch.setattr(Sealer, "run", rounds)
    _no_pool(patch, sealing)

    async def reported(*_: Any) -> None: ...

    patch.setattr(sealing, "report_trouble", reported)
    return sealing.keep_sealing(load_settings(ledger="rehearsal-a"), None)


def reporting_that_nothing_is_sealed(
    patch: pytest.MonkeyPatch, rounds: Rounds, _: Path
) -> Awaitable[object]:
    def no_sealer(*_: Any) -> Sealer:
        raise OSError("the key cannot be read")

    patch.setattr(sealing, "AGAIN_SECONDS", 0.0)
    patch.setattr(sealing, "sealer_of", no_sealer)
    _no_pool(patch, sealing)
    patch.setattr(sealing, "report_trouble", rounds)
    return sealing.keep_sealing(load_settings(ledger="rehearsal-a"), None)


def telling_others(patch: pytest.MonkeyPatch, rounds: Rounds, _: Path) -> Awaitable[object]:
    class Nobody:
        name = "nobody"

    patch.setattr(telling, "EVERY_SECONDS", 0.0)
    patch.setattr(Teller, "tell", rounds)
    return Teller(None, cast(Publisher, Nobody())).run()


def following(patch: pytest.MonkeyPatch, rounds: Rounds, _: Path) -> Awaitable[object]:
    patch.setattr(projector, "EVERY_SECONDS", 0.0)
    patch.setattr(Projector, "round", rounds)
    patch.setattr(Projector, "tend", lambda _: asyncio.sleep(0))
    return Projector(None).run()


def tending(patch: pytest.MonkeyPatch, rounds: Rounds, _: Path) -> Awaitable[object]:
    async def nothing(_: Projector) -> int:
        return 0

    patch.setattr(projector, "TEND_SECONDS", 0.0)
    patch.setattr(Projector, "round", nothing)
    patch.setattr(Projector, "tend", rounds)
    return Projector(None).run()


def keeping_a_server(patch: pytest.MonkeyPatch, rounds: Rounds, _: Path) -> Awaitable[object]:
    patch.setattr(supervisor, "_FIRST_PAUSE", 0.0)
    return supervisor._Keeper("postgresql", Part(rounds)).run()


LOOPS = (
    sweeping,
    verifying,
    finding_the_server,
    mending,
    sealing_what_waits,
    watching,
    publishing,
    beginning_to_seal,
    reporting_that_nothing_is_sealed,
    telling_others,
    following,
    tending,
    keeping_a_server,
)
SILENT = {
    # That the database is away, in three ways, the sealer beside it says.
    telling_others: 3,
    reporting_that_nothing_is_sealed: 3,
    # It says it once, and an alarm that lasts is repeated after a while.
    sealing_what_waits: 2,
    watching: 2,
    publishing: 2,
}
"""How many of the odd errors a loop does not say anew."""


@pytest.mark.parametrize("loop", LOOPS)
async def test_a_loop_goes_on_after_whatever_a_round_raises_and_says_so(
    loop: Callable[..., Awaitable[object]], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    rounds = Rounds()
    with capture_logs() as said:
        task = asyncio.ensure_future(loop(monkeypatch, rounds, tmp_path))
        try:
            done, _ = await asyncio.wait(
                [task, waiting := asyncio.create_task(rounds.went_on.wait())],
                timeout=5,
                return_when=asyncio.FIRST_COMPLETED,
            )
            waiting.cancel()
            assert rounds.went_on.is_set(), f"it ended after {rounds.raised} of {len(ODD)}: {done}"
            assert not task.done()
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
    failures = [s for s in said if s["log_level"] in ("warning", "error")]
    assert len(failures) >= len(ODD) - SILENT.get(loop, 0)


async def test_a_loop_that_is_cancelled_ends() -> None:
    async def rests() -> None:
        await asyncio.sleep(60)

    task = asyncio.create_task(forever.forever(rests, every=0, failed=print))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


def test_no_loop_goes_on_for_ever_by_itself() -> None:
    """Hold that every loop without an end is run by `forever`, and so stands in the table."""
    own = {
        f"{file.relative_to(ROOT)}:{function.name}"
        for room in ROOMS
        for file in (ROOT / room).rglob("*.py")
        for function in ast.walk(ast.parse(file.read_text()))
        if isinstance(function, ast.AsyncFunctionDef)
        for _ in _endless(function)
    }
    assert own == {"ledger/forever.py:forever"}


def _endless(function: ast.AsyncFunctionDef) -> Iterator[ast.While]:
    """Yield the loops of a coroutine that nothing in them ends."""
    for loop in ast.walk(function):
        if isinstance(loop, ast.While) and isinstance(loop.test, ast.Constant) and loop.test.value:
            inside = {type(n) for statement in loop.body for n in ast.walk(statement)}
            if not inside & {ast.Return, ast.Break, ast.Raise}:
                yield loop

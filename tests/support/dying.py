"""A pool whose user dies at a chosen step: before or after any statement, commit or file."""

import contextlib
from collections.abc import AsyncIterator, Callable
from typing import Any


class Died(BaseException):
    """The process ends here, as by `kill -9`: no handler of ours may see it."""


class Life:
    """Counts steps and ends at one of them."""

    def __init__(self, steps: int) -> None:
        self.left = steps

    def step(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise Died

    def around(self, work: Callable[..., Any]) -> Callable[..., Any]:
        """Let a step lie before and after a piece of work."""

        def stepped(*given: Any, **named: Any) -> Any:
            self.step()
            done = work(*given, **named)
            self.step()
            return done

        return stepped


class DyingPool:
    """A pool whose statements and commits are steps of a life."""

    def __init__(self, pool: Any, life: Life) -> None:
        self._pool = pool
        self._life = life

    @contextlib.asynccontextmanager
    async def acquire(self, *, timeout: float | None = None) -> AsyncIterator[Any]:
        async with self._pool.acquire(timeout=timeout) as connection:
            yield _DyingConnection(connection, self._life)

    async def fetchval(self, *given: Any) -> Any:
        return await self._pool.fetchval(*given)


class _DyingConnection:
    def __init__(self, connection: Any, life: Life) -> None:
        self._connection = connection
        self._life = life

    def __getattr__(self, name: str) -> Any:
        work = getattr(self._connection, name)
        if name not in ("execute", "fetch", "fetchrow", "fetchval"):
            return work

        async def stepped(*given: Any) -> Any:
            self._life.step()
            done = await work(*given)
            self._life.step()
            return done

        return stepped

    @contextlib.asynccontextmanager
    async def transaction(self, **options: Any) -> AsyncIterator[None]:
        real = self._connection.transaction(**options)
        await real.start()
        try:
            yield
            self._life.step()
        except BaseException:
            await real.rollback()
            raise
        await real.commit()
        self._life.step()

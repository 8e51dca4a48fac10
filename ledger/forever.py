"""Loops that end only when they are cancelled: what a round raises is said, and the next comes.

Whoever keeps something going is missed only when it is needed: a loop that ended without a word
would be found out by what did not happen since.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, NoReturn

import structlog

log = structlog.get_logger()

Failed = Callable[[BaseException], object]


async def forever(work: Callable[[], Awaitable[Any]], *, every: float, failed: Failed) -> NoReturn:
    """Do a piece of work every so many seconds; `failed` hears what it raises."""
    while True:
        error = await tried(work)
        if error is not None:
            failed(error)
        await asyncio.sleep(every)


async def tried(work: Callable[[], Awaitable[Any]]) -> BaseException | None:
    """Do a piece of work and return what it raised.

    Only a cancellation of this very task goes on: one that came out of something it waited for
    (a connection that was broken off, a task of a library) is a failure like any other.
    """
    try:
        await work()
    except asyncio.CancelledError as error:
        task = asyncio.current_task()
        if task is None or task.cancelling():
            raise
        return error
    except Exception as error:
        return error
    return None


def in_short(error: BaseException) -> str:
    """Return an error in words, for a log."""
    return (str(error) or type(error).__name__)[:300]


def say_fault(event: str, error: BaseException, **facts: object) -> None:
    """Log what nobody expected, with where it came from."""
    log.error(event, why=in_short(error), exc_info=error, **facts)

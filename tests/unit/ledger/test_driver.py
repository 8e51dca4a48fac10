"""Whoever catches what the driver raises catches all of it."""

import asyncpg
import pytest

from ledger.store.driver import DRIVER_ERRORS
from tests.support.rooms import ROOMS, ROOT

NAME_THEIR_OWN = {"ledger/store/driver.py", "ledger/store/record.py"}
"""The driver's errors themselves; and what a command may be sent again after."""


def test_no_family_of_errors_is_left_out() -> None:
    found = {
        path.relative_to(ROOT).as_posix()
        for room in ROOMS
        for path in (ROOT / room).rglob("*.py")
        if "asyncpg.InterfaceError" in path.read_text("utf-8")
    }
    assert found == NAME_THEIR_OWN, "import DRIVER_ERRORS from ledger.store.driver"


@pytest.mark.parametrize(
    "error",
    [
        asyncpg.AdminShutdownError("terminating connection"),
        asyncpg.InterfaceError("connection is closed"),
        asyncpg.InternalClientError("cannot switch to state 12; another operation is in progress"),
    ],
)
def test_every_family_is_there(error: Exception) -> None:
    assert isinstance(error, DRIVER_ERRORS)

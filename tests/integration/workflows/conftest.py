"""A worker at cache size 0, in the sandbox, on a ledger of its own."""

from collections.abc import AsyncIterator

import pytest

from tests.support.ledgers import Ledgers
from tests.support.running import Running, running


@pytest.fixture(scope="module")
async def shared(ledgers: Ledgers) -> AsyncIterator[Running]:
    """Give one ledger and worker for a module's tests; each opens a programme of its own."""
    async with ledgers.fresh() as ledger, running(ledger) as found:
        yield found


@pytest.fixture
async def city(shared: Running) -> Running:
    """Give a running programme with a block, of this test alone."""
    return await shared.opened()

"""One sealed ledger with a stored tile, a pin, values and files; every test breaks its own copy."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from ledger.evidence.evidence import EvidenceStore
from ledger.vault.vault import Vault
from tests.support.bundles import Sealed
from tests.support.ledgers import BLOCK, Ledger, Ledgers, open_household, open_notice
from tests.support.tampering import HOUSE, NOTICE, SAID, WHY, Scene, extended


@pytest.fixture(scope="session")
async def model(
    ledgers: Ledgers, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[tuple[Ledger, Path, bytes]]:
    """Give a sealed ledger to be copied, its files, and a checkpoint of it from before."""
    directory = tmp_path_factory.mktemp("model")
    async with ledgers.fresh() as made:
        city = await made.opened()
        photo = await EvidenceStore(city.pool, directory / "store").put(BLOCK, b"\xff\xd8\xff x")
        await Vault(city.pool).keep(BLOCK, [SAID, WHY])
        await city.accept(NOTICE, open_notice(text=SAID.digest))
        posted = {"type": "record_posting", "insertion": 1, "channel": "website", "proof": photo}
        await city.accept(NOTICE, posted)
        await city.accept(HOUSE, open_household())
        sealed = Sealed(city.pool, directory)
        await sealed.settle()
        await extended(city, 300)
        pin = str(await sealed.settle()).encode()
        await extended(city, 3)
        await sealed.settle()
        await city.pool.close()
        yield city, directory, pin


@pytest.fixture
async def scene(
    ledgers: Ledgers, model: tuple[Ledger, Path, bytes], tmp_path: Path
) -> AsyncIterator[Scene]:
    city, directory, pin = model
    files = tmp_path / "files"
    shutil.copytree(directory, files)
    async with ledgers.fresh(copy_of=city) as copy:
        store = EvidenceStore(copy.pool, files / "store")
        yield Scene(copy, Sealed(copy.pool, files), store, pin)

"""Write ledger/schema/catalogue.txt: what the migrations make, from a database that is fresh.

    python -m tests.support.catalogue

Whoever adds a migration runs it (`make catalogue`) and commits the file. A test keeps it true.
"""

import asyncio
import contextlib
import tempfile
from pathlib import Path

import ledger
from ledger.schema.catalogue import FILE, catalogue, written
from ledger.schema.migrate import migrate
from runtime.connect import connect_once, ensure_database
from runtime.embedded.on_demand import postgres_alone
from runtime.embedded.state import StateDir
from runtime.settings import load_settings

TARGET = Path(ledger.__file__).parent / "schema" / FILE


async def fresh(url: str) -> str:
    """Migrate an empty database and return its catalogue as it is kept."""
    await migrate(url)
    connection = await connect_once(url)
    try:
        async with connection.transaction():
            return written(await catalogue(connection))
    finally:
        await connection.close()


async def main() -> None:
    with tempfile.TemporaryDirectory(prefix="siwen-catalogue-") as folder:
        Path(folder).chmod(0o711)  # the servers may run as another user
        settings = load_settings(state_dir=Path(folder) / ".siwen")
        state = StateDir.open(settings.state_dir, create=True)
        with contextlib.ExitStack() as held:
            lock = state.try_lock("catalogue")
            assert lock is not None
            held.enter_context(lock)
            async with postgres_alone(settings, state) as server:
                url = f"{server}/siwen_catalogue"
                await ensure_database(url)
                TARGET.write_text(await fresh(url), "utf-8")
    print(f"{TARGET}: {len(TARGET.read_text('utf-8').splitlines())} objects")


if __name__ == "__main__":
    asyncio.run(main())

"""`siwen up` without the command line: errors as one line, exit code 4."""

import asyncio
import os
import sys
from pathlib import Path

import asyncpg

from runtime import logging
from runtime.embedded.supervisor import Supervisor
from runtime.errors import StackError
from runtime.settings import load_settings

WORKER = Path(__file__).with_name("worker.py")


async def migrate(url: str) -> None:
    connection = await asyncpg.connect(url)
    await connection.execute("CREATE TABLE IF NOT EXISTS public.kept (n int PRIMARY KEY)")
    await connection.close()


def main() -> int:
    try:
        settings = load_settings()
        logging.configure(settings)
        worker = [sys.executable, os.fspath(WORKER)]
        asyncio.run(Supervisor(settings, migrate=migrate, worker=worker).run())
    except StackError as error:
        print(error)
        return 4
    return 0


sys.exit(main())

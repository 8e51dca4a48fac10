"""`python -m workers`: run one worker on the ledger that the settings name."""

import asyncio
import sys

from ledger.errors import LedgerError
from runtime import logging
from runtime.errors import StackError
from runtime.settings import Settings
from workers import run


def main() -> int:
    """Run until told to stop; a server that is missing is said in one line."""
    settings = Settings()
    logging.configure(settings)
    try:
        asyncio.run(run(settings))
    except (StackError, LedgerError) as error:
        print(error, file=sys.stderr)
        return 4
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

"""The sealer as the settings want it: its key, its folder, its delays."""

from collections.abc import Sequence
from typing import Any

from ledger.publish import FolderPublisher, Publisher
from ledger.seal import Seal
from ledger.sealer import Sealer
from runtime.settings import Settings, parse_log_key


def seal_of(settings: Settings) -> Seal:
    """Return the seal of a ledger's log; its key is made on first use where none is set.

    Raises:
        ledger.errors.LogFrozen: if the key cannot be used.

    """
    key = settings.log_key
    return Seal(
        settings.seal_dir,
        f"{settings.log_origin}/{settings.ledger}",
        parse_log_key(key.get_secret_value()) if key else None,
    )


def sealer_of(settings: Settings, pool: Any, publishers: Sequence[Publisher] = ()) -> Sealer:
    """Return a sealer of one ledger.

    Raises:
        ledger.errors.LogFrozen: if the key cannot be used.

    """
    return Sealer(
        pool,
        seal_of(settings),
        FolderPublisher(settings.published),
        publishers,
        max_delay=settings.seal_max_delay,
        heads_every=settings.seal_heads_every,
    )

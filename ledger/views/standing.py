"""How the views stand: how far each goes, how much is not in it yet, and what is not understood."""

from dataclasses import dataclass

from ledger.log import log as stored
from ledger.store.store import Connection
from ledger.views.builds import all_views, builds
from ledger.views.leaf import log_size

LATE_SECONDS = 30.0
"""A view that lags longer than this is not well."""

_AGE = """
SELECT greatest(extract(epoch FROM ledger.now() - e.recorded_at), 0)::float8
FROM ledger.leaf AS l
JOIN ledger.event AS e USING (stream, version)
WHERE l.log = $1 AND l.index = $2
"""
_QUARANTINED = """
SELECT stream, quarantine FROM view.stream WHERE quarantine IS NOT NULL ORDER BY stream LIMIT 100
"""


@dataclass(frozen=True, slots=True)
class Standing:
    """One view's place in the log."""

    view: str
    version: int
    """Of the code that made it; 0 before it was first made."""
    wanted: int
    """Of this release's code."""
    log: int
    leaves: int
    lag: int
    """Leaves that are sealed and not in it yet."""
    lag_seconds: float
    """How long ago the first of them was recorded, by the ledger's clock."""
    rebuilding: int | None
    """How far a build beside the live one goes, where there is one."""

    @property
    def well(self) -> bool:
        made = self.version == self.wanted or (not self.version and not self.lag)
        return made and self.lag_seconds <= LATE_SECONDS


async def standings(connection: Connection) -> list[Standing]:
    """Return how every view of this release stands."""
    # In this order: what is applied meanwhile is no lag below nothing.
    made = await builds(connection)
    here = await stored.current_log(connection)
    number, size = (here.number, await log_size(connection, here.number)) if here else (0, 0)
    found = []
    for view in all_views():
        live = next((b for b in made if b.view == view.name and b.live), None)
        beside = [b.leaves for b in made if b.view == view.name and not b.live]
        # The rows of an earlier log are in another order: all is to be applied anew.
        leaves = live.leaves if live is not None and live.log == number else 0
        lag = size - leaves
        found.append(
            Standing(
                view=view.name,
                version=live.version if live else 0,
                wanted=view.version,
                log=live.log if live else 0,
                leaves=live.leaves if live else 0,
                lag=lag,
                lag_seconds=await _age(connection, number, leaves) if lag else 0.0,
                rebuilding=max(beside, default=None),
            )
        )
    return found


async def quarantined(connection: Connection) -> dict[str, str]:
    """Return the streams whose entries do not add up, with why; a hundred at most."""
    rows = await connection.fetch(_QUARANTINED)
    return {row["stream"]: row["quarantine"] for row in rows}


async def _age(connection: Connection, log: int, leaf: int) -> float:
    return float(await connection.fetchval(_AGE, log, leaf) or 0.0)

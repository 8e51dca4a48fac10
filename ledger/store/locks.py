"""Who holds a lock on a ledger: whoever waits for it says so, and does not wait for ever."""

from typing import Any, NamedTuple

from domain.terms.value import Text

LOCK_TIMEOUT = 10.0
"""Seconds that a reader waits for a lock before it says who holds it."""

# Whoever waits himself holds up nobody that the first in the row does not hold up.
_HOLDERS = """
SELECT
    coalesce(n.nspname || '.' || c.relname, 'the sealer''s lock') AS name,
    a.pid, a.usename, a.application_name
FROM pg_locks AS l
JOIN pg_stat_activity AS a USING (pid)
LEFT JOIN pg_class AS c ON c.oid = l.relation
LEFT JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE l.granted AND l.pid <> pg_backend_pid()
    AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
    AND (
        l.locktype = 'relation' AND n.nspname IN ('ledger', 'vault', 'view')
            AND c.relkind = 'r' AND l.mode <> 'AccessShareLock'
        OR l.locktype = 'advisory' AND (l.classid::bigint << 32) + l.objid::bigint = ANY ($2)
    )
    AND (a.xact_start IS NULL OR a.xact_start < clock_timestamp() - make_interval(secs => $1))
    AND NOT EXISTS (SELECT FROM pg_locks AS w WHERE w.pid = l.pid AND NOT w.granted)
ORDER BY l.mode = 'AccessExclusiveLock' DESC, a.xact_start, name
LIMIT 3
"""
_ADVISORY = [0x5157454E53, 0x5157454E50]
"""The locks of whoever seals, and of whoever publishes."""


class Held(NamedTuple):
    """Locks that others wait for: of which tables, by which process of whose, and that process."""

    by: str
    pid: int

    @property
    def text(self) -> Text:
        """Say who holds them, and what to do."""
        end = f"SELECT pg_terminate_backend({self.pid})"
        return Text(
            zh=f"被锁住：{self.by}。若无人需要，请由数据库所有者结束它：{end}",
            en=f"locked: {self.by}. If nobody needs it, let the database's owner end it: {end}",
        )


async def lock_holders(connection: Any, longer_than: float) -> Held | None:
    """Return who has held a lock for so many seconds that others wait for; None: nobody.

    It waits for no lock itself.
    """
    rows = await connection.fetch(_HOLDERS, longer_than, _ADVISORY)
    if not rows:
        return None
    each = [
        f"{r['name']}, process {r['pid']} ({r['usename']}, {r['application_name'] or '—'})"
        for r in rows
    ]
    return Held("; ".join(each), rows[0]["pid"])

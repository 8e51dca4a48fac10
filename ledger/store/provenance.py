"""Where a command says that it comes from (来源), and whether that can be so in this ledger.

Asked at the door of every command, and by a replay of what is stored.
"""

from typing import Any

from domain.engine.message import Entry, Submission
from domain.engine.rule import Force, rule
from domain.terms.role import Via
from ledger.store.store import Connection

RESERVED_ID = rule(
    "command.reserved_id",
    Force.WALL,
    zh="这类编号留给系统自己用",
    en="ids that begin so are the system's own",
    way_zh="请换一个编号重发",
    way_en="send it again under another id",
)
RESERVED: dict[str, frozenset[Via]] = {
    "effect:": frozenset({Via.SYSTEM}),
    "unread:": frozenset(),
    "api:": frozenset({Via.API}),
    "file-": frozenset({Via.CLI, Via.API, Via.CONSOLE, Via.IMPORT}),
}
"""Who makes ids that begin so. That of an effect can be told beforehand: whoever else recorded
anything under it would keep its proof out."""
NO_REHEARSAL = rule(
    "ledger.no_rehearsal",
    Force.WALL,
    zh="这个账本不是演练，演练的操作不能进入",
    en="this ledger is no rehearsal, and takes nothing that only a rehearsal has",
    way_zh="请在演练的账本中操作",
    way_en="do it in a rehearsal's ledger",
)

_IS_REHEARSAL = "SELECT ledger.is_rehearsal()"


def rehearsed(submission: Submission) -> bool:
    """Tell whether a command says of itself what only a rehearsal has."""
    return _rehearsed(submission.via, submission.command.get("rehearsal"))


async def is_rehearsal(connection: Connection) -> bool:
    """Return whether this ledger is a rehearsal: by its name, and by the opening of its log."""
    found: bool = await connection.fetchval(_IS_REHEARSAL)
    return found


def untrue(entry: Entry, *, rehearsal: bool) -> str | None:
    """Say what an entry says of its origin that cannot be so, in a ledger of this sort."""
    if entry.command_id is not None and not may_use(entry.command_id, entry.via):
        return f"@{entry.version}: {RESERVED_ID.id} ({entry.command_id}, {entry.via})"
    if not rehearsal and _rehearsed(entry.via, getattr(entry.event, "rehearsal", None)):
        return f"@{entry.version}: {NO_REHEARSAL.id} ({entry.via})"
    return None


def may_use(id: str, via: Via) -> bool:
    """Tell whether who came by a door may use an id."""
    return all(via in doors for prefix, doors in RESERVED.items() if id.startswith(prefix))


def _rehearsed(via: Via, said: Any) -> bool:
    """Tell whether only a rehearsal has this: its conductor as the door, or its own clock."""
    return via is Via.REHEARSAL or said is True

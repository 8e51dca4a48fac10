"""What a command brought into the vault: its events name these words and files and no others.

A digest says nothing of whose words it stands for. Whoever could quote one would have somebody
else's words for their own: to let them stand as a proof, or to have them erased.
"""

from collections.abc import Iterable

import orjson

from domain.engine.entry import Corrected
from domain.engine.message import Entry, Submission
from ledger.store.store import Connection, Written
from ledger.vault.mentions import digests_in

BRING = """
INSERT INTO vault.brought (command_id, stream, digest)
VALUES ($1, $2, $3)
ON CONFLICT DO NOTHING
"""


async def bring(
    connection: Connection, command_id: str, stream: str, digests: Iterable[str]
) -> None:
    """Note what a command to a stream brings along; a pool will do."""
    await connection.executemany(BRING, [(command_id, stream, d) for d in digests])


def quoted_from_outside(
    submission: Submission, written: Iterable[Written], history: Iterable[Entry] | None
) -> list[str]:
    """Return the digests that a command's own entries name and that the command itself gave.

    Looked for in every text of the entries: an id, a place or a name that is formed like a digest
    is read as one ever after. What the rules took over from the state was brought before, and so
    was what a correction repeats of the entry that it corrects.
    """
    found = digests_in(*(w.body for w in written if w.entry.command_id is not None))
    if not found:
        return []
    given = orjson.dumps(submission.model_dump(mode="json")).decode()
    own = {digest for digest in found if digest in given}
    if own and submission.command.get("type") == "correct":
        own -= _said(history or (), submission.command.get("entry"))
    return sorted(own)


def _said(history: Iterable[Entry], version: object) -> set[str]:
    """Return the digests in an entry and in its corrections."""
    return digests_in(
        *(
            e.event.model_dump_json()
            for e in history
            if e.version == version or (isinstance(e.event, Corrected) and e.event.entry == version)
        )
    )

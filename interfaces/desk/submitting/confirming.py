"""An answer is believed once the ledger says the same: who answers in Temporal may be anybody."""

from typing import Any

from domain.engine.answer import Answer
from domain.engine.message import Receipt, Submission
from domain.terms.value import Text
from interfaces.desk.errors import NotRecorded, Unanswered
from ledger.store.canonical import submission_digest
from ledger.store.record import UNREACHABLE

# One look by primary keys: the receipt of the command, and how many of its events are there.
_KEPT = """
SELECT
    c.digest,
    c.receipt,
    (
        SELECT count(*)
        FROM jsonb_to_recordset(c.receipt::jsonb -> 'events')
            AS r (stream text, version integer, leaf_hash text)
        JOIN ledger.event AS e ON (e.stream, e.version) = (r.stream, r.version)
        WHERE encode(e.leaf_hash, 'hex') = r.leaf_hash
    ) AS events
FROM ledger.command AS c
WHERE c.id = $1
"""


async def confirmed(pool: Any, submission: Submission, answer: Answer) -> Answer:
    """Return an answer that came through Temporal as the ledger has it.

    What is recorded is recorded, whatever was answered; a refusal stands where nothing is.

    Raises:
        NotRecorded: if the answer says that it was recorded, and the ledger does not hold it.
        Unanswered: if the ledger does not answer.

    """
    try:
        row = await pool.fetchrow(_KEPT, submission.id)
    except UNREACHABLE as error:
        why = Text(zh="账本数据库没有应答", en="the ledger's database does not answer")
        raise Unanswered(submission.id, why) from error
    if row is None or row["digest"] != submission_digest(submission):
        if answer.receipt is None:
            return answer
        raise NotRecorded(submission.id)
    receipt = Receipt.model_validate_json(row["receipt"])
    if row["events"] != len(receipt.events):
        raise NotRecorded(submission.id)
    return answer if answer.receipt == receipt else Answer(receipt=receipt)

"""An answer is believed once the ledger says the same: who answers in Temporal may be anybody."""

from typing import Any

from domain.engine.answer import Answer
from domain.engine.message import Submission
from domain.terms.value import Text
from interfaces.desk.errors import NotRecorded, Unanswered
from ledger.read import commands
from ledger.store.canonical import submission_digest
from ledger.store.record import UNREACHABLE


async def confirmed(pool: Any, submission: Submission, answer: Answer) -> Answer:
    """Return an answer that came through Temporal as the ledger has it.

    What is recorded is recorded, whatever was answered; a refusal stands where nothing is.

    Raises:
        NotRecorded: if the answer says that it was recorded, and the ledger does not hold it.
        Unanswered: if the ledger does not answer.

    """
    try:
        kept = await commands.kept(pool, submission.id)
    except UNREACHABLE as error:
        why = Text(zh="账本数据库没有应答", en="the ledger's database does not answer")
        raise Unanswered(submission.id, why) from error
    if kept is None or kept.digest != submission_digest(submission):
        if answer.receipt is None:
            return answer
        raise NotRecorded(submission.id)
    if not kept.whole:
        raise NotRecorded(submission.id)
    return answer if answer.receipt == kept.receipt else Answer(receipt=kept.receipt)

"""Doors (入口): what one of ours sends through Temporal bears a code that nobody else can make.

Whoever reaches Temporal's port may write any door into a command. The doors share a secret that
lies in the ledger, which whoever only reaches Temporal cannot read; without a code made with it, a
command is recorded as what it is: through Temporal, as claimed (docs/decisions/0028).
"""

import hashlib
import hmac
import json
from dataclasses import dataclass, field
from typing import Self

from domain.engine.message import Submission
from domain.terms.role import Via
from ledger.store.store import Connection


@dataclass(frozen=True, slots=True)
class Door:
    """Marks commands on their way into Temporal, and knows the marks that come out of it."""

    _secret: bytes = field(repr=False)

    @classmethod
    async def of(cls, connection: Connection) -> Self:
        """Return the door of a ledger."""
        return cls(await connection.fetchval("SELECT secret FROM ledger.door"))

    def marked(self, submission: Submission) -> Submission:
        """Return a command with its code."""
        return submission.model_copy(update={"mark": self._code(submission)})

    def as_it_came(self, submission: Submission) -> Submission:
        """Return a command that came through Temporal, with the door that it can have come by.

        What a workflow asks for itself comes from no door, and `workflows.message` lets nobody
        else say that it does.
        """
        if submission.via is Via.SYSTEM or self._bears_code(submission):
            return submission
        return submission.model_copy(update={"via": Via.TEMPORAL})

    def _bears_code(self, submission: Submission) -> bool:
        if submission.mark is None:
            return False
        try:
            return hmac.compare_digest(submission.mark.encode(), self._code(submission).encode())
        except (ValueError, RecursionError):  # nothing that a door of ours would have sent
            return False

    def _code(self, submission: Submission) -> str:
        content = submission.model_dump(mode="json", exclude={"mark"})
        text = json.dumps(content, sort_keys=True).encode()
        return hmac.new(self._secret, text, hashlib.sha256).hexdigest()

"""A witness of another office, asked over HTTP as C2SP tlog-witness says."""

import hashlib

import httpx2

from ledger.errors import BadNote
from ledger.log.note import Note, Signature, VerifierKey
from ledger.log.witness import (
    Inconsistent,
    NotTheLog,
    Outdated,
    Question,
    UnknownLog,
    WitnessRefused,
)
from workers.log.http import MAX_ANSWER_BYTES, Answer, ask_http

SIZE_TYPE = "text/x.tlog.size"
_REFUSALS = {403: NotTheLog, 404: UnknownLog, 409: Inconsistent, 422: Inconsistent}
"""A 409 without a size is how witnesses said until 2025 that they had signed another root."""


class HttpWitness:
    """One witness: where it answers and the key that it signs with."""

    def __init__(self, client: httpx2.AsyncClient, url: str, key: VerifierKey) -> None:
        self._client = client
        self._url = url.rstrip("/")
        self.key = key

    async def ask(self, question: Question) -> Signature:
        """Put a question to the witness and return its signature.

        Raises:
            WitnessRefused: if it does not sign; `Outdated` if it wants another proof.
            BadNote: if what it answers is no signature of its key.
            OSError: if it does not answer.

        """
        url = f"{self._url}/add-checkpoint"
        answer = await ask_http(self._client, "POST", url, content=bytes(question))
        if answer.status == 200:
            return self._signature(answer)
        if answer.status == 409 and answer.type == SIZE_TYPE:
            raise Outdated(_size(answer.text))
        refusal = _REFUSALS.get(answer.status, WitnessRefused)
        raise refusal(f"{self.key.name}: HTTP {answer.status}: {_in_short(answer.text)}")

    async def recall(self, origin: str) -> Note | None:
        """Return the last checkpoint of a log that the witness signed, if it shows that.

        A witness should serve it; those of our own earlier releases do so in another place.

        Raises:
            OSError: if it does not answer.

        """
        hashed = hashlib.sha256(origin.encode()).hexdigest()
        for place in (f"{hashed}/checkpoint", f"checkpoint/{hashed}"):
            answer = await ask_http(self._client, "GET", f"{self._url}/{place}")
            if answer.status == 200:
                try:
                    return Note.parse(answer.text)
                except BadNote:
                    return None
        return None

    def _signature(self, answer: Answer) -> Signature:
        if not answer.text.endswith("\n") or len(answer.text) >= MAX_ANSWER_BYTES:
            raise BadNote(f"{self.key.name} did not answer with signature lines")
        for line in answer.text.removesuffix("\n").split("\n"):
            signature = Signature.parse(line)
            if signature.by(self.key):
                return signature
        raise BadNote(f"{self.key.name} did not sign with the key that is known of it")


def _size(text: str) -> int:
    digits = text.removesuffix("\n")
    if not digits.isascii() or not digits.isdigit() or len(digits) > 19:
        raise WitnessRefused(f"a size was expected, not {_in_short(text)!r}")
    return int(digits)


def _in_short(text: str) -> str:
    return " ".join(text.split())[:200]

"""The witness (见证人): signs a checkpoint only if the log has grown from the last one it signed.

An audit office runs it, on a machine and with a key of its own. It keeps nothing but the last
checkpoint of each log that it knows. The questions and answers are those of C2SP tlog-witness;
serving them over HTTP is somebody else's.
"""

import base64
import hashlib
import re
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from ledger.errors import BadNote, LedgerError
from ledger.log.merkle import EMPTY_ROOT, consistent
from ledger.log.note import MAX_SIZE, Checkpoint, Note, Signature, Signer, VerifierKey, cosigned
from ledger.log.seal import alone, read_note, replace_file
from ledger.private import private_directory

MAX_PROOF = 63
_EVIDENCE = "keep both checkpoints, they are evidence"
_OLD = re.compile(r"old (0|[1-9][0-9]{0,18})", re.ASCII)


class WitnessRefused(LedgerError):
    """A witness did not sign; `status` is the HTTP status that says why."""

    status = 400


class UnknownLog(WitnessRefused):
    """The witness does not know this log."""

    status = 404


class NotTheLog(WitnessRefused):
    """The checkpoint is not signed by the log's key."""

    status = 403


class Outdated(WitnessRefused):
    """The proof does not begin at the last size that the witness signed."""

    status = 409

    def __init__(self, size: int) -> None:
        super().__init__(f"the last size signed is {size}: send a proof from there")
        self.size = size


class Inconsistent(WitnessRefused):
    """The log has not grown from what the witness signed before: it was rewritten."""

    status = 422


class ClockWrong(WitnessRefused):
    """The witness's clock shows no time that a cosignature can say."""

    status = 500


@dataclass(frozen=True, slots=True)
class Question:
    """A log asks for a cosignature: the size it was last given one at, a proof, a checkpoint."""

    old: int
    proof: tuple[bytes, ...]
    note: Note

    @classmethod
    def parse(cls, body: bytes) -> Self:
        """Read the body of an `add-checkpoint` request.

        Raises:
            WitnessRefused: if it is of another form.

        """
        try:
            head, gap, rest = body.decode().partition("\n\n")
            first, *lines = head.split("\n")
            old = _OLD.fullmatch(first)
            if old is None or not gap or len(lines) > MAX_PROOF:
                raise WitnessRefused("not an old size, a proof, an empty line and a checkpoint")
            return cls(int(old[1]), tuple(_hash(line) for line in lines), Note.parse(rest))
        except (UnicodeDecodeError, BadNote) as error:
            raise WitnessRefused(str(error)) from error

    def __bytes__(self) -> bytes:
        proof = "".join(f"{base64.b64encode(hash_).decode()}\n" for hash_ in self.proof)
        return f"old {self.old}\n{proof}\n{self.note}".encode()


class Witness:
    """Signs for the logs it knows."""

    def __init__(
        self,
        signer: Signer,
        logs: Iterable[VerifierKey],
        directory: Path,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Take its own key, the keys of the logs, and where it keeps what it signed last."""
        self._signer = signer
        self._logs = {key.name: key for key in logs}
        self._directory = directory
        self._clock = clock
        private_directory(directory)

    def last(self, origin: str) -> Checkpoint | None:
        """Return the last checkpoint of a log that was signed here."""
        note = self.kept(origin)
        return None if note is None else Checkpoint.parse(note.text)

    def kept(self, origin: str) -> Note | None:
        """Return the last checkpoint of a log that was signed here, with both signatures.

        Raises:
            LogFrozen: if its file is damaged.

        """
        return read_note(self._file(origin))

    def add_checkpoint(self, asked: Question) -> Signature:
        """Sign a checkpoint, once it is kept as the last one.

        Raises:
            UnknownLog: if nobody named this log to the witness.
            NotTheLog: if the log's key did not sign it.
            Outdated: if the proof begins elsewhere than at the last size signed.
            Inconsistent: if the log did not grow from there, or has another root at that size.
            ClockWrong: if the clock is at or before 1970, or past what 63 bits hold.
            WitnessRefused: if the question is of another form.

        """
        try:
            checkpoint = Checkpoint.parse(asked.note.text)
        except BadNote as error:
            raise WitnessRefused(str(error)) from error
        key = self._logs.get(checkpoint.origin)
        if key is None:
            raise UnknownLog(f"the log {checkpoint.origin} is not known here")
        try:
            asked.note.require(key)
        except BadNote as error:
            raise NotTheLog(str(error)) from error
        with alone(self._file(checkpoint.origin).with_suffix(".lock")):
            self._require_growth(checkpoint, asked.old, asked.proof)
            at = int(self._clock())
            if not 0 < at <= MAX_SIZE:
                raise ClockWrong(f"the clock of this witness is wrong: {at} s since 1970")
            line = cosigned(asked.note.text, self._signer, at)
            kept = Note(asked.note.text, tuple(s for s in asked.note.signatures if s.by(key)))
            replace_file(self._file(checkpoint.origin), str(kept.adding(line)).encode())
        return line

    def _require_growth(self, new: Checkpoint, old: int, proof: Sequence[bytes]) -> None:
        if old > new.size:
            raise WitnessRefused(f"the old size {old} is larger than the new one")
        last = self.last(new.origin) or Checkpoint(new.origin, 0, EMPTY_ROOT)
        if old != last.size:
            raise Outdated(last.size)
        if new.size == 0 and new.root != EMPTY_ROOT:
            raise Inconsistent("the root of an empty tree is not this one")
        if old == new.size and new.root != last.root:
            raise Inconsistent(f"another log {new.origin} was signed at {old}: {_EVIDENCE}")
        if not consistent(old, new.size, last.root, new.root, proof):
            raise Inconsistent(
                f"the log {new.origin} of {new.size} leaves does not go on from what was signed "
                f"at {old}: {_EVIDENCE}"
            )

    def _file(self, origin: str) -> Path:
        return self._directory / f"{hashlib.sha256(origin.encode()).hexdigest()[:32]}.checkpoint"


def _hash(line: str) -> bytes:
    try:
        hash_ = base64.b64decode(line, validate=True)
    except ValueError:
        hash_ = b""
    if len(hash_) != 32 or base64.b64encode(hash_).decode() != line:
        raise WitnessRefused(f"not a hash in base64: {line[:60]!r}")
    return hash_

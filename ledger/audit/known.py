"""What is known outside the database: keys, what was published, and a policy made of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from ledger.errors import FileUnproven
from ledger.evidence.evidence import EvidenceStore
from ledger.log.note import Note, VerifierKey
from ledger.log.seal import Memory


@dataclass(frozen=True, slots=True)
class Known:
    """What is known outside the database."""

    policy: bytes | None = None
    """Whose signatures to believe; by default the key that the database names."""
    key: VerifierKey | None = None
    """The key that this ledger signs with, under the name of its current log."""
    kept: Memory | None = None
    """The last checkpoint that was signed, as it is kept beside the key."""
    newest: Memory | None = None
    """The newest one that was published, in the folder."""
    published: Sequence[Note] = ()
    """Every checkpoint that was published and is kept where it went."""
    damaged: Sequence[FileUnproven] = ()
    """What is wrong with files of these that cannot be read."""
    evidence: EvidenceStore | None = None
    rehearsal: bool = False
    """Whether the settings name a rehearsal's ledger."""
    max_delay: float | None = None
    """After how many seconds an unsealed event is a failure; never where None."""
    pinned: bytes | None = None
    fresh_after: datetime | None = None
    jobs: int = 1
    of: str | None = None
    earlier: Path | None = None
    """An older bundle, whose events have to stand here still."""
    witnesses: tuple[VerifierKey, ...] = ()
    """The keys of those who are asked to sign."""


def policy_text(key: VerifierKey, witnesses: Sequence[VerifierKey] = ()) -> bytes:
    """Return a policy (C2SP tlog-policy): this log, and every one of these witnesses."""
    lines = [f"log {key}"]
    lines += [f"witness w{number} {witness}" for number, witness in enumerate(witnesses, 1)]
    names = [f"w{number}" for number in range(1, len(witnesses) + 1)]
    if len(names) > 1:
        lines.append(f"group witnesses all {' '.join(names)}")
    lines.append(f"quorum {'none' if not names else names[0] if len(names) == 1 else 'witnesses'}")
    return "".join(f"{line}\n" for line in lines).encode()

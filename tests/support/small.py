"""Bundles made by hand, without a ledger: as small, or as strange, as a test wants them."""

import hashlib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from ledger.log.merkle import leaf_hash, root_of
from ledger.log.note import Checkpoint, Kind, Note, Signer, cosigned, signed
from ledger.store.canonical import canonical
from tests.support.tampering import EVENT
from verifier import verify

LOG = Signer.of("log.example/small", bytes(32))
OFFICE = Signer.of("audit.example", bytes(range(32)))
OPENED = {
    "basis": None,
    "cites": None,
    "key": str(LOG.verifier()),
    "origin": LOG.name,
}


def event(**changed: Any) -> bytes:
    """Return an event; of the other kinds only what is given differs."""
    given = {"data": {}, "evidence": [], **changed}
    if at := given.pop("at", None):
        given |= {"occurred_at": at, "recorded_at": at}
    return canonical({**EVENT, **given})


def opening() -> bytes:
    """Return the event that opens the log."""
    return event(stream="ledger/log-1", type="log_opened", data=OPENED)


def streams(count: int, at: Sequence[str] = ()) -> list[bytes]:
    """Return an opened log of so many streams of one event, recorded at these instants."""
    times = [*at, *["2026-03-03T00:00:00.000000Z"] * (count - len(at))]
    return [opening(), *(event(stream=f"s{n}", at=t) for n, t in enumerate(times))]


def bundle(
    folder: Path,
    bodies: Sequence[bytes],
    *,
    seen: Iterable[int] = (),
    manifest: dict[str, Any] | None = None,
    files: dict[str, bytes] | None = None,
) -> Path:
    """Write a bundle of a whole log that is signed, and cosigned at these seconds since 1970."""
    folder.mkdir(parents=True)
    hashes = [leaf_hash(body) for body in bodies]
    note = signed(Checkpoint(LOG.name, len(bodies), root_of(hashes)), LOG)
    said = {
        "below": None,
        "disclosures": False,
        "events": len(bodies),
        "evidence": False,
        "exported_at": "2026-03-03T00:00:00.000000Z",
        "format": verify.FORMAT,
        "origin": LOG.name,
        "size": len(bodies),
        **(manifest or {}),
    }
    written = {
        "README.txt": b"small\n",
        "bundle.json": canonical(said) + b"\n",
        "checkpoint": str(witnessed(note, seen)).encode(),
        "cover": b"events %d\n" % len(bodies),
        "events.jsonl": b"".join(body + b"\n" for body in bodies),
        "leaves": b"".join(hashes),
        **(files or {}),
    }
    for name, content in written.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(content)
    sums = (f"{hashlib.sha256(written[n]).hexdigest()}  {n}\n" for n in sorted(written))
    (folder / "SHA256SUMS").write_text("".join(sums))
    return folder


def witnessed(note: Note, seen: Iterable[int]) -> Note:
    """Return a checkpoint that the office has signed at these seconds since 1970."""
    return note.adding(*(cosigned(note.text, OFFICE, at) for at in seen))


def policy(*, asks: bool = False) -> bytes:
    """Return a policy that knows the office, and asks for it or not."""
    office = OFFICE.verifier(Kind.COSIGNATURE)
    quorum = "office" if asks else "none"
    return f"log {LOG.verifier()}\nwitness office {office}\nquorum {quorum}\n".encode()


def check(folder: Path, **asked: Any) -> verify.Report:
    """Verify a bundle."""
    rules = asked.pop("policy", policy())
    return verify.verify(verify.Asked(folder, rules, **asked))

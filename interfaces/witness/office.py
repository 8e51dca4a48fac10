"""What a witness keeps in its directory: its key, its name, and what it signed last."""

from collections.abc import Iterable
from pathlib import Path

from ledger.errors import BadNote
from ledger.log.note import Kind, Signer, VerifierKey
from ledger.log.seal import own_key
from ledger.private import private_directory, write_private

_NAME = "name"


class NoName(BadNote):
    """A new witness was given no name."""


def signer_of(directory: Path, name: str | None) -> Signer:
    """Return the key of the witness in a directory; on first use it is made, under that name.

    Raises:
        NoName: if there is none yet, and no name for it.
        BadNote: if the name cannot name a key, or another one was given before.
        ledger.errors.LogFrozen: if others may read the key, or it is not one.
        OSError: if the directory cannot be used.

    """
    file = directory / _NAME
    kept = file.read_text().strip() if file.exists() else None
    if kept is not None and name not in (None, kept):
        raise BadNote(
            f"the witness in {directory} is called {kept}: its signatures bear that name. "
            "Another name needs another directory"
        )
    called = kept or name
    if called is None:
        raise NoName(f"there is no witness in {directory} yet: give it a name with --name")
    Signer.of(called, bytes(32))  # before anything is written
    private_directory(directory)
    signer = Signer.of(called, own_key(directory / "key"))
    if kept is None:
        write_private(file, f"{called}\n".encode())
    return signer


def cosigner_key(signer: Signer) -> VerifierKey:
    """Return the public key that a witness signs checkpoints with."""
    return signer.verifier(Kind.COSIGNATURE)


def log_keys(given: Iterable[str], files: Iterable[Path]) -> list[VerifierKey]:
    """Return the keys of logs: given, or one a line in files with `#` before remarks.

    A line may begin with `log `, as in a policy.

    Raises:
        BadNote: if one is not the key of a log, or two logs have one name.
        OSError: if a file cannot be read.

    """
    lines = list(given)
    for file in files:
        try:
            text = file.read_text("utf-8")
        except UnicodeDecodeError:
            raise BadNote(f"{file} is not a text of keys, one a line") from None
        lines += [bare for line in text.splitlines() if (bare := _bare(line))]
    keys: dict[str, VerifierKey] = {}
    for line in lines:
        key = VerifierKey.parse(line.removeprefix("log ").strip())
        if key.kind is not Kind.NOTE:
            raise BadNote(f"{key.name} is the key of a witness, not of a log")
        if keys.setdefault(key.name, key) != key:
            raise BadNote(f"two keys are given for the log {key.name}")
    return list(keys.values())


def _bare(line: str) -> str:
    return line.partition("#")[0].strip()

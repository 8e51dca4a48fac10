"""Signed notes, checkpoints and cosignatures as C2SP writes them, parsed strictly.

Sources: c2sp.org/signed-note, c2sp.org/tlog-checkpoint and c2sp.org/tlog-cosignature (the Ed25519
kinds). What has two spellings is refused in all but one, so that no bit of a note is idle.
"""

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass, replace
from enum import IntEnum
from typing import Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from ledger.errors import BadNote

MAX_BYTES = 256 * 1024
"""Room for 16 signatures of nearly 5 kB, which a reader has to take."""
MAX_SIGNATURES = 64
MAX_SIZE = 2**63 - 1
_DASH = "— "
_NUMBER = re.compile(r"0|[1-9][0-9]{0,18}", re.ASCII)


class Kind(IntEnum):
    """What a key signs, as the byte before it in a verifier key says."""

    NOTE = 0x01
    """The text of a note: a log's key."""
    COSIGNATURE = 0x04
    """A checkpoint and when it was seen: a witness's key."""


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A public key with the name that it signs under."""

    name: str
    kind: Kind
    public: bytes

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `name+id+base64`.

        Raises:
            BadNote: if it is of another form or kind, or its id is not that of its key.

        """
        parts = text.split("+", 2)
        if len(parts) != 3:
            raise BadNote("a verifier key is name+id+base64")
        material = _decoded(parts[2])
        if len(material) != 33 or material[0] not in tuple(Kind):
            raise BadNote(f"the key of {parts[0]!r} is not Ed25519 for a log or a witness")
        key = cls(_name(parts[0]), Kind(material[0]), material[1:])
        if key.id.hex() != parts[1]:
            raise BadNote(f"the id of {key.name!r} is not that of its key: {key.id.hex()}")
        return key

    def __str__(self) -> str:
        material = bytes([self.kind]) + self.public
        return f"{self.name}+{self.id.hex()}+{_encoded(material)}"

    @property
    def id(self) -> bytes:
        """Return the four bytes that name the key in a signature line."""
        return hashlib.sha256(
            self.name.encode() + b"\n" + bytes([self.kind]) + self.public
        ).digest()[:4]

    def signed(self, message: bytes, signature: bytes) -> bool:
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, message)
        except InvalidSignature:
            return False
        return True


@dataclass(frozen=True, slots=True)
class Signer:
    """A private key with the name that it signs under."""

    name: str
    key: Ed25519PrivateKey

    @classmethod
    def of(cls, name: str, seed: bytes) -> Self:
        return cls(_name(name), Ed25519PrivateKey.from_private_bytes(seed))

    def verifier(self, kind: Kind = Kind.NOTE) -> VerifierKey:
        return VerifierKey(self.name, kind, self.key.public_key().public_bytes_raw())


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature line of a note."""

    name: str
    key_id: bytes
    data: bytes

    @classmethod
    def parse(cls, line: str) -> Self:
        """Read a signature line without its newline.

        Raises:
            BadNote: if it is of another form.

        """
        name, _, encoded = line.removeprefix(_DASH).partition(" ")
        data = _decoded(encoded)
        if not line.startswith(_DASH) or len(data) < 5:
            raise BadNote(f"not a signature line: {line[:80]!r}")
        return cls(_name(name), data[:4], data[4:])

    def __str__(self) -> str:
        return f"{_DASH}{self.name} {_encoded(self.key_id + self.data)}"

    def by(self, key: VerifierKey) -> bool:
        return (self.name, self.key_id) == (key.name, key.id)


@dataclass(frozen=True, slots=True)
class Note:
    """A text with its signatures; not to be believed before one is verified."""

    text: str
    signatures: tuple[Signature, ...]

    @classmethod
    def parse(cls, raw: str | bytes) -> Self:
        """Read a signed note.

        Raises:
            BadNote: if it is not exactly in the form of a signed note.

        """
        try:
            encoded = raw.encode() if isinstance(raw, str) else raw
            content = encoded.decode()
        except UnicodeError as error:
            raise BadNote("the note is not UTF-8") from error
        if len(encoded) > MAX_BYTES:
            raise BadNote("the note is too long")
        if any(c < " " and c != "\n" for c in content):
            raise BadNote("the note holds a control character")
        text, gap, lines = content.rpartition("\n\n")
        if not gap or not lines.endswith("\n"):
            raise BadNote("a note is a text, an empty line and signature lines")
        found = tuple(Signature.parse(line) for line in lines[:-1].split("\n"))
        if len(found) > MAX_SIGNATURES:
            raise BadNote(f"the note has more than {MAX_SIGNATURES} signatures")
        return cls(text + "\n", found)

    def __str__(self) -> str:
        return f"{self.text}\n" + "".join(f"{s}\n" for s in self.signatures)

    def adding(self, *more: Signature) -> Self:
        """Return the note with further signatures, each once."""
        every = dict.fromkeys((*self.signatures, *more))
        return replace(self, signatures=tuple(every))

    def require(self, key: VerifierKey) -> None:
        """Check that a log's key has signed.

        Raises:
            BadNote: if it has not, or one signature in its name does not verify.

        """
        found = [s for s in self.signatures if s.by(key)]
        if key.kind is not Kind.NOTE or not found:
            raise BadNote(f"the note is not signed by {key.name}")
        if not all(key.signed(self.text.encode(), s.data) for s in found):
            raise BadNote(f"a signature of {key.name} does not verify")

    def cosigned_at(self, key: VerifierKey) -> int | None:
        """Return when a witness last signed, in seconds since 1970; None where it has not.

        Raises:
            BadNote: if a cosignature in its name does not verify.

        """
        times = []
        for one in self.signatures:
            if key.kind is Kind.COSIGNATURE and one.by(key):
                at, signature = int.from_bytes(one.data[:8], "big"), one.data[8:]
                if at > MAX_SIZE or not key.signed(cosigned_message(self.text, at), signature):
                    raise BadNote(f"a cosignature of {key.name} does not verify")
                times.append(at)
        return max(times, default=None)


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """How far a log goes, and the root over it."""

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read the text of a note as a checkpoint.

        Raises:
            BadNote: if it is of another form.

        """
        lines = text.split("\n")
        if len(lines) < 4 or lines.pop() != "" or not all(lines):
            raise BadNote("a checkpoint is three lines or more, none of them empty")
        origin, size, root, *extensions = lines
        if not _NUMBER.fullmatch(size) or int(size) > MAX_SIZE:
            raise BadNote(f"not a tree's size: {size[:40]!r}")
        hash_ = _decoded(root)
        if len(hash_) != 32:
            raise BadNote("the root of a checkpoint is 32 bytes")
        return cls(origin, int(size), hash_, tuple(extensions))

    def __str__(self) -> str:
        lines = (self.origin, str(self.size), _encoded(self.root), *self.extensions)
        return "".join(f"{line}\n" for line in lines)


def signed(checkpoint: Checkpoint, signer: Signer) -> Note:
    """Return a checkpoint signed by its log.

    Raises:
        BadNote: if a line of it would be read as something else.

    """
    text = str(checkpoint)
    if Checkpoint.parse(text) != checkpoint:
        raise BadNote("the checkpoint does not read back as it was written")
    key = signer.verifier()
    return Note(text, (Signature(key.name, key.id, signer.key.sign(text.encode())),))


def cosigned(text: str, signer: Signer, at: int) -> Signature:
    """Return a witness's signature on a checkpoint's text, made at seconds since 1970."""
    key = signer.verifier(Kind.COSIGNATURE)
    signature = signer.key.sign(cosigned_message(text, at))
    return Signature(key.name, key.id, at.to_bytes(8, "big") + signature)


def cosigned_message(text: str, at: int) -> bytes:
    return f"cosignature/v1\ntime {at}\n{text}".encode()


def _name(text: str) -> str:
    if not text or "+" in text or any(c.isspace() or c < " " for c in text):
        raise BadNote(f"{text[:80]!r} cannot name a key: no spaces and no +")
    return text


def _encoded(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _decoded(text: str) -> bytes:
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadNote(f"not base64: {text[:40]!r}") from error
    if _encoded(data) != text:
        raise BadNote(f"not the one way to write these bytes in base64: {text[:40]!r}")
    return data

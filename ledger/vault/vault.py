"""Personal values outside the events: each kept under the salted digest that the event carries.

The form is that of RFC 9901 (SD-JWT): a disclosure is the base64url of the JSON array
[salt, name, value], its digest the base64url of the SHA-256 over those characters.
"""

import base64
import hashlib
import json
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

PREFIX = "sd:"


_KEEP = """
WITH kept AS (
    INSERT INTO vault.disclosure (digest, subject, salt, name, value, kept_at)
    VALUES ($1, $2, $3, $4, $5, ledger.now())
    ON CONFLICT (digest) DO NOTHING
)
INSERT INTO vault.brought (command_id, stream, digest)
SELECT $6::text, $2, $1
WHERE $6 IS NOT NULL
ON CONFLICT DO NOTHING
"""


@dataclass(frozen=True, slots=True)
class Disclosure:
    """One value with its salt, and the digest that stands for it."""

    digest: str
    salt: str
    name: str
    value: str


def _b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def random_salt() -> str:
    """Return 128 bits of salt."""
    return _b64(secrets.token_bytes(16))


def encoded(salt: str, name: str, value: str) -> str:
    """Return a disclosure as it is handed out."""
    return _b64(json.dumps([salt, name, value], ensure_ascii=False).encode())


def disclose(name: str, value: str, salt: str) -> Disclosure:
    digest = _b64(hashlib.sha256(encoded(salt, name, value).encode()).digest())
    return Disclosure(PREFIX + digest, salt, name, value)


class Sealing:
    """Collects the disclosures of one command while its raw texts are swapped for digests."""

    def __init__(self, salt: Callable[[], str] = random_salt) -> None:
        """Take where salts come from; a rehearsal draws them from its seed."""
        self._salt = salt
        self.kept: list[Disclosure] = []

    def __call__(self, name: str, value: str) -> str:
        """Return the digest of a raw value; a digest stays as it is."""
        if value.startswith(PREFIX):
            return value
        kept = disclose(name, value, self._salt())
        self.kept.append(kept)
        return kept.digest


class Vault:
    """The erasable values of one ledger."""

    def __init__(self, pool: Any) -> None:
        self._pool = pool

    async def keep(
        self, subject: str, disclosures: Iterable[Disclosure], *, command_id: str | None = None
    ) -> None:
        """Keep values about a subject (a stream, a household); what is kept stays as it was.

        Only the command that brings them can name them.
        """
        rows = [(d.digest, subject, d.salt, d.name, d.value, command_id) for d in disclosures]
        await self._pool.executemany(_KEEP, rows)

    async def forget(self, digests: Iterable[str]) -> None:
        """Delete values that came with a command that was refused: no event names them."""
        await self._pool.execute(
            "WITH brought AS (DELETE FROM vault.brought WHERE digest = ANY($1::text[])) "
            "DELETE FROM vault.disclosure WHERE digest = ANY($1::text[])",
            list(digests),
        )

    async def digests_of(self, digests: Iterable[str]) -> dict[tuple[str, str], str]:
        """Return those of the digests whose value is still there, by field and value.

        What is restricted counts, too: a caller compares it and shows nothing.
        """
        rows = await self._pool.fetch(
            "SELECT name, value, digest FROM vault.disclosure WHERE digest = ANY($1::text[]) "
            "UNION ALL "
            "SELECT name, value, digest FROM vault.restricted WHERE digest = ANY($1::text[])",
            list(digests),
        )
        return {(r["name"], r["value"]): r["digest"] for r in rows}

    async def read(self, digests: Iterable[str]) -> dict[str, str]:
        """Return the values of digests; what was erased, restricted or never kept is left out."""
        rows = await self._pool.fetch(
            "SELECT digest, value FROM vault.disclosure WHERE digest = ANY($1::text[])",
            list(digests),
        )
        return {r["digest"]: r["value"] for r in rows}

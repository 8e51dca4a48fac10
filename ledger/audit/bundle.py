"""Bundles (档案包): a part of the log or all of it, in files that prove themselves.

The files, to the byte (all text is UTF-8, every line ends in a newline):

`events.jsonl`  the stored bodies of the events, one a line, in the order of the log
`leaves`        their leaf hashes as the log has them, 32 bytes each
`cover`         how the log's leaves are covered, in order: `events N` for the next N events, or
                `hash LEVEL HEX` for the root of the 2^LEVEL leaves that follow and are not here
`checkpoint`    the C2SP checkpoint with the log's signature and the witnesses' cosignatures
`heads`         of a part only: `heads SIZE STREAMS`, then the cover of the list of heads in the
                newest `ledger/heads` event that the checkpoint covers: `head STREAM VERSION HEX`
                for the streams asked for and one neighbour on each side, `hash LEVEL HEX` around
                them. A part ends with that event: what came later is in no list yet
`disclosures`   if asked for: RFC 9901 disclosures, sorted by the digest that stands for each
`withheld`      values and files that are not here: `DIGEST erased|restricted|lost`, sorted
`evidence/HEX`  if asked for: files, each under the SHA-256 of its bytes
`bundle.json`   what the bundle says of itself, in canonical JSON
`README.txt`    for a person
`SHA256SUMS`    the sums of all other files, sorted by name, as `sha256sum` writes them

As a .zip the same files are stored uncompressed, sorted by name, dated 1980-01-01, with no extra
fields, so that each content has one form. `verifier/verify.py` reads both.
"""

import hashlib
import itertools
import re
import secrets
import shutil
import struct
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

import orjson

from domain.terms.stream import StreamName
from ledger.audit.readme import readme
from ledger.errors import LogFrozen, MissingEvidence, NoSuchStream, NotSealed, RestrictedEvidence
from ledger.evidence.evidence import EvidenceStore
from ledger.log.head_list import ListedHead, listed_heads
from ledger.log.log import Log, best_published
from ledger.log.merkle import Frontier, root_of, subtrees
from ledger.log.note import VerifierKey
from ledger.log.tree import StoredTree
from ledger.store.canonical import canonical
from ledger.store.own import HEADS
from ledger.store.store import Connection
from ledger.vault.register import restricted, tombstones
from ledger.vault.vault import disclose, encoded

FORMAT = "siwen-bundle/1"
MAX_ZIP = 2**31
_PREFETCH = 2000
_GAPS_AT_ONCE = 256
_DIGESTS = re.compile(r'"(sd:[A-Za-z0-9_-]{43}|sha256:[0-9a-f]{64})"')

_ALL = """
SELECT l.index, l.leaf_hash, e.body
FROM ledger.leaf AS l
JOIN ledger.event AS e USING (stream, version)
WHERE l.log = $1 AND l.index < $2
ORDER BY l.index
"""
_PART = """
SELECT l.index, l.leaf_hash, e.body
FROM ledger.leaf AS l
JOIN ledger.event AS e USING (stream, version)
WHERE l.log = $1 AND l.index <= $2 AND (
    l.index IN (0, $2)
    OR l.stream = $3
    OR (l.stream >= $3 || '/' AND l.stream < $3 || '0')
)
ORDER BY l.index
"""
_HEADS = """
SELECT l.index, e.body
FROM ledger.leaf AS l
JOIN ledger.event AS e USING (stream, version)
WHERE l.log = $1 AND l.index < $2 AND l.stream = $3
ORDER BY l.version DESC
LIMIT 1
"""
_VALUES = """
SELECT digest, salt, name, value FROM vault.disclosure
WHERE digest = ANY($1::text[])
ORDER BY digest COLLATE "C"
"""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a bundle is to hold."""

    below: StreamName | None = None
    """The stream that is asked for with all below it; None for the whole log."""
    disclosures: bool = False
    evidence: bool = False
    since: tuple[int, ...] = ()
    """Sizes of checkpoints that the receiver keeps: the bundle shows that it goes on from them."""
    witnesses: tuple[VerifierKey, ...] = ()
    """Whose cosignatures are wanted; none for any."""


@dataclass(frozen=True, slots=True)
class Exported:
    """What a bundle holds."""

    path: Path
    origin: str
    size: int
    events: int


@dataclass
class _Content:
    """What was written so far."""

    runs: list[tuple[int, int]] = field(default_factory=list)
    """First index and number of the events that follow each other in the log."""
    digests: set[str] = field(default_factory=set)
    events: int = 0

    def take(self, index: int) -> None:
        self.events += 1
        if self.runs and sum(self.runs[-1]) == index:
            self.runs[-1] = (self.runs[-1][0], self.runs[-1][1] + 1)
        else:
            self.runs.append((index, 1))


async def export(
    pool: Any,
    target: Path,
    wanted: Wanted,
    *,
    evidence: EvidenceStore | None = None,
) -> Exported:
    """Write a bundle to a directory that does not exist yet, or to a .zip.

    It goes up to the newest of the published checkpoints that most of the witnesses have signed.

    Raises:
        NotSealed: if nothing is published yet, or no list of heads for a part.
        NoSuchStream: if the log has no such stream.
        LogFrozen: if the log's tree is damaged.
        FileExistsError: if something is there already.

    """
    if target.exists():
        raise FileExistsError(f"{target} exists already")
    target.parent.mkdir(parents=True, exist_ok=True)
    folder = _Folder(target.with_name(f".{target.name}.{secrets.token_hex(4)}"))
    try:
        async with (
            pool.acquire() as connection,
            connection.transaction(isolation="repeatable_read", readonly=True),
        ):
            writer = _Writer(connection, folder, wanted, evidence)
            exported = await writer.write(target)
        folder.close(target)
    finally:
        shutil.rmtree(folder.path, ignore_errors=True)
    return exported


class _Writer:
    """Writes one bundle's files inside one transaction."""

    def __init__(
        self,
        connection: Connection,
        folder: "_Folder",
        wanted: Wanted,
        evidence: EvidenceStore | None,
    ) -> None:
        self._connection = connection
        self._folder = folder
        self._wanted = wanted
        self._evidence = evidence

    async def write(self, target: Path) -> Exported:
        log, size, note = await best_published(self._connection, witnesses=self._wanted.witnesses)
        below = self._wanted.below
        content = _Content()
        if below is None:
            await self._events(content, _ALL, log.number, size)
        else:
            heads = await self._heads_event(log, size)
            await self._events(content, _PART, log.number, heads["index"], below)
            await self._heads(log, below, orjson.loads(heads["body"])["data"])
        await self._cover(content, log.number, size)
        await self._values(content.digests)
        now = datetime.now(UTC)
        manifest = {
            "below": below,
            "disclosures": self._wanted.disclosures,
            "events": content.events,
            "evidence": self._wanted.evidence,
            "exported_at": now.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
            "format": FORMAT,
            "origin": log.origin,
            "size": size,
        }
        self._folder.write("checkpoint", [str(note).encode()])
        self._folder.write("bundle.json", [canonical(manifest), b"\n"])
        self._folder.write("README.txt", [readme(manifest).encode()])
        return Exported(target, log.origin, size, content.events)

    async def _events(self, content: _Content, query: str, *given: Any) -> None:
        collect = self._wanted.disclosures or self._wanted.evidence
        with self._folder.open("events.jsonl") as events, self._folder.open("leaves") as leaves:
            async for row in self._connection.cursor(query, *given, prefetch=_PREFETCH):
                events.write(row["body"].encode() + b"\n")
                leaves.write(row["leaf_hash"])
                content.take(row["index"])
                if collect:
                    content.digests.update(_DIGESTS.findall(row["body"]))

    # --- the list of heads -----------------------------------------------------------------

    async def _heads_event(self, log: Log, size: int) -> Any:
        row = await self._connection.fetchrow(_HEADS, log.number, size, HEADS)
        if row is None or orjson.loads(row["body"])["data"]["origin"] != log.origin:
            raise NotSealed("no list of heads is published yet: let a worker run, then ask again")
        return row

    async def _heads(self, log: Log, below: StreamName, recorded: dict[str, Any]) -> None:
        heads, hashes = await self._part_of_list(log, below, recorded["size"])
        if root_of(hashes).hex() != recorded["root"]:
            raise LogFrozen("the list of heads is not what was sealed: run `siwen audit verify`")
        lines = [f"heads {recorded['size']} {len(hashes)}\n"]
        start, end = min(heads), max(heads) + 1
        lines += _hash_lines(hashes, 0, start)
        for place in range(start, end):
            stream, version, leaf = heads[place]
            lines.append(f"head {stream} {version} {leaf.hex()}\n")
        lines += _hash_lines(hashes, end, len(hashes))
        self._folder.write("heads", (line.encode() for line in lines))

    async def _part_of_list(
        self, log: Log, below: StreamName, size: int
    ) -> tuple[dict[int, ListedHead], list[bytes]]:
        """Return the heads asked for with their neighbours by place, and the hashes of all."""
        asked, inside = _sorted_by(below), f"{below}/"
        hashes: list[bytes] = []
        found: dict[int, ListedHead] = {}
        before: ListedHead | None = None
        ended = False
        async for head in listed_heads(self._connection, log.number, size):
            place = len(hashes)
            hashes.append(head.hash())
            if _sorted_by(head.stream) < asked:
                before = head
            elif head.stream == below or head.stream.startswith(inside):
                found[place] = head
            elif not ended:
                found[place] = head
                ended = True
        if not any(h.stream == below or h.stream.startswith(inside) for h in found.values()):
            raise NoSuchStream(f"there is no sealed stream {below}")
        first = min(found)
        if before is not None:
            found[first - 1] = before
        return found, hashes

    # --- the tree --------------------------------------------------------------------------

    async def _cover(self, content: _Content, log: int, size: int) -> None:
        tree = StoredTree(self._connection, log, size)
        pieces = _pieces(content.runs, size, self._wanted.since)
        with self._folder.open("cover") as file:
            for at in range(0, len(pieces), _GAPS_AT_ONCE):
                some = pieces[at : at + _GAPS_AT_ONCE]
                nodes = [n for s, e, here in some if not here for n in subtrees(s, e)]
                known = await tree.nodes(nodes)
                for start, end, here in some:
                    if here:
                        file.write(f"events {end - start}\n".encode())
                    for node in [] if here else subtrees(start, end):
                        file.write(f"hash {node.level} {known[node].hex()}\n".encode())

    # --- values and files ------------------------------------------------------------------

    async def _values(self, digests: set[str]) -> None:
        withheld: dict[str, str] = {}
        # By the acts, not by where a row lies: who moves the row back shows nothing here.
        apart = await restricted(self._connection, digests)
        if self._wanted.disclosures:
            asked = [d for d in digests if d.startswith("sd:")]
            withheld |= await self._disclosures(asked, apart)
        if self._wanted.evidence:
            withheld |= await self._files([d for d in digests if d.startswith("sha256:")], apart)
        if withheld:
            lines = (f"{digest} {withheld[digest]}\n".encode() for digest in sorted(withheld))
            self._folder.write("withheld", lines)

    async def _disclosures(self, digests: list[str], apart: set[str]) -> dict[str, str]:
        found: set[str] = set()
        with self._folder.open("disclosures") as file:
            for row in await self._connection.fetch(
                _VALUES, [d for d in digests if d not in apart]
            ):
                salt, name, value = row["salt"], row["name"], row["value"]
                if disclose(name, value, salt).digest == row["digest"]:
                    file.write(encoded(salt, name, value).encode() + b"\n")
                    found.add(row["digest"])
        return await self._explained([d for d in digests if d not in found])

    async def _files(self, digests: list[str], apart: set[str]) -> dict[str, str]:
        missing = []
        for digest in sorted(digests):
            try:
                if digest in apart:
                    raise RestrictedEvidence(f"access to {digest} is restricted")
                if self._evidence is None:
                    raise MissingEvidence("there is no evidence store")
                data = await self._evidence.get(digest)
            except MissingEvidence:
                missing.append(digest)
            else:
                self._folder.write(f"evidence/{digest.removeprefix('sha256:')}", [data])
        return await self._explained(missing)

    async def _explained(self, missing: list[str]) -> dict[str, str]:
        known = await tombstones(self._connection, missing)
        return {digest: known.get(digest, "lost") for digest in missing}


def _pieces(
    runs: Sequence[tuple[int, int]], size: int, since: Iterable[int]
) -> list[tuple[int, int, bool]]:
    """Split the log into what is here and what is not; what is not also at given sizes."""
    cuts = sorted(s for s in set(since) if 0 < s < size)
    found: list[tuple[int, int, bool]] = []
    at = 0
    for start, count in [*runs, (size, 0)]:
        edges = [at, *(c for c in cuts if at < c < start), start]
        found += [(a, b, False) for a, b in itertools.pairwise(edges) if a < b]
        if count:
            found.append((start, start + count, True))
        at = start + count
    return found


def _hash_lines(hashes: Sequence[bytes], start: int, end: int) -> list[str]:
    lines = []
    for level, number in subtrees(start, end):
        frontier = Frontier()
        for hash_ in hashes[number << level : (number + 1) << level]:
            frontier.append(hash_)
        lines.append(f"hash {level} {frontier.root().hex()}\n")
    return lines


def _sorted_by(stream: str) -> str:
    return stream.replace("/", " ")


class _Folder:
    """The files of a bundle while they are written, and their sums."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._names: list[str] = []
        path.mkdir(parents=True)

    def open(self, name: str) -> BinaryIO:
        self._names.append(name)
        file = self.path / name
        file.parent.mkdir(exist_ok=True)
        return file.open("wb")

    def write(self, name: str, parts: Iterable[bytes]) -> None:
        with self.open(name) as file:
            file.writelines(parts)

    def close(self, target: Path) -> None:
        """Write the sums and put the whole in its place."""
        sums = [f"{self._sum(name)}  {name}\n".encode() for name in sorted(self._names)]
        self.write("SHA256SUMS", sums)
        if target.suffix == ".zip":
            packed = self.path.with_name(f"{self.path.name}.zip")
            try:
                pack(self.path, sorted(self._names), packed)
                packed.replace(target)
            finally:
                packed.unlink(missing_ok=True)
        else:
            self.path.rename(target)

    def _sum(self, name: str) -> str:
        with (self.path / name).open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()


def pack(folder: Path, names: Sequence[str], target: Path) -> None:
    """Put files into a .zip in the one form that a bundle's may have.

    Raises:
        ValueError: if they are too large for it: take the directory then.

    """
    listing, offset = b"", 0
    if sum((folder / name).stat().st_size for name in names) > MAX_ZIP:
        raise ValueError("too large for a .zip: export to a directory")
    with target.open("wb") as file:
        for name in names:
            data, label = (folder / name).read_bytes(), name.encode()
            common = struct.pack(
                "<5H3I2H", 20, 0, 0, 0, 33, zlib.crc32(data), len(data), len(data), len(label), 0
            )
            file.writelines((b"PK\3\4", common, label, data))
            listing += b"PK\1\2\x14\0" + common + struct.pack("<3H2I", 0, 0, 0, 0, offset) + label
            offset += 4 + len(common) + len(label) + len(data)
        count = len(names)
        end = struct.pack("<4H2IH", 0, 0, count, count, len(listing), offset, 0)
        file.writelines((listing, b"PK\5\6", end))

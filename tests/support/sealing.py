"""A sealer on a fresh ledger, and what must hold of the log whatever happened to it."""

from pathlib import Path
from typing import Any

from ledger.log.merkle import Frontier
from ledger.log.note import Checkpoint, Note, VerifierKey
from ledger.log.publish import FolderPublisher
from ledger.log.seal import Seal
from ledger.log.sealer import Sealer

NAME = "log.example/siwen"


class Desk:
    """The files of one ledger's sealer, and sealers that share them as processes do."""

    def __init__(self, pool: Any, directory: Path) -> None:
        self.pool = pool
        self.directory = directory
        self.folder = FolderPublisher(directory / "published")

    def seal(self) -> Seal:
        return Seal(self.directory / "seal", NAME)

    def sealer(self, *publishers: Any, pool: Any = None, **options: Any) -> Sealer:
        """Return a sealer that has read nothing yet, as after a restart."""
        given = {"heads_every": 1e9, **options}
        return Sealer(pool or self.pool, self.seal(), self.folder, publishers, **given)

    def sealer_with(self, seal: Seal) -> Sealer:
        """Return a sealer with another key, or of another kind of ledger."""
        return Sealer(self.pool, seal, self.folder, heads_every=1e9)

    def published(self) -> Checkpoint:
        note = self.folder.newest()
        assert note is not None
        return Checkpoint.parse(note.text)


async def assert_sealed(pool: Any, desk: Desk) -> None:
    """Check the log from its rows alone: no gap, no double, no fork, nothing left out."""
    log = await pool.fetchrow("SELECT * FROM ledger.log ORDER BY number DESC LIMIT 1")
    leaves = await pool.fetch(
        "SELECT index, stream, version, leaf_hash FROM ledger.leaf WHERE log = $1 ORDER BY index",
        log["number"],
    )
    assert [r["index"] for r in leaves] == list(range(len(leaves)))
    placed = {(r["stream"], r["version"]): r for r in leaves}
    assert len(placed) == len(leaves)
    events = await pool.fetch("SELECT stream, version, leaf_hash FROM ledger.event")
    pending = {
        (r["stream"], r["version"]) for r in await pool.fetch("SELECT * FROM ledger.pending")
    }
    for event in events:
        place = (event["stream"], event["version"])
        assert (place in placed) != (place in pending), place
        assert place in pending or placed[place]["leaf_hash"] == event["leaf_hash"]
    assert len(events) == len(placed) + len(pending)
    for (stream, version), row in placed.items():
        assert version == 1 or placed[stream, version - 1]["index"] < row["index"]
    await _assert_signed(pool, desk, log, [r["leaf_hash"] for r in leaves])


async def _assert_signed(pool: Any, desk: Desk, log: Any, leaves: list[bytes]) -> None:
    rows = await pool.fetch(
        "SELECT * FROM ledger.checkpoint WHERE log = $1 ORDER BY size", log["number"]
    )
    assert rows[-1]["size"] == len(leaves)
    tree = Frontier()
    key = VerifierKey.parse(log["key"])
    published = desk.published()
    for row in rows:
        for hash_ in leaves[tree.size : row["size"]]:
            tree.append(hash_)
        note = Note.parse(row["note"])
        note.require(key)
        assert Checkpoint.parse(note.text) == Checkpoint(log["origin"], row["size"], tree.root())
        if published.size == row["size"]:
            assert published.root == tree.root()
        assert (row["published_at"] is None) == (row["size"] > published.size)
    assert published.origin == log["origin"]
    last = desk.seal().last()
    assert last is not None
    assert last.text == Note.parse(rows[-1]["note"]).text

"""Receipts (回执): what somebody was told is looked for in the ledger, and made to prove itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel

from domain.terms.stream import StreamName
from domain.terms.value import Text
from interfaces.desk.errors import BadRequest
from interfaces.desk.reading.reading import Reader
from ledger.audit.receipt import Standing, standing
from ledger.errors import NoSuchStream
from ledger.log.note import Checkpoint, VerifierKey
from ledger.log.state import has_shown
from ledger.read.entries import leaf_hash
from ledger.store.store import Connection
from verifier import verify
from verifier.verify import Claim


class Looked(BaseModel):
    """One event that a receipt speaks of, and what the ledger says of it."""

    stream: str
    version: int
    leaf_hash: str
    """As the receipt has it."""
    kept: bool
    """Whether the ledger holds this very event in this place."""
    proven: bool = True
    """Whether the proof in the receipt, if it has one, leads to a checkpoint of this ledger's."""
    index: int | None = None
    """Its place in the log, from 0; None while it waits to be sealed."""
    size: int | None = None
    proof: str | None = None
    """A C2SP tlog-proof."""

    @property
    def file(self) -> str:
        """Return the name of the file for its proof."""
        return f"{self.stream.replace('/', '-')}@{self.version}.tlog-proof"


@dataclass(frozen=True)
class Receipt:
    """What a receipt says."""

    claims: Sequence[Claim]
    proof: verify.Proof | None = None


def receipt_in(file: Path) -> Receipt:
    """Read the receipt in a file: a proof, the JSON of an answer, or lines with places and hashes.

    Raises:
        BadRequest: if there is none in it.

    """
    try:
        raw = file.read_bytes()
        proof = verify.Proof.parse(raw) if verify.is_proof(file) else None
        return Receipt(verify.parse_receipt(raw), proof)
    except verify.Broken as error:
        raise BadRequest(
            Text(zh=f"{file} 里没有回执", en=f"There is no receipt in {file}"),
            Text(
                zh="应为 .tlog-proof 文件、JSON 形式的答复，或含“流@序号 散列”的文字",
                en="Give a .tlog-proof, an answer in JSON, or text with STREAM@VERSION HASH",
            ),
        ) from error


async def look_up(
    reader: Reader, receipt: Receipt, witnesses: Sequence[VerifierKey]
) -> list[Looked]:
    """Return what the ledger says of each event of a receipt."""
    async with (
        reader.pool.acquire() as connection,
        connection.transaction(isolation="repeatable_read", readonly=True),
    ):
        found = [
            await standing(connection, StreamName(c.stream), c.version, witnesses=witnesses)
            for c in receipt.claims
        ]
        proven = receipt.proof is None or await _leads_here(connection, receipt.proof)
    pairs = zip(receipt.claims, found, strict=True)
    return [_looked(claim, there, proven) for claim, there in pairs]


async def _leads_here(connection: Connection, proof: verify.Proof) -> bool:
    shown = proof.checkpoint
    return proof.holds() and await has_shown(
        connection, Checkpoint(shown.origin, shown.size, shown.root)
    )


async def claim_of(reader: Reader, stream: StreamName, version: int) -> Claim:
    """Return what a receipt of an entry would say."""
    leaf = await leaf_hash(reader.pool, stream, version)
    if leaf is None:
        raise NoSuchStream(f"there is no event {stream}@{version}")
    return Claim(stream, version, leaf)


def _looked(claim: Claim, there: Standing | None, proven: bool) -> Looked:
    leaf = claim.leaf.hex()
    looked = Looked(
        stream=claim.stream, version=claim.version, leaf_hash=leaf, kept=False, proven=proven
    )
    if there is None or there.leaf != leaf:
        return looked
    return looked.model_copy(
        update={"kept": True, "index": there.index, "size": there.size, "proof": there.proof}
    )

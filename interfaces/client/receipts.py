"""Receipts (回执): what somebody was told is looked for in the ledger, and made to prove itself."""

from collections.abc import Sequence
from pathlib import Path

from pydantic import BaseModel

from domain.stream import StreamName
from domain.value import Text
from interfaces.client.errors import BadRequest
from interfaces.client.reading import Reader
from ledger import verify
from ledger.receipt import Standing, standing
from ledger.verify import Claim


class Looked(BaseModel):
    """One event that a receipt speaks of, and what the ledger says of it."""

    stream: str
    version: int
    leaf_hash: str
    """As the receipt has it."""
    kept: bool
    """Whether the ledger holds this very event in this place."""
    index: int | None = None
    """Its place in the log, from 0; None while it waits to be sealed."""
    size: int | None = None
    proof: str | None = None
    """A C2SP tlog-proof."""

    @property
    def file(self) -> str:
        """Return the name of the file for its proof."""
        return f"{self.stream.replace('/', '-')}@{self.version}.tlog-proof"


def claims_in(file: Path) -> list[Claim]:
    """Read the receipt in a file: a proof, the JSON of an answer, or lines with places and hashes.

    Raises:
        BadRequest: if there is none in it.

    """
    try:
        return verify.parse_receipt(file.read_bytes())
    except verify.Broken as error:
        raise BadRequest(
            Text(zh=f"{file} 里没有回执", en=f"There is no receipt in {file}"),
            Text(
                zh="应为 .tlog-proof 文件、--json 的答复，或含“流@序号 散列”的文字",
                en="Give a .tlog-proof, the answer of --json, or text with STREAM@VERSION HASH",
            ),
        ) from error


async def look_up(
    reader: Reader, claims: Sequence[Claim], witnesses: Sequence[str]
) -> list[Looked]:
    """Return what the ledger says of each event of a receipt."""
    async with (
        reader.pool.acquire() as connection,
        connection.transaction(isolation="repeatable_read", readonly=True),
    ):
        found = [
            await standing(connection, StreamName(c.stream), c.version, witnesses=witnesses)
            for c in claims
        ]
    return [_looked(claim, there) for claim, there in zip(claims, found, strict=True)]


async def claim_of(reader: Reader, stream: StreamName, version: int) -> Claim:
    """Return what a receipt of an entry would say."""
    leaf = await reader.pool.fetchval(
        "SELECT leaf_hash FROM ledger.event WHERE (stream, version) = ($1, $2)", stream, version
    )
    return Claim(stream, version, leaf)


def _looked(claim: Claim, there: Standing | None) -> Looked:
    leaf = claim.leaf.hex()
    looked = Looked(stream=claim.stream, version=claim.version, leaf_hash=leaf, kept=False)
    if there is None or there.leaf != leaf:
        return looked
    return looked.model_copy(
        update={"kept": True, "index": there.index, "size": there.size, "proof": there.proof}
    )

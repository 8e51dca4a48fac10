"""Things to erase: a programme with residents who said and signed something, and their traces."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from domain.keeping import Ground
from domain.terms.role import Actor, Role
from ledger.evidence.evidence import EvidenceStore
from ledger.vault.erasure import Eraser, Order
from ledger.vault.register import Journal
from ledger.vault.vault import Disclosure, Vault, disclose, random_salt
from tests.support.ledgers import BLOCK, Ledger, open_household
from tests.unit.domain.spec import person

WORDS = "住在三幢的张三说：13800001111，夜里井盖太响"
REPLY = "已安排施工单位更换井盖"
PHOTO = b"\x89PNG\r\n\x1a\n of a kitchen"
SHEET = b"%PDF-1.7 signatures of two households"
OFFICE = person(Role.OFFICE)
ORDER = Order(OFFICE, Ground.WITHDRAWN, "法审〔2026〕3号")
ONE, TWO = f"{BLOCK}/household/one", f"{BLOCK}/household/two"


class Home:
    """A ledger with two households, and the doors to its vault."""

    def __init__(self, ledger: Ledger, directory: Path) -> None:
        self.ledger = ledger
        self.pool = ledger.pool
        self.directory = directory
        self.vault = Vault(ledger.pool)
        self.evidence = EvidenceStore(ledger.pool, directory / "evidence")
        self.journal = Journal(directory / "acts")
        self.eraser = Eraser(ledger.pool, self.evidence, self.journal)

    async def opened(self) -> "Home":
        await self.ledger.opened()
        for household in (ONE, TWO):
            await self.ledger.accept(household, open_household(), by=Role.COMMUNITY)
        return self

    async def says(self, stream: str, name: str, value: str) -> str:
        """Put words into the vault as a door does, and return their digest."""
        kept: Disclosure = disclose(name, value, random_salt())
        await self.vault.keep(stream, [kept])
        return kept.digest

    async def opinion(
        self, number: int, household: str | None, words: str = WORDS, by: Actor | None = None
    ) -> str:
        """File an opinion and return its stream."""
        stream = f"{BLOCK}/notice/1/opinion/{number}"
        text = await self.says(stream, "text", words)
        await self.ledger.accept(
            stream,
            {
                "type": "file_opinion",
                "nature": "opinion",
                "text": text,
                "channel": "paper",
                "from_household": household,
            },
            by=by or person(Role.GRID_WORKER),
        )
        return stream

    async def noticed(self) -> "Home":
        """Open the notice under which opinions are filed."""
        text = await self.says(f"{BLOCK}/notice/1", "text", "公示内容")
        notice = {"type": "open_notice", "purpose": "works", "channels": ["website"], "text": text}
        await self.ledger.accept(f"{BLOCK}/notice/1", notice, by=Role.PROJECT_LEAD)
        return self

    async def agreed(self, household: str, sheet: bytes = SHEET) -> str:
        """Record what a household signed, and return the paper's digest."""
        digest = await self.evidence.put(household, sheet)
        await self.ledger.accept(
            household,
            {"type": "agree_private_works", "work": "gas", "scan": digest},
            by=Role.GRID_WORKER,
        )
        return digest

    async def photographed(self, household: str, photo: bytes = PHOTO) -> str:
        """Record works in a home with a photo, and return its digest."""
        digest = await self.evidence.put(household, photo)
        await self.ledger.accept(
            household,
            {"type": "record_private_works", "work": "gas", "scan": digest},
            by=Role.CONTRACTOR,
        )
        return digest


async def traces(ledger: Ledger, *words: str) -> set[str]:
    """Return every column of every table that holds one of these words, the server's own too."""
    async with ledger.owner() as owner:
        return await _traces(owner, words)


async def _traces(owner: Any, words: Sequence[str]) -> set[str]:
    columns = await owner.fetch(
        "SELECT c.relnamespace::regnamespace::text AS schema, c.relname AS table, "
        "a.attname AS column, a.atttypid = 'bytea'::regtype AS bytes "
        "FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid "
        "WHERE c.relkind IN ('r', 'm', 'p') AND a.attnum > 0 AND NOT a.attisdropped "
        "AND c.relnamespace <> 'pg_toast'::regnamespace"
    )
    found = set()
    for row in columns:
        table, column = f'"{row["schema"]}"."{row["table"]}"', f'"{row["column"]}"'
        for word in words:
            shown = f"encode({column}, 'hex')" if row["bytes"] else f"{column}::text"
            wanted = word.encode().hex() if row["bytes"] else word
            if await owner.fetchval(
                f"SELECT EXISTS (SELECT FROM {table} WHERE strpos({shown}, $1) > 0)", wanted
            ):
                found.add(f"{row['schema']}.{row['table']}.{row['column']}")
    return found

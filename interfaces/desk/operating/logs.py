"""Beginning a new log where the old one cannot go on."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from domain.terms.value import Line, Text, Value
from interfaces.desk.errors import BadRequest
from interfaces.desk.operating.proving import Given, verify_ledger
from interfaces.desk.reading.reading import Reader
from ledger.log import log as stored
from ledger.log.opening import new_origin, why_needed
from ledger.log.publish import FolderPublisher
from ledger.read.log import cited
from runtime.connect import connect_ledger
from runtime.embedded.on_demand import postgres_only
from runtime.parts import Part
from runtime.settings import Settings
from verifier.verify import Report
from workers.log.sealing import seal_of

_LINE: TypeAdapter[str] = TypeAdapter(Line)


class Opened(Value):
    """A new log, and the checkpoint of the old one that it cites."""

    origin: str
    key: str
    size: int
    basis: str
    cites: str
    cited_size: int
    why: Text | None
    """Why the old one could not go on; None where it could have."""
    missing: tuple[Text, ...] = ()
    """What the old one had signed and is not here, as far as anything kept of it tells."""
    changed: tuple[Text, ...] = ()
    """What the old one had signed otherwise than it is here."""

    @property
    def lost(self) -> int:
        """How many leaves were signed that the new log does not hold."""
        return max(0, self.cited_size - (self.size - 1))


class NotNeeded(Value):
    """No new log was begun: the old one goes on."""

    origin: str
    size: int


class Changed(Value):
    """No new log was begun: it would seal what was changed since the old one had signed it."""

    origin: str
    missing: tuple[Text, ...]
    changed: tuple[Text, ...]


async def begin_log(
    settings: Settings, basis: str, *, force: bool, earlier: Path | None = None
) -> Opened | NotNeeded | Changed:
    """Begin a new log that cites the old one, if the old one cannot go on.

    What stands here is compared with what was published, what is kept beside the key, the stored
    tree, and an `earlier` bundle of the old log. What was changed is sealed anew only by `force`.

    Raises:
        BadRequest: if the basis is not one short line.
        ledger.errors.LogFrozen: if there never was a log.

    """
    try:
        line = _LINE.validate_python(basis)
    except ValidationError as error:
        raise BadRequest(
            Text(zh="依据不是一行短文", en="The basis is not one short line"),
            Text(
                zh="请写据以决定的文件，如 富审〔2026〕7号，不写姓名",
                en="Name the document that orders it, and nobody's name",
            ),
        ) from error
    async with postgres_only(settings) as url:
        # Only now: a key must not be made where no ledger is.
        seal, folder = seal_of(settings), FolderPublisher(settings.published)
        connect = partial(connect_ledger, settings, url=url, create=False, max_size=2)
        pool, reading = await connect(part=Part.SEALER), await connect(min_size=0, part=Part.DOOR)
        try:
            why = await why_needed(pool, seal, folder)
            if why is None and not force:
                async with pool.acquire() as connection:
                    here = await stored.current_log(connection)
                    last = await stored.newest(connection, here.number) if here else None
                if here is not None and last is not None:
                    return NotNeeded(origin=here.origin, size=last.size)
            reader = Reader(reading, settings.ledger, settings.rehearsal)
            report = await verify_ledger(reader, settings, Given(earlier=earlier))
            missing, changed = (_said(report, codes) for codes in (MISSING, CHANGED))
            if changed and not force:
                async with pool.acquire() as connection:
                    here = await stored.current_log(connection)
                origin = here.origin if here else settings.ledger
                return Changed(origin=origin, missing=missing, changed=changed)
            made = await new_origin(pool, seal, folder, basis=line)
            async with pool.acquire() as connection:
                log = await stored.current_log(connection)
                old = await cited(connection, made.origin)
        finally:
            await reading.close()
            await pool.close()
    assert log is not None
    assert old is not None
    return Opened(
        origin=made.origin,
        key=str(log.key),
        size=made.size,
        basis=line,
        cites=old.origin,
        cited_size=old.size,
        why=None if why is None else Text(zh=why.zh, en=str(why)),
        missing=missing,
        changed=changed,
    )


MISSING = frozenset(
    {
        "row_gone",
        "row_gap",
        "leaf_gone",
        "signed_short",
        "kept_gone",
        "published_gone",
        "earlier_gone",
    }
)
"""What the check says of leaves that were signed and are not here."""
CHANGED = frozenset(
    {
        "row_changed",
        "row_columns",
        "row_unlinked",
        "row_rewritten",
        "tile_differs",
        "tile_bad",
        "span_differs",
        "kept_differs",
        "published_differs",
        "earlier_changed",
        "not_in_place",
        "not_linked",
        "root_differs",
    }
)
"""What it says of leaves that are here otherwise than they were signed."""


def _said(report: Report, codes: frozenset[str]) -> tuple[Text, ...]:
    found = [f for f in report.failures if f.code in codes]
    return tuple(Text(zh=f.text("zh"), en=f.text("en")) for f in found)

"""Beginning a new log where the old one cannot go on."""

from __future__ import annotations

from pydantic import TypeAdapter, ValidationError

from domain.value import Line, Text, Value
from interfaces.client.errors import BadRequest
from ledger import log as stored
from ledger.note import Checkpoint, Note
from ledger.opening import new_origin, why_needed
from ledger.publish import FolderPublisher
from runtime.connect import connect_ledger
from runtime.on_demand import postgres_only
from runtime.settings import Settings
from workers.sealing import seal_of

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

    @property
    def lost(self) -> int:
        """How many leaves were signed that the new log does not hold."""
        return max(0, self.cited_size - (self.size - 1))


class NotNeeded(Value):
    """No new log was begun: the old one goes on."""

    origin: str
    size: int


async def begin_log(settings: Settings, basis: str, *, force: bool) -> Opened | NotNeeded:
    """Begin a new log that cites the old one, if the old one cannot go on.

    Raises:
        BadRequest: if the basis is not one short line.
        ledger.errors.LogFrozen: if there never was a log.

    """
    try:
        line = _LINE.validate_python(basis)
    except ValidationError as error:
        raise BadRequest(
            Text(zh="--basis 不是一行短文", en="--basis is not one short line"),
            Text(
                zh="请写据以决定的文件，如 富审〔2026〕7号，不写姓名",
                en="Name the document that orders it, and nobody's name",
            ),
        ) from error
    async with postgres_only(settings) as url:
        # Only now: a key must not be made where no ledger is.
        seal, folder = seal_of(settings), FolderPublisher(settings.published)
        pool = await connect_ledger(settings, url=url, create=False, max_size=2, role="siwen_app")
        try:
            why = await why_needed(pool, seal, folder)
            if why is None and not force:
                async with pool.acquire() as connection:
                    here = await stored.current_log(connection)
                    last = await stored.newest(connection, here.number) if here else None
                if here is not None and last is not None:
                    return NotNeeded(origin=here.origin, size=last.size)
            made = await new_origin(pool, seal, folder, basis=line)
            async with pool.acquire() as connection:
                log = await stored.current_log(connection)
                cites = await connection.fetchval(
                    "SELECT cites FROM ledger.log WHERE origin = $1", made.origin
                )
        finally:
            await pool.close()
    old = Checkpoint.parse(Note.parse(cites).text)
    assert log is not None
    return Opened(
        origin=made.origin,
        key=str(log.key),
        size=made.size,
        basis=line,
        cites=old.origin,
        cited_size=old.size,
        why=None if why is None else Text(zh=why.zh, en=str(why)),
    )

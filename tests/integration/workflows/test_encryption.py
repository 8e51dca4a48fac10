"""With payload keys set, everything works as before, and Temporal reads nothing of it."""

import base64
import secrets

from pydantic import SecretStr

from domain.terms.role import Role
from runtime.settings import load_settings
from tests.support.ledgers import Ledger, extend, open_notice, parking
from tests.support.running import running, until
from tests.support.soundness import assert_followed, assert_sound

WORD = "只有账本知道的地名"


async def test_commands_signals_and_effects_under_encryption(ledger: Ledger) -> None:
    key = base64.b64encode(secrets.token_bytes(32)).decode()
    given = ledger.settings.model_dump(exclude_unset=True)
    ledger.settings = load_settings(**given, codec_keys=SecretStr(f"k1:{key}"))
    async with running(ledger) as found:
        city = await found.opened()
        await city.accept(city.programme, {**parking(), "places": [WORD]}, by=Role.OFFICE)
        id = await city.post(city.programme, extend())
        await until(lambda: city.recorded(id))
        notice = f"{city.block}/notice/1"
        await city.accept(notice, open_notice())

        async def posted() -> bool:
            return "posted" in await ledger.types(notice)

        await until(posted, "the proof of the effect")
        await assert_followed(city.client, ledger.pool)
        history = await city.handle(city.programme).fetch_history()
        written = b"".join(e.SerializeToString() for e in history.events)
        assert WORD.encode() not in written
        assert "临河里".encode() not in written
        assert b"leading-group-1" not in written
    await assert_sound(ledger.pool, ledger.acknowledged)

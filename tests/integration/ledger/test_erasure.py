"""Erasing what is personal: the act stays, the value goes, and everything still adds up."""

from pathlib import Path

import pytest

from ledger.vault_check import missing
from tests.erasing import ONE, ORDER, WORDS, Home, traces
from tests.ledgers import Ledger


@pytest.fixture
async def home(ledger: Ledger, tmp_path: Path) -> Home:
    return await (await Home(ledger, tmp_path).opened()).noticed()


async def test_words_of_a_resident_go_and_the_act_stays(home: Home) -> None:
    stream = await home.opinion(1, "one")
    assert await traces(home.ledger, WORDS) == {"vault.disclosure.value"}

    done = await home.eraser.erase(ONE, ORDER)

    assert [i.places for i in done.erased] == [(f"{stream}@1",)]
    assert await traces(home.ledger, WORDS) == set()
    assert await missing(home.pool, home.evidence) == []
    rows = await home.pool.fetch("SELECT * FROM ledger.event WHERE stream = 'ledger/erasures'")
    assert [r["type"] for r in rows] == ["values_erased"]
    assert done.erased[0].digest in rows[0]["body"]

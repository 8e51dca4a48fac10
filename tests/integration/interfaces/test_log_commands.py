"""`siwen audit new-origin` and `siwen audit digest` as an operator and a passer-by use them."""

import json
from pathlib import Path

import pytest

from interfaces.cli import exits
from ledger.errors import BadNote, LogFrozen
from ledger.log.publish import NEWEST
from ledger.log.short_digest import parse_short_digest, short_digest
from tests.integration.interfaces.conftest import Call
from tests.integration.interfaces.test_cli import said
from tests.integration.ledger.test_log_sealer import more, rewind
from tests.support.ledgers import Ledger
from workers.log.sealing import sealer_of


async def sealed(city: Ledger) -> int:
    """Seal what waits and return the size of the log."""
    await sealer_of(city.settings, city.pool).settle()
    return await city.count("ledger.leaf WHERE log = (SELECT max(number) FROM ledger.log)")


async def test_a_log_that_goes_on_is_not_ended_by_accident(city: Ledger, cli: Call) -> None:
    size = await sealed(city)
    refused = await said(cli, "audit", "new-origin", "--basis", "富审〔2026〕7号")
    assert refused.code == exits.REFUSED
    assert f"完好（{size} 条）" in refused.err
    assert "--force" in refused.err
    assert await city.count("ledger.log") == 1
    done = await said(cli, "audit", "new-origin", "--basis", "富审〔2026〕7号", "--force", "--json")
    assert done.code == exits.OK, done.err
    told = json.loads(done.out)
    assert (told["begun"], told["cited_size"], told["lost"]) == (True, size, 0)
    assert told["key"].startswith(told["origin"] + "+")
    await sealed(city)


async def test_a_restored_ledger_begins_a_new_log_and_goes_on(city: Ledger, cli: Call) -> None:
    size = await sealed(city)
    await more(city, 3)
    lost = await sealed(city)
    await rewind(city, size)
    with pytest.raises(LogFrozen, match="new-origin"):
        await sealer_of(city.settings, city.pool).round()
    done = await said(cli, "audit", "new-origin", "--basis", "富审〔2026〕7号", lang="en")
    assert done.code == exits.OK, done.err
    out = " ".join(done.out.split())
    assert "could not go on" in out
    assert "is signed and published" in out
    assert f"at {lost}." in out
    assert "Somebody has to account for them" in out
    again = await said(cli, "audit", "new-origin", "--basis", "富审〔2026〕7号")
    assert again.code == exits.REFUSED
    assert await sealed(city) >= size


@pytest.mark.parametrize("basis", ["", "  ", "x" * 121, "a\nb"])
async def test_a_basis_is_one_line(city: Ledger, cli: Call, basis: str) -> None:
    await sealed(city)
    refused = await said(cli, "audit", "new-origin", "--basis", basis, "--force", lang="en")
    assert refused.code == exits.USAGE
    assert "one short line" in refused.err
    assert await city.count("ledger.log") == 1


async def test_a_ledger_without_a_log_has_none_to_go_on_from(city: Ledger, cli: Call) -> None:
    refused = await said(cli, "audit", "new-origin", "--basis", "x", lang="en")
    assert refused.code == exits.FAILED
    assert "there is no earlier log" in refused.err


async def test_a_code_leads_to_its_checkpoint_for_ever(
    city: Ledger, cli: Call, tmp_path: Path
) -> None:
    assert (await said(cli, "audit", "digest")).code == exits.FAILED
    size = await sealed(city)
    newest = json.loads((await said(cli, "audit", "digest", "--json")).out)
    assert newest["size"] == size
    kept = tmp_path / "kept"
    kept.write_bytes((city.settings.published / NEWEST).read_bytes())
    await more(city, 1)
    await sealed(city)

    code = newest["code"]
    for typed in (code, code.lower(), code.replace("-", " "), code.replace("O", "0")):
        found = await said(cli, "audit", "digest", typed, lang="en")
        assert found.code == exits.OK, found.err
        assert f"the first {size} leaves" in found.out
        assert kept.read_text() in found.out
    assert (await said(cli, "audit", "digest", code, "--checkpoint", kept)).code == exits.OK
    newer = city.settings.published / NEWEST
    assert (await said(cli, "audit", "digest", code, "--checkpoint", newer)).code == exits.FAILED
    other = short_digest("another\n")
    assert (await said(cli, "audit", "digest", other, lang="en")).code == exits.FAILED
    assert "24 letters" in (await said(cli, "audit", "digest", "ABCD", lang="en")).err


def test_a_code_is_read_as_people_type_it() -> None:
    code = short_digest("siwen/city/5c2aedb3\n26\nRJYLVDrB4t5TIG0jBH9wJdm+NbX58vflopdBawh9DIc=\n")
    assert code == "IB2O-2YIV-TIPI-KYTJ-SWHH-IZUH"
    assert parse_short_digest("ib20-2yiv tipi kytj swhh 1zuh") == parse_short_digest(code)
    for bad in ("", "ABCD", code + "A", code[:-1] + "9", code[:-1] + "É"):
        with pytest.raises(BadNote):
            parse_short_digest(bad)

"""The auditor's commands: a ledger broken on purpose is named, a bundle passes elsewhere."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from domain.terms.role import Role
from interfaces.cli import exits
from ledger.log.note import Kind
from tests.integration.interfaces.conftest import Call, Said
from tests.support.bundles import AUDIT_OFFICE, run_alone, witness
from tests.support.ledgers import BLOCK, PROGRAMME, Ledger, parking
from tests.support.tampering import superuser
from workers.log.sealing import sealer_of


@pytest.fixture
async def sealed(city: Ledger, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Ledger:
    """Give a ledger that was sealed and published, and an empty directory to work in."""
    await sealer_of(city.settings, city.pool).settle()
    monkeypatch.chdir(tmp_path)
    return city


async def said(cli: Call, *arguments: str | Path, lang: str = "en") -> Said:
    return await asyncio.to_thread(cli, "audit", *arguments, lang=lang)


async def test_an_untouched_ledger_passes_in_four_checks(sealed: Ledger, cli: Call) -> None:
    found = await said(cli, "verify", lang="zh")
    assert found.code == exits.OK, found.out
    for check in ("真实性", "完整性", "可用性", "安全性"):
        assert f"✓ {check}  通过" in found.out
    assert "结论：通过" in found.out


async def test_one_changed_row_is_named_and_the_exit_code_is_1(sealed: Ledger, cli: Call) -> None:
    async with superuser(sealed) as db:
        await db.execute(
            "UPDATE ledger.event SET body = replace(body, '临河', '临江') WHERE stream = $1", BLOCK
        )
    for lang, label in (("en", "first bad event: "), ("zh", "首条问题事件：")):
        found = await said(cli, "verify", lang=lang)
        assert found.code == exits.FAILED
        assert f"\n{label}{BLOCK}@1" in found.out
    data = json.loads((await said(cli, "verify", "--json")).out)[sealed.settings.ledger]
    assert data["passed"] is False
    assert (data["first_bad"]["stream"], data["first_bad"]["version"]) == (BLOCK, 1)


async def test_what_is_not_sealed_yet_is_counted(sealed: Ledger, cli: Call) -> None:
    await sealed.accept(PROGRAMME, parking(), by=Role.OFFICE)
    found = await said(cli, "verify")
    assert found.code == exits.OK, found.out
    assert "1 not sealed yet" in found.out


async def test_before_anything_is_sealed_nothing_is_proven_and_nothing_is_wrong(
    city: Ledger, cli: Call, tmp_path: Path
) -> None:
    found = await said(cli, "verify")
    assert found.code == exits.OK, found.out
    assert "no checkpoint is published yet" in found.out
    refused = await said(cli, "export", "--all", "--out", tmp_path / "x.zip")
    assert refused.code == exits.FAILED
    assert "let a worker run" in refused.err


@pytest.mark.parametrize("asked", [["临河里"], [PROGRAMME, "--values", "--evidence"], ["--all"]])
async def test_a_bundle_passes_here_and_on_a_machine_without_siwen(
    sealed: Ledger, cli: Call, asked: list[str], tmp_path: Path
) -> None:
    made = await said(cli, "export", *asked, "--out", "made.zip")
    assert made.code == exits.OK, made.err
    Path("policy").write_text((await said(cli, "policy")).out)
    here = await said(cli, "verify", "made.zip", "--policy", "policy", "--jobs", "2")
    assert here.code == exits.OK, here.out
    Path("verify.py").write_text((await said(cli, "verifier")).out)
    status, report = run_alone(
        tmp_path / "empty", str(tmp_path / "made.zip"), "--policy", str(tmp_path / "policy")
    )
    assert status == 0, report
    assert (tmp_path / "empty" / "verify.py").read_text() == Path("verify.py").read_text()


async def test_the_file_is_named_after_what_is_in_it_and_never_overwritten(
    sealed: Ledger, cli: Call
) -> None:
    first = await said(cli, "export", "临河里")
    assert first.code == exits.OK
    assert Path("liupu-2026-linhe.zip").exists()
    again = await said(cli, "export", "临河里")
    assert again.code == exits.USAGE
    assert "--out" in again.err


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (["verify", "x.zip"], "No policy is given"),
        (["verify", "x.zip", "--policy", "policy", "--fresh-after", "2026"], "with its zone"),
        (["verify", "x.zip", "--policy", "policy", "--fresh-after", ""], "with its zone"),
        (["verify", "--fresh-after", ""], "with its zone"),
        (["export"], "name a programme or a block"),
        (["export", "临河里", "--all"], "name a programme or a block"),
        (["export", "没有"], "There is no"),
    ],
)
async def test_what_cannot_be_understood_says_what_to_do(
    sealed: Ledger, cli: Call, asked: list[str], told: str
) -> None:
    Path("policy").write_text("")
    found = await said(cli, *asked)
    assert found.code == exits.USAGE
    assert told in found.err


async def test_a_policy_of_somebody_else_and_a_broken_one_fail(sealed: Ledger, cli: Call) -> None:
    await said(cli, "export", "--all", "--out", "made")
    policy = (await said(cli, "policy")).out
    for text, told in (
        ("", "it needs a log and a quorum"),
        (policy.replace("quorum none", "quorum office"), "office is not defined above"),
        ("quorum none\nlog x+00000000+AAAA\n", "neither a log's nor a witness's"),
    ):
        Path("policy").write_text(text)
        found = await said(cli, "verify", "made", "--policy", "policy")
        assert found.code == exits.FAILED
        assert told in found.out.replace("\n      ", " ")
        assert "not finished" in found.out


async def test_the_witnesses_of_the_settings_are_asked_for(
    sealed: Ledger, cli: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = AUDIT_OFFICE.verifier(Kind.COSIGNATURE)
    monkeypatch.setenv("SIWEN_WITNESSES", f"http://127.0.0.1:9/w {key}")
    policy = (await said(cli, "policy")).out
    assert f"witness w1 {key}\nquorum w1\n" in policy
    alone = await said(cli, "verify")
    assert alone.code == exits.FAILED
    assert "not enough of the policy's witnesses" in alone.out
    now = datetime.now(UTC)
    await witness(sealed.pool, int(now.timestamp()))
    witnessed = await said(cli, "verify")
    assert witnessed.code == exits.OK, witnessed.out
    assert f"saw it at {now:%Y-%m-%d}" in witnessed.out
    for hours, code in ((-1, exits.OK), (1, exits.FAILED)):
        after = (now + timedelta(hours=hours)).isoformat()
        assert (await said(cli, "verify", "--fresh-after", after)).code == code

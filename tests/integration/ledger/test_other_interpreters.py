"""What is recorded is read alike by other interpreters and releases, older and newer."""

import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from domain.engine.entry import Correct
from domain.engine.message import Submission
from domain.terms.role import Role
from tests.support.bundles import VERIFY, Sealed
from tests.support.ledgers import PROGRAMME, Ledger, Ledgers, extend, open_household, parking
from tests.unit.domain.spec import TEXT

ROOT = Path(__file__).parents[3]
STAND_INS = ROOT / "tests" / "stand_ins"
LOOK = Path(__file__).parent / "programs" / "look_again.py"

RARE = "\U0002ebf0\U0002ceb0\U00030000\u9fff巷"
"""Characters of names that are younger than many a Python (Extensions I, F, G; 2022)."""
MARKED = "x\u0301\u1adfy"
"""A mark that nobody knows yet after one of a higher class: a newer table would put it first."""
NAMES = ("newer_unicode", "older_unicode", "tighter_doors")


@pytest.fixture
async def city(ledgers: Ledgers) -> AsyncIterator[Ledger]:
    async with ledgers.fresh() as made:
        yield await made.opened()


async def filled(city: Ledger) -> None:
    """Record names that other interpreters' tables do not know, and what rests on them."""
    other = f"{PROGRAMME}/erlu"
    block = {"type": "open_block", "name": RARE, "community": MARKED, "category": "back_street"}
    await city.accept(other, block, by=Role.OFFICE)
    await city.accept(f"{other}/household/k7", open_household(), by=Role.GRID_WORKER)
    await city.accept(PROGRAMME, parking(12) | {"places": [RARE]}, by=Role.OFFICE)
    renamed = Correct(entry=1, data={"community": RARE}, reason=TEXT)
    await city.accept(other, renamed, by=Role.OFFICE)
    await city.accept(PROGRAMME, extend())


def run(stand_in: str | None, *arguments: str) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join([*([str(STAND_INS / stand_in)] if stand_in else []), str(ROOT)])
    environment = os.environ | {"PYTHONPATH": path}
    return subprocess.run(
        [sys.executable, *arguments], capture_output=True, text=True, env=environment, timeout=120
    )


def looked(stand_in: str | None, *arguments: str) -> dict[str, Any]:
    done = run(stand_in, str(LOOK), *arguments)
    assert done.returncode == 0, done.stderr[-2000:]
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


async def test_every_reader_finds_what_was_recorded(city: Ledger, tmp_path: Path) -> None:
    await filled(city)
    sealed = Sealed(city.pool, tmp_path)
    await sealed.settle()
    bundle = await sealed.bundle()
    policy = tmp_path / "policy"
    policy.write_bytes(sealed.policy())
    asked = (city.url, str(PROGRAMME), str(bundle), str(policy))
    here = looked(None, *asked)
    assert not here["differences"] + here["failures"] + here["unread_views"]
    assert sum(RARE in json.dumps(e, ensure_ascii=False) for e in here["events"]) == 4
    assert any(e.get("community") == MARKED for e in here["events"])
    for name in NAMES:
        assert looked(name, *asked) == here, name
        said = run(name, str(VERIFY), str(bundle), "--policy", str(policy))
        assert said.returncode == 0, f"{name}: {said.stdout}{said.stderr}"


async def test_another_interpreter_records_on_and_answers_what_was_asked_before(
    city: Ledger,
) -> None:
    await filled(city)
    other = f"{PROGRAMME}/erlu"
    again = city.submission(
        f"{PROGRAMME}/qingfeng",
        {"type": "open_block", "name": RARE, "community": MARKED, "category": "back_street"},
        by=Role.OFFICE,
        id="once",
    )
    first = await city.send(again)
    assert first.receipt is not None
    heard = city.submission(
        other,
        {"type": "hear_body", "body": "deputy", "organisation": RARE, "statement": TEXT},
        by=Role.OFFICE,
        id="later",
    )
    for name in NAMES[:2]:
        named = heard.model_copy(update={"id": name})
        await city.bring(named)
        answers = _recorded(name, city.url, again, named)
        assert answers == [first.receipt.model_dump(mode="json")["events"], "taken"], name


def _recorded(stand_in: str, url: str, again: Submission, new: Submission) -> list[Any]:
    program = Path(__file__).parent / "programs" / "record_again.py"
    done = run(stand_in, str(program), url, again.model_dump_json(), new.model_dump_json())
    assert done.returncode == 0, done.stderr[-2000:]
    found: list[Any] = json.loads(done.stdout.splitlines()[-1])
    return found

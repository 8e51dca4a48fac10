"""A sealed ledger in which much was written."""

import asyncio
import random
from collections import Counter
from pathlib import Path

import pytest

from domain.terms.role import Role
from tests.integration.ledger.test_traffic import write
from tests.support.ledgers import BLOCK, Ledger, open_household, open_notice
from tests.support.sealing import Desk
from tests.unit.domain.spec import TEXT

NOTICE = f"{BLOCK}/notice/1"


@pytest.fixture
def desk(city: Ledger, tmp_path: Path) -> Desk:
    return Desk(city.pool, tmp_path)


@pytest.fixture
async def busy(city: Ledger, desk: Desk) -> Ledger:
    """Give a sealed ledger in which many kinds of streams were written, corrected and voided."""
    await city.accept(NOTICE, open_notice())
    await city.accept(f"{BLOCK}/household/1", open_household())
    counted: Counter[str] = Counter()
    await asyncio.gather(*(write(city, random.Random(n), counted) for n in range(4)))
    correction = {"type": "correct", "entry": 1, "data": {"community": "新社区"}, "reason": TEXT}
    await city.accept(BLOCK, correction, by=Role.OFFICE)
    await desk.sealer().settle()
    return city

"""A count over a bent sum, bent back: every hash is right, and `audit replay` names the count."""

import json

from domain.release import RULES_NUMBER
from domain.terms.role import Role
from domain.terms.stream import StreamName
from interfaces.cli import exits
from interfaces.desk.siwen import Siwen
from tests.integration.interfaces.conftest import Call
from tests.integration.interfaces.test_looking_back import said
from tests.support.ledgers import BLOCK, Ledger, open_household
from tests.unit.domain.spec import person

POLL = StreamName(f"{BLOCK}/poll/1")
NEEDS = {"type": "open_poll", "purpose": "needs", "days": 14, "options": ["drainage", "parking"]}
BEND = "UPDATE ledger.state SET tally = replace(tally::text, $2, $3)::jsonb WHERE stream = $1"


async def test_a_count_over_a_bent_sum_is_named(siwen: Siwen, city: Ledger, cli: Call) -> None:
    await city.accept(f"{BLOCK}/household/h1", open_household())
    await city.accept(POLL, NEEDS)
    ballot = f"{POLL}/ballot/h1"
    voter = person(Role.RESIDENT).model_copy(update={"id": "h1"})
    await city.accept(
        ballot, {"type": "cast_ballot", "form": "web", "needs": ["drainage"]}, by=voter
    )
    honest = await said(cli, "audit", "replay", lang="en")
    assert honest.code == exits.OK, honest.out

    # The door's pool acts as the application: nothing but its own rights are used.
    await city.pool.execute(BEND, ballot, "drainage", "parking")
    count = city.submission(POLL, {"type": "count_poll"})
    counted = await siwen.submit(str(POLL), count.command, count.actor)
    await city.pool.execute(BEND, ballot, "parking", "drainage")
    assert counted.receipt is not None
    version = counted.receipt.events[0].version

    found = await said(cli, "audit", "replay", lang="en")
    assert found.code == exits.FAILED
    assert f"{POLL}: @{version}: poll_counted: the rules come to another result" in found.out
    assert f"(rules {RULES_NUMBER})" in found.out
    chinese = await said(cli, "audit", "replay")
    assert f"按规则 result 应为别的值（规则 {RULES_NUMBER}）" in chinese.out.replace(
        "\n", ""
    ).replace("  ", "")
    whole = json.loads((await said(cli, "audit", "replay", "--json")).out)
    (one,) = whole[city.settings.ledger]["differences"]
    assert (one["stream"], one["judged"]["version"]) == (POLL, version)

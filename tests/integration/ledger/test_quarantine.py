"""A stream that does not add up is named and set aside; the others go on, and nothing is lost."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from domain.engine.entry import Reported
from domain.engine.kind import Kind, ruling
from domain.engine.message import Entry
from domain.registry import KINDS
from domain.terms.role import Role
from domain.terms.stream import stream_name
from tests.support.ledgers import BLOCK, PROGRAMME, Ledger, extend, open_notice
from tests.support.soundness import assert_sound
from tests.unit.domain.spec import PAPER, TEXT
from words.catalogue import missing

NOTICE = stream_name(f"{BLOCK}/notice/1")
LONG_AGO = datetime.now(UTC) - timedelta(days=60)
POSTING = {"type": "record_posting", "insertion": 1, "channel": "website", "proof": PAPER}

Change = Callable[..., Kind[Any]]


@pytest.fixture
def release(city: Ledger, monkeypatch: pytest.MonkeyPatch) -> Change:
    """Change a kind and start again, as another release would."""

    def change(name: str, **changes: Any) -> Kind[Any]:
        kind = replace(KINDS[name], **changes)
        monkeypatch.setitem(KINDS, name, kind)
        city.forget()
        return kind

    return change


def failing_on(kind: Kind[Any], *types: str) -> Callable[..., Any]:
    def evolve(state: Any, entry: Entry) -> Any:
        if entry.event.type in types:
            raise ValueError(f"{entry.event.type} is not understood")
        return kind.evolve(state, entry)

    return evolve


async def quarantine_of(ledger: Ledger, stream: str) -> str | None:
    found: str | None = await ledger.pool.fetchval(
        "SELECT quarantine FROM ledger.state WHERE stream = $1", stream
    )
    return found


async def test_state_of_another_shape_is_folded_again(city: Ledger, release: Change) -> None:
    await city.accept(NOTICE, open_notice())
    async with city.owner() as owner:
        await owner.execute("UPDATE ledger.state SET schema = 0, head = '{}'")
    await city.accept(NOTICE, POSTING, by=Role.OFFICE)
    await city.accept(PROGRAMME, extend())
    await assert_sound(city.pool, city.acknowledged)


@pytest.mark.parametrize("head", ["{", "{}", "[]", '{"stage": 7}'])
async def test_damaged_head_is_folded_again(city: Ledger, head: str) -> None:
    await city.accept(NOTICE, open_notice())
    async with city.owner() as owner:
        await owner.execute("UPDATE ledger.state SET head = $1 WHERE stream = $2", head, NOTICE)
        await owner.execute("UPDATE ledger.state SET head = $1 WHERE stream = $2", head, BLOCK)
    city.forget()
    await city.accept(NOTICE, POSTING, by=Role.OFFICE)
    await assert_sound(city.pool, city.acknowledged)


async def test_stream_that_does_not_fold_is_refused_by_name(city: Ledger, release: Change) -> None:
    await city.accept(NOTICE, open_notice(), POSTING, by=Role.OFFICE)
    release("notice", schema=99, evolve=failing_on(KINDS["notice"], "posted"))
    answer = await city.ask(NOTICE, POSTING, by=Role.OFFICE)
    assert answer.refusal is not None
    assert answer.refusal.rule == "stream.quarantined"
    assert f"{NOTICE} does not fold at version 2" in missing(answer.refusal.missing[0], "en")
    assert answer.status is not None
    assert answer.status.quarantined
    await city.accept(f"{BLOCK}/notice/2", open_notice())
    await city.accept(PROGRAMME, extend())


async def test_event_of_a_newer_release_is_named(city: Ledger, release: Change) -> None:
    await city.accept(NOTICE, open_notice(), POSTING, by=Role.OFFICE)
    known = tuple(e for e in KINDS["notice"].events if e.model_fields["type"].default != "posted")
    release("notice", schema=99, events=known)
    answer = await city.ask(NOTICE, POSTING, by=Role.OFFICE)
    assert answer.refusal is not None
    assert "unknown event type 'posted'" in missing(answer.refusal.missing[0], "en")


async def test_report_to_a_stream_that_does_not_fold_is_kept_unfolded(
    city: Ledger, release: Change
) -> None:
    await city.accept(NOTICE, open_notice())
    release("block", schema=99, evolve=failing_on(KINDS["block"], "block_opened"))
    before = await city.version(BLOCK)
    receipt = await city.accept(NOTICE, POSTING, by=Role.OFFICE)
    assert receipt.versions[BLOCK] == before + 1
    assert (await city.types(BLOCK))[-1] == "reported"
    assert f"{BLOCK} does not fold at version 1" in str(await quarantine_of(city, BLOCK))
    withdraw = {"type": "withdraw_notice", "reason": TEXT}
    await city.accept(NOTICE, withdraw, by=Role.OFFICE)
    assert await city.version(BLOCK) == before + 2
    await city.accept(PROGRAMME, extend())
    await assert_sound(city.pool, city.acknowledged, quarantined=[BLOCK])


async def test_report_that_does_not_fold_quarantines_only_who_is_told(
    city: Ledger, release: Change
) -> None:
    release("block", evolve=failing_on(KINDS["block"], "reported"))
    await city.accept(NOTICE, open_notice())
    assert "reported is not understood" in str(await quarantine_of(city, BLOCK))
    assert await quarantine_of(city, NOTICE) is None
    answer = await city.ask(BLOCK, {"type": "suspend", "reason": TEXT}, by=Role.OFFICE)
    assert answer.refusal is not None
    assert answer.refusal.rule == "stream.quarantined"


async def test_quarantine_ends_with_a_release_that_folds(city: Ledger, release: Change) -> None:
    fixed = KINDS["block"]
    release("block", evolve=failing_on(fixed, "reported"))
    await city.accept(NOTICE, open_notice())
    assert await quarantine_of(city, BLOCK) is not None
    release("block", evolve=fixed.evolve)
    await city.accept(NOTICE, POSTING, by=Role.OFFICE)
    await city.accept(BLOCK, {"type": "suspend", "reason": TEXT}, by=Role.OFFICE)
    assert await quarantine_of(city, BLOCK) is None
    await assert_sound(city.pool, city.acknowledged)


async def test_nothing_is_opened_below_a_stream_that_does_not_fold(
    city: Ledger, release: Change
) -> None:
    release("block", schema=99, evolve=failing_on(KINDS["block"], "block_opened"))
    answer = await city.ask(NOTICE, open_notice())
    assert answer.refusal is not None
    assert answer.refusal.rule == "stream.quarantined"
    assert BLOCK in missing(answer.refusal.missing[0], "en")


async def test_lapse_that_does_not_fold_quarantines_its_stream(
    city: Ledger, release: Change
) -> None:
    """Otherwise its workflow would look for ever at a deadline that does not go away."""
    kind = KINDS["notice"]
    await city.since(LONG_AGO)
    await city.accept(NOTICE, open_notice(), on=LONG_AGO)
    await city.seconded(NOTICE, "record_posting", on=LONG_AGO)
    await city.accept(NOTICE, POSTING, by=Role.OFFICE, on=LONG_AGO)
    release("notice", lapse=lambda state, deadline, ctx: ruling())
    looked = await city.recorder.look(NOTICE)
    assert looked.status is not None
    assert looked.status.quarantined
    assert looked.status.due is None
    assert "lapses to nothing" in str(await quarantine_of(city, NOTICE))
    answer = await city.ask(NOTICE, POSTING, by=Role.OFFICE)
    assert answer.refusal is not None
    assert answer.refusal.rule == "stream.quarantined"
    release("notice", lapse=kind.lapse)
    looked = await city.recorder.look(NOTICE)
    assert looked.status is not None
    assert looked.status.closed
    await assert_sound(city.pool, city.acknowledged)


async def test_rule_that_fails_is_a_refusal_and_nothing_recorded(
    city: Ledger, release: Change
) -> None:
    """A fault of ours on one command: neither its sender nor its stream waits for ever."""

    def decide(state: Any, command: Any, ctx: Any) -> Any:
        raise ZeroDivisionError("by no floor area")

    release("programme", decide=decide)
    answer = await city.ask(PROGRAMME, extend())
    assert answer.refusal is not None
    assert answer.refusal.rule == "command.failed"
    assert (await city.attempts())[-1]["detail"].endswith("=ZeroDivisionError")
    assert await city.types(PROGRAMME) == ["programme_opened", "reported"]


async def test_command_that_would_not_fold_is_refused(city: Ledger, release: Change) -> None:
    release("programme", evolve=failing_on(KINDS["programme"], "programme_extended"))
    answer = await city.ask(PROGRAMME, extend())
    assert answer.refusal is not None
    assert answer.refusal.rule == "stream.fold"
    assert await city.types(PROGRAMME) == ["programme_opened", "reported"]
    assert await quarantine_of(city, PROGRAMME) is None


async def test_what_is_below_a_quarantined_programme_says_so(city: Ledger, release: Change) -> None:
    """Who may act is written there: nothing below can be judged, and that is what is said."""
    release("programme", schema=99, evolve=failing_on(KINDS["programme"], "programme_opened"))
    answer = await city.ask(BLOCK, {"type": "suspend", "reason": TEXT}, by=Role.OFFICE)
    assert answer.refusal is not None
    assert answer.refusal.rule == "stream.quarantined"
    assert PROGRAMME in missing(answer.refusal.missing[0], "en")


async def test_older_event_is_lifted_when_it_is_read(city: Ledger, release: Change) -> None:
    """Stored bytes stay; what is read has today's shape."""
    kind = KINDS["programme"]
    opened = kind.event_types["programme_opened"]

    class ProgrammeOpened(opened):  # type: ignore[misc, valid-type]
        version = opened.version + 1

    events = tuple(ProgrammeOpened if e is opened else e for e in kind.events)
    lifted = release(
        "programme",
        schema=99,
        events=events,
        upcasters={
            ("programme_opened", opened.version): lambda data: {
                **data,
                "name": data["name"] + "·改",
            }
        },
    )
    assert lifted.event_types["programme_opened"] is ProgrammeOpened
    await city.accept(PROGRAMME, extend())
    assert (await city.state(PROGRAMME)).name.endswith("·改")  # type: ignore[attr-defined]
    await assert_sound(city.pool, city.acknowledged)


async def test_older_event_without_an_upcaster_is_named(city: Ledger, release: Change) -> None:
    kind = KINDS["programme"]
    opened = kind.event_types["programme_opened"]

    class ProgrammeOpened(opened):  # type: ignore[misc, valid-type]
        version = opened.version + 1

    events = tuple(ProgrammeOpened if e is opened else e for e in kind.events)
    release("programme", schema=99, events=events)
    answer = await city.ask(PROGRAMME, extend())
    assert answer.refusal is not None
    why = f"no upcaster for programme_opened schema {opened.version}"
    assert why in missing(answer.refusal.missing[0], "en")


def test_reports_are_kept_whatever_becomes_of_their_reader() -> None:
    assert not Reported.voidable
    assert not Reported.correctable

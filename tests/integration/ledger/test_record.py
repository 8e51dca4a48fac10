"""What one command does to the ledger: once, whole, with what fell due and what is told above."""

from datetime import UTC, datetime, timedelta

import pytest

from domain.engine.answer import Touched
from domain.engine.message import Source
from domain.terms.role import Role, Via
from domain.terms.stream import stream_name
from ledger.errors import LedgerUnavailable
from ledger.store.record import Recorder
from runtime.connect import connect_ledger
from tests.support.ledgers import BLOCK, PROGRAMME, Ledger, extend, open_notice, opening, parking
from tests.support.soundness import assert_sound
from tests.unit.domain.spec import OTHER_TEXT, PAPER, TEXT, person

NOTICE = stream_name(f"{BLOCK}/notice/1")
LONG_AGO = datetime.now(UTC) - timedelta(days=60)


async def due_notice(city: Ledger) -> None:
    """Open a notice whose period has run out by what its poster says."""
    await city.since(LONG_AGO)
    await city.accept(NOTICE, open_notice(), on=LONG_AGO)
    posting = {"type": "record_posting", "insertion": 1, "channel": "website", "proof": PAPER}
    await city.seconded(NOTICE, "record_posting", on=LONG_AGO)
    await city.accept(NOTICE, posting, by=Role.OFFICE, on=LONG_AGO)


async def test_receipt_names_every_event_and_every_stream(city: Ledger) -> None:
    answer = await city.ask(NOTICE, open_notice())
    assert answer.receipt is not None
    assert [(e.stream, e.type) for e in answer.receipt.events] == [
        (NOTICE, "notice_opened"),
        (BLOCK, "reported"),
    ]
    assert answer.receipt.versions == {NOTICE: 1, BLOCK: await city.version(BLOCK)}
    assert answer.status is not None
    assert (answer.status.stream, answer.status.version) == (NOTICE, 1)
    assert [e.id for e in answer.status.effects] == ["1:website"]
    assert answer.touched == (Touched(stream=BLOCK, version=answer.receipt.versions[BLOCK]),)
    await assert_sound(city.pool, city.acknowledged)


async def test_entries_are_read_back_as_they_were_made(city: Ledger) -> None:
    on = datetime(2026, 3, 1, 1, 2, 3, 4, tzinfo=UTC)
    await city.since(on)
    submission = city.submission(
        PROGRAMME,
        parking(7),
        by=Role.OFFICE,
        on=on,
        source=Source.PHONE,
        evidence=(PAPER,),
        correlation_id="k1",
        via=Via.CONSOLE,
    )
    await city.send(submission)
    entry = (await city.entries(PROGRAMME))[-1]
    assert entry.command_id == submission.id
    assert (entry.actor, entry.via) == (person(Role.OFFICE), Via.CONSOLE)
    assert (entry.occurred_at, entry.source, entry.reason) == (on, Source.PHONE, TEXT)
    assert (entry.evidence, entry.correlation_id) == ((PAPER,), "k1")
    assert entry.recorded_at > on
    assert entry.event.parking.bays == 7


async def test_same_command_again_gets_its_first_receipt(city: Ledger) -> None:
    submission = city.submission(PROGRAMME, extend())
    first = await city.send(submission)
    await city.accept(PROGRAMME, extend(2))
    again = await city.send(submission.model_copy(update={"via": Via.API, "correlation_id": "x"}))
    assert again.receipt == first.receipt
    assert again.status is not None
    assert again.status.version == await city.version(PROGRAMME)
    await assert_sound(city.pool, city.acknowledged)


@pytest.mark.parametrize(
    "changed",
    [
        {"command": extend(2)},
        {"stream": BLOCK},
        {"actor": person(Role.OFFICE)},
        {"occurred_at": LONG_AGO, "source": Source.PAPER, "reason": TEXT},
        {"evidence": (PAPER,)},
    ],
    ids=lambda c: next(iter(c)),
)
async def test_other_command_under_the_same_id_is_refused(
    city: Ledger, changed: dict[str, object]
) -> None:
    submission = city.submission(PROGRAMME, extend())
    await city.send(submission)
    events = await city.count("ledger.event")
    answer = await city.send(submission.model_copy(update=changed))
    assert answer.refusal is not None
    assert answer.refusal.rule == "command.conflict"
    assert await city.count("ledger.event") == events


async def test_refused_command_may_come_again_under_its_id(city: Ledger) -> None:
    stranger = person(Role.LEADING_GROUP, 3)
    submission = city.submission(PROGRAMME, extend(), by=stranger)
    assert (await city.send(submission)).refusal is not None
    appoint = {"type": "appoint", "actor": stranger.id, "role": "leading_group"}
    await city.accept(PROGRAMME, appoint, by=Role.LEADING_GROUP)
    assert (await city.send(submission)).receipt is not None
    await assert_sound(city.pool, city.acknowledged)


async def test_what_fell_due_is_recorded_before_the_command_is_judged(city: Ledger) -> None:
    await due_notice(city)
    insertion = {"type": "issue_insertion", "channels": ["website"]}
    answer = await city.ask(NOTICE, insertion)
    assert answer.refusal is not None, "the notice closed by itself before"
    assert answer.receipt is None
    assert answer.status is not None
    assert answer.status.closed
    assert answer.status.version == await city.version(NOTICE)
    types = await city.types(NOTICE)
    assert "notice_period_ended" in types
    assert "insertion_issued" not in types
    ended = next(e for e in await city.entries(NOTICE) if e.event.type == "notice_period_ended")
    assert LONG_AGO < ended.occurred_at < ended.recorded_at
    assert ended.command_id is None
    assert answer.touched[0].stream == BLOCK
    await assert_sound(city.pool, city.acknowledged)


async def test_what_fell_due_is_recorded_with_the_command(city: Ledger) -> None:
    await due_notice(city)
    receipt = await city.accept(
        NOTICE,
        {"type": "correct", "entry": 1, "data": {"text": OTHER_TEXT}, "reason": TEXT},
        by=Role.OFFICE,
    )
    assert "notice_period_ended" in [e.type for e in receipt.events]
    await assert_sound(city.pool, city.acknowledged)


async def test_look_lapses_what_a_carried_stream_owes(city: Ledger) -> None:
    """A look at a stream is a look at all whose deadlines it carries."""
    await due_notice(city)
    looked = await city.recorder.look(BLOCK)
    assert looked.status is not None
    before = await city.version(NOTICE)
    await city.recorder.look(NOTICE)
    assert await city.version(NOTICE) > before
    again = await city.version(NOTICE)
    await city.recorder.look(NOTICE)
    assert await city.version(NOTICE) == again
    await assert_sound(city.pool, city.acknowledged)


async def test_look_without_lapse_records_nothing(city: Ledger) -> None:
    await due_notice(city)
    before = await city.count("ledger.event")
    answer = await city.recorder.look(NOTICE, lapse=False)
    assert answer.status is not None
    assert answer.status.due is not None
    assert await city.count("ledger.event") == before


async def test_look_at_nothing_says_nothing(city: Ledger) -> None:
    answer = await city.recorder.look(stream_name(f"{BLOCK}/notice/9"))
    assert answer.status is None
    assert answer.receipt is None
    assert answer.refusal is None


async def test_report_climbs_as_far_as_it_changes_something(city: Ledger) -> None:
    """A suspended block is news to its programme; a notice opened below it is not."""
    programme = await city.version(PROGRAMME)
    await city.accept(NOTICE, open_notice())
    assert await city.version(PROGRAMME) == programme
    receipt = await city.accept(BLOCK, {"type": "suspend", "reason": TEXT}, by=Role.OFFICE)
    told = [(e.stream, e.type) for e in receipt.events]
    assert told[-1] == (PROGRAMME, "reported")
    await assert_sound(city.pool, city.acknowledged)


async def test_programme_notice_is_told_to_every_block_it_names(city: Ledger) -> None:
    other = f"{PROGRAMME}/other"
    block = {"type": "open_block", "name": "另", "community": "另", "category": "other"}
    await city.accept(other, block, by=Role.OFFICE)
    receipt = await city.accept(
        f"{PROGRAMME}/notice/1", open_notice(blocks=["linhe", "other"]), by=Role.OFFICE
    )
    assert set(receipt.versions) == {f"{PROGRAMME}/notice/1", BLOCK, other, PROGRAMME}
    await assert_sound(city.pool, city.acknowledged)


async def test_correction_refolds_and_tells_those_above_anew(city: Ledger) -> None:
    await city.since(LONG_AGO)
    await city.accept(NOTICE, open_notice(), on=datetime.now(UTC) - timedelta(days=2))
    posting = {"type": "record_posting", "insertion": 1, "channel": "website", "proof": PAPER}
    await city.accept(NOTICE, posting, by=Role.OFFICE)
    entry = (await city.types(NOTICE)).index("posted") + 1
    receipt = await city.accept(
        NOTICE,
        {
            "type": "correct",
            "entry": entry,
            "data": {},
            "happened_at": (datetime.now(UTC) - timedelta(days=1)).isoformat(),
            "reason": TEXT,
        },
        by=Role.OFFICE,
    )
    assert [(e.stream, e.type) for e in receipt.events] == [
        (NOTICE, "corrected"),
        (NOTICE, "deadline_moved"),
        (BLOCK, "reported"),
    ]
    receipt = await city.accept(
        NOTICE, {"type": "void", "entry": entry, "reason": TEXT}, by=Role.OFFICE
    )
    assert (BLOCK, "reported") in [(e.stream, e.type) for e in receipt.events]
    await assert_sound(city.pool, city.acknowledged)


async def test_recorded_at_never_runs_backwards(city: Ledger) -> None:
    """Whatever the server's clock does: here it is set back by a day."""
    async with city.owner() as owner:
        await owner.execute(
            "CREATE OR REPLACE FUNCTION ledger.now() RETURNS timestamptz LANGUAGE sql VOLATILE "
            "AS $$ SELECT clock_timestamp() - interval '1 day' $$"
        )
    await city.accept(PROGRAMME, extend())
    await city.accept(NOTICE, open_notice())
    await assert_sound(city.pool, city.acknowledged)


async def test_ledger_out_of_reach_is_said_so(city: Ledger) -> None:
    pool = await connect_ledger(city.settings)
    await pool.close()
    with pytest.raises(LedgerUnavailable):
        await Recorder(pool).record(city.submission(PROGRAMME, extend()))


async def test_programmes_opened_apart_do_not_see_each_other(city: Ledger) -> None:
    await city.accept("other-2026", opening(name="另一"), by=Role.OFFICE)
    await city.accept("other-2026", extend())
    assert await city.types("other-2026") == ["programme_opened", "programme_extended"]
    await assert_sound(city.pool, city.acknowledged)

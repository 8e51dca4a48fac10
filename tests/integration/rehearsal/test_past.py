"""The past of both rehearsals, asked in both times: what stood then, and what made it so."""

import contextlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from itertools import groupby

import orjson
import pytest

from domain.engine.entry import Corrected, Reported, Voided
from domain.engine.fold import effective, fold
from domain.engine.message import Entry
from domain.past import Time, known, known_state, true, true_state
from domain.registry import kind_for
from domain.terms.stream import StreamName
from interfaces.desk.errors import BadRequest
from interfaces.desk.names.moments import moment
from interfaces.desk.past.answers import BelowThen
from interfaces.desk.past.comparison import compared
from interfaces.desk.past.explanation import UnknownField, explained
from interfaces.desk.past.past import past
from interfaces.desk.reading.history import timeline
from interfaces.desk.reading.narrowing import By, narrow
from interfaces.desk.reading.reading import Reader
from ledger.read.past import told_when
from ledger.store.reading import entry_from
from tests.integration.rehearsal.conftest import Played, Theatre

BLOCK = StreamName("fuyang-2014/xiaohuawu")
NOTICE = StreamName(f"{BLOCK}/notice/3")
PAPER = StreamName(f"{NOTICE}/opinion/001")
ZONE = "Asia/Shanghai"


@contextlib.asynccontextmanager
async def reading(theatre: Theatre, name: str) -> AsyncIterator[Reader]:
    played = await theatre.once(name)
    async with theatre.ledger(played.outcome.ledger) as pool:
        yield Reader(pool, played.outcome.ledger, True)


def streams_of(played: Played) -> dict[StreamName, list[Entry]]:
    """Return the entries of every stream of a rehearsal."""
    ordered = sorted(p for p in played.bodies if not p[0].startswith("ledger/"))
    return {
        StreamName(name): [entry_from(kind_for(StreamName(name)), played.bodies[p]) for p in places]
        for name, places in groupby(ordered, key=lambda p: p[0])
    }


@pytest.mark.parametrize("name", ["fuyang-2014", "liupu"])
async def test_known_now_is_the_present_state_of_every_stream(theatre: Theatre, name: str) -> None:
    played = await theatre.once(name)
    now = datetime(2999, 1, 1, tzinfo=UTC)
    async with theatre.ledger(played.outcome.ledger) as pool:
        heads = dict(await pool.fetch("SELECT stream, head FROM ledger.state"))
    for stream, entries in streams_of(played).items():
        kind = kind_for(stream)
        stored = kind.state.model_validate_json(heads[stream])
        assert known_state(kind, known(entries, now)) == stored, stream


@pytest.mark.parametrize("name", ["fuyang-2014", "liupu"])
async def test_true_now_is_the_present_state_where_nothing_came_late(
    theatre: Theatre, name: str
) -> None:
    played, in_order = await theatre.once(name), 0
    for stream, entries in streams_of(played).items():
        kind = kind_for(stream)
        so = true(kind, entries)
        standing = [
            e for e in effective(kind, entries) if not isinstance(e.event, Corrected | Voided)
        ]
        assert sorted(so, key=lambda e: e.version) == standing
        if so == standing:
            in_order += 1
            assert true_state(kind, so) == fold(kind, entries), stream
    assert in_order > 200


@pytest.mark.parametrize("name", ["fuyang-2014", "liupu"])
async def test_true_now_in_its_own_order_leaves_no_entry_out(theatre: Theatre, name: str) -> None:
    played = await theatre.once(name)
    of_streams = streams_of(played)
    async with theatre.ledger(played.outcome.ledger) as pool:
        told = await told_when(pool, list(of_streams))
    for stream, entries in of_streams.items():
        kind = kind_for(stream)
        state = true_state(kind, true(kind, entries, told=told[stream]))
        assert state is not None, stream
        assert state.stage == fold(kind, entries).stage, stream
        assert state.closed == fold(kind, entries).closed, stream


@pytest.mark.parametrize("name", ["fuyang-2014", "liupu"])
async def test_known_at_a_version_is_the_fold_of_so_many_entries(
    theatre: Theatre, name: str
) -> None:
    played = await theatre.once(name)
    async with reading(theatre, name) as reader:
        for stream, entries in streams_of(played).items():
            if len(entries) < 20:
                continue
            for version in range(1, len(entries) + 1, 7):
                found = await past(reader, stream, version=version)
                assert found.state == fold(kind_for(stream), entries[:version]), (stream, version)
                assert (found.version, found.entries) == (version, version)


async def test_a_paper_of_the_third_entered_on_the_tenth_is_true_but_not_known_on_the_fifth(
    theatre: Theatre,
) -> None:
    async with reading(theatre, "fuyang-2014") as reader:
        on_the_fifth = moment("2014-09-05", ZONE)
        known_then = await past(reader, BLOCK, moment=on_the_fifth)
        true_then = await past(reader, BLOCK, moment=on_the_fifth, time=Time.TRUE)
        after = await past(reader, BLOCK, moment=moment("2014-09-10", ZONE))
    # As it stood, inside its notice's period.
    for found in (known_then, true_then):
        assert found.state is not None
        assert found.state.stage == "construction"
        assert _below(found.below, NOTICE).stage == "running"
        assert (found.version, found.version_now) == (74, 105)
        assert found.rules.rules_as_of == "2026-11-22"
        period = next(d for d in found.deadlines if d.stream == NOTICE)
        assert (period.key, period.working_days) == ("period", 2)
    counted = _below(known_then.below, NOTICE).below["opinion"]
    assert (counted.known, counted.true) == (0, 1)
    assert _below(after.below, NOTICE).below["opinion"].known == 1
    # The one tells what the other lacks.
    assert known_then.later.came == 1
    assert [(line.stream, line.version) for line in known_then.later.lines] == [(PAPER, 1)]
    assert after.later.came == 0


async def test_the_paper_itself_did_not_exist_in_one_time_and_did_in_the_other(
    theatre: Theatre,
) -> None:
    async with reading(theatre, "fuyang-2014") as reader:
        on_the_fifth = moment("2014-09-05", ZONE)
        known_then = await past(reader, PAPER, moment=on_the_fifth)
        true_then = await past(reader, PAPER, moment=on_the_fifth, time=Time.TRUE)
        earlier = await past(reader, PAPER, moment=moment("2014-09-02", ZONE), time=Time.TRUE)
    assert known_then.state is None
    assert known_then.version == 0
    assert true_then.state is not None
    assert true_then.version == 1
    assert earlier.state is None


async def test_a_paper_stands_below_its_notice_in_the_time_in_which_it_was_there(
    theatre: Theatre,
) -> None:
    async with reading(theatre, "fuyang-2014") as reader:
        on_the_fifth = moment("2014-09-05", ZONE)
        known_then = await past(reader, NOTICE, moment=on_the_fifth)
        true_then = await past(reader, NOTICE, moment=on_the_fifth, time=Time.TRUE)
    assert [(b.stream, b.version) for b in known_then.below] == [(PAPER, 0)]
    assert [(b.stream, b.version) for b in true_then.below] == [(PAPER, 1)]


async def test_a_report_was_so_when_that_was_so_of_which_it_tells(theatre: Theatre) -> None:
    played = await theatre.once("liupu")
    of_streams = streams_of(played)
    async with theatre.ledger(played.outcome.ledger) as pool:
        told = await told_when(pool, list(of_streams))
    by_place = {(e.stream, e.version): e for es in of_streams.values() for e in es}
    followed = 0
    for (stream, version), entry in by_place.items():
        if not isinstance(entry.event, Reported):
            continue
        source = entry
        while isinstance(source.event, Reported):
            source = by_place[source.event.stream, source.event.version_then]
        if isinstance(source.event, Corrected | Voided):
            assert version not in told[stream]
        else:
            assert told[stream][version] == source.occurred_at
            followed += 1
    assert followed > 20


async def test_diff_and_why_explain_a_corrected_scope(theatre: Theatre) -> None:
    async with reading(theatre, "fuyang-2014") as reader:
        diff = await compared(reader, BLOCK, "2014-03-12T09:00", "2014-03-13T09:00")
        by_path = await explained(reader, BLOCK, "scope")
        by_name = await explained(reader, BLOCK, "整治范围")
        places = await explained(reader, BLOCK, "地点")
    (change,) = diff.entries
    assert change.path == ("@20", "places")
    assert (change.was, change.now) == (
        ("小花坞主巷", "小花坞之巷"),
        ("小花坞主巷", "小花坞支巷"),
    )
    assert change.by == (21,)
    assert [line.version for line in diff.lines] == [21]
    assert diff.state == ()
    assert by_path.origins == by_name.origins
    (made,) = by_path.origins
    assert made.line.version == 20
    assert made.line.entry is not None
    assert made.line.entry.actor.id == "of-01"
    assert [line.version for line in made.amended_by] == [21]
    assert [o.line.version for o in places.origins] == [20, 21]
    assert places.values[0].now == ("小花坞主巷", "小花坞支巷")


async def test_a_diff_names_the_event_of_each_changed_field(theatre: Theatre) -> None:
    async with reading(theatre, "fuyang-2014") as reader:
        forth = await compared(reader, NOTICE, "2014-09-02", "2014-09-11")
        back = await compared(reader, NOTICE, "2014-09-11", "2014-09-02")
        versions = await compared(reader, NOTICE, "@5", "now")
    assert forth.state == back.state == versions.state
    changed = {".".join(c.path): (c.was, c.now, c.by) for c in forth.state}
    assert changed["days"] == (5, 6, (6,))
    assert changed["stage"][:2] == ("running", "closed")
    types = {line.version: line.type for line in forth.lines}
    assert types[changed["stage"][2][-1]] == "stage_entered"


async def test_why_names_who_and_where_a_report_comes_from(theatre: Theatre) -> None:
    async with reading(theatre, "fuyang-2014") as reader:
        found = await explained(reader, BLOCK, "works.road.outcome")
    assert [c.now for c in found.values] == ["accepted"]
    accepted = found.origins[-1]
    assert accepted.line.type == "reported"
    assert accepted.reported is not None
    assert accepted.reported.stream == f"{BLOCK}/work/road"
    assert accepted.reported.entry is not None
    assert accepted.reported.entry.actor.role == "supervisor"


async def test_why_shows_the_exception_that_let_a_decision_pass(theatre: Theatre) -> None:
    played = await theatre.once("liupu")
    used = [orjson.loads(b) for b in played.of("exception_used")]
    assert used
    async with reading(theatre, "liupu") as reader:
        for one in used:
            stream, version = StreamName(one["stream"]), one["version"]
            found = await explained(reader, stream, f"@{version - 1}")
            rules = {r.rule for o in found.origins for r in o.rules}
            assert one["data"]["rule"] in rules


@pytest.mark.parametrize(
    ("field", "near"),
    [("scpe", "scope"), ("整治范", "整治范围"), ("gate", "gates"), ("zzzz", "name")],
)
async def test_an_unknown_field_is_answered_with_those_near(
    theatre: Theatre, field: str, near: str
) -> None:
    async with reading(theatre, "fuyang-2014") as reader:
        with pytest.raises(UnknownField) as unknown:
            await explained(reader, BLOCK, field)
    assert any(near in n for n in unknown.value.near)


async def test_an_instant_that_is_yet_to_come_is_refused(theatre: Theatre) -> None:
    async with reading(theatre, "fuyang-2014") as reader:
        with pytest.raises(BadRequest, match="yet to come"):
            await past(reader, BLOCK, moment=moment("2033-01-01", ZONE))
        with pytest.raises(BadRequest, match="no entry 900"):
            await past(reader, BLOCK, version=900)


async def test_a_range_is_over_the_time_that_was_asked_for(theatre: Theatre) -> None:
    async with reading(theatre, "fuyang-2014") as reader:
        recorded = await timeline(
            reader,
            BLOCK,
            everything=True,
            narrow=narrow(ZONE, since="2014-09-03", until="2014-09-03"),
        )
        occurred = await timeline(
            reader,
            BLOCK,
            everything=True,
            narrow=narrow(ZONE, by=By.OCCURRED, since="2014-09-03", until="2014-09-03"),
        )
    assert recorded.lines == ()
    assert [(line.stream, line.version) for line in occurred.lines] == [(PAPER, 1)]


async def test_a_timeline_is_narrowed_by_type_actor_and_words(theatre: Theatre) -> None:
    async with reading(theatre, "fuyang-2014") as reader:
        whole = await timeline(reader, BLOCK)
        corrected = await timeline(reader, BLOCK, narrow=narrow(ZONE, types=["更正"]))
        office = await timeline(reader, BLOCK, narrow=narrow(ZONE, actor="办公室"))
        lead = await timeline(reader, BLOCK, narrow=narrow(ZONE, actor="pl-xiaohuawu"))
        words = await timeline(reader, BLOCK, narrow=narrow(ZONE, grep="typing"), lang="en")
        chinese = await timeline(reader, BLOCK, narrow=narrow(ZONE, grep="支巷"))
    assert [line.version for line in corrected.lines] == [21]
    assert corrected.of == len(whole.lines) == whole.of
    # The sentence of a correction still says what was, though that entry is left out.
    assert "小花坞之巷 → 小花坞主巷、小花坞支巷" in corrected.lines[0].sentence.zh
    assert {line.entry.actor.role for line in office.lines if line.entry} == {"office"}
    assert {line.entry.actor.id for line in lead.lines if line.entry} == {"pl-xiaohuawu"}
    assert words.lines == ()
    assert 21 in [line.version for line in chinese.lines]


def _below(below: tuple[BelowThen, ...], stream: StreamName) -> BelowThen:
    return next(b for b in below if b.stream == stream)

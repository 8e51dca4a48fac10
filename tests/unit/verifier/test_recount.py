"""The stand-alone verifier counts a poll as the ledger does, whatever the ballots went through."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from domain.engine.entry import Corrected, StageEntered
from domain.engine.fold import fold
from domain.engine.kind import Counted
from domain.engine.message import Entry, Event
from domain.streams.ballot.decide import BALLOT
from domain.streams.ballot.messages import (
    BallotCast,
    BallotEntered,
    BallotWeighed,
    BallotWithdrawn,
)
from domain.streams.poll import counting
from domain.streams.poll.messages import PollCounted, PollOpened
from domain.streams.poll.state import RATED, Choice, Form, PartLine, PollState, Purpose, Step
from domain.streams.shared.consent import Basis, Majority, Weight, measure
from domain.terms.role import SYSTEM, Via
from domain.terms.stream import StreamName
from ledger.store.canonical import encode
from ledger.store.store import counted_over
from tests.unit.domain.spec import TEXT
from verifier.verify import Finding, Recount

POLL = StreamName("liupu-2026/linhe/poll/1")
START = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
OPTIONS = ("drainage", "parking", "lights")
PARTS = {
    "roof": PartLine(
        basis=Basis.COMMON_PARTS,
        measure=measure(Basis.COMMON_PARTS, Majority.ORDINARY, START.date()),
        entitled=Weight(heads=40, area=4000),
    ),
    "street": PartLine(
        basis=Basis.PUBLIC_SPACE,
        measure=measure(Basis.PUBLIC_SPACE, Majority.ORDINARY, START.date()),
        entitled=Weight(heads=40, area=0),
    ),
}

choices: dict[Purpose, st.SearchStrategy[dict[str, Any]]] = {
    Purpose.CONSENT: st.fixed_dictionaries(
        {"parts": st.dictionaries(st.sampled_from([*PARTS]), st.sampled_from(Choice))}
    ),
    Purpose.NEEDS: st.fixed_dictionaries(
        {"needs": st.lists(st.sampled_from(OPTIONS), unique=True).map(tuple)}
    ),
    Purpose.SATISFACTION: st.fixed_dictionaries(
        {
            "answers": st.dictionaries(st.sampled_from(RATED), st.sampled_from(Step)),
            "aware": st.none() | st.booleans(),
        }
    ),
}


@st.composite
def ballots(draw: st.DrawFn, purpose: Purpose) -> list[Event]:
    """Return what a ballot went through."""
    events: list[Event] = []
    filled = choices[purpose]
    for _ in range(draw(st.integers(1, 2))):
        form = draw(st.sampled_from(Form))
        events.append(draw(st.sampled_from((BallotCast, BallotEntered)))(form=form, **draw(filled)))
        at = len(events)
        if draw(st.booleans()):
            events.append(BallotWeighed(owners=draw(st.integers(0, 3)), area=draw(COUNTS)))
        for _ in range(draw(st.integers(0, 2)) if isinstance(events[at - 1], BallotEntered) else 0):
            data = BallotEntered(form=form, **draw(filled)).model_dump(mode="json")
            only = {n: data[n] for n in draw(st.sets(st.sampled_from(NAMES[purpose]), min_size=1))}
            events.append(Corrected(entry=at, data=only, reason=TEXT))
        if draw(st.booleans()):
            events += [BallotWithdrawn(), StageEntered(stage="withdrawn", by_decision="x")]
    return events


COUNTS = st.integers(0, 9)
NAMES = {
    Purpose.CONSENT: ["parts"],
    Purpose.NEEDS: ["needs"],
    Purpose.SATISFACTION: ["answers", "aware"],
}


def written(stream: str, version: int, event: Event, at: datetime, prev: str | None) -> Any:
    entry = Entry(
        stream=StreamName(stream),
        version=version,
        id="00000000-0000-5000-8000-000000000000",
        occurred_at=at,
        recorded_at=at,
        actor=SYSTEM,
        via=Via.SYSTEM,
        event=event,
    )
    return entry, *encode(entry, prev)


def poll_of(purpose: Purpose) -> PollState:
    return PollState(
        stage="counting",
        since=START,
        purpose=purpose,
        round=1,
        opened_at=START,
        known_at=START,
        days=7,
        entry_days=3,
        asked=40,
        forms=tuple(Form),
        parts=PARTS if purpose is Purpose.CONSENT else {},
        options=OPTIONS if purpose is Purpose.NEEDS else (),
        zone="Asia/Shanghai",
    )


def counted(
    purpose: Purpose, cast: dict[str, list[Event]], *, late: bool
) -> tuple[list[bytes], PollCounted]:
    """Return the lines of a log with a poll that is counted, and the count."""
    opened = PollOpened(
        purpose=purpose,
        round=1,
        days=7,
        asked=40,
        parts=poll_of(purpose).parts,
        options=(),
        choose_up_to=0,
        forms=tuple(Form),
        zone="Asia/Shanghai",
        entry_days=3,
    )
    lines = [written(POLL, 1, opened, START, None)[1]]
    sums: Counter[str] = Counter()
    leaves: list[bytes] = []
    at = START
    for code, events in sorted(cast.items()):
        entries, prev = [], None
        for version, event in enumerate(events, 1):
            at += timedelta(seconds=1)
            entry, body, prev = written(f"{POLL}/ballot/{code}", version, event, at, prev)
            entries.append(entry)
            lines.append(body)
        tally = BALLOT.tally(fold(BALLOT, entries))
        sums.update(tally)
        if counting.ANSWERED in tally and prev:
            leaves.append(bytes.fromhex(prev))
    over: Counted = counted_over(leaves)
    result = counting.count(poll_of(purpose), sums)
    count = PollCounted(result=result, ballots=over.streams, root=over.root)
    line = written(POLL, 2, count, at, "0" * 64)[1]
    lines.insert(1 if late else len(lines), line)  # what is of one instant may stand in any order
    return [f"{text}\n".encode() for text in lines], count


def found(lines: list[bytes]) -> tuple[list[Finding], Recount]:
    counts = [(n, POLL.encode()) for n, line in enumerate(lines) if b'"poll_counted"' in line]
    recount = Recount(counts)
    return list(recount.of(lines)), recount


@given(st.data(), st.sampled_from(Purpose), st.booleans())
def test_a_true_count_is_found_again(data: st.DataObject, purpose: Purpose, late: bool) -> None:
    cast = data.draw(st.dictionaries(st.sampled_from("abcdefgh"), ballots(purpose), max_size=6))
    lines, _ = counted(purpose, cast, late=late)
    assert found(lines)[0] == []
    assert found(lines)[1].same == 1


@given(st.data(), st.sampled_from(Purpose))
def test_any_sum_that_is_bent_is_named(data: st.DataObject, purpose: Purpose) -> None:
    cast = data.draw(st.dictionaries(st.sampled_from("abcdefgh"), ballots(purpose), max_size=6))
    lines, count = counted(purpose, cast, late=False)
    result = count.result.model_dump(mode="json")
    sums: dict[Purpose, list[tuple[Any, ...]]] = {
        Purpose.CONSENT: [(p, w, u) for p in PARTS for w in WEIGHTS for u in ("heads", "area")],
        Purpose.NEEDS: [(name, option) for name in ("ranking", "first") for option in OPTIONS],
        Purpose.SATISFACTION: [
            ("aware",),
            ("unaware",),
            *((q, n) for q in RATED for n in range(5)),
        ],
    }
    *where, last = data.draw(st.sampled_from([("answered",), *sums[purpose]]))
    at = result
    for name in where:
        at = at[name] if name in at else at["steps"][name] if name in RATED else at["parts"][name]
    at[last] += 1
    bent = count.model_copy(update={"result": type(count.result).model_validate(result)})
    lines[-1] = (written(POLL, 2, bent, START + timedelta(days=1), "0" * 64)[1] + "\n").encode()
    assert {f.code for f in found(lines)[0]} == {"count_false"}


WEIGHTS = ("yes", "no", "took_part")


@given(st.data())
def test_other_ballots_than_were_counted_are_named(data: st.DataObject) -> None:
    votes = ballots(Purpose.NEEDS)
    cast = data.draw(st.dictionaries(st.sampled_from("abcd"), votes, min_size=1))
    lines, count = counted(Purpose.NEEDS, cast, late=False)
    bent = count.model_copy(update={"root": "0" * 64})
    lines[-1] = (written(POLL, 2, bent, START + timedelta(days=1), "0" * 64)[1] + "\n").encode()
    assert [f.code for f in found(lines)[0]] == ["ballots_other"]
    bent = count.model_copy(update={"ballots": len(cast) + 1})
    lines[-1] = (written(POLL, 2, bent, START + timedelta(days=1), "0" * 64)[1] + "\n").encode()
    assert [f.code for f in found(lines)[0]] == ["ballots_differ"]

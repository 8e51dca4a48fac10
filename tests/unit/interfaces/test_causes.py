"""What shares an instant is told in the order in which it must have happened."""

import json
import random
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from domain.terms.stream import StreamName
from interfaces.desk.reading.causes import in_order
from ledger.read.entries import EntryRow
from tests.unit.domain.spec import START


def row(stream: str, version: int, at: int = 0, tells: tuple[str, int] | None = None) -> EntryRow:
    data = {"stream": tells[0], "version_then": tells[1]} if tells else {}
    type, recorded = "reported" if tells else "x", START + timedelta(seconds=at)
    body = json.dumps({"data": data})
    return EntryRow(StreamName(stream), version, type, START, recorded, body)


def places(rows: list[EntryRow]) -> list[tuple[str, int]]:
    return [(r.stream, r.version) for r in rows]


def test_a_report_comes_after_what_it_tells_of() -> None:
    rows = [row("p/b", 1), row("p/b", 2, tells=("p/b/notice/1", 2)), row("p/b", 3)]
    rows += [row("p/b/notice/1", 1), row("p/b/notice/1", 2)]
    found = places(in_order(rows))
    assert found.index(("p/b/notice/1", 2)) < found.index(("p/b", 2)) < found.index(("p/b", 3))


@given(st.integers(0, 10_000), st.integers(1, 5), st.integers(1, 8))
def test_nothing_is_lost_and_every_cause_comes_first(seed: int, streams: int, most: int) -> None:
    drawn = random.Random(seed)
    rows = [row("p", 1)]
    heads = {"p": 1}
    for _ in range(most * 3):
        name = f"p/b{drawn.randrange(streams)}"
        heads[name] = heads.get(name, 0) + 1
        rows.append(row(name, heads[name], at=0))
        heads["p"] += 1
        rows.append(row("p", heads["p"], tells=(name, heads[name])))
    found = in_order(sorted(rows, key=lambda r: (r.recorded_at, r.stream, r.version)))
    assert sorted(places(found)) == sorted(places(rows))
    seen: set[tuple[str, int]] = set()
    for one in found:
        assert one.version == 1 or (one.stream, one.version - 1) in seen
        if one.type == "reported":
            told = json.loads(one.body)["data"]
            assert (told["stream"], told["version_then"]) in seen
        seen.add((one.stream, one.version))


def test_later_instants_stay_later() -> None:
    rows = [row("p/b/notice/1", 1, at=1), row("p", 1, at=0), row("p", 2, at=2)]
    rows.sort(key=lambda r: r.recorded_at)
    assert [(r.recorded_at - START).seconds for r in in_order(rows)] == [0, 1, 2]

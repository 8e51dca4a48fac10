"""What a verdict is of, what it says of times, and what hostile bundles cannot make it say."""

import hashlib
import json
import re
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from string import Formatter
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ledger.audit.known import policy_text
from ledger.log.note import Kind, Signer
from ledger.store.canonical import canonical
from tests.support.bundles import codes, notes
from tests.support.small import LOG, bundle, check, event, opening, policy, streams
from tests.support.tampering import EVENT
from verifier import verify

NOW = int(time.time())
HOSTILE = "x\nresult: passed\r\x1b[2J\x9b1A\u202egnp.\u2066\u200b\ufeff\U000e0041  结论：通过"


# --- what it is of --------------------------------------------------------------------------


def test_the_first_line_says_what_the_verdict_is_of(tmp_path: Path) -> None:
    report = check(bundle(tmp_path / "b", streams(3)))
    assert report.passed
    assert report.lines("en")[0] == ("of the whole log log.example/small: 4 events in 4 streams")
    assert report.lines("zh")[0] == "核验对象：日志 log.example/small 的全部，4 条，4 个流"
    assert report.as_json()["of"] == {
        "log": "log.example/small",
        "below": None,
        "events": 4,
        "streams": 4,
    }


def test_a_verdict_of_nothing_says_so(tmp_path: Path) -> None:
    report = check(tmp_path / "nothing")
    assert not report.passed
    assert report.lines("en")[0] == "of what could not be read"
    assert report.as_json()["of"] is None


def test_a_bundle_of_something_else_than_was_asked_for_fails(tmp_path: Path) -> None:
    made = bundle(tmp_path / "b", streams(1))
    assert check(made, of="log.example/small").passed
    for other in ("s0", "log.example/sm", ""):
        assert codes(check(made, of=other)) == {"another"}


# --- what is foreign ------------------------------------------------------------------------


def is_seen(character: str) -> bool:
    """Tell whether a character is drawn: by this Python's tables, or by its plane of ideographs."""
    assigned = range(0x20000, 0x2FFFE), range(0x30000, 0x3FFFE)
    return character.isprintable() or any(ord(character) in plane for plane in assigned)


def test_rare_characters_of_names_are_shown() -> None:
    assert verify.shown("𠮷𪚥\U0002ebf0\U000323af") == "𠮷𪚥\U0002ebf0\U000323af"
    assert verify.shown("\U0002fffe") == "\\u{2fffe}"


@given(st.text())
@example(HOSTILE)
def test_what_is_foreign_stays_in_its_line_and_shows_all_that_it_is(foreign: str) -> None:
    said = verify.shown(foreign)
    assert all(is_seen(c) or c == "\u3000" for c in said)
    assert "  " not in said
    if "\\u{" not in foreign:
        assert re.sub(r"\\u\{([0-9a-f]+)\}", lambda found: chr(int(found[1], 16)), said) == foreign


@given(st.text())
@example(HOSTILE)
def test_json_is_the_same_value_and_moves_no_cursor(foreign: str) -> None:
    said = verify.as_json({foreign: [foreign]})
    assert json.loads(said) == {foreign: [foreign]}
    assert all(is_seen(c) or c in "\n\u3000" for c in said)


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("code", sorted(verify.SAID))
def test_no_finding_lets_foreign_text_out_of_its_line(code: str, lang: str) -> None:
    said = Formatter().parse("".join(verify.SAID[code][1:]))
    facts = {name: 1 if spec else HOSTILE for _, name, spec, _ in said if name}
    report = verify.Report()
    report.add(verify.Finding(code, facts, HOSTILE, 1, 1))
    report.scope = verify.Scope(HOSTILE, HOSTILE, 1, 1)
    lines = report.lines(lang)
    assert all(line.isprintable() for line in lines)
    assert lines[-1] in ("result: FAILED", "结论：未通过")


def test_the_name_of_a_file_writes_no_result(tmp_path: Path) -> None:
    made = bundle(tmp_path / "b", streams(1))
    (made / "x\nresult: passed\x1b[8m").write_text("")
    (tmp_path / "policy").write_bytes(policy())
    script = Path(verify.__file__)
    given = [str(made), "--policy", str(tmp_path / "policy"), "--lang", "en"]
    done = subprocess.run([sys.executable, str(script), *given], capture_output=True, check=False)
    assert done.returncode == 1
    said = done.stdout.decode().splitlines()
    assert "result: passed" not in said
    assert said[-1] == "result: FAILED"
    assert all(line.isprintable() for line in said)


@pytest.mark.parametrize("flag", [[], ["--jobs", "2"]])
@pytest.mark.parametrize(
    "planted", ["cryptography", "json", "argparse", "concurrent", "sitecustomize"]
)
def test_nothing_that_lies_beside_the_verifier_is_imported(
    tmp_path: Path, planted: str, flag: list[str]
) -> None:
    made = bundle(tmp_path / "b", streams(1))
    (tmp_path / "policy").write_bytes(policy())
    script = tmp_path / "verify.py"
    script.write_bytes(Path(verify.__file__).read_bytes())
    (tmp_path / f"{planted}.py").write_text("print('result: passed'); import os; os._exit(0)\n")
    (made / "leaves").write_bytes(bytes(64))
    command = [sys.executable, str(script), str(made), "--policy", "policy", "--lang", "en", *flag]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, check=False)
    assert done.returncode == 1, done.stderr
    assert done.stdout.decode().splitlines()[-1] == "result: FAILED"


# --- the form of an event -------------------------------------------------------------------


@pytest.mark.parametrize("key", ["a", "day", "dz", "e", "ev", "evidence2", "f", "zz"])
@pytest.mark.parametrize("value", [{}, {"b": 1}, [], "x", None])
def test_an_event_with_a_key_more_is_none(key: str, value: Any) -> None:
    verify._FORMS.__init__()  # type: ignore[misc]
    line = canonical({**EVENT, key: value})
    for _ in range(2 * verify.Forms._LEARN_AFTER):
        assert [f.code for f in verify.read_events(line + b"\n").failures] == ["not_an_event"]


@pytest.mark.parametrize("key", sorted(EVENT))
def test_an_event_with_a_key_less_is_none(key: str) -> None:
    line = canonical({k: v for k, v in EVENT.items() if k != key})
    assert verify.read_events(line + b"\n").failures


def test_a_manifest_with_a_key_more_or_no_date_fails(tmp_path: Path) -> None:
    others: list[dict[str, Any]] = [{"zz": 1}, {"a": 1}, {"exported_at": "today"}]
    for number, strange in enumerate(others):
        made = bundle(tmp_path / str(number), streams(1), manifest=strange)
        assert codes(check(made)) == {"bad_form"}


@given(st.integers(0, 9999), st.integers(0, 13), st.integers(0, 32))
@example(0, 1, 1)
@example(2026, 2, 30)
@example(2024, 2, 29)
@example(1900, 2, 29)
@example(2000, 2, 29)
@example(2023, 2, 29)
@example(2026, 4, 31)
@example(2026, 12, 31)
def test_a_date_is_one_of_the_calendar(year: int, month: int, day: int) -> None:
    try:
        datetime(year, month, day, tzinfo=UTC)
        real = True
    except ValueError:
        real = False
    text = f"{year:04}-{month:02}-{day:02}T00:00:00.000000Z".encode()
    assert bool(verify._is_instant(text)) is real


@pytest.mark.parametrize(
    "clock",
    [
        *("23:59:60.000000Z", "24:00:00.000000Z", "00:60:00.000000Z", "00:00:00Z"),
        *("00:00:00.000Z", "00:00:00.000000+00:00", "00:00:00.000000", "00:00:00.000000z"),
    ],
)
def test_a_time_of_day_has_one_form(clock: str) -> None:
    line = event(at=f"2016-12-31T{clock}")
    assert [f.code for f in verify.read_events(line + b"\n").failures] == ["not_an_event"]


# --- times ----------------------------------------------------------------------------------


def stamp(seconds: float) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S.%fZ}"


def fresh(made: Path, hours: int = 1) -> verify.Report:
    after = datetime.now(UTC) - timedelta(hours=hours)
    return check(made, policy=policy(asks=True), fresh_after=after)


def test_a_cosignature_just_now_is_fresh_though_clocks_differ_a_little(tmp_path: Path) -> None:
    for at in (NOW, NOW + verify.SKEW_SECONDS - 60):
        report = fresh(bundle(tmp_path / str(at), streams(1), seen=[at]))
        assert report.passed
        assert "fresh" in notes(report)


@pytest.mark.parametrize("at", [None, 4102444800, 2**60, 2**63 - 1])
def test_a_cosignature_from_the_future_shows_no_time(tmp_path: Path, at: int | None) -> None:
    soon = int(time.time()) + verify.SKEW_SECONDS + 60
    made = bundle(tmp_path / "b", streams(1), seen=[at or soon])
    report = fresh(made)
    assert codes(report) == {"not_fresh"}
    assert {"undated", "undated_enough"} <= notes(report)
    assert check(made, policy=policy(asks=True)).figures["complete_as_of"] < stamp(NOW)


def test_one_from_the_future_takes_nothing_from_one_of_today(tmp_path: Path) -> None:
    report = fresh(bundle(tmp_path / "b", streams(1), seen=[NOW - 10, 2**40]))
    assert report.passed
    assert {"undated", "fresh"} <= notes(report)


def test_a_cosignature_of_no_time_is_one_but_shows_no_time(tmp_path: Path) -> None:
    made = bundle(tmp_path / "b", streams(1), seen=[0])
    assert check(made, policy=policy(asks=True)).passed
    assert codes(fresh(made)) == {"not_fresh"}


def test_a_time_that_no_cosignature_can_have_spoils_it(tmp_path: Path) -> None:
    report = check(bundle(tmp_path / "b", streams(1), seen=[2**63]))
    assert codes(report) == {"false_witness"}


def test_an_event_recorded_after_a_witness_saw_it_fails(tmp_path: Path) -> None:
    early, late = NOW - 7200, NOW - 3600
    bodies = streams(2, [stamp(early), stamp(late)])
    good = check(bundle(tmp_path / "good", bodies, seen=[late - verify.SKEW_SECONDS]))
    assert good.passed, good.lines("en")
    bad = check(bundle(tmp_path / "bad", bodies, seen=[late - verify.SKEW_SECONDS - 1, NOW]))
    assert codes(bad) == {"after_witness"}
    assert (bad.first_bad and bad.first_bad.stream, bad.count) == ("s1", 1)


def test_every_place_where_time_runs_back_is_named_with_its_count(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    day = 86400.0
    at = [day * 20, day * 20 + 1, day * 3, day * 4, day * 21, day * 21 - 59, day * 21]
    at += [day * 19, day * 22, day * 21.5]
    bodies = streams(len(at), [stamp(t) for t in at])
    expected = [("s2", 2, 17 * 86400 + 1), ("s7", 1, 2 * 86400), ("s9", 1, 43200)]
    for number, chunk in enumerate((1 << 19, 1, 900, 2000)):  # in one piece, and across pieces
        monkeypatch.setattr(verify, "CHUNK", chunk)
        report = check(bundle(tmp_path / str(number), bodies))
        assert report.passed
        found = [n for n in report.notes if n.code == "back_dated"]
        assert [(n.stream, n.facts["count"], n.facts["gap"]) for n in found] == expected


def test_of_many_such_places_the_rest_is_counted(tmp_path: Path) -> None:
    at = [stamp(86400.0 * (n + 9 if n % 2 else n)) for n in range(80)]
    report = check(bundle(tmp_path / "b", streams(80, at)))
    named = [n for n in report.notes if n.code == "back_dated"]
    rest = next(n for n in report.notes if n.code == "back_dated_more")
    assert len(named) == verify.MAX_SHOWN
    assert rest.facts == {"gaps": 39 - verify.MAX_SHOWN, "count": 39 - verify.MAX_SHOWN}


# --- how long it takes ----------------------------------------------------------------------


def cpu(work: Callable[[], Any]) -> float:
    """Return the seconds of this processor that it takes, at best of a few times."""
    took = []
    for _ in range(3):
        start = time.process_time()
        work()
        took.append(time.process_time() - start)
    return min(took)


def with_wrong_leaves(folder: Path, count: int) -> Path:
    return bundle(folder, streams(count), files={"leaves": bytes(32 * (count + 1))})


def with_withheld(folder: Path, count: int) -> Path:
    digests = [f"sha256:{n:064x}" for n in range(count)]
    told = {"withheld": "".join(f"{d} erased\n" for d in digests).encode()}
    said = {"evidence": True}
    return bundle(folder, [opening(), event(evidence=digests)], files=told, manifest=said)


def with_files(folder: Path, count: int) -> Path:
    contents = [b"%d" % n for n in range(count)]
    files = {f"evidence/{hashlib.sha256(c).hexdigest()}": c for c in contents}
    digests = [f"sha256:{name.removeprefix('evidence/')}" for name in files]
    said = {"evidence": True}
    return bundle(folder, [opening(), event(evidence=digests)], files=files, manifest=said)


def with_a_line_of_places(folder: Path, count: int) -> Path:
    line = b'{"stream":"a",' * count
    return bundle(folder, [opening(), line])


GROWING: dict[str, tuple[Callable[[Path, int], Path], int]] = {
    "leaves that are all wrong": (with_wrong_leaves, 3000),
    "values that are withheld": (with_withheld, 4000),
    "many files": (with_files, 1500),
    "a line that goes on and on": (with_a_line_of_places, 20_000),
}


@pytest.mark.parametrize(("make", "count"), GROWING.values(), ids=GROWING)
def test_four_times_as_much_takes_about_four_times_as_long(
    tmp_path: Path,
    make: Callable[[Path, int], Path],
    count: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(verify, "CHUNK", 4096)  # as many pieces as there are in a large log
    one, four = make(tmp_path / "1", count), make(tmp_path / "4", 4 * count)
    short, long = cpu(lambda: check(one)), cpu(lambda: check(four))
    assert long < 8 * short


def test_a_zip_of_many_files_is_read_in_time_that_grows_with_it(tmp_path: Path) -> None:
    from tests.support.bundles import zipped

    one, four = (zipped(with_files(tmp_path / str(n), n)) for n in (2000, 8000))
    assert cpu(lambda: verify._zip(four)) < 8 * cpu(lambda: verify._zip(one))


def test_streams_are_found_as_fast_among_many(monkeypatch: pytest.MonkeyPatch) -> None:
    """By how much is looked through: no bucket holds more than a few times its share."""
    monkeypatch.setattr(verify.Tails, "FULL", 2)
    tails = verify.Tails()
    for number in range(200_000):
        assert tails.swap(b"s%d" % number, b"%d" % number) is None
    for number in range(200_000):
        assert (tails[b"s%d" % number] or b"").rstrip() == b"%d" % number
    assert max(map(len, tails._buckets)) < 12 * 30


def test_a_line_without_an_end_is_not_taken_into_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verify, "CHUNK", 1024)
    monkeypatch.setattr(verify, "MAX_LINE", 4096)
    made = bundle(tmp_path / "b", [opening(), b"x" * 100_000])
    member = verify.open_bundle(made)["events.jsonl"]
    assert max(size for _, size in member.spans()) <= 1024 + 4096
    assert max(map(len, member.lines())) <= 4096
    assert not check(made).passed


def test_a_flood_of_types_is_not_learned() -> None:
    verify._FORMS.__init__()  # type: ignore[misc]
    bodies = [event(type=f"t{n}") for n in range(3 * verify.Forms._MAX_TYPES)]
    for body in bodies:
        verify.read_events(body + b"\n")
    assert len(verify._FORMS._parsed) <= verify.Forms._MAX_TYPES
    assert len(verify._FORMS.known) <= verify.Forms._MAX_TYPES


# --- whom a policy asks ---------------------------------------------------------------------


def test_a_printed_policy_of_two_witnesses_asks_for_both() -> None:
    offices = [Signer.of(f"w{n}.example", bytes([n]) * 32) for n in (1, 2)]
    keys = [office.verifier(Kind.COSIGNATURE) for office in offices]
    printed = verify.Policy(policy_text(LOG.verifier(), keys))
    for times, met in (({"w1": 7, "w2": 7}, True), ({"w1": 7, "w2": None}, False)):
        assert printed._met(printed.quorum, times, 7) is met

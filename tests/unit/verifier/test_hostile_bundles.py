"""What whoever hands over a bundle, a receipt or a note has tried, and what the verifier says."""

import json
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from domain.terms.value import is_composed
from ledger.log.merkle import leaf_hash, root_of
from ledger.log.note import Kind, Note, Signer, cosigned
from tests.support.bundles import codes, notes, resummed
from tests.support.small import LOG, OFFICE, OPENED, bundle, check, event, policy, streams
from tests.unit.ledger.test_receipts import printed, proof
from verifier import verify

BODIES = streams(6)
NOW = int(time.time())
DIGEST = f"sha256:{1:064x}"


def opened(**data: Any) -> bytes:
    """Return the event that opens the log, with data of somebody else's choice."""
    return event(stream="ledger/log-1", type="log_opened", data={**OPENED, **data})


# --- a verdict that is printed --------------------------------------------------------------


@pytest.mark.parametrize(
    "cites",
    [
        *("x", 7, True, [], ["x"], {"origin": "x"}, {"origin": "x", "size": "9"}),
        *({"origin": "x", "size": s, "root": ""} for s in (None, ["9"], "9", -1, True)),
        *({"origin": o, "size": 9, "root": ""} for o in (None, 7, ["\u202e"], {"a": "b"})),
    ],
)
def test_what_a_log_cites_in_another_form_fails(tmp_path: Path, cites: Any) -> None:
    report = check(bundle(tmp_path / "b", [opened(cites=cites), *BODIES[1:]]))
    assert codes(report) == {"not_opened"}
    assert report.lines("zh")
    assert report.as_json()


@pytest.mark.parametrize("said", [{"origin": []}, {"origin": {}}, {"origin": None}, {}])
def test_an_opening_of_another_form_fails(tmp_path: Path, said: dict[str, Any]) -> None:
    other = event(stream="ledger/log-1", type="log_opened", data=said)
    assert "not_opened" in codes(check(bundle(tmp_path / "b", [other, *BODIES[1:]])))


@pytest.mark.parametrize(
    "name",
    [
        *("x of 5 leaves", "\u05d0\u05d1", "\u0627", "q\u0301", "x\ufe0f", "\u17b4", "\u034f"),
        *("結論：通過", "\uff52\uff45\uff53", "x\u3000y", "\U000e0100", "\U0001d159", "☑\ufe0f"),
    ],
)
def test_a_name_out_of_a_bundle_shows_as_one_plain_word(tmp_path: Path, name: str) -> None:
    cites = {"origin": name, "size": 9, "root": ""}
    good = check(bundle(tmp_path / "b", [opened(cites=cites), *BODIES[1:]]))
    made = bundle(tmp_path / "c", BODIES)
    (made / name).write_text("")
    for report, code in ((good, "goes_on"), (check(made), "strange_file")):
        found = next(f for f in (*report.notes, *report.failures) if f.code == code)
        plain = found.text("en").replace(verify.SAID[code][2].split("{")[0], "")
        word = plain.split(" of 9 leaves")[0].removesuffix(" does not belong in a bundle")
        assert word.isascii()
        assert " " not in word


@pytest.mark.parametrize("strange", ["a\u0301", "\u05d0 1,000", "\u0627", "\u17b4", "\ufe0f"])
def test_nothing_foreign_turns_a_line_round_or_stands_on_its_neighbour(strange: str) -> None:
    assert strange not in verify.shown(strange)


def test_what_is_foreign_does_not_fill_the_screen(tmp_path: Path) -> None:
    made = bundle(tmp_path / "b", BODIES)
    note = (made / "checkpoint").read_text().replace(LOG.name, "x" * 200_000)
    (made / "checkpoint").write_text(note)
    assert all(len(line) < 1000 for line in check(resummed(made)).lines("en"))


def test_no_check_passes_because_others_failed_more_often(tmp_path: Path) -> None:
    late = [event(stream=f"s{n}", occurred_at="2027-01-01T00:00:00.000000Z") for n in range(30)]
    made = bundle(tmp_path / "b", [BODIES[0], *late], manifest={"events": 5})
    report = check(made)
    said = {one["check"]: one["passed"] for one in report.as_json()["checks"]}
    assert said == {"authentic": False, "complete": False, "usable": True, "safe": True}
    assert "✗ 完整性 complete  FAILED" in report.lines("en")
    assert report.count == 31


# --- whom a policy asks ---------------------------------------------------------------------


def test_a_logs_key_is_no_witness_of_itself(tmp_path: Path) -> None:
    made = bundle(tmp_path / "b", BODIES)
    note = Note.parse((made / "checkpoint").read_bytes())
    for name in (LOG.name, "audit.example"):
        own = Signer(name, LOG.key)
        (made / "checkpoint").write_text(str(note.adding(cosigned(note.text, own, NOW))))
        rules = f"log {LOG.verifier()}\nwitness w {own.verifier(Kind.COSIGNATURE)}\nquorum w\n"
        for lines in (rules, "\n".join([*rules.split("\n")[1::-1], "quorum w\n"])):
            report = check(resummed(made), policy=lines.encode())
            assert codes(report) == {"policy"}


# --- receipts -------------------------------------------------------------------------------


def kept(tmp_path: Path, text: str) -> Path:
    file = tmp_path / "receipt"
    file.write_text(text)
    return file


def test_a_receipt_in_place_of_a_bundle_holds_no_other_receipt(tmp_path: Path) -> None:
    one = kept(tmp_path, proof(BODIES, 3))
    assert check(one, receipt=printed(BODIES[3])).passed
    for other in (printed(BODIES[2]), proof(BODIES, 2).encode()):
        assert codes(check(one, receipt=other)) == {"receipt_gone"}


def test_one_event_is_not_its_stream(tmp_path: Path) -> None:
    one = kept(tmp_path, proof(BODIES, 3))
    assert check(one, of="s2@1").passed
    for other in ("s2", "s2@2", LOG.name, ""):
        assert codes(check(one, of=other)) == {"another"}


def test_a_receipt_of_another_history_shows_that_there_are_two(tmp_path: Path) -> None:
    made = bundle(tmp_path / "b", BODIES)
    other = [*BODIES[:2], event(stream="s1", data={"a": 2}), *BODIES[3:]]
    report = check(made, receipt=proof(other, 4).encode())
    assert codes(report) == {"receipt_split"}
    assert check(made, receipt=proof(BODIES[:5], 4).encode()).passed


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("index 4", "index 3", "not_included"),
        (LOG.name, "log.example/other", "receipt_other"),
        ("\n7\n", "\n6\n", "not_signed"),
    ],
)
def test_a_receipt_that_proves_nothing_is_not_held_by_a_bundle(
    tmp_path: Path, old: str, new: str, code: str
) -> None:
    made = bundle(tmp_path / "b", BODIES)
    report = check(made, receipt=proof(BODIES, 4).replace(old, new).encode())
    assert code in codes(report)


HASH = leaf_hash(BODIES[2]).hex()
GOOD = {"stream": "s1", "version": 1, "leaf_hash": HASH}
GONE = {"stream": "s9", "version": 1, "leaf_hash": "0" * 64}


@pytest.mark.parametrize(
    "text",
    [
        *(f"s1@1 {HASH}\ns9@1{c}{'0' * 64}" for c in ("", "\u200b ", ": ", "\u3000x ")),
        *(f"s1@1 {HASH}\ns9{c}1 {'0' * 64}" for c in ("\u200b@", "@0", "\uff20", "@-")),
        *(f"s1@1 {HASH}\ns9@1 {other}" for other in ("0" * 63, "A" * 64, "0" * 65)),
        json.dumps({"receipt": {"events": [GOOD]}, "events": [GONE]}),
        json.dumps({"events": [GOOD, {**GONE, "leaf_hash": "0" * 63}]}),
        json.dumps({"events": [GOOD, {"leaf_hash": "0" * 64}]}),
        json.dumps({"events": [GOOD], "other": [[[GONE]]]}),
        json.dumps({"1": {"events": [GONE]}, "receipt": {"events": [GOOD]}}).replace(
            "1", "receipt", 1
        ),
        json.dumps(GOOD).replace("{", '{"leaf_hash": "%s", ' % ("0" * 64)),
    ],
)
def test_no_line_of_a_receipt_is_passed_over(tmp_path: Path, text: str) -> None:
    made = bundle(tmp_path / "b", BODIES)
    assert codes(check(made, receipt=text.encode())) & {"bad_form", "receipt_gone"}
    assert check(made, receipt=json.dumps({"receipt": {"events": [GOOD]}}).encode()).passed
    beside = f"✓ sha256:{'1' * 64}\ns1@1\n  {HASH}"
    assert check(made, receipt=beside.encode()).passed


def test_a_receipt_without_end_is_not_read(tmp_path: Path) -> None:
    file = kept(tmp_path, proof(BODIES, 3))
    with file.open("r+b") as opened_file:
        opened_file.truncate(1 << 34)  # a hole: it takes no room on the disk
    assert codes(check(file)) == {"bad_form"}


# --- what is withheld -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("acts", "why", "passes"),
    [
        (["values_erased"], "erased", True),
        (["access_restricted"], "restricted", True),
        (["access_restricted", "restricted_read"], "restricted", True),
        (["access_restricted", "values_erased"], "erased", True),
        (["access_restricted"], "erased", False),
        (["values_erased"], "restricted", False),
        (["restricted_read"], "erased", False),
        (["restricted_read"], "restricted", False),
        (["restriction_lifted"], "erased", False),
        (["access_restricted", "restriction_lifted"], "restricted", False),
        ([], "erased", False),
    ],
)
def test_what_is_withheld_rests_on_the_act_that_it_names(
    tmp_path: Path, acts: list[str], why: str, passes: bool
) -> None:
    told = [("ledger/erasures", act) for act in acts]
    report = check(withholding(tmp_path / "b", told, why))
    assert report.passed is passes, report.lines("en")
    assert codes(report) == (set() if passes else {"missing"})


def test_no_other_stream_tells_of_an_act(tmp_path: Path) -> None:
    made = withholding(tmp_path / "b", [("ledger/other", "values_erased")], "erased")
    assert codes(check(made)) == {"missing"}


def withholding(folder: Path, acts: list[tuple[str, str]], why: str) -> Path:
    """Write a bundle that does not give a file, for a reason."""
    bodies, prev = [BODIES[0], event(evidence=[DIGEST])], None
    for version, (stream, act) in enumerate(acts, 1):
        data = {"digests": [DIGEST]}
        bodies.append(event(stream=stream, type=act, data=data, version=version, prev=prev))
        prev = leaf_hash(bodies[-1]).hex()
    told = {"withheld": f"{DIGEST} {why}\n".encode()}
    return bundle(folder, bodies, manifest={"evidence": True}, files=told)


# --- times ----------------------------------------------------------------------------------


def test_nothing_is_complete_as_of_a_time_to_come(tmp_path: Path) -> None:
    ahead = [opened(rehearsal=True), event(stream="a", at="2199-12-31T23:59:59.999999Z")]
    report = check(bundle(tmp_path / "b", ahead))
    assert report.passed
    assert "ahead" in notes(report)
    assert report.figures["complete_as_of"] is None
    assert not {"as_of", "as_of_bare"} & notes(report)
    assert any("! " in line and "2199" in line for line in report.lines("en"))


def test_a_city_records_nothing_before_it_happens(tmp_path: Path) -> None:
    soon = datetime.fromtimestamp(time.time() + verify.SKEW_SECONDS + 60, UTC)
    late = event(stream="a", at=f"{soon:%Y-%m-%dT%H:%M:%S.000000Z}")
    made = bundle(tmp_path / "b", [opened(rehearsal=False), late], seen=[NOW])
    assert "ahead" in codes(check(made))


# --- what it is of --------------------------------------------------------------------------


@pytest.mark.parametrize("below", ["", "s0@1", "S0", "s0/", "/s0", "s0\u200b", "s0/../s1", "s0 s1"])
def test_a_part_is_of_a_name_that_a_stream_can_have(tmp_path: Path, below: str) -> None:
    made = bundle(tmp_path / "b", BODIES, manifest={"below": below})
    assert codes(check(made)) == {"bad_form"}


# --- how much it takes ----------------------------------------------------------------------


@pytest.mark.parametrize("name", ["bundle.json", "checkpoint", "SHA256SUMS"])
def test_what_is_read_whole_is_small(tmp_path: Path, name: str) -> None:
    made = bundle(tmp_path / "b", BODIES)
    with (made / name).open("r+b") as file:
        file.truncate(1 << 36)
    assert not check(made).passed


def test_what_hangs_behind_a_zip_is_not_read(tmp_path: Path) -> None:
    from tests.support.bundles import zipped

    packed = zipped(bundle(tmp_path / "b", BODIES))
    with packed.open("r+b") as file:
        file.truncate(1 << 36)
    assert codes(check(packed)) == {"zip_form"}


def test_marks_out_of_order_take_no_time() -> None:
    text = "q" + "\u0301\u0316" * 100_000
    start = time.process_time()
    assert not verify._is_composed(text)
    assert not is_composed(text)
    assert time.process_time() - start < 5


def test_more_events_than_were_signed_are_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verify, "CHUNK", 4096)
    made = bundle(tmp_path / "b", BODIES)
    with (made / "events.jsonl").open("ab") as file:
        file.write(b"\n" * 100_000)
    report = check(resummed(made))
    assert "count_differs" in codes(report)
    assert report.count < 10_000


def test_false_lists_are_named_up_to_a_number(tmp_path: Path) -> None:
    bodies, prev = [*BODIES], None
    for version in range(1, 3 * verify.MAX_SHOWN):
        said = {"origin": LOG.name, "root": "0" * 64, "size": len(bodies), "streams": 7}
        given = {"type": "heads_recorded", "data": said, "version": version, "prev": prev}
        bodies.append(event(stream="ledger/heads", **given))
        prev = leaf_hash(bodies[-1]).hex()
    report = check(bundle(tmp_path / "b", bodies))
    assert codes(report) == {"heads_false"}
    assert report.count == verify.MAX_SHOWN


def test_no_form_is_learned_of_a_line_that_goes_on_and_on() -> None:
    verify._FORMS.__init__()  # type: ignore[misc]
    long = event(data={"a": list(range(100_000))})
    start = time.process_time()
    for _ in range(2 * verify.Forms._LEARN_AFTER):
        assert not verify.read_events(long + b"\n").failures
    assert time.process_time() - start < 5
    assert not any(verify._FORMS.known.values())


def test_forms_are_few_however_many_types_there_are() -> None:
    verify._FORMS.__init__()  # type: ignore[misc]
    for number in range(700):
        line = event(type=f"t{number}", data={"a": number})
        for _ in range(verify.Forms._LEARN_AFTER):
            verify._FORMS.parse(line)
    assert sum(map(len, verify._FORMS.known.values())) <= verify.Forms._MAX_LEARNED


def test_lists_of_heads_are_not_made_anew_for_events_that_nobody_signed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = bundle(tmp_path / "b", BODIES)
    other = bundle(tmp_path / "c", [BODIES[0], event(stream="x"), *BODIES[2:]])
    (other / "checkpoint").write_bytes((made / "checkpoint").read_bytes())
    monkeypatch.setattr(verify, "false_lists", lambda *_: pytest.fail("they were made anew"))
    assert codes(check(resummed(other))) == {"root_differs"}


def test_the_office_still_vouches_for_what_is_right(tmp_path: Path) -> None:
    report = check(bundle(tmp_path / "b", BODIES, seen=[NOW]), policy=policy(asks=True))
    assert report.passed
    assert OFFICE.name


# --- the list of a part ---------------------------------------------------------------------


@pytest.mark.parametrize(("size", "right"), [(2, True), (1, True), (3, False), (2**53 - 1, False)])
def test_a_list_is_not_of_more_than_stands_before_it(
    tmp_path: Path, size: int, right: bool
) -> None:
    """A log that goes on from others knows fewer than that: their openings came later."""
    lines = [
        f"{s} 1 {leaf_hash(b).hex()}" for s, b in (("ledger/log-1", BODIES[0]), ("s0", BODIES[1]))
    ]
    root = root_of(leaf_hash(line.encode()) for line in lines).hex()
    said = {"origin": LOG.name, "root": root, "size": size, "streams": 2}
    listed = event(stream="ledger/heads", type="heads_recorded", data=said)
    heads = "".join(f"{x}\n" for x in (f"heads {size} 2", *(f"head {n}" for n in lines)))
    made = bundle(
        tmp_path / "b",
        [*BODIES[:2], listed],
        manifest={"below": "s0"},
        files={"heads": heads.encode()},
    )
    assert codes(check(made)) == (set() if right else {"heads_ahead"})

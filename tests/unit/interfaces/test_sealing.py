"""What a person typed never leaves the door: digests do, and complaints name the field alone."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from domain.engine.rule import Refusal
from domain.registry import KINDS
from domain.terms.role import Actor, Role
from domain.terms.stream import StreamName
from interfaces.desk.submitting.sealing import MAX_TEXT, Asked, ReadFile, Sealed, seal
from ledger.errors import BadEvidence
from ledger.evidence.evidence import Location, digest_of
from ledger.vault.vault import Disclosure
from tests.support.pictures import exif, jpeg
from tests.unit.interfaces.samples import sample
from words.catalogue import missing

PHOTO = jpeg()
SECRET = "住在三幢的王女士"


def asked(command: dict[str, Any], *, attach: ReadFile | None = None, **given: Any) -> Asked:
    return Asked(
        stream=StreamName("p/b/notice/1"),
        command=command,
        actor=Actor(id="lead-1", role=Role.PROJECT_LEAD),
        command_id="c1",
        attach=attach,
        **given,
    )


def sealed(command: dict[str, Any], **given: Any) -> Sealed:
    found = seal(KINDS["notice"], asked(command, **given))
    assert isinstance(found, Sealed), found
    return found


def refused(command: dict[str, Any], **given: Any) -> Refusal:
    found = seal(KINDS["notice"], asked(command, **given))
    assert isinstance(found, Refusal), found
    return found


WITHDRAW = {"type": "withdraw_notice", "reason": SECRET}


def test_free_text_is_swapped_for_a_salted_digest() -> None:
    once, again = sealed(WITHDRAW), sealed(WITHDRAW)
    assert SECRET not in once.submission.model_dump_json()
    assert [d.value for d in once.disclosures] == [SECRET]
    assert once.submission.command["reason"] == once.disclosures[0].digest
    assert once.submission.command["reason"] != again.submission.command["reason"]


def test_the_reason_of_a_late_entry_is_swapped_too() -> None:
    at = datetime(2014, 3, 3, tzinfo=UTC)
    found = sealed(WITHDRAW, at=at, source="paper", reason="王女士迟交")
    assert {d.value for d in found.disclosures} == {SECRET, "王女士迟交"}
    assert "王女士" not in found.submission.model_dump_json()


def test_the_same_command_sent_again_carries_the_same_digest() -> None:
    first = sealed(WITHDRAW)
    known = {("reason", SECRET): first.disclosures[0].digest}
    again = seal(KINDS["notice"], asked(WITHDRAW), known=known)
    assert isinstance(again, Sealed)
    assert again.submission == first.submission
    assert again.disclosures == ()


def test_files_are_swapped_for_their_hash() -> None:
    command = {"type": "record_posting", "channel": "newspaper", "proof": "a.jpg"}
    found = sealed(command, attach=lambda name: PHOTO, attachments=["b.jpg"])
    assert found.submission.command["proof"] == digest_of(PHOTO)
    assert found.submission.evidence == (digest_of(PHOTO),)
    assert [f.data for f in found.files] == [PHOTO]


def test_where_a_photo_was_taken_stays_at_the_door_unless_it_is_wanted() -> None:
    command = {"type": "record_posting", "channel": "website", "proof": "a.jpg"}
    taken = jpeg(exif=exif())
    (stripped,) = sealed(command, attach=lambda name: taken).files
    (whole,) = sealed(command, attach=lambda name: taken, keep_location=True).files
    (plain,) = sealed(command, attach=lambda name: PHOTO, keep_location=True).files
    assert stripped.location is Location.REMOVED
    assert stripped.data != taken
    assert (whole.data, whole.location) == (taken, Location.KEPT)
    assert (plain.data, plain.location) == (PHOTO, Location.NONE)
    found = sealed(command, attach=lambda name: taken)
    assert found.submission.command["proof"] == digest_of(stripped.data)


def test_a_file_that_is_no_evidence_is_not_taken() -> None:
    command = {"type": "record_posting", "channel": "newspaper", "proof": "a.exe"}
    with pytest.raises(BadEvidence):
        seal(KINDS["notice"], asked(command, attach=lambda name: b"\x7fELF\x00\x01"))


def test_without_a_reader_a_path_is_refused_and_not_read(tmp_path: Path) -> None:
    path = tmp_path / "secret.jpg"
    path.write_bytes(PHOTO)
    command = {"type": "record_posting", "channel": "newspaper", "proof": str(path)}
    refusal = refused(command)
    assert "proof" in missing(refusal.missing[0], "en")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "empty"),
        ("  \n ", "empty"),
        ("a\x00b", "U+0000"),
        ("a\x1b[31m", "U+001B"),
        ("x" * (MAX_TEXT + 1), "at most"),
    ],
)
def test_a_text_that_cannot_be_kept_is_refused_by_its_field(text: str, said: str) -> None:
    refusal = refused({"type": "withdraw_notice", "reason": text})
    assert refusal.rule == "command.malformed"
    assert missing(refusal.missing[0], "en").startswith("reason: ")
    assert said in missing(refusal.missing[0], "en")


def test_lines_and_tabs_are_kept() -> None:
    assert sealed({"type": "withdraw_notice", "reason": "一\r\n二\t三"}).disclosures[0].value == (
        "一\n二\t三"
    )


def test_complaints_name_every_wrong_field_in_both_languages_and_nothing_that_was_typed() -> None:
    refusal = refused(
        {
            "type": "open_notice",
            "purpose": SECRET,
            "channels": ["王女士"],
            "text": 5,
            "extra": SECRET,
        }
    )
    said = {missing(m, "en").split(":")[0] for m in refusal.missing}
    assert {"purpose", "channels.0", "text", "extra"} <= said
    assert "王" not in json.dumps([m.model_dump(mode="json") for m in refusal.missing])
    assert "缺少" in missing(refused({"type": "withdraw_notice"}).missing[0], "zh")


def test_unknown_commands_are_refused_with_those_that_are_near() -> None:
    refusal = refused({"type": "withdraw_notise"})
    assert refusal.rule == "command.unknown"
    assert "withdraw_notice" in missing(refusal.missing[0], "en")


def test_a_correction_is_swapped_like_the_entry_itself() -> None:
    withdrawn = sample(KINDS["notice"].event_types["notice_withdrawn"])
    command = {"type": "correct", "entry": 3, "data": {"reason": SECRET}, "reason": "笔误"}
    found = sealed(command, corrects=withdrawn)
    assert SECRET not in found.submission.model_dump_json()
    assert {d.value for d in found.disclosures} == {SECRET, "笔误"}


def test_a_correction_of_an_unknown_field_is_refused() -> None:
    withdrawn = sample(KINDS["notice"].event_types["notice_withdrawn"])
    command = {"type": "correct", "entry": 3, "data": {"raeson": "x"}, "reason": "笔误"}
    assert refused(command, corrects=withdrawn).rule == "command.malformed"


def test_disclosures_of_one_command_differ_though_the_words_are_the_same() -> None:
    found = sealed(WITHDRAW, at=datetime(2014, 3, 3, tzinfo=UTC), source="paper", reason=SECRET)
    assert len({d.digest for d in found.disclosures}) == len(found.disclosures) == 2
    assert all(isinstance(d, Disclosure) for d in found.disclosures)

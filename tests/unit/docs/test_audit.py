"""docs/audit.md shows formats to the byte; these are the bytes, by the code on both sides."""

import hashlib
import re
import time

import pytest

from ledger.log.note import Checkpoint, Note
from ledger.store.canonical import canonical, leaf_hash
from ledger.vault.vault import PREFIX
from tests.support.readme import ROOT, blocks
from verifier import verify

PAGE = ROOT / "docs" / "audit.md"
CHINESE = ROOT / "docs" / "audit.zh-CN.md"
TEXT = PAGE.read_text("utf-8")


def shown(what: str) -> str:
    (found,) = blocks(TEXT, what)
    return found.removesuffix("\n")


def test_the_event_is_one_and_its_hash_is_shown() -> None:
    event = shown("event").encode()

    assert canonical(verify.canonical(event)) == event
    assert verify.read_events(event + b"\n").failures == []
    assert leaf_hash(event) == shown("leaf")


def test_the_checkpoint_is_that_of_the_event_and_the_policy_is_met() -> None:
    policy = verify.Policy(blocks(TEXT, "policy")[0].encode())
    note = blocks(TEXT, "checkpoint")[0]
    checkpoint = verify.parse_checkpoint(note.encode())
    policy.require_signed(checkpoint)

    assert (checkpoint.size, checkpoint.root.hex()) == (1, shown("leaf"))
    assert policy.cosigned(checkpoint, time.time()).enough
    assert str(Note.parse(note)) == note
    assert Checkpoint.parse(Note.parse(note).text).origin == checkpoint.origin


def test_the_disclosure_has_the_digest_that_the_event_holds() -> None:
    value = shown("disclosure").encode()
    digest = PREFIX + verify._base64url(hashlib.sha256(value).digest())

    assert verify._is_disclosure(value)
    assert digest in shown("event")
    assert digest in TEXT.split("```disclosure")[1]


def test_the_head_is_of_the_form_that_a_list_has() -> None:
    assert verify._HEAD.fullmatch(f"head {shown('head')}\n".encode())


@pytest.mark.parametrize("page", [PAGE, CHINESE], ids=lambda p: p.name)
def test_every_file_of_a_bundle_is_named(page: object) -> None:
    text = page.read_text("utf-8")  # type: ignore[attr-defined]
    files = {*verify.NEEDED, "heads", "disclosures", "withheld", "evidence/HEX"}

    assert {name for name in files if f"`{name}`" not in text} == set()


@pytest.mark.parametrize("page", [PAGE, CHINESE], ids=lambda p: p.name)
def test_every_link_leads_somewhere(page: object) -> None:
    text = page.read_text("utf-8")  # type: ignore[attr-defined]
    links = re.findall(r"\]\(([^)#\s]+)\)", text)

    assert [one for one in links if not (PAGE.parent / one).exists()] == []

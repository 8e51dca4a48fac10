"""What stands outside the events: words in the vault, files in the evidence store."""

import json
from base64 import urlsafe_b64decode
from hashlib import sha256
from pathlib import Path

import pytest

from domain.engine.message import Submission
from ledger.errors import BadEvidence, MissingEvidence
from ledger.evidence.evidence import MAX_BYTES, EvidenceStore, digest_of, media_type
from ledger.vault.vault import Disclosure, Sealing, Vault, disclose, encoded
from tests.support.ledgers import PROGRAMME, Ledger

WORDS = "张三，13800001111:井盖响\n夜里睡不着"

FILES = {
    b"\xff\xd8\xff\xe0 photo": "image/jpeg",
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"GIF89a": "image/gif",
    b"RIFF\x00\x00\x00\x00WEBP": "image/webp",
    b"\x00\x00\x00\x18ftypheic": "image/heic",
    b"%PDF-1.7": "application/pdf",
    b"PK\x03\x04": "application/zip",
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1": "application/x-ole-storage",
    "会议记录".encode(): "text/plain",
}


@pytest.fixture
def store(ledger: Ledger, tmp_path: Path) -> EvidenceStore:
    return EvidenceStore(ledger.pool, tmp_path / "evidence")


def files(tmp_path: Path) -> list[Path]:
    return [p for p in (tmp_path / "evidence").rglob("*") if p.is_file()]


# the vault


def test_digest_is_that_of_the_published_form() -> None:
    """The example of RFC 9901, section 4.2.3, made by another implementation."""
    salt, value = "_26bc4LT-ac6q2KI6cBW5es", "Möbius"
    text = '["_26bc4LT-ac6q2KI6cBW5es", "family_name", "Möbius"]'
    known = "WyJfMjZiYzRMVC1hYzZxMktJNmNCVzVlcyIsICJmYW1pbHlfbmFtZSIsICJNw7ZiaXVzIl0"
    assert encoded(salt, "family_name", value) == known
    assert urlsafe_b64decode(known + "=").decode() == text
    assert disclose("family_name", value, salt).digest == (
        "sd:X9yH0Ajrdm1Oij4tWso9UzzKJvPoDxwmuEcO3XAdRC0"
    )


def test_same_words_never_have_the_same_digest() -> None:
    sealing = Sealing()
    assert len({sealing("reason", WORDS) for _ in range(50)}) == 50
    assert len(sealing.kept) == 50


def test_digest_is_handed_through_as_it_is() -> None:
    sealing = Sealing()
    digest = sealing("reason", WORDS)
    assert sealing("reason", digest) == digest
    assert len(sealing.kept) == 1


def test_salt_and_name_are_part_of_the_digest() -> None:
    known = disclose("reason", WORDS, "salt")
    assert known == disclose("reason", WORDS, "salt")
    others = {
        disclose("reply", WORDS, "salt"),
        disclose("reason", WORDS, "pepper"),
        disclose("reason", WORDS + " ", "salt"),
    }
    assert known.digest not in {o.digest for o in others}
    assert len({o.digest for o in others}) == 3


def test_words_of_a_command_are_swapped_and_nothing_else() -> None:
    sealing = Sealing()
    given = {
        "id": "c1",
        "stream": PROGRAMME,
        "actor": {"id": "a", "role": "office"},
        "command": {"type": "open"},
        "reason": WORDS,
    }
    submission = Submission.model_validate(given, context={"disclose": sealing})
    assert WORDS not in submission.model_dump_json()
    assert [(d.name, d.value) for d in sealing.kept] == [("reason", WORDS)]
    assert submission.reason == sealing.kept[0].digest


async def test_words_are_kept_and_read_back(ledger: Ledger) -> None:
    vault = Vault(ledger.pool)
    one, two = disclose("reason", WORDS, "s1"), disclose("reply", "", "s2")
    await vault.keep(PROGRAMME, [one, two])
    assert await vault.read([one.digest, two.digest]) == {one.digest: WORDS, two.digest: ""}


async def test_words_kept_twice_stay_as_they_were(ledger: Ledger) -> None:
    vault = Vault(ledger.pool)
    one = disclose("reason", WORDS, "s1")
    await vault.keep(PROGRAMME, [one])
    await vault.keep(PROGRAMME, [one, Disclosure(one.digest, "s1", "reason", "other words")])
    assert await vault.read([one.digest]) == {one.digest: WORDS}


async def test_what_was_erased_or_never_kept_is_left_out(ledger: Ledger) -> None:
    vault = Vault(ledger.pool)
    one = disclose("reason", WORDS, "s1")
    await vault.keep(PROGRAMME, [one])
    await ledger.pool.execute("DELETE FROM vault.disclosure WHERE digest = $1", one.digest)
    assert await vault.read([one.digest, "sd:unknown"]) == {}


async def test_digest_opens_what_the_vault_gives(ledger: Ledger) -> None:
    """Whoever holds a disclosure can check it against the event without trusting the vault."""
    one = disclose("reason", WORDS, "s1")
    await Vault(ledger.pool).keep(PROGRAMME, [one])
    row = await ledger.pool.fetchrow("SELECT * FROM vault.disclosure")
    assert disclose(row["name"], row["value"], row["salt"]).digest == one.digest
    salt, name, value = json.loads(urlsafe_b64decode(encoded("s1", "reason", WORDS) + "=="))
    assert (salt, name, value) == ("s1", "reason", WORDS)


# evidence


@pytest.mark.parametrize("data", FILES, ids=FILES.values())
async def test_type_is_told_by_content(store: EvidenceStore, ledger: Ledger, data: bytes) -> None:
    digest = await store.put(PROGRAMME, data)
    assert digest == f"sha256:{sha256(data).hexdigest()}"
    assert await store.get(digest) == data
    row = await ledger.pool.fetchrow("SELECT * FROM vault.evidence")
    assert (row["digest"], row["media_type"], row["bytes"], row["subject"]) == (
        digest,
        FILES[data],
        len(data),
        PROGRAMME,
    )


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (b"", "empty"),
        (b"\x7fELF\x00", "type"),
        (b"MZ\x90\x00", "type"),
        (b"text with a \x00", "type"),
        (b"\xff\xfe\x00\x01", "type"),
    ],
)
async def test_what_is_no_evidence_is_refused(
    store: EvidenceStore, tmp_path: Path, data: bytes, word: str
) -> None:
    with pytest.raises(BadEvidence, match=word):
        await store.put(PROGRAMME, data)
    assert files(tmp_path) == []


def test_file_beyond_all_size_is_refused() -> None:
    with pytest.raises(BadEvidence, match=str(MAX_BYTES)):
        media_type(b"%PDF-" + b"x" * MAX_BYTES)


async def test_file_put_twice_is_kept_once(
    store: EvidenceStore, ledger: Ledger, tmp_path: Path
) -> None:
    assert await store.put(PROGRAMME, b"%PDF-1") == await store.put("other", b"%PDF-1")
    assert len(files(tmp_path)) == 1
    assert await ledger.count("vault.evidence") == 1


async def test_tampered_file_is_not_handed_out(store: EvidenceStore, tmp_path: Path) -> None:
    digest = await store.put(PROGRAMME, b"%PDF-1")
    files(tmp_path)[0].write_bytes(b"%PDF-2")
    with pytest.raises(MissingEvidence, match="changed"):
        await store.get(digest)


async def test_tampered_file_is_mended_by_putting_it_again(
    store: EvidenceStore, tmp_path: Path
) -> None:
    digest = await store.put(PROGRAMME, b"%PDF-1")
    files(tmp_path)[0].write_bytes(b"")
    assert await store.put(PROGRAMME, b"%PDF-1") == digest
    assert await store.get(digest) == b"%PDF-1"


async def test_erased_file_is_missing(store: EvidenceStore, tmp_path: Path) -> None:
    digest = await store.put(PROGRAMME, b"%PDF-1")
    await store.erase(digest)
    with pytest.raises(MissingEvidence):
        await store.get(digest)
    assert files(tmp_path) == []


async def test_file_that_was_never_put_is_missing(store: EvidenceStore) -> None:
    with pytest.raises(MissingEvidence):
        await store.get(digest_of(b"never put"))


async def test_only_a_hash_leads_to_a_file(store: EvidenceStore, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.write_text("not evidence")
    for digest in ("sha256:../../other", str(other), "../other", "sha256:" + "a" * 64 + "\n"):
        with pytest.raises(MissingEvidence):
            await store.get(digest)
        with pytest.raises(MissingEvidence):
            await store.erase(digest)
    assert other.exists()

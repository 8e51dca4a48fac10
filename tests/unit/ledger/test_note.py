"""Notes, keys, checkpoints and cosignatures against published examples, and strictly."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import BadNote
from ledger.log.note import (
    MAX_BYTES,
    Checkpoint,
    Kind,
    Note,
    Signature,
    Signer,
    VerifierKey,
    cosigned,
    cosigned_message,
    signed,
)

# Examples that the specification and the first implementation publish.
PUBLISHED = {
    "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k": (
        "This is an example message.\n\n"
        "— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3"
        "mFXmRKuwHjG1Yu72IneyaQM=\n"
    ),
    "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW": (
        "If you think cryptography is the answer to your problem,\n"
        "then you don't know what your problem is.\n\n"
        "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdng"
        "otpRZb6KE6RyyBwJnAM=\n"
    ),
}
WITNESS_KEYS = [
    "rgdd.se/poc-witness+db03732e+BCjJKlo6BU0xfIb8LutqerIFTWIXEA0L5n3tW3QyPFgG",
    "witness.navigli.sunlight.geomys.org+a3e00fe2+BNy/co4C1Hn1p+INwJrfUlgz7W55dSZReusH/GhUhJ/G",
    "transparency.dev/DEV:witness-little-garden+d8042a87+"
    "BCtusOxINQNUTN5Oj8HObRkh2yHf/MwYaGX4CPdiVEPM",
]
EXAMPLE = (
    "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n"
    "— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q"
    "1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n"
    "— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2"
    "oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n"
)
LOG = Signer.of("log.example/siwen", bytes(range(32)))
WITNESS = Signer.of("audit.example", bytes(range(1, 33)))
CHECKPOINT = Checkpoint("log.example/siwen", 7, bytes(range(32)))


def cosigned_note(at: int = 1_700_000_000) -> Note:
    note = signed(CHECKPOINT, LOG)
    return note.adding(cosigned(note.text, WITNESS, at))


@pytest.mark.parametrize("vkey", PUBLISHED)
def test_published_notes_verify(vkey: str) -> None:
    key = VerifierKey.parse(vkey)
    note = Note.parse(PUBLISHED[vkey])
    note.require(key)
    assert str(key) == vkey
    assert str(note) == PUBLISHED[vkey]
    with pytest.raises(BadNote, match="does not verify"):
        Note("Another text.\n", note.signatures).require(key)


@pytest.mark.parametrize("vkey", WITNESS_KEYS)
def test_keys_of_public_witnesses_have_the_ids_that_follow_from_them(vkey: str) -> None:
    key = VerifierKey.parse(vkey)
    assert key.kind is Kind.COSIGNATURE
    assert str(key) == vkey


def test_the_published_checkpoint_reads_back() -> None:
    note = Note.parse(EXAMPLE)
    checkpoint = Checkpoint.parse(note.text)
    assert (checkpoint.origin, checkpoint.size) == ("example.com/behind-the-sofa", 20852163)
    assert str(checkpoint) == note.text
    assert str(note) == EXAMPLE
    cosignature = note.signatures[1]
    assert int.from_bytes(cosignature.data[:8], "big") == 1679315147
    assert cosigned_message(note.text, 1679315147).startswith(
        b"cosignature/v1\ntime 1679315147\nexample.com/behind-the-sofa\n20852163\n"
    )


def test_a_checkpoint_is_signed_by_its_log_and_its_witness() -> None:
    note = cosigned_note()
    note.require(LOG.verifier())
    assert note.cosigned_at(WITNESS.verifier(Kind.COSIGNATURE)) == 1_700_000_000
    assert Checkpoint.parse(note.text) == CHECKPOINT
    assert Note.parse(str(note)) == note


def test_the_newest_cosignature_counts() -> None:
    note = cosigned_note(10)
    note = note.adding(cosigned(note.text, WITNESS, 30), cosigned(note.text, WITNESS, 20))
    assert note.cosigned_at(WITNESS.verifier(Kind.COSIGNATURE)) == 30


def test_a_key_signs_only_what_its_kind_says() -> None:
    """The same key under another kind has another id, and neither stands for the other."""
    note = cosigned_note()
    assert WITNESS.verifier().id != WITNESS.verifier(Kind.COSIGNATURE).id
    with pytest.raises(BadNote, match="not signed"):
        note.require(WITNESS.verifier())
    with pytest.raises(BadNote, match="not signed"):
        note.require(WITNESS.verifier(Kind.COSIGNATURE))
    assert note.cosigned_at(LOG.verifier()) is None
    assert note.cosigned_at(LOG.verifier(Kind.COSIGNATURE)) is None


def test_a_signature_of_a_known_key_that_does_not_hold_spoils_the_note() -> None:
    note = cosigned_note()
    for key in (LOG.verifier(), WITNESS.verifier(Kind.COSIGNATURE)):
        good = next(s for s in note.signatures if s.by(key))
        bad = Signature(good.name, good.key_id, good.data[:-1] + bytes([good.data[-1] ^ 1]))
        spoiled = note.adding(bad)
        with pytest.raises(BadNote, match="does not verify"):
            spoiled.require(key) if key.kind is Kind.NOTE else spoiled.cosigned_at(key)


def test_a_cosignature_says_when() -> None:
    note = cosigned_note()
    one = note.signatures[1]
    later = Signature(one.name, one.key_id, (1_800_000_000).to_bytes(8, "big") + one.data[8:])
    with pytest.raises(BadNote, match="does not verify"):
        Note(note.text, (later,)).cosigned_at(WITNESS.verifier(Kind.COSIGNATURE))


def test_unknown_signatures_are_passed_over() -> None:
    stranger = Signer.of("log.example/siwen", bytes(32))
    note = signed(CHECKPOINT, stranger)
    with pytest.raises(BadNote, match="not signed"):
        note.require(LOG.verifier())
    note.adding(*signed(CHECKPOINT, LOG).signatures).require(LOG.verifier())


@given(st.data())
def test_no_bit_of_a_note_is_idle(data: st.DataObject) -> None:
    raw = str(cosigned_note()).encode()
    bit = data.draw(st.integers(0, len(raw) * 8 - 1))
    flipped = bytearray(raw)
    flipped[bit // 8] ^= 1 << bit % 8
    with pytest.raises(BadNote):  # noqa: PT012
        note = Note.parse(bytes(flipped))
        note.require(LOG.verifier())
        if note.cosigned_at(WITNESS.verifier(Kind.COSIGNATURE)) is None:
            raise BadNote("the cosignature is gone")


@pytest.mark.parametrize(
    "spoil",
    [
        lambda t: t.replace("\n\n", "\n"),
        lambda t: t[:-1],
        lambda t: t + "\n",
        lambda t: t.replace("— ", "- ", 1),
        lambda t: t.replace("— log", "—  log", 1),
        lambda t: t.replace("— log.example/siwen", "— log.example/\u3000siwen"),
        lambda t: t.replace("— log.example/siwen", "— log.example+siwen"),
        lambda t: t.replace("\n", "\r\n"),
        lambda t: t.replace("7", "\t7", 1),
        lambda t: "",
        lambda t: t + "— a " + "A" * MAX_BYTES + "\n",
        lambda t: t + "— a AAAAAAA=\n" * 64,
        lambda t: t + "— a AAAA\n",
    ],
)
def test_what_is_not_exactly_a_note_is_refused(spoil: object) -> None:
    assert callable(spoil)
    with pytest.raises(BadNote):
        Note.parse(spoil(str(cosigned_note())))


def test_bytes_that_are_not_utf_8_are_no_note() -> None:
    with pytest.raises(BadNote, match="UTF-8"):
        Note.parse(b"text\xff\n\n\xe2\x80\x94 a AAAAAAA=\n")


@pytest.mark.parametrize(
    "text",
    [
        "origin\n7\n",
        "origin\n7\n" + "A" * 43 + "=",
        "\n7\n" + "A" * 43 + "=\n",
        "origin\n07\n" + "A" * 43 + "=\n",
        "origin\n-7\n" + "A" * 43 + "=\n",
        "origin\n٧\n" + "A" * 43 + "=\n",
        "origin\n9999999999999999999\n" + "A" * 43 + "=\n",
        "origin\n7\n" + "A" * 42 + "B=\n",
        "origin\n7\n" + "A" * 44 + "\n",
        "origin\n7\n" + "A" * 43 + "=\n\n",
    ],
)
def test_what_is_not_exactly_a_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(BadNote):
        Checkpoint.parse(text)


def test_a_checkpoint_keeps_its_further_lines() -> None:
    extended = Checkpoint("log.example/siwen", 7, bytes(32), ("further",))
    assert Checkpoint.parse(signed(extended, LOG).text) == extended


@pytest.mark.parametrize("origin", ["", "two\nlines", "a\n9\n"])
def test_a_checkpoint_that_would_read_as_another_is_not_signed(origin: str) -> None:
    with pytest.raises(BadNote):
        signed(Checkpoint(origin, 7, bytes(32)), LOG)


@pytest.mark.parametrize(
    "vkey",
    [
        "",
        "example.com/foo",
        "example.com/foo+530d903a",
        "example.com/foo+530d903b+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
        "example.com/foo+530D903A+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
        "example.com/bar+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
        "example.com/foo+530d903a+AukyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
        "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U0=",
    ],
)
def test_a_key_of_another_form_is_refused(vkey: str) -> None:
    with pytest.raises(BadNote):
        VerifierKey.parse(vkey)

"""A witness signs growth and nothing else, remembers it before it answers, and reads strictly."""

import os
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import LogFrozen
from ledger.log.merkle import EMPTY_ROOT, consistency_ranges, leaf_hash, root_of
from ledger.log.note import Checkpoint, Kind, Note, Signer, cosigned, signed
from ledger.log.witness import (
    ClockWrong,
    Inconsistent,
    NotTheLog,
    Outdated,
    Question,
    UnknownLog,
    Witness,
    WitnessRefused,
)

LOG = Signer.of("log.example/siwen", bytes(range(32)))
OFFICE = Signer.of("audit.example", bytes(range(1, 33)))
KEY = OFFICE.verifier(Kind.COSIGNATURE)


def tree(count: int, seed: str = "") -> list[bytes]:
    return [leaf_hash(f"{seed}{n}".encode()) for n in range(count)]


def note_of(leaves: list[bytes], signer: Signer = LOG) -> Note:
    return signed(Checkpoint(LOG.name, len(leaves), root_of(leaves)), signer)


def proof(old: int, leaves: list[bytes]) -> tuple[bytes, ...]:
    return tuple(root_of(leaves[a:b]) for a, b in consistency_ranges(old, len(leaves)))


def ask(old: int, leaves: list[bytes]) -> Question:
    return Question(old, proof(old, leaves), note_of(leaves))


@pytest.fixture
def witness(tmp_path: Path) -> Witness:
    return Witness(OFFICE, [LOG.verifier()], tmp_path, lambda: 1_700_000_000.9)


def test_growth_is_signed_step_by_step(witness: Witness) -> None:
    leaves = tree(20)
    sizes = [0, 3, 4, 4, 20]
    for old, new in pairwise(sizes):
        question = ask(old, leaves[:new])
        line = witness.add_checkpoint(question)
        assert question.note.adding(line).cosigned_at(KEY) == 1_700_000_000
        last = witness.last(LOG.name)
        assert last is not None
        assert last.size == new


def test_a_restart_forgets_nothing(witness: Witness, tmp_path: Path) -> None:
    witness.add_checkpoint(ask(0, tree(5)))
    again = Witness(OFFICE, [LOG.verifier()], tmp_path)
    with pytest.raises(Outdated) as refused:
        again.add_checkpoint(ask(0, tree(7)))
    assert refused.value.size == 5
    again.add_checkpoint(ask(5, tree(7)))


def test_a_rewritten_log_is_not_signed(witness: Witness) -> None:
    """Whoever has the log's key can sign another history; a witness has seen the first."""
    witness.add_checkpoint(ask(0, tree(5)))
    forged = tree(9, "other")
    for question, refusal in ((ask(5, forged), Inconsistent), (ask(5, forged[:5]), Inconsistent)):
        with pytest.raises(refusal, match="evidence"):
            witness.add_checkpoint(question)
    last = witness.last(LOG.name)
    assert last is not None
    assert last.root == root_of(tree(5))


def test_an_older_state_is_not_signed_again(witness: Witness) -> None:
    witness.add_checkpoint(ask(0, tree(9)))
    for old in (0, 5):
        with pytest.raises(Outdated):
            witness.add_checkpoint(ask(old, tree(5)))
    with pytest.raises(WitnessRefused, match="larger"):
        witness.add_checkpoint(Question(9, (), note_of(tree(5))))


def test_only_known_logs_that_signed_are_answered(witness: Witness) -> None:
    stranger = Signer.of("other.example", bytes(32))
    with pytest.raises(UnknownLog):
        witness.add_checkpoint(
            Question(0, (), signed(Checkpoint("other.example", 1, bytes(32)), stranger))
        )
    thief = Signer.of(LOG.name, bytes(32))
    with pytest.raises(NotTheLog):
        witness.add_checkpoint(Question(0, (), note_of(tree(3), thief)))
    with pytest.raises(WitnessRefused):
        witness.add_checkpoint(Question(0, (), Note("no checkpoint\n", ())))
    assert witness.last(LOG.name) is None


def test_a_proof_from_nothing_is_empty(witness: Witness) -> None:
    with pytest.raises(Inconsistent):
        witness.add_checkpoint(Question(0, (bytes(32),), note_of(tree(3))))
    with pytest.raises(Inconsistent):
        witness.add_checkpoint(Question(0, (), signed(Checkpoint(LOG.name, 0, bytes(32)), LOG)))
    witness.add_checkpoint(Question(0, (), signed(Checkpoint(LOG.name, 0, EMPTY_ROOT), LOG)))


def test_it_remembers_before_it_answers(
    witness: Witness, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def full(*_: object) -> None:
        raise OSError("no space left")

    with monkeypatch.context() as patch:
        patch.setattr("ledger.log.witness.replace_file", full)
        with pytest.raises(OSError, match="no space"):
            witness.add_checkpoint(ask(0, tree(3)))
    assert witness.last(LOG.name) is None
    witness.add_checkpoint(ask(0, tree(4)))
    kept = next(f for f in os.listdir(tmp_path) if f.endswith(".checkpoint"))
    (tmp_path / kept).write_text("gone\n")
    with pytest.raises(LogFrozen, match="damaged"):
        witness.add_checkpoint(ask(4, tree(5)))


def test_signatures_of_others_are_not_kept(witness: Witness, tmp_path: Path) -> None:
    note = note_of(tree(3))
    strange = cosigned(note.text, Signer.of("stranger", bytes(32)), 5)
    witness.add_checkpoint(Question(0, (), note.adding(strange)))
    kept = next(tmp_path.glob("*.checkpoint")).read_text()
    assert "stranger" not in kept
    Note.parse(kept).require(LOG.verifier())
    assert Note.parse(kept).cosigned_at(KEY) is not None


@given(st.integers(1, 40), st.data())
def test_a_question_reads_back(new: int, data: st.DataObject) -> None:
    question = ask(data.draw(st.integers(0, new)), tree(new))
    assert Question.parse(bytes(question)) == question


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"old 0",
        b"old 00\n\n" + str(note_of(tree(1))).encode(),
        b"old -1\n\n" + str(note_of(tree(1))).encode(),
        b"new 0\n\n" + str(note_of(tree(1))).encode(),
        b"old 1\nAAAA\n\n" + str(note_of(tree(1))).encode(),
        b"old 1\n" + b"A" * 44 + b"\n\n" + str(note_of(tree(1))).encode(),
        b"old 1\n" + (b"A" * 43 + b"=\n") * 64 + b"\n" + str(note_of(tree(1))).encode(),
        b"old 0\n\n\xff",
        "old 1\n\u00e9\n\n".encode() + str(note_of(tree(1))).encode(),
        b"old 0\n\ntext",
    ],
)
def test_what_is_not_a_question_is_refused(body: bytes) -> None:
    with pytest.raises(WitnessRefused):
        Question.parse(body)


def test_statuses_are_those_of_the_protocol() -> None:
    kinds = (WitnessRefused, NotTheLog, UnknownLog, Outdated, Inconsistent)
    assert [k.status for k in kinds] == [400, 403, 404, 409, 422]


@pytest.mark.parametrize("at", [0, -1, 2**63, 1e30])
def test_a_witness_without_a_clock_signs_nothing(tmp_path: Path, at: float) -> None:
    """A cosignature must not leave out its time, and has 63 bits for it."""
    witness = Witness(OFFICE, [LOG.verifier()], tmp_path, clock=lambda: at)
    with pytest.raises(ClockWrong):
        witness.add_checkpoint(ask(0, tree(5)))
    assert witness.last(LOG.name) is None


@pytest.mark.parametrize("at", [1, 1764280000, 4102444800, 2**62])
def test_a_time_of_64_bits_comes_as_it_was_signed(tmp_path: Path, at: int) -> None:
    witness = Witness(OFFICE, [LOG.verifier()], tmp_path, clock=lambda: at)
    question = ask(0, tree(5))
    line = witness.add_checkpoint(question)
    key = OFFICE.verifier(Kind.COSIGNATURE)
    assert question.note.adding(line).cosigned_at(key) == at

"""The one byte form of an event: what RFC 8785 asks for, or a refusal that names the place."""

import hashlib
import unicodedata
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import orjson
import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from domain.engine.message import Submission
from domain.terms.role import Actor, Role, Via
from domain.terms.stream import StreamName
from domain.terms.value import MAX_INTEGER
from ledger.errors import NotCanonical
from ledger.store.canonical import MAX_DEPTH, canonical, leaf_hash, submission_digest

texts = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=30
).map(lambda t: unicodedata.normalize("NFC", t))
keys = st.text(st.characters(max_codepoint=126, exclude_characters="\x00"), max_size=12)
integers = st.integers(-MAX_INTEGER, MAX_INTEGER)
values = st.recursive(
    st.none() | st.booleans() | integers | texts,
    lambda inner: st.lists(inner, max_size=6) | st.dictionaries(keys, inner, max_size=6),
    max_leaves=30,
)


@given(values)
def test_equals_rfc_8785(value: Any) -> None:
    assert canonical(value) == rfc8785.dumps(value)


@given(values)
def test_reads_back_as_it_was(value: Any) -> None:
    assert orjson.loads(canonical(value)) == value
    assert canonical(orjson.loads(canonical(value))) == canonical(value)


@given(st.dictionaries(keys, values, max_size=6))
def test_order_of_keys_does_not_count(value: dict[str, Any]) -> None:
    turned = dict(reversed(value.items()))
    assert canonical(turned) == canonical(value)


def nested(depth: int) -> Any:
    value: Any = 1
    for _ in range(depth):
        value = [value]
    return value


def test_nested_as_deep_as_is_taken() -> None:
    assert canonical(nested(MAX_DEPTH))


@pytest.mark.parametrize(
    ("value", "place"),
    [
        ({"a": [1, 2.0]}, "$.a[1]: float"),
        ({"a": float("nan")}, "$.a: float"),
        ({"a": MAX_INTEGER + 1}, "$.a: the integer"),
        ({"a": -MAX_INTEGER - 1}, "$.a: the integer"),
        ({"a": 10**5000}, "$.a: the integer"),
        ({"a": {"ä": 1}}, "$.a: the key 'ä'"),
        ({"a": {"b\x00": 1}}, "$.a: the key"),
        ({1: 2}, "$: the key '1'"),
        ({"a": "e\u0301"}, "$.a: the text is not in normal form"),
        ({"a": "b\x00"}, "$.a: the text holds a NUL"),
        ({"a": "\ud800"}, "surrogates"),
        ({"a": b"bytes"}, "$.a: bytes"),
        ({"a": datetime(2026, 1, 1, tzinfo=UTC)}, "$.a: datetime"),
        ({"a": {1, 2}}, "$.a: set"),
        (nested(MAX_DEPTH + 1), f"nested more than {MAX_DEPTH}"),
        (nested(100_000), f"nested more than {MAX_DEPTH}"),
    ],
    ids=lambda value: str(value)[:30] if isinstance(value, str) else "",
)
def test_what_has_no_form_is_refused_by_place(value: Any, place: str) -> None:
    with pytest.raises(NotCanonical) as refused:
        canonical(value)
    assert place in str(refused.value)


def test_leaf_hash_is_that_of_rfc_6962() -> None:
    """A zero byte, then the leaf; the first is the RFC's own hash of an empty leaf."""
    assert leaf_hash(b"") == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
    assert leaf_hash(b"{}") == hashlib.sha256(b"\x00{}").hexdigest()


# which command is the same command


SUBMISSION = Submission(
    id="c1",
    stream=StreamName("liupu-2026"),
    actor=Actor(id="a", role=Role.OFFICE),
    command={"type": "open", "n": 1, "text": "临河里"},
    occurred_at=datetime(2026, 3, 1, 1, tzinfo=UTC),
)


@pytest.mark.parametrize(
    "changed",
    [
        {"via": Via.API},
        {"correlation_id": "k"},
        {"id": "c2"},
        {"command": {"text": "临河里", "n": 1, "type": "open"}},
        {"occurred_at": datetime(2026, 3, 1, 9, tzinfo=timezone(timedelta(hours=8)))},
    ],
)
def test_how_a_command_came_does_not_make_it_another(changed: dict[str, Any]) -> None:
    again = Submission.model_validate({**dict(SUBMISSION), **changed})
    assert submission_digest(again) == submission_digest(SUBMISSION)


@pytest.mark.parametrize(
    "changed",
    [
        {"stream": "liupu-2027"},
        {"actor": {"id": "b", "role": "office"}},
        {"actor": {"id": "a", "role": "office", "organisation": "办公室"}},
        {"command": {"type": "open", "n": 2, "text": "临河里"}},
        {"command": {"type": "open", "n": "1", "text": "临河里"}},
        {"occurred_at": datetime(2026, 3, 1, 1, 0, 0, 1, tzinfo=UTC)},
        {"occurred_at": None},
        {"evidence": ["sha256:" + "a" * 64]},
        {"reason": "sd:" + "a" * 43},
        {"source": "paper"},
    ],
)
def test_what_a_command_says_makes_it_another(changed: dict[str, Any]) -> None:
    other = Submission.model_validate({**dict(SUBMISSION), **changed})
    assert submission_digest(other) != submission_digest(SUBMISSION)

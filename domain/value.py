"""Frozen values and the constrained texts that everything else is made of."""

import unicodedata
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Annotated, NewType, TypeVar

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    StringConstraints,
    ValidationInfo,
)

D = TypeVar("D", bound=date)

MAX_INTEGER = 2**53 - 1
"""The largest integer that canonical JSON may carry (RFC 8785, I-JSON)."""


class Value(BaseModel):
    """A frozen model that refuses fields it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid", ser_json_inf_nan="strings")


def _clean(text: str) -> str:
    text = unicodedata.normalize("NFC", text)
    bad = next((c for c in text if unicodedata.category(c) in {"Cc", "Cs", "Co", "Cn"}), None)
    if bad is not None:
        raise ValueError(f"control or unassigned character U+{ord(bad):04X} is not allowed")
    return text


def _within_reach(day: D) -> D:
    """Leave room before the first and after the last day that can be computed with."""
    if not 1900 <= day.year <= 2999:
        raise ValueError("the year must lie between 1900 and 2999")
    return day


def _utc(instant: datetime) -> datetime:
    return _within_reach(instant).astimezone(UTC)


def _text(instant: datetime) -> str:
    utc = instant.astimezone(UTC)
    return utc.isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"


Instant = Annotated[
    AwareDatetime, AfterValidator(_utc), PlainSerializer(_text, return_type=str, when_used="json")
]
"""A point in time with its zone, kept in UTC to the microsecond."""

Day = Annotated[date, AfterValidator(_within_reach)]
"""A calendar day in the programme's zone."""

Line = Annotated[
    str,
    StringConstraints(min_length=1, max_length=120, strip_whitespace=True),
    AfterValidator(_clean),
]
"""One short line that names a place, a body or a document; never a person."""

Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")]
"""One segment of a stream's name."""

Ident = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.:-]{0,79}$")]
"""An opaque identifier: says nothing about the person behind it."""

Count = Annotated[int, Field(ge=0, le=1_000_000_000)]
Positive = Annotated[int, Field(ge=1, le=1_000_000_000)]

Days = Annotated[int, Field(ge=1, le=366)]
"""A period that somebody sets, in days."""

Fen = Annotated[int, Field(ge=0, le=MAX_INTEGER, json_schema_extra={"siwen": "fen"})]
"""Money in fen (0.01 yuan)."""


def yuan(fen: int) -> str:
    """Return an amount of fen as people write it."""
    sign, size = ("-" if fen < 0 else ""), abs(fen)
    return f"{sign}{size // 100}.{size % 100:02}"


Area = Annotated[int, Field(ge=0, le=10_000_000_000, json_schema_extra={"siwen": "area"})]
"""Floor area in square decimetres (0.01 m²), so that shares are exact."""

Percent = Annotated[int, Field(ge=0, le=10_000, json_schema_extra={"siwen": "percent"})]
"""A share in hundredths of a percent (8000 = 80%)."""

LeafHash = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]

DISCLOSURE = r"^sd:[A-Za-z0-9_-]{43}$"
EVIDENCE = r"^sha256:[0-9a-f]{64}$"

Discloser = Callable[[str, str], str]
"""Given a field's name and a raw value, keep the value outside and return its digest."""


def _through(door: str) -> Callable[[object, ValidationInfo], object]:
    """Let a door swap a raw value for its digest while the model is validated.

    Only a door passes such a function in the validation context; without it a raw value does not
    match the pattern of a digest and is refused, so that none ever reaches an event.
    """

    def swap(value: object, info: ValidationInfo) -> object:
        keep: Discloser | None = (info.context or {}).get(door)
        if keep is None or not isinstance(value, str):
            return value
        return keep(info.field_name or "value", value)

    return swap


FreeText = Annotated[
    str,
    StringConstraints(pattern=DISCLOSURE),
    BeforeValidator(_through("disclose")),
    Field(json_schema_extra={"siwen": "free_text"}),
]
"""The salted digest of what a person typed; the words themselves lie in the vault."""

Evidence = Annotated[
    str,
    StringConstraints(pattern=EVIDENCE),
    BeforeValidator(_through("attach")),
    Field(json_schema_extra={"siwen": "evidence"}),
]
"""The content hash of a photo or document; its bytes lie in the evidence store."""

DocumentNumber = Annotated[
    str,
    StringConstraints(min_length=1, max_length=80, strip_whitespace=True),
    AfterValidator(_clean),
]
"""The reference number of an official document (文号)."""

CommandId = NewType("CommandId", str)


class Text(Value):
    """What is said to people, in both languages."""

    zh: str
    en: str

    def in_(self, lang: str) -> str:
        return self.zh if lang.startswith("zh") else self.en

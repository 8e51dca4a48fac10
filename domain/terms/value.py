"""Frozen values and the constrained texts that everything else is made of."""

import re
import unicodedata
from collections.abc import Callable
from datetime import UTC, date, datetime
from itertools import pairwise
from typing import Annotated, Any, NewType, TypeVar, cast

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    PlainSerializer,
    StringConstraints,
    ValidationInfo,
)
from pydantic_core import CoreSchema

D = TypeVar("D", bound=date)

MAX_INTEGER = 2**53 - 1
"""The largest integer that canonical JSON may carry (RFC 8785, I-JSON)."""


_NOT_TAKEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\ud800-\udfff\ue000-\uf8ff\ufdd0-\ufdef\U000f0000-\U0010ffff"
    + "".join(chr(plane << 16 | low) for plane in range(15) for low in (0xFFFE, 0xFFFF))
    + "]"
)
"""Controls, surrogates, noncharacters and private use: sets that Unicode never changes."""


_UNSEEN = re.compile(
    "[\xad\u061c\u115f\u1160\u17b4\u17b5\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\u2800\u3164"
    "\ufeff\uffa0\ufff9-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e007f]"
)
"""What nobody sees, and what turns the text around it: fillers, marks of direction, tags."""
_WITH_OTHERS = re.compile("[\u034f\u180b-\u180f\u200c\u200d\ufe00-\ufe0f\U000e0100-\U000e01ef\\s]")
"""What says how its neighbours are written, as with variants of rare characters, and spaces."""


class Unfit(ValueError):
    """A value that a door refuses, with what is wrong in both languages."""

    def __init__(self, *, zh: str, en: str) -> None:
        super().__init__(en)
        self.text = Text(zh=zh, en=en)


class Value(BaseModel):
    """A frozen model that refuses fields it does not know."""

    # What reads and writes a model is built when it is first used: most commands use few of four
    # hundred.
    model_config = ConfigDict(
        frozen=True, extra="forbid", ser_json_inf_nan="strings", defer_build=True
    )


def whole(value: object) -> object:
    """Refuse what only equals a member of a set of numbers."""
    if isinstance(value, bool | float | str):
        raise Unfit(zh="应为整数", en="it should be an integer")
    return value


def _exact(schema: Any) -> Any:
    match schema:
        case {"type": "int" | "bool"}:
            return {**schema, "strict": True}
        case dict():
            return {k: v if k in _APART else _exact(v) for k, v in schema.items()}
        case list() | tuple():
            return type(schema)(_exact(one) for one in schema)
        case _:
            return schema


_APART = frozenset({"metadata", "serialization", "default", "function", "config", "cls"})
"""What in a schema is no schema."""


class Exact(Value):
    """A value in which a number is a number and a truth a truth: neither is taken for the other."""

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Return the schema with every integer and every truth in it strict."""
        return cast(CoreSchema, _exact(handler(source)))


def clean(text: str, *, but: str = "") -> str:
    """Return a text as it is kept: composed (NFC), of characters that mean the same for ever.

    `but` names control characters that may stand in it all the same. Characters that this
    interpreter does not know yet are taken: rare ones of names (生僻字) are younger than many.

    Raises:
        Unfit: if a character is a control, half of a pair, private or none at all.

    """
    bad = next((c for c in _NOT_TAKEN.findall(text) if c not in but), None)
    if bad is not None:
        why = _why_not(bad)
        raise Unfit(
            zh=f"字符 U+{ord(bad):04X} {why.zh}，请换一种写法",
            en=f"the character U+{ord(bad):04X} is {why.en}: type it another way",
        )
    return unicodedata.normalize("NFC", text)


def _why_not(character: str) -> "Text":
    code = ord(character)
    if code < 0xA0:
        return Text(zh="是控制字符", en="a control character")
    if 0xD800 <= code < 0xE000:
        return Text(zh="只是半个字", en="half of a character")
    if 0xFDD0 <= code < 0xFDF0 or code & 0xFFFE == 0xFFFE:
        return Text(zh="不是字符", en="no character")
    return Text(
        zh="是私用字符，别人看到的不一样，或者看不到",
        en="a private one, which others see differently or not at all",
    )


def seen(text: str) -> str:
    """Return a name as it is kept: every character of it is seen, or belongs to one that is.

    Raises:
        Unfit: if one is not, or nothing is left to be seen.

    """
    text = clean(text)
    if hidden := _UNSEEN.search(text):
        code = f"U+{ord(hidden[0]):04X}"
        raise Unfit(
            zh=f"字符 {code} 看不见，请删去",
            en=f"the character {code} is not to be seen: leave it out",
        )
    if not _WITH_OTHERS.sub("", text):
        raise Unfit(zh="看不到任何字，请写出名称", en="nothing of it is to be seen: write it out")
    return text


def is_composed(text: str) -> bool:
    """Tell whether a text is in NFC, the same in every interpreter.

    What Unicode 3.2 knew decides: Python carries that table unchanged beside its own. Text that
    was composed by any later table is composed by it, too, so that the fast table may say yes.
    """
    # That table sorts marks one by one: a text with thousands out of order would take minutes.
    then = unicodedata.ucd_3_2_0
    return unicodedata.is_normalized("NFC", text) or (
        not any(0 < b < a for a, b in pairwise(map(then.combining, text)))
        and then.is_normalized("NFC", text)
    )


def _within_reach(day: D) -> D:
    """Leave room before the first and after the last day that can be computed with."""
    if not 1900 <= day.year <= 2999:
        raise Unfit(zh="年份应在 1900 至 2999 之间", en="the year must lie between 1900 and 2999")
    return day


def _dated(value: object) -> object:
    """Refuse numbers, also as text: nobody means so many seconds since 1970."""
    if _is_number(value):
        raise Unfit(
            zh="是数字，不是日期或时刻；请写作 2026-09-03 或 2026-09-03T10:00+08:00",
            en="a number is neither a day nor an instant: write 2026-09-03, or "
            "2026-09-03T10:00+08:00",
        )
    return value


def _is_number(value: object) -> bool:
    if not isinstance(value, str):
        return isinstance(value, int | float)
    try:
        float(value)
    except ValueError:
        return False
    return True


def as_utc(instant: datetime) -> datetime:
    return instant.astimezone(UTC)


def _text(instant: datetime) -> str:
    utc = instant.astimezone(UTC)
    return utc.isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"


Instant = Annotated[
    AwareDatetime,
    BeforeValidator(_dated),
    AfterValidator(_within_reach),
    AfterValidator(as_utc),
    PlainSerializer(_text, return_type=str, when_used="json"),
]
"""A point in time with its zone, kept in UTC to the microsecond."""

Day = Annotated[date, BeforeValidator(_dated), AfterValidator(_within_reach)]
"""A calendar day in the programme's zone."""

Line = Annotated[
    str,
    StringConstraints(min_length=1, max_length=120, strip_whitespace=True),
    AfterValidator(seen),
]
"""One short line that names a place, a body or a document; never a person."""

SLUG = r"^[a-z0-9][a-z0-9-]{0,39}$"
IDENT = r"^[A-Za-z0-9][A-Za-z0-9_.:-]{0,79}$"

Slug = Annotated[str, StringConstraints(pattern=SLUG)]
"""One segment of a stream's name."""

Ident = Annotated[str, StringConstraints(pattern=IDENT)]
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
    AfterValidator(seen),
]
"""The reference number of an official document (文号)."""

CommandId = NewType("CommandId", str)


class Text(Value):
    """What is said to people, in both languages."""

    zh: str
    en: str

    def in_(self, lang: str) -> str:
        return self.zh if lang.startswith("zh") else self.en

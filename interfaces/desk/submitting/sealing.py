"""From what a person typed to what may be sent: texts and files swapped for digests."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from domain.engine import admission
from domain.engine.kind import Kind
from domain.engine.message import Event, Source, Submission
from domain.engine.rule import Missing, Refusal
from domain.terms.role import Actor, Role, Via
from domain.terms.said import IN_SENTENCES
from domain.terms.stored import judged
from domain.terms.stream import StreamName
from domain.terms.value import EVIDENCE, Text, clean
from interfaces.desk.forms.complaints import complaints
from ledger.evidence.evidence import Location, digest_of
from ledger.evidence.photo import without_location
from ledger.vault.vault import PREFIX, Disclosure, Sealing, random_salt

MAX_TEXT = 20_000
"""Characters of one free text; what is longer is a document and is attached."""
_DIGEST = re.compile(EVIDENCE)
_LINES = "\n\t"

ReadFile = Callable[[str], bytes]
"""Give the bytes that a name in a field for evidence stands for."""


@dataclass
class Asked:
    """A command as it came through a door."""

    stream: StreamName
    command: Mapping[str, Any]
    actor: Actor
    command_id: str
    via: Via = Via.CLI
    at: datetime | None = None
    source: Source | str | None = None
    reason: str | None = None
    attachments: Sequence[str] = ()
    attach: ReadFile | None = None
    correlation_id: str | None = None
    keep_location: bool = False
    """Whether a picture may say where it was taken, because the place matters."""
    corrects: Event | None = None
    """What a correction corrects, so that its texts and files are swapped like the entry's own."""


@dataclass(frozen=True)
class Attached:
    """A file as it is kept."""

    data: bytes
    location: Location


@dataclass(frozen=True)
class Sealed:
    """A command that carries digests only, and what they stand for."""

    submission: Submission
    disclosures: tuple[Disclosure, ...]
    files: tuple[Attached, ...]


@dataclass
class TextSealing(Sealing):
    """Takes digests known from an earlier sending of the same command, else makes new ones."""

    salt: Callable[[], str] = random_salt
    known: Mapping[tuple[str, str], str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        super().__init__(self.salt)

    def __call__(self, name: str, value: str) -> str:
        """Return the digest of a text.

        Raises:
            ValueError: if it is empty, too long or holds control characters.

        """
        if value.startswith(PREFIX):
            return value
        text = clean(value.replace("\r\n", "\n"), but=_LINES).strip()
        if not text:
            raise ValueError("the text is empty")
        if len(text) > MAX_TEXT:
            raise ValueError(f"{len(text)} characters; at most {MAX_TEXT}: attach a document")
        return self.known.get((name, text)) or super().__call__(name, text)


class _Files:
    """Collects the files that a command names, each once."""

    def __init__(self, read: ReadFile | None, *, keep_location: bool) -> None:
        self._read = read
        self._keep_location = keep_location
        self.kept: dict[str, Attached] = {}

    def __call__(self, name: str, value: str) -> str:
        """Return the content hash of what a name stands for.

        Raises:
            ValueError: if nothing can be read under that name, or it is not taken as evidence.

        """
        if _DIGEST.match(value) or self._read is None:
            return value
        given = self._read(value)
        data, location = without_location(given)
        if self._keep_location and location is Location.REMOVED:
            data, location = given, Location.KEPT
        digest = digest_of(data)
        self.kept[digest] = Attached(data, location)
        return digest


def seal(
    kind: Kind[Any],
    asked: Asked,
    *,
    known: Mapping[tuple[str, str], str] | None = None,
    salt: Callable[[], str] = random_salt,
) -> Sealed | Refusal:
    """Read a command as its kind understands it, or refuse it by the field that is wrong.

    Raises:
        ledger.errors.BadEvidence: if a file is empty, too large, of a type that is not taken, or a
            picture that is damaged.

    """
    texts = TextSealing(salt, known or {})
    files = _Files(asked.attach, keep_location=asked.keep_location)
    context = {"disclose": texts, "attach": files}
    named = asked.command.get("type")
    if not isinstance(named, str) or named not in kind.command_types:
        refused = admission.parse(kind, _bare(asked))
        if isinstance(refused, Refusal):
            return refused
    command = dict(asked.command)
    try:
        if asked.corrects is not None and isinstance(command.get("data"), Mapping):
            command["data"] = _corrected(asked.corrects, command["data"], context)
        parsed = kind.command_adapter.validate_python(command, context=context)
        submission = Submission.model_validate(
            {
                "id": asked.command_id,
                "stream": asked.stream,
                "actor": asked.actor,
                "via": asked.via,
                "command": parsed.model_dump(mode="json", exclude_unset=True),
                "occurred_at": asked.at,
                "source": asked.source,
                "reason": asked.reason,
                "evidence": tuple(asked.attachments),
                "correlation_id": asked.correlation_id,
            },
            context=context,
        )
    except ValidationError as error:
        return malformed(complaints(error, named), _known_fields(kind, asked, error))
    return Sealed(submission, tuple(texts.kept), tuple(files.kept.values()))


def _corrected(event: Event, data: Mapping[str, Any], context: Any) -> dict[str, Any]:
    """Return the corrected fields as the entry would carry them.

    Raises:
        ValidationError: if one is unknown to it or not well-formed.

    """
    kept = judged(type(event), data, context)
    dumped = event.model_copy(update=kept).model_dump(mode="json")
    return {k: dumped[k] for k in data}


def _known_fields(kind: Kind[Any], asked: Asked, error: ValidationError) -> str:
    """Name the fields that are wrong, as far as they are ours: others may be anything."""
    command = kind.command_types.get(str(asked.command.get("type")))
    known = {*Submission.model_fields, *(command.model_fields if command else ())}
    if asked.corrects is not None:
        known |= set(type(asked.corrects).model_fields)
    return ", ".join(sorted({str(p) for e in error.errors() for p in e["loc"][:2]} & known))


def malformed(what: Sequence[Text], fields: str = "") -> Refusal:
    """Refuse for the form, each complaint a line of its own; `fields` names those that are ours."""
    rule = admission.MALFORMED
    return Refusal(
        rule=rule.id,
        force=rule.force,
        missing=tuple(
            Missing(
                rule=rule.id,
                code=IN_SENTENCES,
                facts={"zh": t.zh, "en": t.en, "fields": fields},
                force=rule.force,
                owed_by=Role.PROJECT_LEAD,
            )
            for t in what
        ),
    )


def _bare(asked: Asked) -> Submission:
    return Submission(
        id="unread",
        stream=asked.stream,
        actor=asked.actor,
        command={"type": str(asked.command.get("type"))[:80]},
    )

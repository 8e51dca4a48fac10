"""Words for closed choices, stages, roles, fields and kinds, in both languages."""

from enum import StrEnum
from functools import cache

from domain.registry import KINDS
from domain.streams.block.state import STAGE_TEXT as BLOCK_STAGES
from domain.streams.block.state import Stage
from domain.terms.question import QUESTION_TEXT, RIGHT_TEXT, Question
from domain.terms.role import ROLE_FORMERLY, ROLE_TEXT, Role
from domain.terms.value import Text
from domain.terms.works import DEFAULT_KINDS
from words.sources import term


def word(value: object, of: str | None = None) -> Text:
    """Return the word for a value of a closed choice (named by `of`), or the value itself."""
    text = str(value)
    of = type(value).__name__ if isinstance(value, StrEnum) else of
    if of == "Role":
        return role(text)
    if of == "Question":
        return QUESTION_TEXT[Question(text)]
    return term(f"word-{of}-{text}") or known(text) or _itself(text)


def known(text: str) -> Text | None:
    """Return the word for a text that is a value of some closed choice, stage or kind of works."""
    if text in QUESTION_TEXT:
        return question(Question(text))
    kind = DEFAULT_KINDS.get(text)
    return term(f"word-{text}") or term(f"stage-{text}") or (kind.name if kind else None)


def question(value: Question) -> Text:
    """Return one of the four questions with the right that it gives (四问四权)."""
    asked, right = QUESTION_TEXT[value], RIGHT_TEXT[value]
    return Text(zh=f"{asked.zh}（{right.zh}）", en=f"{asked.en} ({right.en})")


def role(value: str) -> Text:
    """Return what a role is called, as a body where it is one."""
    return ROLE_TEXT[Role(value)] if value in ROLE_TEXT else _itself(value)


@cache
def _roles_meant() -> dict[str, Role]:
    found: dict[str, Role] = {}
    for one in Role:
        for text in (person(one).zh, ROLE_FORMERLY.get(one, ""), role(one).zh):
            found[text] = one
    return found


def role_meant(text: str) -> Role | None:
    """Return the role that is called so, as a body or a person, in Chinese of today or before."""
    return _roles_meant().get(text.strip())


def person(value: str) -> Text:
    """Return what somebody is called who acts in a role."""
    return term(f"person-{value}") or role(value)


def title(kind: str) -> Text:
    """Return what a kind of streams is called."""
    found = KINDS.get(kind)
    return found.title if found else Text(zh=kind, en=kind)


def command(name: str) -> Text:
    """Return what a command is called."""
    found = (k.command_types[name].zh for k in KINDS.values() if name in k.command_types)
    return Text(zh=next(found, name), en=name.replace("_", " "))


def event(name: str) -> Text:
    """Return what a type of events is called."""
    return term(f"event-{name}") or _itself(name)


def field(name: str) -> Text:
    """Return what a field is called."""
    return term(f"field-{name}") or _itself(name)


def is_field(name: str) -> bool:
    """Tell whether a name is that of a field."""
    return term(f"field-{name}") is not None


def stage(kind: str, value: str) -> Text:
    """Return the word for where a stream of a kind stands."""
    if kind == "block" and value in BLOCK_STAGES:
        return BLOCK_STAGES[Stage(value)]
    return term(f"stage-{kind}-{value}") or term(f"stage-{value}") or word(value)


def work_kind(slug: str) -> Text:
    """Return what a kind of works is called; a city's own kinds by their slug."""
    found = DEFAULT_KINDS.get(slug)
    return found.name if found else Text(zh=slug, en=slug)


def channel(slug: str) -> Text:
    """Return what a channel is called; a city's own by their slug."""
    return term(f"channel-{slug}") or Text(zh=slug, en=slug)


def deadline(key: str) -> Text:
    """Return what falls due, from a deadline's key (`reply`, `defect:roof`)."""
    head, _, about = key.partition(":")
    found = term(f"due-{head}") or _itself(head)
    if not about:
        return found
    of = known(about) or Text(zh=about, en=about)
    return Text(zh=f"{found.zh}（{of.zh}）", en=f"{found.en} ({of.en})")


def _itself(text: str) -> Text:
    return Text(zh=text, en=text.replace("_", " "))

"""What each number of the rules binds: every rule with its force, and who may decide what when.

It is read off the rules themselves, not off their source: modules that move, words that are said
better and code that is written anew change nothing here. What a decider works out within these
bounds is not listed: whoever changes that lists it in domain/release.py unasked.
"""

from collections.abc import Iterator
from pathlib import Path

import ledger.store.record  # noqa: F401 - what the ledger itself refuses by is a rule, too
from domain.engine.rule import RULES
from domain.registry import KINDS
from domain.release import RULES_NUMBER
from ledger.store import record as record  # declares the rules that the ledger itself refuses by

BINDS = "rule "
"""How a line begins that says how a rule binds; the others say what is allowed."""


def file_of(number: int) -> Path:
    return Path(__file__).parent / f"rules.{number}.txt"


def present() -> set[str]:
    """Return a line for each rule, each role that may send a command, and each stage for it."""
    return {*_rules(), *_allowed()}


def kept(number: int) -> set[str]:
    """Return the lines of a number; none where nobody kept them."""
    file = file_of(number)
    return set(file.read_text(encoding="utf-8").splitlines()) if file.exists() else set()


def make() -> list[str]:
    """Keep the rules of a new number; of an old one add what is allowed beside, and nothing else.

    Returns what was added.
    """
    held = kept(RULES_NUMBER)
    new = {p for p in present() - held if not held or not p.startswith(BINDS)}
    before = set[str]()
    for old in file_of(RULES_NUMBER).parent.glob("rules.*.txt"):
        before |= set(old.read_text(encoding="utf-8").splitlines())
        old.unlink()
    text = "".join(f"{line}\n" for line in sorted(held | new))
    file_of(RULES_NUMBER).write_text(text, encoding="utf-8")
    return sorted(new - before)


def _rules() -> Iterator[str]:
    for one in RULES.values():
        yield f"{BINDS}{one.id} {one.force} {one.approver} {one.in_force_from or 'ever'}"


def _allowed() -> Iterator[str]:
    for kind in KINDS.values():
        for name, command in kind.command_types.items():
            for role in command.by:
                yield f"role {kind.name}.{name} {role}"
            for stage in ("any",) if command.stages is None else command.stages:
                yield f"stage {kind.name}.{name} {stage}"

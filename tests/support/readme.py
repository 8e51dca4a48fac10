"""The READMEs as tests read them: sections, commands and what they show."""

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
READMES = {"en": ROOT / "README.md", "zh": ROOT / "README.zh-CN.md"}
ELLIPSIS = "…"

_BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Step:
    """A command that a reader types, and what the README says comes back."""

    command: str
    shown: str

    def is_shown_in(self, output: str) -> bool:
        """Tell whether all that is shown came, in this order; `…` stands for anything.

        White space does not count: how wide the reader's terminal is, decides where lines break.
        """
        place, came = 0, _dense(output)
        for part in _dense(self.shown).split(ELLIPSIS):
            place = came.find(part, place)
            if place < 0:
                return False
            place += len(part)
        return True


def section(text: str, level: str, number: int) -> str:
    """Return the numbered section of a level (`##`), its heading included."""
    parts = re.split(rf"^(?={level} )", text, flags=re.MULTILINE)
    return parts[number]


def blocks(text: str, language: str) -> list[str]:
    """Return what stands in fenced blocks of a language."""
    return [body for name, body in _BLOCK.findall(text) if name == language]


def steps(text: str) -> list[Step]:
    """Return the commands of a text's `console` blocks, with the lines shown below each."""
    found: list[Step] = []
    for block in blocks(text, "console"):
        for typed in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, shown = _command_and_shown(typed)
            found.append(Step(command, shown))
    return found


def _command_and_shown(typed: str) -> tuple[str, str]:
    """Part a command, which goes on while a quotation or a backslash is open, from the rest."""
    lines = typed.splitlines()
    for end in range(1, len(lines) + 1):
        command = "\n".join(lines[:end])
        bare = re.sub(r"'[^']*'", "", command)
        if "'" not in bare and not bare.endswith("\\"):
            return command, "\n".join(lines[end:])
    raise ValueError(f"this command does not end: {lines[0]}")


def _dense(text: str) -> str:
    return "".join(text.split())

"""Lines to the terminal: data as JSON or text for people, never more than the terminal can show."""

import io
import json
import os
import sys
from collections.abc import Iterable, Iterator
from dataclasses import fields, is_dataclass
from typing import Any, Self, TextIO

from interfaces.cli.language import lang
from runtime.visible import visible, visible_json

NOT_AT_START = frozenset("，，。．.；；：：、！！？？））」』》】〕”’%％]}…")
NOT_AT_END = frozenset("（（「『《【〔“‘[{")
_WIDE = 0x1100


def make_safe(stream: TextIO) -> None:
    """Let a stream that is not UTF-8 print what it can of any text instead of raising."""
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(errors="backslashreplace")


class DataAlone:
    """Standard output while a command runs with `--json`: data, and nothing that anybody else says.

    What is printed meanwhile goes to standard error: lines for people, a library's warnings. A
    command that fails and gives no data gives `{"error": {"exit_code": …, "text": …}}`.
    """

    here: "DataAlone | None" = None

    def __init__(self) -> None:
        self._output = sys.stdout
        self._given = False
        self._problems: list[str] = []

    def __enter__(self) -> Self:
        DataAlone.here = self
        sys.stdout = sys.stderr
        return self

    def __exit__(self, *_: object) -> None:
        DataAlone.here = None
        if sys.stdout is not None:  # None: whoever read it has seen enough
            sys.stdout = self._output

    def give(self, value: Any) -> None:
        """Print a document of JSON."""
        self._given = True
        utf8 = (self._output.encoding or "").lower().replace("-", "") == "utf8"
        text = json.dumps(plain(value), ensure_ascii=not utf8, indent=2)
        print(visible_json(text), file=self._output, flush=True)

    def hear(self, problem: str) -> None:
        """Keep what was said of a problem."""
        self._problems.append(problem)

    def end(self, code: int) -> None:
        """Say in data how the command ended, if it failed and gave none."""
        if code and not self._given:
            self.give({"error": {"exit_code": code, "text": "\n".join(self._problems)}})


def outlets() -> TextIO:
    """Part data from all else in this very process, and return where the data go.

    For what does not print through Python: the SDK's core and child processes write to the
    descriptor of standard output, which is standard error's from now on.
    """
    sys.stdout.flush()
    encoding = sys.stdout.encoding
    data = os.fdopen(os.dup(1), "w", encoding=encoding, errors="backslashreplace")
    os.dup2(2, 1)
    return data


class Out:
    """What one command says; with `json` only data on standard output."""

    def __init__(self, *, as_json: bool = False) -> None:
        self.as_json = as_json

    def data(self, value: Any) -> None:
        """Print data as JSON; a model, or lists and dicts of them."""
        (DataAlone.here or DataAlone()).give(value)

    def copy(self, text: str) -> None:
        """Print text that is to be copied: no line is wrapped."""
        print(visible(text), end="" if text.endswith("\n") else "\n", flush=True)

    def line(self, *parts: Any, indent: int = 0, hanging: int | None = None) -> None:
        """Print one paragraph, wrapped; a part is a text or (text, style).

        `indent` is where the first line begins, `hanging` where the others do.
        """
        self._print(sys.stdout, parts, indent, indent if hanging is None else hanging)

    def problem(self, *parts: Any, indent: int = 0, hanging: int | None = None) -> None:
        """Print one paragraph on standard error."""
        if DataAlone.here is not None:
            DataAlone.here.hear("".join(p[0] if isinstance(p, tuple) else str(p) for p in parts))
        self._print(sys.stderr, parts, indent, indent if hanging is None else hanging)

    def command(self, text: str, *, indent: int = 0, problem: bool = False) -> None:
        """Print a command so that it can be copied: a line that goes on ends in a backslash."""
        from rich.text import Text

        screen = console(sys.stderr if problem else sys.stdout)
        for line in _continued(text, screen.width - indent):
            screen.print(Text(" " * indent + visible(line)), no_wrap=True, crop=False)

    def table(self, headings: Iterable[str], rows: Iterable[Iterable[Any]]) -> None:
        """Print a table without lines; cells are texts or (text, style)."""
        from rich.table import Table
        from rich.text import Text

        table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim", show_edge=False)
        for heading in headings:
            table.add_column(heading, overflow="fold")
        for row in rows:
            table.add_row(*(Text.assemble(_seen(cell)) for cell in row))
        console(sys.stdout).print(table)

    def _print(self, stream: TextIO, parts: Iterable[Any], indent: int, hanging: int) -> None:
        from rich.text import Text

        screen = console(stream)
        whole = Text.assemble(*map(_seen, parts))
        for number, piece in enumerate(_folded(whole, screen.width, indent, hanging)):
            screen.print(
                Text(" " * (hanging if number else indent)) + piece, no_wrap=True, crop=False
            )


def console(stream: TextIO) -> Any:
    """Return a console that prints texts as they are: no markup, no guessing."""
    from rich.console import Console

    return Console(file=stream, markup=False, highlight=False, emoji=False, soft_wrap=False)


def _seen(part: Any) -> Any:
    return (visible(part[0]), *part[1:]) if isinstance(part, tuple) else visible(str(part))


def plain(value: Any) -> Any:
    """Return data as JSON can carry it."""
    if hasattr(value, "model_dump"):
        from words.spoken import spoken

        return spoken(value)
    if is_dataclass(value):
        return {f.name: plain(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, dict):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(v) for v in value]
    if value is None or isinstance(value, str | int | float | bool):
        return value
    return str(value)


def joined(items: Iterable[str]) -> str:
    """Join words as the language does."""
    return ("、" if lang() == "zh" else ", ").join(items)


def _folded(text: Any, width: int, indent: int, hanging: int) -> Iterator[Any]:
    """Break a text into lines: between words, and between any two wide characters."""
    for paragraph in text.split("\n", allow_blank=True):
        start, room = 0, max(width - indent, 20)
        for end in _breaks(paragraph.plain, room, max(width - hanging, 20)):
            piece = paragraph[start:end]
            piece.rstrip()
            yield piece
            start = end
            while start < len(paragraph.plain) and paragraph.plain[start] == " ":
                start += 1
        indent = hanging


def _continued(command: str, room: int) -> Iterator[str]:
    """Break a command before its options."""
    from rich.cells import cell_len

    line, *options = command.split(" --")
    for option in options:
        longer = f"{line} --{option}"
        if cell_len(longer) > room - 2:
            yield f"{line} \\"
            longer = f"  --{option}"
        line = longer
    yield line


def _breaks(line: str, first: int, others: int) -> Iterator[int]:
    """Return where each line of a paragraph ends."""
    from rich.cells import cell_len

    room, used, last, place = first, 0, 0, 0
    while place < len(line):
        character = line[place]
        used += cell_len(character)
        if used > room:
            end = last or place
            yield end
            while end < len(line) and line[end] == " ":
                end += 1
            room, used, last, place = others, 0, 0, end
            continue
        place += 1
        if _may_break(line, place):
            last = place
    yield len(line)


def _may_break(line: str, place: int) -> bool:
    if place >= len(line) or line[place] in NOT_AT_START:
        return False
    before, after = line[place - 1], line[place]
    if before == after == "—":
        return False
    if before in NOT_AT_END:
        return False
    return before == " " or ord(before) >= _WIDE or ord(after) >= _WIDE

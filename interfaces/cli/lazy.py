"""Commands that are imported when they are called; the help knows each by its name and a line."""

import contextlib
import gc
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

from typer.core import TyperCommand, TyperGroup

from interfaces.cli.language import both, chosen


@dataclass(frozen=True, slots=True)
class Entry:
    """A command, by the function that it is, or a group of commands."""

    help: str
    function: str = ""
    """`module:function` below `interfaces.cli.commands`."""
    commands: Mapping[str, "Entry"] = field(default_factory=dict)
    panel: str | None = None
    """Under which heading it stands in the help."""


def command(function: str, zh: str, en: str, panel: str | None = None) -> Entry:
    return Entry(both(zh, en), function=function, panel=panel)


def group(commands: Mapping[str, Entry], zh: str, en: str, panel: str | None = None) -> Entry:
    return Entry(both(zh, en), commands=commands, panel=panel)


class Group(TyperGroup):
    """A group of commands, none of which is imported before it is called.

    What stands in `commands` is enough for the help: names, lines and headings.
    """

    def __init__(self, name: str, entry: Entry, **options: Any) -> None:
        super().__init__(
            name=name,
            help=chosen(entry.help),
            rich_help_panel=chosen(entry.panel),
            commands={n: _listed(n, e) for n, e in entry.commands.items()},
            no_args_is_help=True,
            **options,
        )
        self._entries = entry.commands

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        name, found, rest = super().resolve_command(ctx, args)
        return name, found if name is None else self.loaded(name), rest

    def loaded(self, name: str) -> Any:
        """Return a command as it is called, or a group."""
        entry = self._entries[name]
        if entry.commands:
            return self.commands[name]
        module, _, function = entry.function.partition(":")
        with _uncollected():
            found = getattr(import_module(f"interfaces.cli.commands.{module}"), function)
            made = import_module("interfaces.cli.call").made
        return made(found, name, help=chosen(entry.help))


@contextlib.contextmanager
def _uncollected() -> Iterator[None]:
    """Import without looking for garbage: an eighth of the time, and what is imported stays."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def _listed(name: str, entry: Entry) -> Any:
    if entry.commands:
        return Group(name, entry)
    return TyperCommand(name, help=chosen(entry.help), rich_help_panel=chosen(entry.panel))

"""What every command shares: `--json`, `--lang`, `--ledger`, and the settings they make."""

import asyncio
import functools
import inspect
import os
from typing import Annotated, Any

import typer
from typer.core import TyperArgument, TyperCommand, TyperOption

from interfaces.cli.language import both, chosen, say
from interfaces.cli.output import Out
from runtime.logging import configure
from runtime.settings import Settings, load_settings


class Call(typer.Context):
    """One call of a command."""

    out: Out
    ledger: str | None

    def take(self) -> None:
        """Take what the shared options say, which the command itself is not told.

        Raises:
            typer.BadParameter: if there is no such language.

        """
        asked = self.params.pop("language")
        if asked is not None and asked[:2].lower() not in ("zh", "en"):
            raise typer.BadParameter(
                say(f"没有语言 {asked}：zh 或 en", f"no language {asked!r}: zh or en")
            )
        self.out = Out(as_json=self.params.pop("as_json"))
        self.ledger = self.params.pop("ledger_name")

    @functools.cached_property
    def settings(self) -> Settings:
        """Return the settings, read once; the log is sent where it does not disturb.

        Raises:
            runtime.errors.SettingsInvalid: if one cannot be used.

        """
        settings = self._read()
        quiet = "SIWEN_LOG_LEVEL" not in os.environ
        configure(settings.model_copy(update={"log_level": "error"}) if quiet else settings)
        return settings

    def talking(self) -> Settings:
        """Return the settings for a process that stays, whose log is what it says."""
        settings = self._read()
        if self.out.as_json:
            settings = settings.model_copy(update={"log": "json"})
        configure(settings)
        return settings

    def _read(self) -> Settings:
        return load_settings(**({"ledger": self.ledger} if self.ledger else {}))

    @property
    def beside(self) -> bool:
        """Whether a rehearsal may answer what the ledger does not know: none was asked for."""
        return self.ledger is None and "SIWEN_LEDGER" not in os.environ


def _shared(
    as_json: Annotated[
        bool, typer.Option("--json", help=both("以 JSON 输出", "Print data as JSON."))
    ] = False,
    ledger_name: Annotated[
        str | None,
        typer.Option(
            "--ledger",
            metavar="NAME",
            help=both(
                "账本（默认 city，或 SIWEN_LEDGER）",
                "Which ledger (default city, or SIWEN_LEDGER).",
            ),
        ),
    ] = None,
    language: Annotated[
        str | None,
        typer.Option(
            "--lang",
            metavar="zh|en",
            help=both("语言（默认随系统）", "Language (default from the locale)."),
        ),
    ] = None,
) -> None:
    """Take the options that every command takes."""


class Command(TyperCommand):
    """A command of ours: it takes the shared options, and its function the call."""

    context_class = Call

    def __init__(self, *given: Any, params: list[Any], **options: Any) -> None:
        super().__init__(*given, params=[*params, *_params(_shared)], **options)
        for param in self.params:
            if isinstance(param, TyperArgument | TyperOption):
                param.help = chosen(param.help)

    def invoke(self, ctx: Any) -> None:
        """Run the command's function, to its end if it is a coroutine's."""
        ctx.take()
        done = super().invoke(ctx)
        if inspect.iscoroutine(done):
            asyncio.run(done)


def made(function: Any, name: str, cls: type[TyperCommand] = Command, **how: Any) -> TyperCommand:
    """Make a command of a function by its annotations."""
    app = typer.Typer(add_completion=False)
    app.command(name, cls=cls, **how)(function)
    found = typer.main.get_command(app)
    assert isinstance(found, TyperCommand)
    return found


def _params(function: Any) -> list[Any]:
    return made(function, "shared", TyperCommand).params

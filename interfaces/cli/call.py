"""What every command shares: `--json`, `--lang`, `--ledger`, and the settings they make."""

import functools
import inspect
import os
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import typer

from interfaces.cli.language import say
from interfaces.cli.output import Out

if TYPE_CHECKING:
    from runtime.settings import Settings


@dataclass
class Call:
    """One call of the command line."""

    out: Out
    ledger: str | None

    @functools.cached_property
    def settings(self) -> "Settings":
        """Return the settings, read once; the log is sent where it does not disturb.

        Raises:
            runtime.errors.SettingsInvalid: if one cannot be used.

        """
        from runtime.logging import configure

        settings = self._read()
        quiet = "SIWEN_LOG_LEVEL" not in os.environ
        configure(settings.model_copy(update={"log_level": "error"}) if quiet else settings)
        return settings

    def talking(self) -> "Settings":
        """Return the settings for a process that stays, whose log is what it says."""
        from runtime.logging import configure

        settings = self._read()
        if self.out.as_json:
            settings = settings.model_copy(update={"log": "json"})
        configure(settings)
        return settings

    def _read(self) -> "Settings":
        from runtime.settings import load_settings

        return load_settings(**({"ledger": self.ledger} if self.ledger else {}))

    @property
    def beside(self) -> bool:
        """Whether a rehearsal may answer what the ledger does not know: none was asked for."""
        return self.ledger is None and "SIWEN_LEDGER" not in os.environ


Work = Callable[..., Coroutine[Any, Any, None] | None]

_SHARED: dict[str, Any] = {
    "as_json": Annotated[
        bool, typer.Option("--json", help=say("以 JSON 输出", "Print data as JSON."))
    ],
    "ledger_name": Annotated[
        str | None,
        typer.Option(
            "--ledger",
            metavar="NAME",
            help=say(
                "账本（默认 city，或 SIWEN_LEDGER）",
                "Which ledger (default city, or SIWEN_LEDGER).",
            ),
        ),
    ],
    "language": Annotated[
        str | None,
        typer.Option(
            "--lang",
            metavar="zh|en",
            help=say("语言（默认随系统）", "Language (default from the locale)."),
        ),
    ],
}


def command(
    group: typer.Typer, name: str, *, panel: str | None = None, **options: Any
) -> Callable[[Work], Work]:
    """Register a command that takes `call` first, and with it the shared options."""

    def register(work: Work) -> Work:
        signature = inspect.signature(work)
        own = [p for n, p in signature.parameters.items() if n != "call"]
        shared = [
            inspect.Parameter(
                n,
                inspect.Parameter.KEYWORD_ONLY,
                default=False if n == "as_json" else None,
                annotation=a,
            )
            for n, a in _SHARED.items()
        ]

        def run(**given: Any) -> None:
            as_json, ledger = given.pop("as_json"), given.pop("ledger_name")
            asked = given.pop("language")
            if asked is not None and asked[:2].lower() not in ("zh", "en"):
                raise typer.BadParameter(
                    say(f"没有语言 {asked}：zh 或 en", f"no language {asked!r}: zh or en")
                )
            done = work(Call(Out(as_json=as_json), ledger), **given)
            if inspect.iscoroutine(done):
                import asyncio

                asyncio.run(done)

        parameters = [p.replace(kind=inspect.Parameter.KEYWORD_ONLY) for p in own]
        run.__signature__ = signature.replace(  # type: ignore[attr-defined]
            parameters=[*parameters, *shared], return_annotation=None
        )
        run.__annotations__ = {p.name: p.annotation for p in (*parameters, *shared)}
        run.__doc__ = work.__doc__
        group.command(name, rich_help_panel=panel, **options)(run)
        return work

    return register

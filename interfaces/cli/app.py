"""The commands of `siwen`, by what they are for."""

import typer

from interfaces.cli import commands
from interfaces.cli.language import say


def build() -> typer.Typer:
    """Return the command line with every command, speaking the language chosen."""
    app = typer.Typer(
        name="siwen",
        help=say(
            "四问：背街小巷整治的全程记录。先 siwen up，再 siwen next。",
            "Siwen: the system of record for renovating back streets. "
            "Begin with `siwen up`, then `siwen next`.",
        ),
        add_completion=False,
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    commands.register(app)
    return app

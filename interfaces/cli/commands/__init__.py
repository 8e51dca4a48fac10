"""The commands, one module a group; each imports what it works with only when it is called."""

import typer

from interfaces.cli.commands import audit as audit
from interfaces.cli.commands import calendar as calendar
from interfaces.cli.commands import find as find
from interfaces.cli.commands import keep as keep
from interfaces.cli.commands import look as look
from interfaces.cli.commands import next_ as next_
from interfaces.cli.commands import programmes as programmes
from interfaces.cli.commands import rehearse as rehearse
from interfaces.cli.commands import stack as stack
from interfaces.cli.commands import submit as submit
from interfaces.cli.commands import vault as vault
from interfaces.cli.commands import views as views
from interfaces.cli.commands import witness as witness


def register(app: typer.Typer) -> None:
    """Add every command, in the order in which the help shows them."""
    looking = (look, find, audit)
    keeping = (keep, vault, views)
    for group in (
        next_,
        submit,
        programmes,
        calendar,
        rehearse,
        *looking,
        stack,
        witness,
        *keeping,
    ):
        group.register(app)

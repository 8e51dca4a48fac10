"""`siwen audit`: what an auditor asks of a ledger, one module a group of questions."""

import typer

from interfaces.cli import panels
from interfaces.cli.commands.audit import flags, logs, past, proofs, receipts, replays
from interfaces.cli.language import say


def register(app: typer.Typer) -> None:
    """Add the group with every command of it."""
    audit = typer.Typer(
        help=say(
            "审计：核验、导出、回看、重算", "For auditors: verify, export, look back, replay."
        ),
        no_args_is_help=True,
    )
    app.add_typer(audit, name="audit", rich_help_panel=panels.LOOK)
    for group in (proofs, receipts, past, flags, replays, logs):
        group.register(audit)

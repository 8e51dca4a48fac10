"""What a verification says: each line as the verifier has it."""

from typing import TYPE_CHECKING

from interfaces.cli.language import lang
from interfaces.cli.output import Out

if TYPE_CHECKING:
    from verifier.verify import Report


def verdict(out: Out, report: "Report", ledger: str = "") -> None:
    """Print a report; its first line says what it is of."""
    of, *lines = report.lines(lang())
    out.line(ledger, of, hanging=2)
    for line in lines:
        indent = len(line) - len(line.lstrip())
        out.line(line.lstrip(), indent=indent, hanging=indent + 2)

"""`siwen`: where the command line begins and ends."""

import itertools
import os
import sys
from collections.abc import Sequence

from interfaces.cli import language
from interfaces.cli.output import DataAlone, make_safe, outlets

SHARED = {"--json": False, "--lang": True, "--ledger": True}
"""The options that every command takes, and whether a value follows."""


def run(arguments: Sequence[str]) -> int:
    """Run one command and return its exit code: 0 done, 2 usage, 3 refused, 4 unreachable."""
    language.choose(arguments, os.environ)
    make_safe(sys.stdout)
    make_safe(sys.stderr)
    # Only now: what the commands say of themselves is in the language just chosen.
    from interfaces.cli import exits
    from interfaces.cli.app import build

    code = 0

    def work() -> None:
        nonlocal code
        ended = build()(args=behind(arguments), prog_name="siwen", standalone_mode=False)
        code = ended if isinstance(ended, int) else 0

    if not wants_json(arguments):
        return exits.ending(work) or code
    with DataAlone() as output:
        ended = exits.ending(work) or code
        output.end(ended)
    return ended


def wants_json(arguments: Sequence[str]) -> bool:
    """Tell whether `--json` stands among the options."""
    before = itertools.takewhile(lambda argument: argument != "--", arguments)
    return "--json" in before


def behind(arguments: Sequence[str]) -> list[str]:
    """Put shared options that stand before the command behind it, where they are taken."""
    rest, early = list(arguments), []
    while rest and (name := rest[0].partition("=")[0]) in SHARED:
        takes = 2 if SHARED[name] and "=" not in rest[0] else 1
        early += rest[:takes]
        rest = rest[takes:]
    # Help is said in the language chosen already, and asks for nothing else.
    return rest if not rest or {"-h", "--help"} & set(rest) else [*rest, *early]


def main() -> None:
    """Run the command that the process was called with."""
    arguments = sys.argv[1:]
    if wants_json(arguments):
        sys.stdout = outlets()
    code = run(arguments)
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):
            code = code or 1
    if "temporalio.bridge" in sys.modules:
        # Its native threads must not meet the interpreter's shutdown half-way (docs/traps).
        os._exit(code)
    sys.exit(code)


if __name__ == "__main__":
    main()

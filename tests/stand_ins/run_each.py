"""Run `siwen` commands one after the other in this process, as each would run in its own.

Standard input: a JSON array of arrays of arguments. Standard output: a JSON array of
`[exit code, what it wrote]`.
"""

import contextlib
import io
import json
import os
import sys

from interfaces.cli.main import run


def main() -> None:
    ended = []
    for arguments in json.load(sys.stdin):
        written = io.TextIOWrapper(io.BytesIO(), "utf-8")
        with contextlib.redirect_stdout(written):
            code = run(arguments)
        written.flush()
        ended.append((code, written.buffer.getvalue().decode()))
    print(json.dumps(ended), flush=True)
    # Native threads must not meet the interpreter's shutdown half-way (docs/traps).
    os._exit(0)


main()

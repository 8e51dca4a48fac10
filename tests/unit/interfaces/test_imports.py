"""What a command that only reads does without."""

import subprocess
import sys

import pytest

HEAVY = ("temporalio", "cryptography", "obstore", "httpx2", "openpyxl", "chinese_calendar")


@pytest.mark.parametrize("module", ["next_", "history", "look"])
def test_a_command_that_reads_imports_no_engine(module: str) -> None:
    code = (
        f"import sys, interfaces.cli.commands.{module};"
        f"print([m for m in {HEAVY!r} if m in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"

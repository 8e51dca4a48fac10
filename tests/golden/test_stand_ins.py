"""Every event that was ever released is read alike by other interpreters and tighter releases."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]


def read(stand_in: str | None) -> dict[str, Any]:
    path = [str(ROOT / "tests" / "stand_ins" / stand_in)] if stand_in else []
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([*path, str(ROOT)])}
    done = subprocess.run(
        [sys.executable, "-m", "tests.golden.read_all"],
        capture_output=True,
        text=True,
        env=environment,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert "sitecustomize" not in done.stderr, f"the stand-in broke off: {done.stderr[-2000:]}"
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize("stand_in", ["newer_unicode", "older_unicode", "tighter_doors"])
def test_golden_events_are_read_alike(stand_in: str) -> None:
    here, there = read(None), read(stand_in)
    assert len(here["events"]) > 100
    assert there["events"] == here["events"]
    assert here["door"] == "open"
    assert there["door"] == ("closed" if stand_in == "tighter_doors" else "open")

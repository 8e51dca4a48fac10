"""Pages that are made from the code say what it says."""

import subprocess
import sys
from pathlib import Path

import pytest

from domain.profile import THRESHOLDS

DOCS = Path(__file__).resolve().parents[3] / "docs"


@pytest.mark.parametrize("maker", ["make_rules.py", "make_glossary.py"])
def test_committed_page_equals_what_the_code_generates(maker: str) -> None:
    # In a process of its own: rules that tests declare are none of the product's.
    done = subprocess.run(
        [sys.executable, str(DOCS / maker), "--check"], capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stdout + done.stderr


def test_every_threshold_has_a_source() -> None:
    assert THRESHOLDS
    assert {name for name, one in THRESHOLDS.items() if not one.source.text.zh} == set()

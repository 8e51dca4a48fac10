"""Pages that are made from the code say what it says."""

import subprocess
import sys
from pathlib import Path

import pytest

from domain.engine.rule import RULES
from domain.profile import Profile
from domain.registry import KINDS

DOCS = Path(__file__).resolve().parents[3] / "docs"


@pytest.mark.parametrize("maker", ["make_rules.py", "make_glossary.py"])
def test_committed_page_equals_what_the_code_generates(maker: str) -> None:
    # In a process of its own: rules that tests declare are none of the product's.
    done = subprocess.run(
        [sys.executable, str(DOCS / maker), "--check"], capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stdout + done.stderr


def test_every_threshold_belongs_to_a_declared_rule_and_has_a_source() -> None:
    assert KINDS
    extras = {k: f.json_schema_extra for k, f in Profile.model_fields.items()}
    thresholds = {k: e for k, e in extras.items() if isinstance(e, dict) and "rule" in e}

    assert thresholds
    assert {k for k, e in thresholds.items() if not e["source"]} == set()
    assert {k: e["rule"] for k, e in thresholds.items() if e["rule"] not in RULES} == {}

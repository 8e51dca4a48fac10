"""What CONTRIBUTING.md shows is typed as it stands, and does what it says."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from domain.release import RULES_NUMBER
from tests.support.rooms import ROOMS, ROOT

PAGE = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
BY_HAND = 3
"""Files that somebody writes who adds a command of a stage with a rule."""


def examples(chapter: str) -> list[str]:
    """Return the changes that a chapter shows."""
    (text,) = re.findall(rf"^## {re.escape(chapter)}\n(.*?)(?=^## |\Z)", PAGE, re.M | re.S)
    return re.findall(r"^```diff\n(.*?)^```$", text, re.M | re.S)


class Copy:
    """The project, copied to be changed."""

    def __init__(self, at: Path) -> None:
        self.at = at
        left_out = shutil.ignore_patterns("__pycache__", "histories", "pictures")
        for name in (*ROOMS, "tests", "docs"):
            shutil.copytree(ROOT / name, at / name, ignore=left_out)
        shutil.copy(ROOT / "pyproject.toml", at)

    def type(self, change: str) -> None:
        # The number of the rules goes on: the example says what was next when it was written.
        change = re.sub(r"since=\d+", f"since={RULES_NUMBER + 1}", change)
        done = subprocess.run(
            ["git", "apply", "--unidiff-zero", "-C0", "-"],
            cwd=self.at, input=change, text=True, capture_output=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr

    def run(self, *command: str) -> str:
        done = subprocess.run(
            [sys.executable, *command],
            cwd=self.at,
            env={**os.environ, "PYTHONPATH": str(self.at)},
            text=True,
            capture_output=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
        return done.stdout

    def tools(self) -> None:
        self.run("-m", "tests.golden.make")
        self.run("docs/make_rules.py")
        self.run("docs/make_glossary.py")

    def tests(self) -> None:
        self.run(
            *("-m", "pytest", "-q", "-p", "no:cacheprovider", "-x"),
            *("tests/unit/test_catalogue.py", "tests/unit/domain/test_thresholds.py"),
            *("tests/golden/test_rules.py", "tests/golden/test_profile.py"),
            *("tests/unit/interfaces/test_sentences.py", "tests/unit/domain/block/test_walk.py"),
            "tests/golden/test_events.py::test_every_event_of_today_has_its_golden_file",
        )


def test_a_command_with_a_rule_takes_three_files_and_a_threshold_is_read_by_it(
    tmp_path: Path,
) -> None:
    copy = Copy(tmp_path)
    *product, test = examples("Add a command of a stage, with a rule")
    assert len(re.findall(r"^diff --git", "".join(product), re.M)) <= BY_HAND
    for change in (*product, test):
        copy.type(change)
    copy.tools()
    copy.tests()
    assert "survey.walked" in (copy.at / "docs/rules.md").read_text(encoding="utf-8")
    (change,) = examples("Add a threshold")
    copy.type(change)
    copy.tools()
    copy.tests()
    assert "walk_households" in (copy.at / "docs/rules.md").read_text(encoding="utf-8")

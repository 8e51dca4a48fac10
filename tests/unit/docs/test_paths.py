"""A page that names a file of the project names one that is there."""

import re

import pytest

from tests.support.rooms import ROOMS, ROOT

PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *ROOT.glob("*/README.md")])
_OURS = "|".join([*ROOMS, "tests", "bench", "docs", "deploy", "examples"])
_NAMED = re.compile(
    rf"(?<![\w/.-])((?:{_OURS})/[\w./-]*(?:\.(?:py|md|ftl|sql|txt|yaml)\b|(?<=\w)/))"
)
_LINKED = re.compile(r"\]\((?!https?:|#|mailto:)([^)#]+)")
MADE = ("deploy/secrets/",)
"""What whoever deploys makes."""


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_a_page_names_only_files_that_are_there(page: object) -> None:
    text = (path := ROOT / str(page)).read_text(encoding="utf-8")
    shown = re.sub(r"^```diff\n.*?^```$", "", text, flags=re.M | re.S)
    linked = {path.parent / link for link in _LINKED.findall(shown)}
    named = {ROOT / n for n in _NAMED.findall(shown) if not n.startswith(MADE)}
    assert {str(p) for p in linked | named if not p.exists()} == set()

"""The READMEs name what there is: settings, files and programs, in both languages."""

import re
from pathlib import Path
from urllib.parse import unquote

import pytest

from runtime.settings import Settings, variable
from tests.support.readme import READMES, ROOT, Step, blocks, steps

TEXTS = {lang: path.read_text("utf-8") for lang, path in READMES.items()}
DOCS = [ROOT / "docs" / name for name in ("performance.md", "privacy.md", "privacy.zh-CN.md")]
PAGES = [*READMES.values(), *DOCS, ROOT / "examples" / "README.md"]


@pytest.mark.parametrize("lang", READMES)
def test_every_setting_is_named(lang: str) -> None:
    named = {variable(name) for name in Settings.model_fields}

    assert not {name for name in named if f"`{name}`" not in TEXTS[lang]}


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_every_link_leads_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)#\s]+)", page.read_text("utf-8"))

    assert not [
        one for one in links if "://" not in one and not (page.parent / unquote(one)).exists()
    ]


@pytest.mark.parametrize("lang", READMES)
def test_every_make_target_exists(lang: str) -> None:
    known = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    named = set(re.findall(r"(?:^|`)make ([a-z]+)", TEXTS[lang], re.MULTILINE))

    assert {"demo", "test", "up", "check", "docs", "bench"} <= named <= known


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_no_path_and_no_index_of_a_machine_is_named(page: Path) -> None:
    text = page.read_text("utf-8")

    assert not re.search(r"(?<![\w.~])/(home|root|work|tmp|Users|opt)/", text)
    assert not re.search(r"pypi|simple/|index-url", text)


def test_both_languages_show_the_same_blocks() -> None:
    def kinds(lang: str) -> list[str]:
        return re.findall(r"^```(\w+)$", TEXTS[lang], re.MULTILINE)

    assert kinds("zh") == kinds("en")
    assert len(steps(TEXTS["zh"])) == len(steps(TEXTS["en"]))


def test_a_command_ends_where_its_quotation_does() -> None:
    block = "```console\n$ one \\\n    --two '{\n  \"a\": 1}'\nshown\n$ three\n```\n"

    assert blocks(block, "console")
    assert steps(block) == [
        Step("one \\\n    --two '{\n  \"a\": 1}'", "shown"),
        Step("three", ""),
    ]


@pytest.mark.parametrize(
    ("shown", "came", "is_shown"),
    [
        ("a … c", "a b\n  c d", True),
        ("a\n…\nc", "a\nc", True),
        ("a b", "a\n   b", True),
        ("c … a", "a b c", False),
        ("a d", "a b c d", False),
    ],
)
def test_what_is_shown_comes_in_order(shown: str, came: str, is_shown: bool) -> None:
    assert Step("x", shown).is_shown_in(came) is is_shown

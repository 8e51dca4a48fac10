"""Scenario files are read as people mean them."""

import contextlib
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interfaces.desk.errors import FileInvalid
from interfaces.desk.forms.yaml_text import read_yaml

_PIECES = (
    *"ab: -[]{},&*!|>'\"%@`#?\n\t0129.~<=公",
    *("!!bool ", "!!int ", "!!binary ", "!!set ", "!!pairs ", "!!timestamp ", "!!omap "),
    *("- ", "? ", "&x ", "*x ", "<<: ", "2014-99-99", "1e999", "0o9", "%YAML 1.1\n---\n", "\\u00"),
)


def _file(directory: Path, text: str) -> Path:
    file = directory / "file.yaml"
    file.write_text(text, "utf-8")
    return file


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("on: 2014-09-03", {"on": date(2014, 9, 3)}),
        ("at: 10:30", {"at": "10:30"}),
        ("go: yes", {"go": "yes"}),
        ("go: true", {"go": True}),
        ("amount: 6_300_000", {"amount": 6300000}),
        ("share: 0.5", {"share": 0.5}),
        ("number: 007", {"number": 7}),
        ("number: '007'", {"number": "007"}),
        ("day: 2014-1-5", {"day": "2014-1-5"}),
        ("note: ~", {"note": None}),
        ("a: &x {b: 1}\nc: {<<: *x, d: 2}", {"a": {"b": 1}, "c": {"b": 1, "d": 2}}),
    ],
)
def test_words_days_and_times_are_what_they_look_like(
    text: str, meant: dict[str, object], tmp_path: Path
) -> None:
    assert read_yaml(_file(tmp_path, text)) == meant


def test_a_key_that_stands_twice_is_named_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(FileInvalid, match=r"file\.yaml:2.*duplicate key \"on\""):
        read_yaml(_file(tmp_path, "on: 2014-01-01\non: 2014-01-02"))


def test_broken_yaml_is_named_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(FileInvalid, match=r"file\.yaml:2"):
        read_yaml(_file(tmp_path, "a: 1\nb: [1"))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileInvalid, match=r"none\.yaml"):
        read_yaml(tmp_path / "none.yaml")


@pytest.mark.parametrize("text", ["a: !!bool x", "? [!!pairs [a: b]]", '"\\UFFFFFFFF"', "[" * 3000])
def test_what_the_library_stumbles_over_is_named(text: str, tmp_path: Path) -> None:
    with pytest.raises(FileInvalid, match=r"file\.yaml"):
        read_yaml(_file(tmp_path, text))


@given(st.lists(st.sampled_from(_PIECES), max_size=9).map("".join))
def test_any_file_is_read_or_named_as_wrong(text: str) -> None:
    with TemporaryDirectory() as directory, contextlib.suppress(FileInvalid):
        read_yaml(_file(Path(directory), text))


def test_nothing_is_run_from_a_file(tmp_path: Path) -> None:
    with pytest.raises(FileInvalid):
        read_yaml(_file(tmp_path, "a: !!python/object/apply:os.getcwd []"))

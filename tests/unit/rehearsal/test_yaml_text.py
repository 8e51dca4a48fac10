"""Scenario files are read as people mean them."""

from datetime import date
from pathlib import Path

import pytest

from interfaces.desk.errors import FileInvalid
from interfaces.desk.forms.yaml_text import read_yaml


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
        ("number: 007", {"number": "007"}),
        ("note: ~", {"note": None}),
        ("a: &x {b: 1}\nc: {<<: *x, d: 2}", {"a": {"b": 1}, "c": {"b": 1, "d": 2}}),
    ],
)
def test_words_days_and_times_are_what_they_look_like(
    text: str, meant: dict[str, object], tmp_path: Path
) -> None:
    assert read_yaml(_file(tmp_path, text)) == meant


def test_a_key_that_stands_twice_is_named_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(FileInvalid, match=r"file\.yaml:2.*'on' stands twice"):
        read_yaml(_file(tmp_path, "on: 2014-01-01\non: 2014-01-02"))


def test_broken_yaml_is_named_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(FileInvalid, match=r"file\.yaml:2"):
        read_yaml(_file(tmp_path, "a: 1\nb: [1"))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileInvalid, match=r"none\.yaml"):
        read_yaml(tmp_path / "none.yaml")


def test_nothing_is_run_from_a_file(tmp_path: Path) -> None:
    with pytest.raises(FileInvalid):
        read_yaml(_file(tmp_path, "a: !!python/object/apply:os.getcwd []"))

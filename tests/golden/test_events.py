"""Every event that was ever released is read by today's code, and loses nothing by it."""

from pathlib import Path

import orjson
import pytest

from ledger.store.canonical import body_of, canonical, leaf_hash
from ledger.store.reading import entry_from
from tests.golden import make

FILES = sorted(make.EVENTS.glob("*.json"))


def body(file: Path) -> str:
    return file.read_text(encoding="utf-8").removesuffix("\n")


def test_every_event_of_today_has_its_golden_file() -> None:
    missing = set(make.present()) - {f.name for f in FILES}
    assert not missing, f"run `make golden` and commit what it adds: {sorted(missing)}"


@pytest.mark.parametrize("file", FILES, ids=lambda f: f.stem)
def test_golden_event_is_read_and_loses_nothing(file: Path) -> None:
    stored = orjson.loads(body(file))
    kind = make.kind_of(file)
    entry = entry_from(kind, body(file))
    assert entry.event.type == stored["type"]
    again = body_of(entry, stored["prev"])
    envelope = {k: v for k, v in stored.items() if k not in {"data", "schema"}}
    assert {k: again[k] for k in envelope} == envelope
    if again["schema"] == stored["schema"]:
        assert {k: again["data"].get(k) for k in stored["data"]} == stored["data"]


@pytest.mark.parametrize("file", FILES, ids=lambda f: f.stem)
def test_golden_event_is_in_its_canonical_form(file: Path) -> None:
    text = body(file)
    assert canonical(orjson.loads(text)).decode() == text


def test_golden_files_stay_as_they_are() -> None:
    known = {f.name: leaf_hash(body(f).encode()) for f in FILES}
    lines = make.LISTED.read_text(encoding="utf-8").splitlines()
    listed = {name: digest for digest, name in (line.split("  ") for line in lines)}
    changed = [name for name, digest in listed.items() if known.get(name) != digest]
    assert not changed, f"golden files were changed or removed: {changed}"
    assert set(known) == set(listed)


def test_what_an_event_could_once_say_it_can_still_say() -> None:
    """A value that leaves a closed set makes every event unreadable that holds it."""
    listed = set(make.CHOICES.read_text(encoding="utf-8").splitlines())
    gone = sorted(listed - make.choices())
    assert not gone, f"old events hold these: keep them for reading: {gone}"
    new = sorted(make.choices() - listed)
    assert not new, f"run `make golden` and commit what it adds: {new}"

"""Every event that was ever released is said in both languages, each in its own words."""

from pathlib import Path

import pytest

from ledger.store.reading import entry_from
from tests.english import english
from tests.golden import make
from tests.golden.test_events import FILES, body
from words.sentence import Speaker


@pytest.mark.parametrize("file", FILES, ids=lambda f: f.stem)
def test_golden_event_is_said_in_both_languages(file: Path) -> None:
    entry = entry_from(make.kind_of(file), body(file))
    said = Speaker("Asia/Shanghai").say(entry)
    assert english(said.zh, entry) == set(), said.zh
    assert not set("—{}") & set(said.zh + said.en), said

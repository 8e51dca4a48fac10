"""What the rehearsals recorded is said in Chinese without an English word."""

import pytest

from domain.registry import kind_for
from domain.terms.stream import StreamName
from ledger.store.reading import entry_from
from tests.english import english
from tests.integration.rehearsal.conftest import Theatre
from words.sentence import Speaker


@pytest.mark.parametrize("name", ["fuyang-2014", "liupu"])
async def test_nothing_said_in_chinese_holds_an_english_word(theatre: Theatre, name: str) -> None:
    played = await theatre.once(name)
    bodies = {(StreamName(stream), version): b for (stream, version), b in played.bodies.items()}
    entries = {place: entry_from(kind_for(place[0]), b) for place, b in bodies.items()}
    speaker = Speaker("Asia/Shanghai")
    found: dict[str, set[str]] = {}
    for (stream, _), entry in entries.items():
        before = entries.get((stream, getattr(entry.event, "entry", 0) or 0))
        said = speaker.say(entry, before if entry.event.type == "corrected" else None)
        if words := english(said.zh, entry):
            found[said.zh] = words
    assert found == {}

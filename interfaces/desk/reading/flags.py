"""What is flagged in a programme or a block, each with its events, as the domain says."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from domain.engine.fold import FoldError, effective
from domain.engine.message import Entry
from domain.engine.rule import RULES
from domain.flag import FLAGS, LOOKED_AT, Case, Found, raised
from domain.past import known, true_state
from domain.profile import Profile
from domain.registry import kind_for
from domain.streams.contract.price import ContractSigned
from domain.streams.programme.decide import PROGRAMME
from domain.streams.programme.state import profile_of
from domain.terms.stream import StreamName, kind_of, programme_of
from domain.terms.value import Instant, Text, Value
from interfaces.desk.reading.answers import Place
from interfaces.desk.reading.history import looked_at, told
from interfaces.desk.reading.line import Line
from interfaces.desk.reading.reading import Reader
from ledger.read import entries as stored
from ledger.store.reading import entry_from
from words import catalogue


class FlagLine(Value):
    """A flag, what it means, and how often it was raised."""

    id: str
    title: Text
    means: Text
    count: int


class Finding(Value):
    """One thing that is flagged, with the entries that say so."""

    number: int
    flag: str
    at: Instant
    what: Text
    rule: str | None = None
    rule_text: Text | None = None
    lines: tuple[Line, ...]


class Flagged(Value):
    """What is flagged in a programme, or in one of its streams and below."""

    place: Place
    flags: tuple[FlagLine, ...]
    findings: tuple[Finding, ...]
    unreadable: tuple[str, ...] = ()
    """Streams of which an entry cannot be read, and which were left out."""


async def flagged(reader: Reader, stream: StreamName, *, words: bool = True) -> Flagged:
    """Return what is flagged in a stream and below it.

    A block's contracts are the programme's: those that cover it belong to it. Without `words` what
    people wrote is left out.

    Raises:
        UnknownName: if there is no such stream.

    """
    looked = await looked_at(reader, stream)
    programme = programme_of(stream)
    entries, unreadable = await _entries(reader, programme)
    case = Case(entries, looked.place.zone, await _profiles(reader, programme))
    belongs = _Belonging(stream, entries)
    found = [(flag, one) for flag, one in raised(case) if belongs.holds(one)]
    lines = await told(
        reader,
        looked,
        list(dict.fromkeys(p for _, one in found for p in one.places)),
        words=words,
    )
    at = {(line.stream, line.version): line for line in lines}
    counts = {flag.id: sum(f is flag for f, _ in found) for flag in FLAGS}
    return Flagged(
        place=looked.place,
        flags=tuple(
            FlagLine(id=f.id, title=f.title, means=f.means, count=counts[f.id]) for f in FLAGS
        ),
        findings=tuple(
            Finding(
                number=number,
                flag=flag.id,
                at=one.at,
                what=catalogue.both(one.what),
                rule=one.rule,
                rule_text=RULES[one.rule].text if one.rule in RULES else None,
                lines=tuple(at[p] for p in one.places if p in at),
            )
            for number, (flag, one) in enumerate(found, 1)
        ),
        unreadable=tuple(unreadable),
    )


async def programmes(reader: Reader) -> list[StreamName]:
    """Return every programme of a ledger."""
    return [p.place.stream for p in await reader.programmes()]


class _Belonging:
    """Which findings belong to a stream and those below it."""

    def __init__(self, stream: StreamName, entries: Mapping[StreamName, Sequence[Entry]]) -> None:
        self._stream = stream
        self._contracts: set[StreamName] = set()
        if kind_of(stream) == "block":
            slug = stream.rsplit("/", 1)[-1]
            self._contracts = {
                name
                for name, of in entries.items()
                for e in of
                if isinstance(e.event, ContractSigned) and slug in e.event.blocks
            }

    def holds(self, found: Found) -> bool:
        return any(
            s == self._stream or s.startswith(f"{self._stream}/") or s in self._contracts
            for s, _ in found.places
        )


async def _entries(
    reader: Reader, programme: StreamName
) -> tuple[dict[StreamName, list[Entry]], list[str]]:
    types = sorted({str(e.model_fields["type"].default) for e in LOOKED_AT})
    found: dict[StreamName, list[Entry]] = {}
    unreadable: list[str] = []
    for stream, of in (await stored.looked_at(reader.pool, programme, types)).items():
        try:
            found[stream] = [entry_from(kind_for(stream), r.body) for r in of]
        except FoldError:
            unreadable.append(stream)
    return found, unreadable


class _Profiles:
    """The programme's profile as it was known at an instant."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        self._entries = entries

    def __call__(self, at: datetime) -> Profile:
        led = true_state(PROGRAMME, effective(PROGRAMME, known(self._entries, at)))
        return profile_of(led) if led else Profile()


async def _profiles(reader: Reader, programme: StreamName) -> _Profiles:
    kind = kind_for(programme)
    try:
        bodies = await stored.bodies(reader.pool, programme)
        return _Profiles([entry_from(kind, body) for body in bodies])
    except FoldError:
        return _Profiles([])

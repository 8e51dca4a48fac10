"""A stream as it was: its state at an instant or an entry, in either of the two times."""

from domain.engine.fold import FoldError
from domain.engine.state import State
from domain.past import Time
from domain.streams.programme.state import calendar_of
from domain.terms.calendar import Calendar
from domain.terms.stream import StreamName
from domain.terms.value import Text
from interfaces.desk.errors import BadRequest
from interfaces.desk.names.moments import Moment, exact
from interfaces.desk.past.answers import Later, Past
from interfaces.desk.past.dossier import Dossier, read_dossier
from interfaces.desk.past.looking import Look
from interfaces.desk.past.rules import programme_then, rules_of
from interfaces.desk.reading.bulk import bulk
from interfaces.desk.reading.history import looked_at, told
from interfaces.desk.reading.reading import Looked, Reader

TOLD = 12
"""How many entries that came later are told; all are counted."""


async def past(
    reader: Reader,
    stream: StreamName,
    *,
    moment: Moment | None = None,
    version: int | None = None,
    time: Time = Time.KNOWN,
) -> Past:
    """Return a stream as it was at an instant, or as it was known at one of its entries.

    Raises:
        UnknownName: if there is no such stream.
        BadRequest: if the instant is yet to come, or there is no such entry.

    """
    looked = await looked_at(reader, stream)
    dossier = await read_dossier(reader, stream)
    asked = asked_moment(looked, dossier, moment, version)
    look = Look(dossier, time, asked.at, version)
    after = look.later()
    later = Later(
        came=len(after.came),
        amended=len(after.amended),
        lines=await told(reader, looked, [*after.came, *after.amended][:TOLD]),
    )
    with bulk():
        return _past(looked, dossier, look, asked, version, time, later)


def _past(
    looked: Looked,
    dossier: Dossier,
    look: Look,
    asked: Moment,
    version: int | None,
    time: Time,
    later: Later,
) -> Past:
    stream, programme = looked.place.stream, dossier.programme
    folded = look.own()
    state = folded if isinstance(folded, State) else None
    led = programme_then(programme, asked.at, time)
    recorded = dossier.recorded(stream)
    return Past(
        place=looked.place,
        time=time,
        moment=asked,
        asked_version=version,
        version=max((e.version for e in look.counting), default=0),
        entries=len(look.counting),
        version_now=len(recorded),
        state=state,
        unfolded=str(folded) if isinstance(folded, FoldError) else None,
        rules=rules_of(stream, state, led, programme, asked.at, time),
        below=look.below(),
        deadlines=look.deadlines(calendar_of(led) if led else Calendar(looked.place.zone)),
        lacks=look.lacks(looked, state),
        counted=look.counted(stream),
        later=later,
        first_recorded=recorded[0].recorded_at,
        first_so=dossier.so_at(recorded[0]),
    )


def asked_moment(
    looked: Looked, dossier: Dossier, moment: Moment | None, version: int | None
) -> Moment:
    """Return the instant that is meant: as asked, or when an entry was recorded.

    Raises:
        BadRequest: if it is yet to come, or there is no such entry.

    """
    stream, zone = looked.place.stream, looked.place.zone
    recorded = dossier.recorded(stream)
    if version is not None:
        if version > len(recorded):
            raise BadRequest(
                Text(zh=f"{stream} 没有第 {version} 条", en=f"{stream} has no entry {version}"),
                Text(zh=f"现有 {len(recorded)} 条", en=f"There are {len(recorded)}"),
            )
        return Moment(at=recorded[version - 1].recorded_at, zone=zone)
    if moment is None:
        return Moment(at=dossier.now, zone=zone)
    if moment.at <= dossier.now:
        return moment
    if moment.day and Calendar(zone).day(dossier.now).isoformat() == moment.day:
        return Moment(at=dossier.now, zone=zone)
    now = exact(dossier.now, zone)
    raise BadRequest(
        Text(
            zh=f"{moment.told} 还没有到：账本的时间是 {now}（{zone}）",
            en=f"{moment.told} is yet to come: the ledger's time is {now} ({zone})",
        ),
        Text(zh="请问已经过去的时间", en="Ask about an instant that has passed"),
    )

"""What is kept outside the events: whose it is, why, until when, and how it stands."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from domain.engine.fold import FoldError
from domain.keeping import FOR_GOOD, NOT_RECORDED, Keeping
from domain.profile import Profile
from domain.streams.programme.state import ProgrammeState, profile_of
from domain.terms.stream import StreamName, programme_of
from domain.terms.value import Instant, Value
from domain.terms.zone import zone_of
from ledger.store import store
from ledger.store.heads import DEFAULT_ZONE, Heads
from ledger.store.store import Connection
from ledger.vault import mentions
from ledger.vault.mentions import Mention, Subject
from ledger.vault.register import How, Marks

UNDER_WAY = timedelta(minutes=10)
"""A value that no event names yet belongs to a command that may still be recorded this long."""

_ROWS = """
SELECT digest, subject, name, kept_at, false AS restricted, NULL AS location, NULL AS media_type
FROM vault.disclosure WHERE {0}
UNION ALL
SELECT digest, subject, name, kept_at, true, NULL, NULL FROM vault.restricted WHERE {0}
UNION ALL
SELECT digest, subject, '', kept_at, restricted, location, media_type FROM vault.evidence WHERE {0}
"""
_BY_DIGEST = _ROWS.format("digest = ANY($1::text[])")
_OF_SUBJECT = _ROWS.format(
    "subject = $1 OR subject >= $1 || '/' AND subject < $1 || '0' "
    "OR starts_with(subject, $3) AND right(subject, length($2::text) + 1) = '/' || $2"
)
_ALL = _ROWS.format("true")
_HOLDERS = "SELECT digest, subject, kept_at FROM vault.holder WHERE digest = ANY($1::text[])"
_REHEARSAL = "SELECT ledger.is_rehearsal()"


class Stands(StrEnum):
    """How something stands."""

    KEPT = "kept"
    RESTRICTED = "restricted"
    ERASED = "erased"
    LOST = "lost"
    """Gone without an erasure."""
    UNDER_WAY = "under_way"
    """No event names it yet, and one may still come."""


class Item(Value):
    """One value or file."""

    digest: str
    field: str
    places: tuple[str, ...]
    """The entries that name it, as `stream@version`."""
    people: tuple[str, ...]
    """Whose it is, by opaque codes; none where a body speaks."""
    rule: str
    """Why it is kept."""
    until: date | None
    """The first day on which no entry that names it, anybody's, needs it any more; None: never."""
    holds: bool
    """Whether the archive needs it today for the subject's own entries: it is not erased then."""
    stands: Stands
    of_office: bool = False
    """Whether an official or a body said it in office: it is kept for good."""
    shared: bool = False
    """Whether somebody else's entry names it too, or is about to: it goes with the last of them."""
    kept_under: str | None = None
    """The stream whose command brought it."""
    kept_at: Instant | None = None
    media_type: str | None = None
    location: str | None = None
    marked_at: Instant | None = None
    """When it was erased or restricted, …"""
    ground: str | None = None
    """… on what ground, …"""
    document: str | None = None
    """… and by which document."""

    @property
    def is_file(self) -> bool:
        return self.digest.startswith("sha256:")

    @property
    def there(self) -> bool:
        return self.stands in (Stands.KEPT, Stands.RESTRICTED)

    @property
    def belongs_below(self) -> StreamName:
        """The stream that names it, or whose command brought it."""
        named = self.places[0].partition("@")[0] if self.places else self.kept_under
        return StreamName(named or "")


async def of_subject(connection: Connection, subject: Subject) -> list[Item]:
    """Return everything about a subject, as its events stand; in a transaction."""
    own = await mentions.of_subject(connection, subject)
    scope = f"{subject.scope}/" if subject.scope else ""
    rows = await connection.fetch(_OF_SUBJECT, subject.name, subject.code, scope)
    named = {m.digest for m in own}
    return await _items(connection, own, {r["digest"] for r in rows} - named, subject)


async def due(connection: Connection) -> list[Item]:
    """Return everything whose term is over, and what was kept for nothing; in a transaction."""
    everything = [m async for m in mentions.of_streams(connection, None)]
    rows = await connection.fetch(_ALL)
    named = {m.digest for m in everything}
    unnamed = {r["digest"] for r in rows} - named
    today = await _today(connection)
    items = await _items(connection, everything, unnamed, None)
    return [i for i in items if i.there and i.until is not None and i.until <= today]


async def _items(
    connection: Connection,
    own: Sequence[Mention],
    unnamed: Collection[str],
    subject: Subject | None,
) -> list[Item]:
    """Put together what is about a subject (None: about anybody) and how each thing stands."""
    digests = {m.digest for m in own}
    kept = {r["digest"]: r for r in await connection.fetch(_BY_DIGEST, [*digests, *unnamed])}
    files = {d for d in digests if d.startswith("sha256:")}
    # Of words too: ledgers of earlier releases hold some that others quoted.
    others = (
        await mentions.of_digests(connection, digests | set(unnamed)) if subject is not None else []
    )
    unnamed = set(unnamed) - {m.digest for m in others}
    marks = await Marks.read(connection)
    now: datetime = await connection.fetchval("SELECT ledger.now()")
    rehearsal = await connection.fetchval(_REHEARSAL)
    fresh = set()
    if subject is not None and not rehearsal:
        fresh = await _held_just_now(connection, files, now, subject, [*own, *others])
    rules = await _programmes(connection, [m.stream for m in (*own, *others)])
    by_digest: dict[str, list[Mention]] = defaultdict(list)
    for mention in own:
        by_digest[mention.digest].append(mention)
    standing_others: dict[str, list[Mention]] = defaultdict(list)
    for mention in others:
        if _holds_on(mention, subject, marks):
            standing_others[mention.digest].append(mention)
    found = []
    for digest, where in by_digest.items():
        shared_with = standing_others[digest]
        keeping, until = _longest([*where, *shared_with], rules)
        today = _today_in(now, rules, where[0].stream)
        found.append(
            Item(
                digest=digest,
                field=where[0].field,
                places=tuple(dict.fromkeys(m.place for m in where)),
                people=tuple(sorted({m.person for m in where if m.person is not None})),
                rule=keeping.rule.id,
                until=until,
                holds=any(
                    k.holds and (term is None or term > today) for k, term in _terms(where, rules)
                ),
                of_office=any(m.keeping is FOR_GOOD for m in where),
                shared=digest in fresh or bool(shared_with),
                **_standing(digest, kept.get(digest), marks),
            )
        )
    profile = Profile()
    for digest in unnamed:
        row = kept.get(digest)
        if row is None:
            continue
        under_way = not rehearsal and row["kept_at"] > now - UNDER_WAY
        standing = _standing(digest, row, marks)
        if under_way:
            standing["stands"] = Stands.UNDER_WAY
        found.append(
            Item(
                digest=digest,
                field=row["name"],
                places=(),
                people=(),
                rule=NOT_RECORDED.rule.id,
                until=NOT_RECORDED.until(row["kept_at"], profile, DEFAULT_ZONE),
                holds=False,
                **standing,
            )
        )
    return sorted(found, key=lambda i: (i.places[:1], i.digest))


def _holds_on(mention: Mention, subject: Subject | None, marks: Marks) -> bool:
    """Tell whether a mention is another's than the subject's, who has not let go of it since."""
    if subject is None or subject.is_of(mention):
        return False
    gone = marks.let_go.get(mention.digest, {})
    return not any(mention.at <= at and Subject(name).is_of(mention) for name, at in gone.items())


async def _held_just_now(
    connection: Connection,
    files: Collection[str],
    now: datetime,
    subject: Subject,
    known: Sequence[Mention],
) -> set[str]:
    """Return the files that somebody else put just now for a command that is still under way."""
    recorded: dict[tuple[str, str], datetime] = {}
    for mention in known:
        place = (mention.digest, mention.stream)
        recorded[place] = max(mention.at, recorded.get(place, mention.at))
    found = set()
    for row in await connection.fetch(_HOLDERS, list(files)):
        place = (row["digest"], row["subject"])
        own = row["subject"] == subject.name or row["subject"].startswith(f"{subject.name}/")
        over = place in recorded and recorded[place] >= row["kept_at"]
        if row["kept_at"] > now - UNDER_WAY and not own and not over:
            found.add(row["digest"])
    return found


def _standing(digest: str, row: Any, marks: Marks) -> dict[str, Any]:
    mark = marks.of.get(digest)
    stands = Stands.LOST
    if row is not None:
        stands = Stands.RESTRICTED if row["restricted"] else Stands.KEPT
    elif mark is not None and mark.how is How.ERASED:
        stands = Stands.ERASED
    shown = mark if stands in (Stands.RESTRICTED, Stands.ERASED) else None
    return {
        "stands": stands,
        "kept_under": row["subject"] if row is not None else None,
        "kept_at": row["kept_at"] if row is not None else None,
        "media_type": row["media_type"] if row is not None else None,
        "location": row["location"] if row is not None else None,
        "marked_at": shown.at if shown else None,
        "ground": shown.ground.value if shown else None,
        "document": shown.document if shown else None,
    }


def _longest(
    where: Iterable[Mention], rules: Mapping[StreamName, tuple[Profile, str]]
) -> tuple[Keeping, date | None]:
    """Return what keeps something longest, of all places that name it."""
    return max(_terms(where, rules), key=lambda t: (t[1] is None, t[1] or date.min, t[0].holds))


def _terms(
    where: Iterable[Mention], rules: Mapping[StreamName, tuple[Profile, str]]
) -> list[tuple[Keeping, date | None]]:
    """Return why and until when each place that names something keeps it."""
    terms = []
    for mention in where:
        profile, zone = rules[programme_of(mention.stream)]
        terms.append((mention.keeping, mention.keeping.until(mention.at, profile, zone)))
    return terms


async def _programmes(
    connection: Connection, streams: Iterable[StreamName]
) -> dict[StreamName, tuple[Profile, str]]:
    """Return the profile and the zone of every programme that streams belong to."""
    names = sorted({programme_of(s) for s in streams})
    found: dict[StreamName, tuple[Profile, str]] = {n: (Profile(), DEFAULT_ZONE) for n in names}
    if not names:
        return found
    heads = Heads()
    for name, row in (await store.read(connection, None, names)).rows.items():
        try:
            state = (await heads.of(connection, row)).state
        except FoldError:
            continue  # quarantined: the terms of every programme that sets none of its own
        if isinstance(state, ProgrammeState):
            found[name] = (profile_of(state), state.zone)
    return found


def _today_in(
    now: datetime, rules: Mapping[StreamName, tuple[Profile, str]], stream: StreamName
) -> date:
    return now.astimezone(zone_of(rules[programme_of(stream)][1])).date()


async def _today(connection: Connection) -> date:
    now: datetime = await connection.fetchval("SELECT ledger.now()")
    return now.astimezone(zone_of(DEFAULT_ZONE)).date()

"""What Temporal's own pages and lists show of a stream: facts and short words.

Whoever opens the page may read all of it: no words of anybody's and no names of persons are here,
and what came from outside is named only if it is a word of ours. The server takes 400 bytes of a
summary.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import groupby

from temporalio import workflow
from temporalio.common import SearchAttributeKey, SearchAttributeUpdate, TypedSearchAttributes

with workflow.unsafe.imports_passed_through():
    from domain import search
    from domain.engine.kind import command_type
    from domain.engine.message import Submission
    from domain.engine.rule import RULES
    from domain.engine.state import Effect, Lack, Status
    from domain.registry import kind_for
    from domain.terms.role import ROLE_TEXT
    from domain.terms.stream import BadStreamName, StreamName, programme_of

_Update = SearchAttributeUpdate[str] | SearchAttributeUpdate[datetime]
_KEYWORDS = {name: SearchAttributeKey.for_keyword(name) for name in search.KEYWORDS}
_INSTANTS = {name: SearchAttributeKey.for_datetime(name) for name in search.INSTANTS}
_LONGEST = 100
"""Characters of a key: one may hold a name."""
_NAMED = 3
"""Commands named one by one in a summary."""


def static_summary(stream: StreamName) -> str:
    """Return what a stream's workflow is, in one line."""
    title = kind_for(stream).title
    return f"{title.zh} {title.en} · {programme_of(stream)}"


def static_details(stream: StreamName) -> str:
    """Return what a stream's workflow is there for."""
    return (
        f"跟随账本中的 `{stream}`：等期限，办自动事项；由账本决定，记录都在账本里。\n\n"
        f"Follows `{stream}` of the ledger: waits for deadlines and does what is done by itself. "
        "The ledger decides, and what is recorded is there."
    )


def current_details(status: Status) -> str:
    """Return where a stream stands, as Markdown: stage, what leads on, deadline, breaches."""
    lines = [f"阶段 stage: `{status.stage}`"]
    if status.closed:
        lines.append("已结束 closed")
    if status.suspended:
        lines.append("已暂停 suspended")
    if status.quarantined:
        lines.append("已隔离，等待处理 quarantined: somebody has to look at it")
    elif not status.closed:
        forward = kind_for(status.stream).forward.get(status.stage, ())
        ways = [f"{c.zh} `{command_type(c)}`" for c in forward]
        if ways:
            lines.append(f"由此往下 leads on: {' · '.join(ways)}")
    # Each stands by itself: the page runs the lines of a list within a list together.
    lines.extend(f"尚缺 missing: {line}" for line in _lacks(status.lacks))
    if status.due is not None:
        lines.append(f"下一期限 next deadline: {_instant(status.due)} {_lapses(status)}")
    if status.breaches:
        lines.append(f"未了结的违规 open breaches: {status.breaches}")
    lines.append(f"截至 as of {status.version} · {_instant(status.recorded_at)}")
    return "\n".join(f"- {line}" for line in lines)


def deadline_summary(status: Status | None) -> str | None:
    """Return what is waited for."""
    if status is None or status.due is None:
        return None
    return f"期限 deadline {_lapses(status)} {_instant(status.due)}"


def commands_summary(submissions: Sequence[Submission]) -> str:
    """Return which commands are recorded together."""
    try:
        known = kind_for(submissions[0].stream).command_types
    except BadStreamName:
        known = {}  # whoever reaches Temporal can start a workflow under any name
    types = [s.command.get("type") for s in submissions]
    named = [t if isinstance(t, str) and t in known else "?" for t in types]
    beyond = len(named) - _NAMED
    return ", ".join(named[:_NAMED]) + (f" +{beyond}" if beyond > 0 else "")


def effect_summary(effect: Effect) -> str:
    """Return what is done outside, and where."""
    return f"{effect.kind} {effect.id}"[:_LONGEST]


def search_updates(status: Status, now: TypedSearchAttributes) -> list[_Update]:
    """Return what has to change for a stream to be found where it stands; `now` is what is set."""
    updates: list[_Update] = []
    for name, word in search.keywords(status).items():
        key = _KEYWORDS[name]
        if now.get(key) != word:
            updates.append(key.value_set(word))
    for name, instant in search.instants(status).items():
        when = _INSTANTS[name]
        if now.get(when) != instant:
            updates.append(when.value_unset() if instant is None else when.value_set(instant))
    return updates


def _lapses(status: Status) -> str:
    if status.due_key is None:
        return "下级对象 of a stream below"
    return f"`{status.due_key[:_LONGEST]}`"


def _lacks(lacks: Iterable[Lack]) -> Iterator[str]:
    """Say what is missing by the rules that ask for it, in the domain's own words.

    A history may name a rule that this release has no more.
    """
    for (rule, owed_by), of_one in groupby(lacks, key=lambda one: (one.rule, one.owed_by)):
        asks = RULES.get(rule)
        words = f"{asks.text.zh} {asks.text.en} " if asks else ""
        parts = ", ".join(filter(None, map(_part, of_one)))
        yield f"{words}`{rule}`{': ' if parts else ''}{parts} · {ROLE_TEXT[owed_by].zh} {owed_by}"


def _part(lack: Lack) -> str:
    """Say which of several things it is, and how many of it."""
    times = f"×{lack.times}" if lack.times > 1 else ""
    return " ".join(filter(None, (lack.code.removeprefix(lack.rule)[1:], times)))


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%SZ")

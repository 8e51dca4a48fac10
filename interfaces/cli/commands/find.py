"""`siwen find`: streams by name, kind and stage."""

from typing import Annotated

import typer

from domain.terms.value import Text
from interfaces.cli.call import Call
from interfaces.cli.language import both, lang, say
from interfaces.cli.output import Out
from interfaces.cli.view import shared
from interfaces.desk.errors import BadRequest
from interfaces.desk.ledgers import Ledgers
from interfaces.desk.reading.search import Found, Search
from interfaces.desk.reading.search import search as search_in
from words import labels
from words.labels import title


async def find(
    call: Call,
    words: Annotated[
        list[str],
        typer.Argument(
            metavar="WORDS...",
            help=both("名称、种类或阶段，中文或英文", "Names, kinds, stages, in either language."),
        ),
    ],
    only_open: Annotated[
        bool, typer.Option("--open", help=both("只看未结束的", "Those that are open only."))
    ] = False,
    limit: Annotated[
        int,
        typer.Option("--limit", metavar="N", min=1, max=1000, help=both("最多几个", "At most.")),
    ] = 20,
) -> None:
    if not any(word.strip() for word in words):
        raise BadRequest(
            Text(zh="没有要找的词", en="There is nothing to search for"),
            Text(zh="例如 siwen find 公示", en="`siwen find notice` lists notices"),
        )
    async with Ledgers(call.settings, beside=call.beside) as ledgers:
        found = [
            await search_in(r, words, only_open=only_open, limit=limit)
            for r in await ledgers.every()
        ]
    if call.out.as_json:
        call.out.data(found)
    else:
        _say(call.out, found)


def _say(out: Out, searches: list[Search]) -> None:
    rows = [(search, one) for search in searches for one in search.found]
    if rows:
        out.table(
            (
                say("名称", "name"),
                say("种类", "kind"),
                say("阶段", "stage"),
                say("到期", "due"),
                say("最近", "last entry"),
                "",
            ),
            [_row(search, one) for search, one in rows],
        )
    else:
        out.line(say("没有找到", "Nothing is called so."))
    more = sum(s.total - len(s.found) for s in searches)
    if more:
        out.line((say(f"还有 {more} 个（--limit）", f"and {more} more (--limit)"), "dim"))
    for search in searches:
        if search.missing:
            out.line(("⚠ ", "yellow"), _missing(search), hanging=2)


def _row(search: Search, one: Found) -> tuple[object, ...]:
    stage = labels.stage(one.kind, one.stage).in_(lang())
    return (
        (f"{one.name}\n{one.stream}" if one.name != one.stream else one.stream, "bold"),
        title(one.kind).in_(lang()),
        (stage, "dim" if one.closed else "cyan"),
        shared.due(one.due, one.zone) if one.due else "",
        shared.when(one.last_at, one.zone)[:10],
        (_marks(search, one), "yellow"),
    )


def _marks(search: Search, one: Found) -> str:
    marks = [
        say("演练", "REHEARSAL") if search.rehearsal else "",
        say("暂停", "suspended") if one.suspended else "",
        say(f"违规 {one.breaches}", f"{one.breaches} breaches") if one.breaches else "",
    ]
    return " ".join(m for m in marks if m)


def _missing(search: Search) -> str:
    if not search.leaves:
        return say(
            f"{search.ledger}：视图还没有生成（siwen views rebuild）",
            f"{search.ledger}: the views are not made yet (`siwen views rebuild`)",
        )
    return say(
        f"{search.ledger}：最近的 {search.missing} 条记录还没有算进来",
        f"{search.ledger}: the {search.missing} newest entries are not in this answer yet",
    )

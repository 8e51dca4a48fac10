"""`siwen vault`: what is kept outside the events, until when, and how it is erased."""

import os
from collections.abc import Awaitable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, TypeVar

import typer
from pydantic import TypeAdapter, ValidationError

from domain.keeping import GROUNDS, Ground
from domain.terms.role import Actor
from domain.terms.value import DocumentNumber, Text
from interfaces.cli.acting import named_only
from interfaces.cli.call import Call
from interfaces.cli.exits import FAILED, REFUSED, Ended
from interfaces.cli.language import both, say
from interfaces.cli.view import answer as answer_view
from interfaces.cli.view import vault as view
from interfaces.desk.errors import BadRequest
from interfaces.desk.ledgers import Ledgers
from interfaces.desk.operating.vault import (
    Act,
    Refused,
    VaultDesk,
    eraser_of,
    find,
    items_of,
    save_files,
    values_of,
    write_pages,
)
from ledger.vault.erasure import Order

T = TypeVar("T")

_SUBJECT = typer.Argument(
    metavar="SUBJECT",
    help=both(
        "户、意见、区块等的名称，户码，或人员编号",
        "A household, an opinion, a block … by any name; a household's code; a person's id.",
    ),
)
Subject = Annotated[str, _SUBJECT]
Basis = Annotated[
    str | None,
    typer.Option(
        "--basis",
        metavar="BASIS",
        help=both(
            "依据（个人信息保护法第四十七条）：withdrawn 撤回同意、purpose_met 目的已实现、"
            "term_over 期限届满、unlawful 违法处理、ordered 法定其他情形",
            "Why (个人信息保护法 art. 47): withdrawn (consent), purpose_met, term_over, unlawful, "
            "ordered.",
        ),
    ),
]
Document = Annotated[
    str | None,
    typer.Option(
        "--document", metavar="NUMBER", help=both("文号", "The document behind it, by its number.")
    ),
]
As = Annotated[
    str | None,
    typer.Option(
        "--as",
        metavar="ACTOR:ROLE",
        help=both(
            "由谁以何职责办理，如 of-01:office(或设 SIWEN_AS)",
            "Who acts in which role, like of-01:office (or set SIWEN_AS).",
        ),
    ),
]
Everyone = Annotated[
    bool,
    typer.Option("--everyone", help=both("几个人的内容一并办理", "Everybody whom it is about.")),
]


async def list_(call: Call, subject: Subject) -> None:
    await _look(call, subject, None)


async def show(
    call: Call,
    subject: Subject,
    values: Annotated[
        bool, typer.Option("--values", help=both("显示内容", "Show the words."))
    ] = False,
    restricted: Annotated[
        bool,
        typer.Option(
            "--restricted",
            help=both(
                "也显示受限的内容：须 --as 和 --document，并记入账本",
                "Show what is restricted too: with --as and --document, and recorded.",
            ),
        ),
    ] = False,
    files: Annotated[
        Path | None,
        typer.Option(
            "--files",
            metavar="DIR",
            help=both("把文件存到这个目录", "Write the files into this directory."),
        ),
    ] = None,
    document: Document = None,
    as_: As = None,
) -> None:
    words: dict[str, str] = {}
    if restricted:
        by, number = _actor(as_), _number(document)
        await _require_here(call, subject)
        async with VaultDesk(call.settings) as desk:
            words = await _allowed(call, desk.open(subject, by, number))
    await _look(call, subject, Full(values or restricted, words, files, restricted))


async def due(call: Call) -> None:
    async with Ledgers(call.settings, beside=call.beside) as ledgers:
        found = {
            r.ledger: await eraser_of(call.settings.for_ledger(r.ledger), r.pool).due()
            for r in await ledgers.every()
        }
    if call.out.as_json:
        call.out.data(found)
        return
    for ledger, items in found.items():
        view.due(call.out, ledger, items)


@dataclass(frozen=True)
class Full:
    """What is shown beyond the list."""

    values: bool
    opened: dict[str, str]
    """Restricted words that were asked for on record."""
    files: Path | None
    restricted: bool


async def _look(call: Call, subject: str, full: Full | None) -> None:
    async with Ledgers(call.settings, beside=call.beside) as ledgers:
        reader, name = await find(ledgers, subject)
        items = await items_of(reader, call.settings, name)
        words = dict(full.opened) if full else {}
        if full and full.values:
            words |= await values_of(reader, items)
        saved = []
        if full and full.files:
            saved = await save_files(
                reader, call.settings, items, full.files, restricted=full.restricted
            )
    if call.out.as_json:
        found = {"ledger": reader.ledger, "subject": name, "items": items}
        call.out.data({**found, "values": words, "files": saved} if full else found)
    elif full:
        view.shown(call.out, name, items, words, rehearsal=reader.rehearsal)
        view.saved(call.out, saved)
    else:
        view.listed(call.out, name, items, rehearsal=reader.rehearsal)


async def erase(
    call: Call,
    subject: Annotated[str | None, _SUBJECT] = None,
    basis: Basis = None,
    document: Document = None,
    as_: As = None,
    everyone: Everyone = False,
    due: Annotated[
        bool,
        typer.Option(
            "--due", help=both("所有期限已届满的", "Everything whose term is over, of anybody.")
        ),
    ] = False,
) -> None:
    if (subject is None) is not due:
        raise typer.BadParameter(
            say("请写明是谁的，或用 --due，两者取一", "say whose, or --due: one of the two")
        )
    order = _order(as_, basis or ("term_over" if due else None), document)
    await _require_here(call, subject)
    async with VaultDesk(call.settings) as desk:
        if subject is None:
            acts = await _allowed(call, desk.erase_due(order))
        else:
            acts = [await _allowed(call, desk.erase(subject, order, everyone=everyone))]
        _show(call, acts, rehearsal=desk.reader.rehearsal)
    if any(view.refused_some(a.done) for a in acts):
        raise Ended(REFUSED)


async def restrict(
    call: Call,
    subject: Subject,
    basis: Basis = None,
    document: Document = None,
    as_: As = None,
    everyone: Everyone = False,
) -> None:
    order = _order(as_, basis, document)
    await _require_here(call, subject)
    async with VaultDesk(call.settings) as desk:
        act = await _allowed(call, desk.restrict(subject, order, everyone=everyone))
        _show(call, [act], rehearsal=desk.reader.rehearsal)


async def lift(
    call: Call,
    subject: Subject,
    basis: Basis = None,
    document: Document = None,
    as_: As = None,
) -> None:
    order = _order(as_, basis, document)
    await _require_here(call, subject)
    async with VaultDesk(call.settings) as desk:
        act = await _allowed(call, desk.lift(subject, order))
        _show(call, [act], rehearsal=desk.reader.rehearsal)


async def sweep(call: Call) -> None:
    async with VaultDesk(call.settings) as desk:
        swept = await desk.sweep()
    if call.out.as_json:
        call.out.data(swept)
    else:
        view.swept(call.out, swept)


async def pages(call: Call) -> None:
    done = await write_pages(call.settings)
    if call.out.as_json:
        call.out.data({"ledger": call.settings.ledger, "pages": done})
    else:
        view.pages(call.out, done=done)
    if not done:
        raise Ended(FAILED)


def _show(call: Call, acts: list[Act], *, rehearsal: bool) -> None:
    if call.out.as_json:
        call.out.data(acts)
    else:
        view.acted(call.out, acts, rehearsal=rehearsal)


def _order(named: str | None, basis: str | None, document: str | None) -> Order:
    ground = _ground(basis)
    return Order(_actor(named), ground, document and _number(document))


def _actor(named: str | None) -> Actor:
    actor = named_only(named or os.environ.get("SIWEN_AS"))
    if actor is None:
        raise BadRequest(
            Text(zh="没有说明由谁办理", en="Who does this was not said"),
            Text(
                zh="请加 --as 编号：职责（办公室或领导小组）",
                en="Add --as ACTOR:ROLE, of the office or the leading group",
            ),
        )
    return actor


def _ground(text: str | None) -> Ground:
    """Return the ground that is meant, by its code or in words."""
    said = (text or "").strip().casefold()
    for ground, words in GROUNDS.items():
        if said in (ground.value, words.zh.casefold(), words.en.casefold()):
            return ground
    near = [g for g, w in GROUNDS.items() if said and (said in w.zh or said in g.value)]
    if len(near) == 1:
        return near[0]
    raise BadRequest(
        Text(zh=f"没有依据「{text[:40]}」", en=f"There is no basis {text[:40]!r}")
        if text
        else Text(zh="没有说明依据", en="On what basis was not said"),
        Text(
            zh="--basis 可写："
            + "、".join(f"{g}（{w.zh}）" for g, w in GROUNDS.items())
            + "。文号用 --document",
            en="--basis is one of "
            + ", ".join(f"{g} ({w.en})" for g, w in GROUNDS.items())
            + "; a document's number goes to --document",
        ),
    )


def _number(document: str | None) -> str:
    """Return the number of a document, if it can be one."""
    try:
        number: str = TypeAdapter(DocumentNumber).validate_python(document)
    except ValidationError as error:
        raise BadRequest(
            Text(
                zh="须有文号，不超过 80 字",
                en="The number of a document is needed, 80 characters at most",
            ),
            Text(zh="请加 --document 文号", en="Add --document NUMBER"),
        ) from error
    return number


async def _require_here(call: Call, subject: str | None) -> None:
    """Do not touch a rehearsal beside the ledger unless it was named."""
    if subject is None or not call.beside:
        return
    async with Ledgers(call.settings, beside=True) as ledgers:
        reader, _ = await find(ledgers, subject)
        if reader is not ledgers.main:
            raise BadRequest(
                Text(
                    zh=f"{subject} 在演练账本 {reader.ledger} 里",
                    en=f"{subject} is in the rehearsal ledger {reader.ledger}",
                ),
                Text(zh=f"请加 --ledger {reader.ledger}", en=f"Add --ledger {reader.ledger}"),
            )


async def _allowed(call: Call, asked: Awaitable[T]) -> T:
    """Return what was asked for, or print the refusal and end."""
    try:
        return await asked
    except Refused as error:
        if call.out.as_json:
            call.out.data(error.refusal)
        else:
            answer_view.refused(call.out, error.refusal, "UTC")
        raise Ended(REFUSED) from None

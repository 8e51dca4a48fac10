"""`siwen vault`: what is kept outside the events, until when, and how it is erased."""

import os
from collections.abc import Awaitable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from interfaces.cli import panels
from interfaces.cli.call import Call, command
from interfaces.cli.exits import FAILED, REFUSED, Ended
from interfaces.cli.language import say

if TYPE_CHECKING:
    from domain.keeping import Ground
    from domain.terms.role import Actor
    from interfaces.desk.operating.vault import Act
    from ledger.vault.erasure import Order

T = TypeVar("T")

_SUBJECT = typer.Argument(
    metavar="SUBJECT",
    help=say(
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
        help=say(
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
        "--document", metavar="NUMBER", help=say("文号", "The document behind it, by its number.")
    ),
]
As = Annotated[
    str | None,
    typer.Option(
        "--as",
        metavar="ACTOR:ROLE",
        help=say(
            "由谁以何职责办理，如 of-01:office(或设 SIWEN_AS)",
            "Who acts in which role, like of-01:office (or set SIWEN_AS).",
        ),
    ),
]
Everyone = Annotated[
    bool,
    typer.Option("--everyone", help=say("几个人的内容一并办理", "Everybody whom it is about.")),
]


def register(app: typer.Typer) -> None:
    """Add the group with every command of it."""
    vault = typer.Typer(
        help=say(
            "保险库：个人内容和证据为何保存、到何时、如何删除",
            "Personal values and evidence: why they are kept, until when, how they are erased.",
        ),
        no_args_is_help=True,
    )
    app.add_typer(vault, name="vault", rich_help_panel=panels.KEEP)
    _register_looking(vault)
    _register_erasing(vault)
    _register_restricting(vault)
    _register_sweep(vault)


def _register_looking(vault: typer.Typer) -> None:
    @command(vault, "list", help=say("保存着什么，为何，到何时", "What is kept, why, until when."))
    async def list_(call: Call, subject: Subject) -> None:
        await _look(call, subject, None)

    @command(
        vault,
        "show",
        help=say(
            "逐条说明；--values 显示内容，受限的须 --restricted 并留下记录",
            "Each thing in full; --values shows the words; of what is restricted only with "
            "--restricted, on record.",
        ),
    )
    async def show(
        call: Call,
        subject: Subject,
        values: Annotated[
            bool, typer.Option("--values", help=say("显示内容", "Show the words."))
        ] = False,
        restricted: Annotated[
            bool,
            typer.Option(
                "--restricted",
                help=say(
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
                help=say("把文件存到这个目录", "Write the files into this directory."),
            ),
        ] = None,
        document: Document = None,
        as_: As = None,
    ) -> None:
        words: dict[str, str] = {}
        if restricted:
            from interfaces.desk.operating.vault import VaultDesk

            by, number = _actor(as_), _number(document)
            await _require_here(call, subject)
            async with VaultDesk(call.settings) as desk:
                words = await _allowed(call, desk.open(subject, by, number))
        await _look(call, subject, Full(values or restricted, words, files, restricted))

    @command(
        vault,
        "due",
        help=say("保存期限已届满、应当删除的", "What need no longer be kept: erase it with --due."),
    )
    async def due(call: Call) -> None:
        from interfaces.cli.view import vault as view
        from interfaces.desk.ledgers import Ledgers
        from interfaces.desk.operating.vault import eraser_of

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
    from interfaces.cli.view import vault as view
    from interfaces.desk.ledgers import Ledgers
    from interfaces.desk.operating.vault import find, items_of, save_files, values_of

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


def _register_erasing(vault: typer.Typer) -> None:
    @command(
        vault,
        "erase",
        help=say(
            "删除一个人的内容和证据；法定保存期未满的改为限制查阅；删除本身记入账本",
            "Erase what is kept about somebody; what the archive still needs is restricted "
            "instead. The erasure itself is recorded.",
        ),
    )
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
                "--due", help=say("所有期限已届满的", "Everything whose term is over, of anybody.")
            ),
        ] = False,
    ) -> None:
        from interfaces.cli.view import vault as view
        from interfaces.desk.operating.vault import VaultDesk

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


def _register_restricting(vault: typer.Typer) -> None:
    @command(
        vault,
        "restrict",
        help=say(
            "限制查阅：保留但不再显示，公职人员的内容也可以",
            "Keep it and show it no more; officials' words too.",
        ),
    )
    async def restrict(
        call: Call,
        subject: Subject,
        basis: Basis = None,
        document: Document = None,
        as_: As = None,
        everyone: Everyone = False,
    ) -> None:
        from interfaces.desk.operating.vault import VaultDesk

        order = _order(as_, basis, document)
        await _require_here(call, subject)
        async with VaultDesk(call.settings) as desk:
            act = await _allowed(call, desk.restrict(subject, order, everyone=everyone))
            _show(call, [act], rehearsal=desk.reader.rehearsal)

    @command(vault, "lift", help=say("解除限制", "Show again what was restricted."))
    async def lift(
        call: Call,
        subject: Subject,
        basis: Basis = None,
        document: Document = None,
        as_: As = None,
    ) -> None:
        from interfaces.desk.operating.vault import VaultDesk

        order = _order(as_, basis, document)
        await _require_here(call, subject)
        async with VaultDesk(call.settings) as desk:
            act = await _allowed(call, desk.lift(subject, order))
            _show(call, [act], rehearsal=desk.reader.rehearsal)


def _register_sweep(vault: typer.Typer) -> None:
    @command(
        vault,
        "sweep",
        help=say(
            "补做中断的删除；恢复旧备份后重新删除",
            "Finish erasures that were interrupted, and make them again after a restore.",
        ),
    )
    async def sweep(call: Call) -> None:
        from interfaces.cli.view import vault as view
        from interfaces.desk.operating.vault import VaultDesk

        async with VaultDesk(call.settings) as desk:
            swept = await desk.sweep()
        if call.out.as_json:
            call.out.data(swept)
        else:
            view.swept(call.out, swept)

    @command(
        vault,
        "pages",
        help=say(
            "重写保险库的数据库页面，使已删除的内容不留在里面（须以表的所有者登录）",
            "Write the vault's tables anew, so that no page holds what was erased; as their owner.",
        ),
    )
    async def pages(call: Call) -> None:
        from interfaces.cli.view import vault as view
        from interfaces.desk.operating.vault import write_pages

        done = await write_pages(call.settings)
        if call.out.as_json:
            call.out.data({"ledger": call.settings.ledger, "pages": done})
        else:
            view.pages(call.out, done=done)
        if not done:
            raise Ended(FAILED)


def _show(call: Call, acts: "list[Act]", *, rehearsal: bool) -> None:
    from interfaces.cli.view import vault as view

    if call.out.as_json:
        call.out.data(acts)
    else:
        view.acted(call.out, acts, rehearsal=rehearsal)


def _order(named: str | None, basis: str | None, document: str | None) -> "Order":
    from ledger.vault.erasure import Order

    ground = _ground(basis)
    return Order(_actor(named), ground, document and _number(document))


def _actor(named: str | None) -> "Actor":
    from domain.terms.value import Text
    from interfaces.cli.acting import named_only
    from interfaces.desk.errors import BadRequest

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


def _ground(text: str | None) -> "Ground":
    """Return the ground that is meant, by its code or in words."""
    from domain.keeping import GROUNDS
    from domain.terms.value import Text
    from interfaces.desk.errors import BadRequest

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
    from pydantic import TypeAdapter, ValidationError

    from domain.terms.value import DocumentNumber, Text
    from interfaces.desk.errors import BadRequest

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
    from domain.terms.value import Text
    from interfaces.desk.errors import BadRequest
    from interfaces.desk.ledgers import Ledgers
    from interfaces.desk.operating.vault import find

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
    from interfaces.cli.view import answer as view
    from interfaces.desk.operating.vault import Refused

    try:
        return await asked
    except Refused as error:
        if call.out.as_json:
            call.out.data(error.refusal)
        else:
            view.refused(call.out, error.refusal, "UTC")
        raise Ended(REFUSED) from None

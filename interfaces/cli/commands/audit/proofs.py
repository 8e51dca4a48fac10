"""`siwen audit verify | export | policy | verifier`: that nothing was changed or left out."""

from dataclasses import asdict
from importlib.resources import files
from pathlib import Path
from typing import Annotated

import typer

from interfaces.cli.call import Call
from interfaces.cli.exits import FAILED, Ended
from interfaces.cli.language import both, say
from interfaces.cli.view.verdict import verdict
from interfaces.desk.ledgers import Ledgers
from interfaces.desk.operating.proving import (
    Given,
    export_bundle,
    policy_of,
    target_for,
    verify_bundle,
    verify_ledger,
)
from interfaces.desk.reading.reading import Reader
from ledger.audit.bundle import Wanted


async def verify(
    call: Call,
    bundle: Annotated[
        Path | None,
        typer.Argument(help=both("档案包；不写则核验账本", "A bundle; without one, the ledger.")),
    ] = None,
    policy: Annotated[
        Path | None,
        typer.Option(
            help=both(
                "核验策略：信任谁的密钥（须从其他渠道取得）",
                "Whose keys to believe; got from elsewhere than the bundle.",
            )
        ),
    ] = None,
    pinned: Annotated[
        Path | None,
        typer.Option(help=both("以前存下的检查点", "A checkpoint kept from before.")),
    ] = None,
    fresh_after: Annotated[
        str | None,
        typer.Option(
            metavar="T",
            help=both("此刻之后须有见证", "Witnesses must have signed after this instant."),
        ),
    ] = None,
    of: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help=both(
                "必须是关于它的：流的全名；整个日志则为日志名",
                "What it has to be of: a stream by its full name, or the log for the whole.",
            ),
        ),
    ] = None,
    receipt: Annotated[
        Path | None,
        typer.Option(
            help=both("档案包里须有此回执所载各条", "What this receipt says must be in it.")
        ),
    ] = None,
    earlier: Annotated[
        Path | None,
        typer.Option(
            metavar="BUNDLE",
            help=both("旧档案包：其中各条须仍在且未改动", "An older bundle, all still there."),
        ),
    ] = None,
    jobs: Annotated[int, typer.Option(min=1, help=both("进程数", "Processes to use."))] = 1,
) -> None:
    if receipt is not None and bundle is None:
        raise typer.BadParameter(
            say(
                "--receipt 须与档案包一起；问账本请用 siwen audit receipt",
                "--receipt goes with a bundle; `siwen audit receipt` asks the ledger",
            )
        )
    given = Given(policy, pinned, fresh_after, jobs, of, receipt, earlier)
    if bundle is not None:
        found = {"": verify_bundle(bundle, given)}
    else:
        async with Ledgers(call.settings, beside=call.beside) as ledgers:
            found = {
                r.ledger: await verify_ledger(r, call.settings, given)
                for r in await ledgers.every()
            }
    if call.out.as_json:
        said = {name: report.as_json() for name, report in found.items()}
        call.out.data(said if bundle is None else said[""])
    else:
        for name, report in found.items():
            verdict(call.out, report, say(f"账本 {name}，", f"{name}, ") if name else "")
    if not all(report.passed for report in found.values()):
        raise Ended(FAILED)


async def export(
    call: Call,
    name: Annotated[
        str | None,
        typer.Argument(metavar="PROGRAMME|BLOCK", help=both("计划或区块的名称", "By any name.")),
    ] = None,
    everything: Annotated[
        bool, typer.Option("--all", help=both("整个账本", "The whole ledger."))
    ] = False,
    out: Annotated[
        Path | None,
        typer.Option(
            help=both(
                "写到哪里：.zip 文件或新目录（默认 名称.zip）",
                "A .zip or a new directory (default NAME.zip).",
            )
        ),
    ] = None,
    values: Annotated[
        bool, typer.Option("--values", help=both("附上个人信息", "With personal values."))
    ] = False,
    evidence: Annotated[
        bool, typer.Option("--evidence", help=both("附上照片和文件", "With photos and papers."))
    ] = False,
    since: Annotated[
        list[int] | None,
        typer.Option(
            metavar="SIZE",
            help=both(
                "证明自此检查点（其第二行的条数）以来未改动",
                "Show that the log goes on from a kept checkpoint, by its second line.",
            ),
        ),
    ] = None,
) -> None:
    if (name is None) != everything:
        raise typer.BadParameter(
            say("请给出一个计划或区块，或 --all", "name a programme or a block, or give --all")
        )
    async with Ledgers(call.settings, beside=call.beside) as ledgers:
        if name is None:
            reader, stream = await _the_ledger(ledgers), None
        else:
            reader, stream = await ledgers.find(name)
        target = out or target_for(stream, reader.ledger)
        wanted = Wanted(stream, values, evidence, tuple(since or ()))
        done = await export_bundle(reader, call.settings, target, wanted)
    if call.out.as_json:
        call.out.data({**asdict(done), "path": str(done.path)})
        return
    call.out.line(
        ("✓ ", "green"),
        say(
            f"{done.path}：{done.events:,} 条事件，日志 {done.origin} 到第 {done.size:,} 条",
            f"{done.path}: {done.events:,} events, {done.origin} up to {done.size:,} leaves",
        ),
        hanging=2,
    )
    call.out.line(
        say(
            "核验：python verify.py 档案包 --policy 核验策略"
            "（siwen audit verifier 打印 verify.py；策略须从其他渠道取得）",
            "To check it: python verify.py BUNDLE --policy POLICY (`siwen audit verifier` "
            "prints verify.py; the policy has to come by another way)",
        ),
        indent=2,
    )


async def _the_ledger(ledgers: Ledgers) -> Reader:
    """Return the one ledger that is meant where none was named."""
    every = await ledgers.every()
    if len(every) != 1:
        named = ", ".join(f"--ledger {r.ledger}" for r in every)
        raise typer.BadParameter(say(f"请选一个账本：{named}", f"say which ledger: {named}"))
    return every[0]


async def policy(call: Call) -> None:
    async with Ledgers(call.settings, beside=call.beside) as ledgers:
        reader = await _the_ledger(ledgers)
        text = (await policy_of(reader, call.settings)).decode()
    if call.out.as_json:
        call.out.data({"ledger": reader.ledger, "policy": text})
        return
    call.out.copy(
        say(
            "# 核验人须从其他渠道取得并核对这些公钥：来自被核验者之手的策略证明不了什么。",
            "# Compare these keys with what you got by another way: a policy from the hand "
            "that\n# hands over the bundle proves nothing.",
        )
    )
    call.out.copy(text)


def verifier(call: Call) -> None:
    text = files("verifier").joinpath("verify.py").read_text("utf-8")
    if call.out.as_json:
        call.out.data({"verify.py": text})
    else:
        print(text, end="")

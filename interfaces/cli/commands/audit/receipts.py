"""`siwen audit receipt`: is what somebody was told in the ledger, and how can she prove it?"""

from pathlib import Path
from typing import Annotated

import typer

from interfaces.cli import asking
from interfaces.cli.call import Call
from interfaces.cli.exits import FAILED, Ended
from interfaces.cli.language import both, say
from interfaces.cli.view.verdict import verdict
from interfaces.desk.errors import UnknownName
from interfaces.desk.ledgers import Ledgers
from interfaces.desk.operating.proving import Given, verify_proof, witnesses_of
from interfaces.desk.operating.receipts import Looked, Receipt, claim_of, look_up, receipt_in
from interfaces.desk.reading.reading import Reader


async def receipt(
    call: Call,
    what: Annotated[
        str,
        typer.Argument(
            metavar="FILE|ENTRY",
            help=both(
                "回执文件（.tlog-proof、--json 的答复或抄下的一行），或 流@序号",
                "A .tlog-proof, an answer of --json, a copied line; or STREAM@VERSION.",
            ),
        ),
    ],
    policy: Annotated[
        Path | None,
        typer.Option(
            help=both(
                "凭此核验策略核对 .tlog-proof，不用账本",
                "Check a .tlog-proof by this policy, without a ledger.",
            )
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help=both("凭证文件写到这个目录", "Write receipts that prove themselves there."),
        ),
    ] = None,
) -> None:
    if policy is not None:
        _offline(call, Path(what), policy)
        return
    async with Ledgers(call.settings, beside=call.beside) as ledgers:
        found = await _looked_up(call, await ledgers.every(), what)
    for one in found:
        if out is not None and one.proof is not None:
            out.mkdir(parents=True, exist_ok=True)
            (out / one.file).write_text(one.proof, "utf-8")
    if call.out.as_json:
        call.out.data(found)
    else:
        for one in found:
            _tell(call, one, out)
    if not all(one.kept and one.proven for one in found):
        raise Ended(FAILED)


def _offline(call: Call, file: Path, policy: Path) -> None:
    report = verify_proof(file, Given(policy))
    if call.out.as_json:
        call.out.data(report.as_json())
    else:
        verdict(call.out, report)
    if not report.passed:
        raise Ended(FAILED)


async def _looked_up(call: Call, readers: list[Reader], what: str) -> list[Looked]:
    """Ask each ledger, and take what the one says that holds it."""
    file = Path(what)
    given = receipt_in(file) if file.is_file() else None
    found: list[Looked] = []
    unknown: UnknownName | None = None
    for reader in readers:
        asked = given
        if asked is None:
            try:
                entry = await asking.entry(reader, what)
            except UnknownName as error:
                unknown = error
                continue
            asked = Receipt([await claim_of(reader, entry.stream, entry.version)])
        keys = witnesses_of(call.settings, reader.ledger)
        found = await look_up(reader, asked, keys)
        if all(one.kept and one.proven for one in found):
            return found
    if not found and unknown is not None:
        raise unknown
    return found


def _tell(call: Call, one: Looked, out: Path | None) -> None:
    place = f"{one.stream}@{one.version}"
    if not one.kept:
        said = say("账本里没有这一条", "the ledger holds no such event")
        call.out.problem(("✗ ", "bold red"), f"{place} {one.leaf_hash}", hanging=2)
        call.out.problem(said, indent=2)
        return
    if not one.proven:
        call.out.problem(("✗ ", "bold red"), f"{place} {one.leaf_hash}", hanging=2)
        call.out.problem(
            say(
                "账本里有这一条，但凭证里的检查点不是这个账本的：它出自另一段历史。请把凭证交给审计人员",
                "the ledger holds this event, and the checkpoint in the receipt is not of this "
                "ledger: it is of another history. Hand the receipt to the auditors",
            ),
            indent=2,
        )
        return
    call.out.line(("✓ ", "green"), f"{place} {one.leaf_hash}", hanging=2)
    if one.proof is None:
        waits = say("已登记，等待封存和发布", "recorded; waits to be sealed and published")
        call.out.line(waits, indent=2)
        return
    assert one.index is not None
    call.out.line(
        say(
            f"在日志第 {one.index + 1:,} 位，由 {one.size:,} 条处的检查点证明",
            f"stands at {one.index + 1:,} in the log, proven by the checkpoint at {one.size:,}",
        ),
        indent=2,
    )
    if out is not None:
        call.out.line(
            say(
                f"凭证：{out / one.file}（核对：python verify.py 凭证 --policy 核验策略）",
                f"Receipt: {out / one.file} (to check: python verify.py RECEIPT --policy POLICY)",
            ),
            indent=2,
        )

"""The live check (在线核验): is what stands in the database what was sealed, signed and published?

The log is verified as an auditor does it: a bundle of the whole of it goes through the stand-alone
verifier. Only what is not in a bundle is looked at here: columns beside the bodies, events that
wait for the sealer, the states, the stored tree, every checkpoint, and what lies in the vault.
"""

import asyncio
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

from asyncpg import LockNotAvailableError

from ledger.audit.bundle import Wanted, export
from ledger.audit.known import Known, policy_text
from ledger.audit.rows import Rows
from ledger.audit.unread import mark
from ledger.errors import LedgerError, NotSealed
from ledger.log import log as stored
from ledger.log.log import Log
from ledger.schema.catalogue import KIND_ZH, Difference, differences
from ledger.store.locks import lock_holders
from ledger.store.store import Connection
from ledger.vault.check import Missing, missing
from verifier.verify import (
    SAID,
    Asked,
    Finding,
    Report,
    read_said,
    verify,
)

_NAMED = 3
"""Rows in the way, of each kind, that are named before all else."""
SAID |= read_said("""
row_changed A 正文与其散列不符：被改动 | the body is not what its hash says: it was changed
row_long U {bytes:,} 字节，超过一行可有的 4 MiB | {bytes:,} bytes, more than the 4 MiB of a line
row_columns A 列 {column} 与正文不符：被改动 | the column {column} is not what the body says
row_unlinked A 与本流上一条不相接 | does not follow from the entry before it in its stream
row_gap C 此前自第 {expected} 条起缺 {count:,} 条 | {count:,} missing before it, from {expected} on
row_unplaced C 既未封存，也不待封存 | neither sealed nor waiting to be
row_rewritten A 不是封存时的那一条：被改写 | not the event that was sealed: it was rewritten
row_gone C 已封存，但事件不见了 | was sealed, and the event is gone
opened_as_rehearsal A 日志作为演练开立，账本不是演练 | its log was opened as a rehearsal's
not_opened_as_rehearsal A 账本是演练，日志开立时不是 | a rehearsal, whose log was opened as none
rehearsal_row A 演练才有的行 {name}：{value} | a row that only rehearsals have, {name}: {value}
tile_differs A 与日志树在此处的散列不符 | not the hash that the stored tree has in this place
tile_gone C 日志树 {level} 层第 {tile} 块不见了 | tile {tile} of level {level} is gone
tile_bad A 日志树 {level} 层第 {tile} 块被改动 | tile {tile} of level {level} was changed
log_strange A {table} 有 {count:,} 行属于没有的日志 {log} | {count:,} rows of {table}: no log {log}
own_strange A 账本自己没有这样的流 | the ledger has no such stream of its own
leaf_gone C 日志自此空缺 {count:,} 条 | {count:,} places of the log are empty from here on
unsigned A {size:,} 条处的检查点签名不成立 | the checkpoint at {size:,} is not signed by the log
span_differs A 第 {start:,} 至 {end:,} 行有改动 | among lines {start:,} to {end:,}: not as signed
row_ahead A 记录时间晚于签署它的检查点 | recorded after the checkpoint that holds it was signed
signed_short C 日志有 {found:,} 条，签名到 {size:,} | {found:,} leaves, of which {size:,} are signed
published_gone C 已发布 {size:,} 条，此处没有 | {size:,} were published, which are not here
published_differs A 与已发布的检查点（{size:,} 条）不符 | not what was published at {size:,}
outside_gone C {path} 不见了，而日志已签署过 | {path} is missing, though the log was signed
outside_old C {path} 被换回了旧的 | {path} was taken back to an older one
outside_damaged C {path} 已损坏 | {path} is damaged
kept_gone C 密钥旁存有 {size:,} 条，此处没有 | the key has signed {size:,}, which are not here
kept_differs A 与密钥旁的检查点（{size:,} 条）不符 | not what is kept beside the key at {size:,}
key_unknown A 公钥只取自数据库，无独立来源 | the key is the database's own word: give --policy
key_differs A 日志的密钥不是本账本的 | the log's key is not this ledger's
state_differs A 现状在第 {state} 条，事件到第 {events} 条 | its state is at {state}, not at {events}
state_hash A 现状不是由末条事件得出 | its state does not rest on its last event
vault_gone U {digest} 不见了，且无删除记录 | {digest} is gone, and no erasure of it is recorded
vault_changed A {digest} 处存的是别的内容 | something else is kept in the place of {digest}
vault_file_gone U 文件 {digest} 不见了 | the file {digest} is gone
vault_file_changed A 文件 {digest} 被改动 | the file {digest} was changed
act_unread A 不是删除或限制的记录，不作数 | no act of erasing or restricting: it counts for none
vault_shown S {digest} 已登记限制查阅，却未隔离 | {digest} is restricted, and not kept apart
vault_hidden S {digest} 已隔离，却未登记限制查阅 | {digest} is kept apart, and nothing restricts it
vault_not_erased S {digest} 已登记删除，却仍在 | {digest} was erased on record, and is still kept
waiting C {count:,} 条尚未封存 | {count:,} not sealed yet
waiting_long C {count:,} 条已 {age:,.0f} 秒未封存 | {count:,} not sealed yet, for up to {age:,.0f} s
unread U 本版读不通此流：{why} | this release cannot read the stream: {why}
unmarked U 只能读取：读不通的流未作标记 | read only: what cannot be read is not marked for doctor
locked U 等锁太久：{by}（pg_terminate_backend({pid})） | locked: {by} (pg_terminate_backend({pid}))
nothing_sealed C 尚无已发布的检查点 | no checkpoint is published yet
""")
"""What this may say besides what the verifier says; `line` counts the places of the log from 1."""
for kind, zh in KIND_ZH.items():
    code = kind.replace(" ", "_")
    SAID |= read_said(f"""
catalogue_gone_{code} S 数据库缺少{zh} {{name}} | the database lacks the {kind} {{name}}
catalogue_strange_{code} S 多出{zh} {{name}}：{{found}} | a strange {kind} {{name}}: {{found}}
catalogue_differs_{code} S {zh} {{name}} 与所建不同：{{found}} | {kind} {{name}} differs: {{found}}
""")


async def check(pool: Any, known: Known) -> Report:
    """Check a ledger as it stands in its database; nothing is written there but marks of what this
    release cannot read.

    Whatever is wrong is a failure in the report, the first bad event is the first in the log. Where
    the pool's connections wait for a lock no longer than so long, it says who holds it.
    """
    try:
        return await _checked(pool, known)
    except LockNotAvailableError:
        async with pool.acquire() as connection:
            held = await lock_holders(connection, 0.0)
        report = Report(finished=False)
        report.fail("locked", by=held.by if held else "—", pid=held.pid if held else 0)
        return report


async def _checked(pool: Any, known: Known) -> Report:
    with tempfile.TemporaryDirectory(prefix="siwen-check-") as folder:
        report = await _verified(pool, Path(folder) / "bundle", known)
    async with (
        pool.acquire() as connection,
        connection.transaction(isolation="repeatable_read", readonly=True),
    ):
        rows = Rows(connection, known)
        await rows.look()
        made = [_of_catalogue(one) for one in await differences(connection)]
    async with pool.acquire() as connection:
        if not await mark(connection, rows.unread):
            report.note("unmarked")
    gone = await missing(pool, known.evidence, files=True)
    found = [*made, *rows.found, *(_of_vault(one) for one in gone)]
    ahead = {id(one) for some in rows.in_the_way.values() for one in some[:_NAMED]}
    report.notes += rows.notes
    report.figures |= rows.figures
    report.scope = rows.scope
    further = report.counts - Counter(f.check for f in report.failures)
    everything = [*found, *report.failures]
    everything.sort(
        key=lambda f: (id(f) not in ahead, f.stream is None, f.line is None, f.line or 0)
    )
    report.failures, report.counts = [], further
    for one in everything:
        report.add(one)
    return report


async def _verified(pool: Any, bundle: Path, known: Known) -> Report:
    """Return what the verifier says of the whole log."""
    report = Report()
    try:
        await export(pool, bundle, Wanted(witnesses=known.witnesses))
    except NotSealed:
        report.note("nothing_sealed")
        return report
    except LedgerError as error:
        report.finished = False
        report.fail("failed", why=str(error))
        return report
    async with pool.acquire() as connection:
        policy = known.policy or policy_text(known.key or (await _current(connection)).key)
    asked = Asked(
        bundle,
        policy,
        known.pinned,
        known.fresh_after,
        known.jobs,
        known.of,
        earlier=known.earlier,
    )
    report = await asyncio.to_thread(verify, asked)
    if known.policy is None and known.key is None:
        report.note("key_unknown")
    return report


async def _current(connection: Connection) -> Log:
    log = await stored.current_log(connection)
    assert log is not None  # something was exported
    return log


def _of_vault(one: Missing) -> Finding:
    return Finding(f"vault_{one.why}", {"digest": one.digest}, one.stream or None, one.version)


def _of_catalogue(one: Difference) -> Finding:
    how = "gone" if one.found is None else "strange" if one.expected is None else "differs"
    code = f"catalogue_{how}_{one.kind.replace(' ', '_')}"
    return Finding(code, {"name": one.name, "found": one.place()})

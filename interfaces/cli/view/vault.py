"""What is kept outside the events, as tables and lines; words only where they were asked for."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from pathlib import Path

from domain.engine.rule import RULES
from domain.keeping import GROUNDS, Ground
from interfaces.cli.language import lang, say
from interfaces.cli.output import Out, joined
from interfaces.cli.view import shared
from interfaces.desk.operating.vault import Act, Swept
from ledger.vault.erasure import Done
from ledger.vault.retention import Item, Stands
from words import labels

_STANDS = {
    Stands.KEPT: (("保存中", "kept"), ""),
    Stands.RESTRICTED: (("限制查阅", "restricted"), "yellow"),
    Stands.ERASED: (("已删除", "erased"), "dim"),
    Stands.LOST: (("缺失", "missing"), "bold red"),
    Stands.UNDER_WAY: (("办理中", "under way"), "cyan"),
}
_RULES = {
    "keeping.office": ("履职记录", "office"),
    "keeping.signed": ("签字材料", "signed"),
    "keeping.words": ("居民内容", "resident"),
    "keeping.unrecorded": ("未登记", "not recorded"),
}
_LISTED = 12
"""Places that are named one by one."""


def listed(out: Out, subject: str, items: Sequence[Item], *, rehearsal: bool) -> None:
    """Print a line a thing."""
    _heading(out, subject, items, rehearsal=rehearsal)
    out.table(
        (
            say("内容", "what"),
            say("记录", "entry"),
            say("谁的", "whose"),
            say("保存依据", "kept as"),
            say("到期", "until"),
            say("现状", "stands"),
        ),
        [
            (
                _what(item),
                _entry(item, subject),
                joined(item.people),
                _kept_as(item),
                _until(item),
                _stands(item),
            )
            for item in items
        ],
    )


def shown(
    out: Out,
    subject: str,
    items: Sequence[Item],
    words: Mapping[str, str],
    *,
    rehearsal: bool,
) -> None:
    """Print each thing in full, with its words where they are given."""
    _heading(out, subject, items, rehearsal=rehearsal)
    for item in items:
        out.line()
        stands, style = _stands(item)
        out.line((_what(item), "bold"), "  ", (stands, style), (f"  {item.digest}", "dim"))
        if item.places:
            out.line((say("记录于 ", "named by "), "dim"), joined(item.places[:_LISTED]), indent=2)
        if item.people:
            out.line((say("谁的 ", "whose "), "dim"), joined(item.people), indent=2)
        rule = RULES[item.rule]
        out.line(
            (say("保存依据 ", "kept because "), "dim"),
            rule.text.in_(lang()),
            (f" [{rule.id}] {rule.source.text.in_(lang())}", "dim"),
            indent=2,
            hanging=4,
        )
        out.line((say("到期 ", "until "), "dim"), _until(item), indent=2)
        if item.marked_at is not None and item.ground is not None:
            ground = GROUNDS[Ground(item.ground)].in_(lang())
            document = f" {item.document}" if item.document else ""
            out.line(
                (f"{stands} ", "dim"),
                f"{item.marked_at:%Y-%m-%d %H:%M} UTC  {ground}{document}",
                indent=2,
            )
        if item.location in ("removed", "kept"):
            said = {
                "removed": say("已去除拍摄地点", "the place where it was taken was removed"),
                "kept": say("保留了拍摄地点", "the place where it was taken was kept on purpose"),
            }
            out.line((said[item.location], "dim"), indent=2)
        if item.digest in words:
            out.line(words[item.digest], indent=2)


def saved(out: Out, paths: Iterable[Path]) -> None:
    """Print where files were written."""
    for path in paths:
        out.line((say("已存到 ", "written to "), "dim"), str(path))


def due(out: Out, ledger: str, items: Sequence[Item]) -> None:
    """Print what is due, counted by whose programme and why it was kept."""
    if not items:
        out.line(say(f"{ledger}：没有到期的内容", f"{ledger}: nothing is due"))
        return
    out.line(
        (ledger, "bold"),
        say(
            f"  {len(items)} 项已到期；siwen vault erase --due 删除",
            f"  {len(items)} due; `siwen vault erase --due` erases them",
        ),
    )
    for below, some in groupby(
        sorted(items, key=lambda i: i.belongs_below), key=lambda i: i.belongs_below
    ):
        counted = Counter(_kept_as(i) for i in some)
        out.line((f"{below}  ", ""), joined(f"{k} {n}" for k, n in counted.items()), indent=2)


def acted(out: Out, acts: Sequence[Act], *, rehearsal: bool) -> None:
    """Print what was done with everything, and what is left and why."""
    if not acts:
        out.line(say("没有到期的内容", "Nothing is due."))
    for act in acts:
        _done(out, act.done, rehearsal=rehearsal)
        if not act.pages:
            pages(out, done=False)


def pages(out: Out, *, done: bool) -> None:
    """Print whether the tables were written anew, and what to do where they were not."""
    if done:
        out.line(("✓ ", "green"), say("页面已重写", "The pages were written anew."))
        return
    out.line(
        ("⚠ ", "yellow"),
        say(
            "数据库页面未能重写（有人正在读，或登录者不是表的所有者）："
            "请以所有者运行 siwen vault pages",
            "the database's pages could not be written anew (somebody reads them, or who logs in "
            "does not own the tables): run `siwen vault pages` as their owner",
        ),
        indent=2,
        hanging=4,
    )


def _done(out: Out, done: Done, *, rehearsal: bool) -> None:
    acted = done.erased or done.lifted or done.restricted
    sign = ("✓ ", "bold green") if acted else ("· ", "dim")
    out.line(*shared.mark(rehearsal), sign, (done.subject, "bold"))
    lines = (
        (done.erased, say("已删除", "erased"), "green"),
        (done.lifted, say("已解除限制", "shown again"), "green"),
        (done.restricted, _put_apart(done), "yellow"),
        (
            done.shared,
            say("与他人共用，随最后一人删除", "shared: goes with the last one's"),
            "yellow",
        ),
        (
            done.under_way,
            say("可能正在办理，十分钟后再删", "may be under way: erase again in ten minutes"),
            "cyan",
        ),
        (done.before, say("此前已办理", "done before"), "dim"),
        (done.lost, say("缺失，且无删除记录", "missing, without an erasure"), "bold red"),
        (done.office, say("履职记录，不能删除", "said in office, never erased"), "dim"),
    )
    for items, what, style in lines:
        if items:
            out.line(
                (f"{what} ", style), _counted(items), (_why(items), "dim"), indent=2, hanging=4
            )
    if done.versions:
        places = joined(f"ledger/erasures@{v}" for v in done.versions)
        out.line((say(f"已记入 {places}", f"recorded as {places}"), "dim"), indent=2)
    elif not acted:
        out.line((say("无须再办", "nothing was left to do"), "dim"), indent=2)


def _put_apart(done: Done) -> str:
    if done.refused and any(i.holds for i in done.restricted):
        return say("不能删除，已改为限制查阅", "not erased, restricted instead")
    return say("已限制查阅", "restricted")


def refused_some(done: Done) -> bool:
    """Tell whether something was asked to be erased that the archive needs, or that must wait."""
    return done.refused


def swept(out: Out, found: Swept) -> None:
    """Print what a sweep found still there."""
    count = len(found.digests)
    out.line(
        ("✓ ", "green"),
        say(f"{count} 项重新删除或限制", f"{count} erased or restricted once more")
        if count
        else say("没有遗留", "nothing was left over"),
    )
    if not found.pages:
        pages(out, done=False)


def _heading(out: Out, subject: str, items: Sequence[Item], *, rehearsal: bool) -> None:
    out.line(*shared.mark(rehearsal), (subject, "bold"), f"  {_counted(items)}")


def _counted(items: Iterable[Item]) -> str:
    files = sum(1 for i in items if i.is_file)
    texts = sum(1 for _ in items) - files
    parts = []
    if texts:
        parts.append(say(f"文字 {texts}", f"{texts} texts" if texts > 1 else "1 text"))
    if files:
        parts.append(say(f"文件 {files}", f"{files} files" if files > 1 else "1 file"))
    return joined(parts)


def _why(items: Sequence[Item]) -> str:
    """Say until when things are kept, and by which rule, where they are."""
    terms = sorted({i.until for i in items if i.until is not None and i.holds})
    rules = joined(sorted({i.rule for i in items}))
    if not terms:
        return f" [{rules}]"
    days = joined(t.isoformat() for t in terms)
    return say(f" 须保存至 {days} [{rules}]", f" needed until {days} [{rules}]")


def _what(item: Item) -> str:
    named = labels.field(item.field).in_(lang()) if item.field else ""
    kind = say("文件", "file") if item.is_file else say("文字", "text")
    return (
        f"{named or item.field} ({kind})" if lang() == "en" else f"{named or item.field}（{kind}）"
    )


def _entry(item: Item, subject: str) -> str:
    """Return the entry that names it, in short, and how many others do."""
    if not item.places:
        return "—"
    first = item.places[0].removeprefix(subject).lstrip("/")
    if not item.places[0].startswith(subject) and "/" in first:
        first = "…/" + "/".join(first.split("/")[2:]) if first.count("/") > 1 else first
    more = len(item.places) - 1
    return first + (say(f" 等 {more + 1} 处", f" and {more} more") if more else "")


def _kept_as(item: Item) -> str:
    return say(*_RULES[item.rule])


def _until(item: Item) -> str:
    return say("永久", "for good") if item.until is None else item.until.isoformat()


def _stands(item: Item) -> tuple[str, str]:
    words, style = _STANDS[item.stands]
    shared_ = say("，共用", ", shared") if item.shared and item.there else ""
    return say(*words) + shared_, style

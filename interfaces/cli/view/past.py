"""A stream as it was, in words: which of the two times it answers, and where the other differs."""

from collections.abc import Mapping

from domain.past import Time
from interfaces.cli.language import lang, say
from interfaces.cli.output import Out, joined
from interfaces.cli.view import shared
from interfaces.cli.view import state as state_view
from interfaces.cli.view.timeline import told
from interfaces.desk.names.moments import Moment, exact
from interfaces.desk.past.answers import BelowThen, Counted, DeadlineThen, Later, Past
from interfaces.desk.past.rules import Rules
from words import forms, labels
from words.labels import title

LISTED = 30
"""How many streams of a kind are told one by one; the data (`--json`) hold them all."""


def show(out: Out, found: Past, *, beside: bool) -> None:
    """Print a stream as it was."""
    shared.heading(out, found.place, beside=beside)
    answers(out, found.time, found.moment, found.asked_version)
    _as_of(out, found)
    out.line()
    if found.state is not None:
        state_view.state_of(out, found.place, found.state, found.version)
    elif found.unfolded is not None:
        out.line(
            ("✗ ", "red"),
            say(
                f"这些记录无法汇总：{found.unfolded}",
                f"These entries do not add up: {found.unfolded}",
            ),
            hanging=2,
        )
    else:
        _not_there(out, found)
    zone = found.place.zone
    _lacks(out, found)
    _deadlines(out, found.deadlines, found.place.stream, zone)
    _below(out, found.below, found.counted, found.time, zone)
    if found.state is not None:
        _rules(out, found.rules)
    _later(out, found.later, found.time, zone)


def answers(out: Out, time: Time, moment: Moment, version: int | None = None) -> None:
    """Say which of the two times an answer is in, and as of when."""
    if version is not None:
        at = exact(moment.at, moment.zone)
        until = say(
            f"第 {version} 条为止（{at} 记录，{moment.zone}）",
            f"up to entry {version} (recorded {at}, {moment.zone})",
        )
    else:
        until = say(f"截至 {moment.text.zh}", f"as of {moment.text.en}")
    if time is Time.KNOWN:
        told_ = say(
            f"当时所知：{until}已经记录的，后来的更正不算",
            f"Known then: what was recorded {until}; what was corrected later is not known yet",
        )
    else:
        told_ = say(
            f"当时实情：{until}已经发生的，以今天所知为准，更正已计入，作废的不算",
            f"True then: what was so {until}, as far as is known today; corrections count, "
            "what was withdrawn does not",
        )
    out.line((told_, "bold"))


def _as_of(out: Out, found: Past) -> None:
    stream = found.place.stream
    if found.version == 0:
        return
    whole = found.entries == found.version_now
    out.line(
        (
            say(
                f"依据 {stream} 的 {found.entries} 条记录，最后是 @{found.version}"
                + ("；之后没有新的记录" if whole else f"（今天共 {found.version_now} 条）"),
                f"From {number(found.entries, 'entry', 'entries')} of {stream}, "
                f"the last of them @{found.version}"
                + ("; none came after" if whole else f" (today there are {found.version_now})"),
            ),
            "dim",
        )
    )


def _not_there(out: Out, found: Past) -> None:
    recorded = exact(found.first_recorded, found.place.zone)
    so = exact(found.first_so, found.place.zone)
    if found.time is Time.KNOWN:
        out.line(
            say(
                f"当时还没有记录：最早的一条记录于 {recorded}",
                f"Not yet recorded then: its first entry was recorded {recorded}",
            )
        )
        if found.first_so <= found.moment.at:
            out.line(
                say(
                    f"但实际发生于 {so}：用 --true 查看实情",
                    f"It was so already, since {so}: --true shows it",
                )
            )
    else:
        out.line(
            say(
                f"当时还没有：最早发生于 {so}（记录于 {recorded}）",
                f"Not yet so then: it begins {so} (recorded {recorded})",
            )
        )


def _lacks(out: Out, found: Past) -> None:
    if not found.lacks:
        return
    out.line()
    out.line((say("当时还缺", "What was missing then"), "bold"))
    shared.missing(out, found.lacks, found.place.zone)


def _deadlines(out: Out, running: tuple[DeadlineThen, ...], stream: str, zone: str) -> None:
    if not running:
        return
    out.line()
    out.line((say("当时在走的期限", "Deadlines running then"), "bold"))
    for one in running:
        of = one.stream.removeprefix(stream).removeprefix("/")
        due = forms.until(one.due, zone)
        out.line(
            f"{labels.deadline(one.key).in_(lang())}  ",
            due,
            (
                say(
                    f"  还有 {one.working_days} 个工作日", f"  {one.working_days} working days left"
                ),
                "dim",
            ),
            (f"  {of}" if of else "", "dim"),
            indent=2,
            hanging=4,
        )
        if not one.certain:
            shared.provisional(out, one.due, zone)


def _below(
    out: Out,
    below: tuple[BelowThen, ...],
    counted: Mapping[str, Counted],
    time: Time,
    zone: str,
) -> None:
    if not below and not counted:
        return
    out.line()
    out.line((say("当时下面有", "What there was below"), "bold"))
    told_: dict[str, int] = {}
    for one in below:
        told_[one.kind] = told_.get(one.kind, 0) + 1
        if told_[one.kind] > LISTED:
            continue
        name = f"{title(one.kind).in_(lang())} {one.stream.rsplit('/', 1)[-1]}"
        inside = _counts(one.below, time)
        if one.version:
            stands = labels.stage(one.kind, one.stage).in_(lang())
            since = shared.since(one.since, zone)
            at = (f"  @{one.version}", "dim")
        else:
            stands, since, at = _absent(time), "", ("", "dim")
        style = "dim" if one.closed or not one.version else "cyan"
        out.line(f"{name}  ", (stands, style), since, at, f"  {inside}" if inside else "", indent=2)
    for kind, many in told_.items():
        if many > LISTED:
            of, more = title(kind).in_(lang()), many - LISTED
            out.line(say(f"{of}另有 {more} 个", f"and {more} more of kind {of}"), indent=2)
    if counted:
        out.line(_counts(counted, time), indent=2)


def _absent(time: Time) -> str:
    if time is Time.KNOWN:
        return say("当时未记录，实际已有", "not recorded yet, though it was there")
    return say("实际还没有，当时已记录", "not there yet, though it was recorded")


def _counts(counts: Mapping[str, Counted], time: Time) -> str:
    return joined(f"{title(kind).in_(lang())} {_count(c, time)}" for kind, c in counts.items())


def _count(count: Counted, time: Time) -> str:
    """Return how many there were in one time, and in the other where it differs."""
    if count.known == count.true:
        return str(count.known)
    if time is Time.KNOWN:
        return say(f"{count.known}（实情 {count.true}）", f"{count.known} (in truth {count.true})")
    return say(
        f"{count.true}（当时所知 {count.known}）", f"{count.true} ({count.known} known then)"
    )


def _rules(out: Out, rules: Rules) -> None:
    out.line()
    of = f"{rules.programme}@{rules.version}"
    out.line(
        (say("当时的规则", "The rules then"), "bold"),
        (
            say(
                f"  以 {rules.rules_as_of} 为准，阈值见 {of}",
                f"  as of {rules.rules_as_of}, thresholds by {of}",
            ),
            "dim",
        ),
    )
    for one in rules.thresholds:
        own = say(f"，本年度计划自定 @{one.set_by}", f", set by the programme @{one.set_by}")
        out.line(
            one.text.in_(lang()),
            (f"  [{one.rule}]  {one.source.in_(lang())}{own if one.set_by else ''}", "dim"),
            indent=2,
            hanging=4,
        )


def _later(out: Out, later: Later, time: Time, zone: str) -> None:
    """Say what was learned afterwards, which is where the two times differ."""
    out.line()
    if not later.came and not later.amended:
        out.line(
            (
                say(
                    "两种时间在此一致：没有补录，也没有事后更正",
                    "Both times agree here: nothing came late, nothing was corrected since",
                ),
                "dim",
            )
        )
        return
    known = time is Time.KNOWN
    parts = []
    if later.came:
        parts.append(
            say(
                f"{later.came} 条当时已发生、后来才记录",
                f"{number(later.came, 'entry', 'entries')} came later of what was so already",
            )
        )
    if later.amended:
        parts.append(
            say(
                f"{later.amended} 次事后更正或作废",
                f"{number(later.amended, 'correction', 'corrections')} came later",
            )
        )
    out.line(
        (joined(parts), "bold"),
        say(
            "；以上不含这些，--true 按实情看" if known else "；以上已含这些，--known 按当时所知看",
            "; not counted above, --true counts them"
            if known
            else "; counted above, --known leaves them out",
        ),
    )
    for line in later.lines:
        recorded = exact(line.recorded_at, zone)
        so = exact(line.so_at, zone)
        out.line(
            *told(line),
            (
                say(
                    f"  {line.place} 发生于 {so}，记录于 {recorded}",
                    f"  {line.place} happened {so}, recorded {recorded}",
                ),
                "dim",
            ),
            indent=2,
            hanging=4,
        )
    more = later.came + later.amended - len(later.lines)
    if more:
        out.line(say(f"另有 {more} 条", f"and {more} more"), indent=2)


def number(count: int, one: str, more: str) -> str:
    """Return how many in English."""
    return f"{count} {one if count == 1 else more}"

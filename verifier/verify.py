#!/usr/bin/env python3
"""Verify a bundle of a Siwen ledger on any machine: Python 3.11 or later and `cryptography`.

    python verify.py BUNDLE --policy FILE [--of NAME] [--pinned CHECKPOINT] [--fresh-after T]
    python verify.py BUNDLE --policy FILE --receipt RECEIPT [--earlier OLDER-BUNDLE]
    python verify.py RECEIPT.tlog-proof --policy FILE

This file stands alone and shares no code with the program that writes ledgers. It reads a bundle
(a directory or a .zip) once, from front to back, and needs no network and no database. A receipt
is looked for in a bundle, or proves itself: then it is a C2SP tlog-proof of one event.

What is checked. Every event is exactly in the one form that it may have (RFC 8785 profile), its
hash is where the log's Merkle tree (RFC 6962) has it, each stream is an unbroken chain, the tree's
root is signed by the log's key and by as many witnesses as the policy asks (C2SP checkpoint,
signed note, cosignature/v1, tlog-policy), and nothing is left out: of the whole log because the
tree has no hole, of a part because the log itself lists how far each stream went. The result is
said in the four checks for electronic archives: 真实性 (authentic), 完整性 (complete), 可用性
(usable), 安全性 (safe).

What cannot be seen here: false data honestly entered, events not sealed yet, and a log whose
key-holder and witnesses agree to deceive. Exit status 0: all passed; 1: anything failed; 2: the
command line was not understood.
"""

from __future__ import annotations

import sys

if __name__ == "__main__" and not sys.flags.safe_path:
    del sys.path[0]  # the directory of this file: nothing that lies beside it is imported

import argparse
import base64
import binascii
import hashlib
import io
import json
import os
import re
import struct
import threading
import time
import unicodedata
import zlib
from bisect import bisect_left
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import partial
from itertools import chain, pairwise
from pathlib import Path
from typing import Any, NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

FORMAT = "siwen-bundle/1"
MAX_SHOWN = 20
"""Failures of each check that are kept; the others are counted."""
MAX_TEXT = 400
"""Characters of what is foreign that are shown at once."""
CHUNK = 1 << 19
MAX_LINE = 1 << 22
"""Bytes of a line: no line is read into memory that no ledger would have written."""
MAX_INTEGER = 2**53 - 1
MAX_DEPTH = 64
BACKWARDS_SECONDS = 60
"""Recorded time may run back by this much between streams: a slow commit, a corrected clock."""
LOUD = {"ahead", "no_witness_asked", "key_unknown", "goes_on_short", "goes_on_changed"}
"""What is said beside the verdict, since it says how little that may be worth."""
SKEW_SECONDS = 300
"""By this much the clocks of a ledger, a witness and this machine may differ."""


# --- what is said ------------------------------------------------------------------------------


class Check(StrEnum):
    """The four checks for electronic archives."""

    AUTHENTIC = "authentic"
    COMPLETE = "complete"
    USABLE = "usable"
    SAFE = "safe"


CHECK_ZH = dict(zip(Check, ("真实性", "完整性", "可用性", "安全性"), strict=True))

_SAID = """
not_canonical    U 不是规范形式：{why} | not in canonical form: {why}
not_an_event     U 不是事件的形式 | not of the form of an event
no_line_end      U 最后一行没有换行符 | the last line has no end
outside          C 超出该包的范围 | outside of what the bundle holds
occurred_late    A 发生晚于登记 | occurred after it was recorded
not_next         C 此处应为本流第 {expected} 条 | entry {expected} of its stream should stand here
not_linked       A 与本流上一条不相接 | does not follow from the entry before it in its stream
after_witness    A 登记晚于对它的见证 | recorded after a witness had signed it
runs_back        A 登记早于本流上一条 | recorded before the entry before it in its stream
not_in_place     A 与日志在此处所记不符 | not the event that the log has in this place
back_dated       A {count:,} 条登记早了，至多 {gap:,} 秒 | {count:,} recorded up to {gap:,} s early
back_dated_more  A 另有 {gaps:,} 处，{count:,} 条 | {gaps:,} more such places, {count:,} events
policy           A 核验策略不能使用：{why} | the policy cannot be used: {why}
bad_note         A 检查点不能使用：{why} | a checkpoint cannot be used: {why}
unknown_log      A 核验策略中没有日志 {log} | the policy does not name the log {log}
not_signed       A 没有日志 {log} 的有效签名 | not validly signed by the log {log}
signed           A 日志 {log} 签 {size:,} 条，根 {root} | {log} signed {size:,} leaves, root {root}
false_witness    A {name} 的见证签名不成立 | a cosignature of {name} does not hold
no_witness_asked A 策略不要求见证：看不出密钥失窃 | no witness asked for: a stolen key goes unseen
not_witnessed    A 见证签名不足 | not enough of the policy's witnesses have signed
undated          A {name} 的见证时间在将来 | a cosignature of {name} is dated in the future
undated_enough   A 所需见证人均已见证，何时不明 | as many witnesses as needed saw it, but when?
witnessed        A 所需见证人于 {at} 均已见证 | as many witnesses as needed saw it at {at}
not_fresh        C 没有 {after} 之后的足够见证 | not enough witnesses signed after {after}
fresh            C {at} 仍是日志的最新状态 | still the newest state of the log at {at}
root_differs     A 事件推不出签名的根 | the events do not lead to the signed root
not_opened       A 首条不是本日志的开启事件 | the first event does not open this log
ahead            A 登记时间有至 {at} 的，本机尚未到此时 | recorded up to {at}, still to come here
goes_on          C 接续日志 {log}（{size:,} 条） | goes on from the log {log} of {size:,} leaves
goes_on_short    C {log} 有 {size:,} 条，此处 {here:,} 条 | {here:,} of {size:,} leaves of {log}
goes_on_changed  A {log} 所签 {size:,} 条有改动 | not the {size:,} leaves that {log} signed
carried_differs  A 所含不是 {log} 的 {size:,} 条 | not the {size:,} leaves of {log} it claims
pinned_earlier   A 含所存 {log} 的 {pinned:,} 条 | holds the pinned {pinned:,} leaves of {log}
pinned_short     C 所存 {pinned:,} 条，{log} 只 {here:,} 条 | {here:,} of {pinned:,} pinned of {log}
pinned_changed   A 所存 {log} 的 {pinned:,} 条被改动 | the {pinned:,} leaves of {log} were changed
pinned_lost      C 所存日志 {log} 只被引用，不在此处 | the pinned log {log} is only cited, not here
pinned_whole     A 须有全量，才看得出含 {log} 多少 | only the whole shows what it holds of {log}
earlier_held     C 旧包 {count:,} 条都在，未改动 | all {count:,} events of the older bundle are here
earlier_gone     C 旧包中有，此处没有 | in the older bundle, and not here
earlier_changed  A 与旧包中的不是同一条：被改动 | not what it is in the older bundle: it was changed
earlier_one      C 单条回执不能与旧包相比 | one event shows nothing of an older bundle
pinned_other     A 所存检查点属于另一日志 {log} | the pinned checkpoint is of another log, {log}
pinned_newer     C 比所存检查点（{pinned:,} 条）旧 | older than the pinned {pinned:,} leaves
pinned_not_shown A 未含 {pinned:,} 条处的证明 | the tree at {pinned:,} is not shown: export it so
pinned_rewritten A 所存检查点之前的记录被改写 | what the pinned checkpoint had sealed was rewritten
pinned           A 含所存的 {pinned:,} 条，未改动 | holds the pinned {pinned:,} leaves unchanged
count_differs    C 应有 {said:,} 条，实有 {found:,} 条 | {found:,} events instead of {said:,}
heads_missing    C 部分导出须附末项表，全量不附 | a part needs its list of heads, the whole none
heads_other      C 末项表不是日志中的那一份 | the list of heads is not the one that the log has
heads_narrow     C 末项表未覆盖全部范围 | the list of heads does not reach around the streams
heads_old        C 末项表只到 {size:,} 条，不及所存 | its list ends at {size:,}, before the pin
heads_ahead      C 末项表称 {size:,} 条，此前仅 {there:,} 条 | a list of {size:,} after {there:,}
heads_stale      C 末项表做于 {at}，早于 {after} | its list of heads is of {at}, not after {after}
heads_false      C 末项表与此前的事件不符 | a list of heads that is not of the events before it
heads_omits      C 此末项表漏列了 {name} | a list of heads without {name}
heads_behind     C {name} 列为 {listed} 条，实为 {there} | it lists {name} at {listed}, not {there}
ballots_differ   C 计 {said:,} 票，名下 {here:,} 票 | {said:,} ballots counted, {here:,} are here
ballots_other    A 所计的票不是名下的这些票 | the ballots that are counted are not those here
count_false      A 结果中 {what} 与选票不符 | the result's {what} is not what the ballots say
recounted        A {count:,} 次计票与选票相符 | {count:,} counts made again from their ballots
not_recounted    A {count:,} 次计票未列所计的票 | {count:,} counts do not name their ballots
stream_differs   C {stream}：此处 {here} 条，应为 {there} 条 | {stream}: {here} entries, not {there}
streams_differ   C 此处 {here} 个流，表中 {there} 个 | {here} streams here, {there} are listed
another          C 不是 {asked}，而是 {found} | not of {asked}, but of {found}
as_of            C 仅就 {at} 而言完整 | complete only as of {at}
as_of_bare       C 仅就 {at} 而言完整（无旧检查点） | complete only as of {at} (no pin, not fresh)
strange_file     S 包内不该有 {file} | {file} does not belong in a bundle
file_missing     C 包内缺 {name} | {name} is missing
zip_form         S zip 不是规定的形式 | the .zip is not of the one form that it may have
sum_differs      S {name} 与校验和不符 | {name} is not as SHA256SUMS has it
bad_form         U {name} 不能使用：{why} | {name} cannot be used: {why}
failed           U 核验未能完成：{why} | the verification could not be finished: {why}
unnamed          S 没有事件提及 {digest} | no event names {digest}
missing          C {digest} 缺失且未说明 | {digest} is missing, and nothing says why
lost             U {digest} 已丢失，无删除记录 | {digest} was lost without a tombstone
withheld         U {count:,} 项未提供（{why}） | {count:,} withheld: {why}
included         C 仅证明这一条在日志第 {place:,} 位 | this one stands at {place:,} in the log
not_included     A 推不出签名的根 | does not lead to the signed root
claimed          A {type}，{at}，途径自称 {via} | {type}, recorded {at}, as claimed via {via}
receipt_here     C 回执所载 {place} 在其中 | what the receipt says of {place} is here
receipt_other    A 回执属于另一日志 {log} | the receipt is of another log, {log}
receipt_split    A 回执所证是另一份历史（{size:,} 条） | another history is signed at {size:,}
receipt_apart    A 未含回执 {size:,} 条处的证明 | the receipt's tree of {size:,} is not shown here
receipt_gone     C 回执所载 {place} 不在其中 | what the receipt says of {place} is not here
values           S 含个人信息 {count:,} 项 | holds {count:,} personal values
files            S 含附件 {count:,} 件 | holds {count:,} files
file_changed     A 附件 {name} 被改动 | the file {name} was changed
"""
"""Everything that may be said: of which check, in Chinese and in English."""


def read_said(table: str) -> dict[str, tuple[Check, str, str]]:
    """Read lines of a code, the first letter of a check, and what is said in both languages."""
    found = {}
    for line in table.strip().splitlines():
        code, check, text = line.split(maxsplit=2)
        zh, en = text.split(" | ")
        found[code] = (next(c for c in Check if c.name[0] == check), zh, en)
    return found


SAID = read_said(_SAID)


_BLANK = "\u115f\u1160\u2800\u3164\uffa0\U0001d159"
"""Letters and signs that look like a space."""
_LEFTWARDS = {"R", "AL", "AN"}
"""Kinds of what is written from right to left, and turns the numbers beside it round."""


def shown(foreign: str) -> str:
    """Return text from outside so that it cannot pass for ours.

    Controls, formats, runs of spaces, marks that stand on what is before them, what is written from
    right to left, and what this Python does not know come as `\\u{HEX}`: a file name can then
    neither end a line nor write a result on the screen.
    """
    return re.sub(r"(?<=[ \u3000])[ \u3000]|[^!-~ \u3000]", _escaped, foreign)


def _escaped(found: re.Match[str]) -> str:
    char = found[0]
    # Planes 2 and 3 hold ideographs alone, of which this Python may not know the youngest.
    rare = 0x20000 <= ord(char) < 0x40000 and ord(char) & 0xFFFF < 0xFFFE
    plain = (rare or char.isprintable()) and char not in f" {_BLANK}"
    mark = unicodedata.category(char)[0] == "M" or unicodedata.bidirectional(char) in _LEFTWARDS
    return char if plain and not mark else f"\\u{{{ord(char):x}}}"


def filled(text: str, facts: Mapping[str, Any]) -> str:
    """Fill what is said with facts; all that is foreign in it goes through `shown`."""
    given = {k: _fact(k, v) if isinstance(v, str) else v for k, v in facts.items()}
    return text.format(**given)


def _fact(name: str, text: str) -> str:
    """Return a fact as it is shown: a name that a bundle chose freely as one word of ASCII."""
    said = shown(text[:MAX_TEXT]) + "…" * (len(text) > MAX_TEXT)
    return re.sub("[^!-~…]", lambda c: f"\\u{{{ord(c[0]):x}}}", said) if name in _WORDS else said


_WORDS = {"file", "log"}


def as_json(value: Any) -> str:
    """Return JSON for a screen: the same value, with what cannot be seen escaped."""
    text = json.dumps(value, ensure_ascii=False, indent=2)
    return "".join(c if c == "\n" or shown(c) == c else json.dumps(c)[1:-1] for c in text)


class Scope(NamedTuple):
    """What a verdict is of: a whole log, or the streams at and below one name."""

    log: str
    below: str | None
    events: int
    streams: int

    def text(self, lang: str) -> str:
        kind = "log" if self.below is None else "event" if "@" in self.below else "part"
        return filled(_SCOPE[kind, lang], self._asdict())


_SCOPE = {
    ("event", "zh"): "核验对象：日志 {log} 中的一条，{below}",
    ("event", "en"): "of one event of the log {log}: {below}",
    ("log", "zh"): "核验对象：日志 {log} 的全部，{events:,} 条，{streams:,} 个流",
    ("log", "en"): "of the whole log {log}: {events:,} events in {streams:,} streams",
    (
        "part",
        "zh",
    ): "核验对象：日志 {log} 的一部分，{below} 及其下，{events:,} 条，{streams:,} 个流",
    ("part", "en"): (
        "of a part of the log {log}, {below} and below: {events:,} events in {streams:,} streams"
    ),
}
_UNREAD = {"zh": "核验对象：未能读出", "en": "of what could not be read"}


class Finding(NamedTuple):
    """One thing found; where it lies in an event, with its stream, version and line."""

    code: str
    facts: dict[str, Any] = {}
    stream: str | None = None
    version: int | None = None
    line: int | None = None

    @property
    def check(self) -> Check:
        return SAID[self.code][0]

    def text(self, lang: str) -> str:
        zh = lang == "zh"
        said = filled(SAID[self.code][1 if zh else 2], self.facts)
        if self.stream is None and self.line is None:
            return said
        line = (
            "" if self.line is None else f"（第 {self.line} 行）" if zh else f" (line {self.line})"
        )
        place = f"{shown(self.stream or '?')}@{self.version or '?'}{line}"
        return f"{place}{'：' if zh else ': '}{said}"

    def as_json(self) -> dict[str, Any]:
        place = {"stream": self.stream, "version": self.version, "line": self.line}
        return {"code": self.code, "zh": self.text("zh"), "en": self.text("en"), **place}


class Broken(Exception):
    """What was read is not what it has to be; nothing further can be said of it."""

    @property
    def finding(self) -> Finding:
        return Finding(*self.args)


def broken(code: str, **facts: Any) -> Broken:
    return Broken(code, facts)


@dataclass
class Failures:
    """What is wrong: how much by each check, and the first of it."""

    failures: list[Finding] = field(default_factory=list)
    counts: Counter[Check] = field(default_factory=Counter)
    """How many failures there are of each check; only the first of them are kept."""

    @property
    def count(self) -> int:
        return self.counts.total()

    def add(self, finding: Finding) -> None:
        self.counts[finding.check] += 1
        if self.counts[finding.check] <= MAX_SHOWN:
            self.failures.append(finding)

    def add_all(self, others: Failures, line: int) -> None:
        """Take over what was found where the lines before are so many."""
        for finding in others.failures:
            self.add(finding._replace(line=line + (finding.line or 0) + 1))
        self.counts += others.counts - Counter(f.check for f in others.failures)


@dataclass
class Report(Failures):
    """The result: failures, what was shown, and figures."""

    notes: list[Finding] = field(default_factory=list)
    figures: dict[str, Any] = field(default_factory=dict)
    scope: Scope | None = None
    """What the verdict is of; None where that could not be read."""
    finished: bool = True
    """Whether everything was looked at: what was not is not said to have passed."""

    @property
    def passed(self) -> bool:
        return self.count == 0

    @property
    def first_bad(self) -> Finding | None:
        """The first event in the bundle that something is wrong with."""
        return min((f for f in self.failures if f.line), key=lambda f: f.line or 0, default=None)

    def fail(self, code: str, **facts: Any) -> None:
        self.add(Finding(code, facts))

    def note(self, code: str, **facts: Any) -> None:
        self.notes.append(Finding(code, facts))

    def of(self, check: Check) -> tuple[list[Finding], list[Finding]]:
        """Return the failures and the notes of one check."""
        failures = [f for f in self.failures if f.check is check]
        return failures, [n for n in self.notes if n.check is check]

    def as_json(self) -> dict[str, Any]:
        checks = []
        for check in Check:
            failures, notes = ([f.as_json() for f in found] for found in self.of(check))
            passed = self.finished and not failures
            said = {"passed": passed, "failures": failures, "notes": notes}
            checks.append({"check": check, "zh": CHECK_ZH[check], **said})
        first = self.first_bad
        return {
            "passed": self.passed,
            "finished": self.finished,
            "failures": self.count,
            "of": self.scope and self.scope._asdict(),
            "first_bad": first.as_json() if first else None,
            "checks": checks,
            "figures": self.figures,
        }

    def lines(self, lang: str) -> list[str]:
        """Return the report for a person; the first line says what it is of."""
        zh = lang == "zh"
        passed, failed = ("通过", "未通过") if zh else ("passed", "FAILED")
        without = passed if self.finished else "未核完" if zh else "not finished"
        out = [self.scope.text("zh" if zh else "en") if self.scope else _UNREAD[lang]]
        for check in Check:
            failures, notes = self.of(check)
            named = CHECK_ZH[check] if zh else f"{CHECK_ZH[check]} {check}"
            mark = "✗" if failures else "✓" if self.finished else "?"
            out.append(f"{mark} {named}  {failed if failures else without}")
            out += [f"    ✗ {f.text(lang)}" for f in failures]
            out += [f"    · {n.text(lang)}" for n in notes if n.code not in LOUD]
        if more := self.count - len(self.failures):
            out.append(f"另有 {more:,} 处" if zh else f"and {more:,} more failures")
        if first := self.first_bad:
            out.append(f"{'首条问题事件：' if zh else 'first bad event: '}{first.text(lang)}")
        out += [f"! {n.text(lang)}" for n in self.notes if n.code in LOUD]
        out.append(f"{'结论：' if zh else 'result: '}{passed if self.passed else failed}")
        return out


# --- the one form of an event ------------------------------------------------------------------

_IDENT = rb"[A-Za-z0-9][A-Za-z0-9_.:-]{0,79}"
_NAME = rb"[a-z0-9][a-z0-9-]{0,39}(?:/[a-z0-9][a-z0-9-]{0,39}){0,7}"
_LEAP = rb"(?:[0-9][0-9](?:0[48]|[2468][048]|[13579][26])|(?:[02468][048]|[13579][26])00)"
_INSTANT = (
    rb"(?!0000)(?:[0-9]{4}-(?:(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8])"
    rb"|(?:0[13-9]|1[0-2])-(?:29|30)|(?:0[13578]|1[02])-31)|" + _LEAP + rb"-02-29)"
    rb"T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]\.[0-9]{6}Z"
)
"""An instant of the calendar, in UTC; a leap second is none."""
_COUNT = rb"[1-9][0-9]{0,8}"
_PLAIN = rb'"[^"\\\x00-\x1f]*+"'
_EVENT = (
    rb'\{"actor":\{"id":"%(id)s","organisation":(?:null|%%s),"role":"[a-z_]{1,40}"\}'
    rb',"command_id":(?:null|"%(id)s"),"correlation_id":(?:null|"%(id)s"),"data":%%s'
    rb',"evidence":\[(?:%(file)s(?:,%(file)s)*)?\],"id":"[0-9a-f-]{36}"'
    rb',"occurred_at":"(%(at)s)","prev":(?:null|"([0-9a-f]{64})")'
    rb',"reason":(?:null|"sd:[A-Za-z0-9_-]{43}"),"recorded_at":"(%(at)s)"'
    rb',"schema":%(count)s,"source":(?:null|"[a-z_]{1,40}"),"stream":"([a-z0-9/-]++)"'
    rb',"type":"(?P<type>[a-z][a-z0-9_]{0,79})","version":(%(count)s),"via":"[a-z_]{1,40}"\}'
) % {b"id": _IDENT, b"at": _INSTANT, b"count": _COUNT, b"file": rb'"sha256:[0-9a-f]{64}"'}
"""Every key of an event in its order; left open: the organisation, and the data of its type."""
_KEYS = [
    *("actor", "command_id", "correlation_id", "data", "evidence", "id", "occurred_at", "prev"),
    *("reason", "recorded_at", "schema", "source", "stream", "type", "version", "via"),
]

_DATA, _EVIDENCE = b',"data":', b',"evidence":['
_is_instant = re.compile(_INSTANT).fullmatch
_named = re.compile(_NAME).fullmatch
_COUNTS = frozenset({b"poll_counted", b"poll_recounted"})
_DIGESTS = re.compile(rb'"(sd:[A-Za-z0-9_-]{43}|sha256:[0-9a-f]{64})"')
_PLACE = re.compile(rb'"stream":"(' + _NAME + rb')","type":"[^"]*","version":(' + _COUNT + rb")")


def canonical(raw: bytes) -> Any:
    """Read JSON that must be in the one form that it may have.

    Raises:
        Broken: if it is in another one, or holds what the profile does not allow.

    """
    try:
        value = json.loads(raw, parse_float=_refuse, parse_constant=_refuse)
        text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        if text.encode() != raw:
            _refuse("a doubled key, white space, the order of keys, a number or an escape")
        _require_profile(value, 0)
    except (ValueError, RecursionError) as error:
        raise broken("not_canonical", why=str(error)[:200]) from None
    return value


def _refuse(why: str) -> Any:
    raise ValueError(why)


def _require_profile(value: Any, depth: int) -> None:
    if isinstance(value, str):
        if "\x00" in value or not _is_composed(value):
            _refuse("text with a NUL character or not in NFC")
    elif isinstance(value, int):
        if abs(value) > MAX_INTEGER:
            _refuse("an integer beyond 2^53")
    elif isinstance(value, dict | list):
        if depth == MAX_DEPTH:
            _refuse(f"nested more than {MAX_DEPTH} deep")
        if isinstance(value, dict) and not all(k.isascii() and "\x00" not in k for k in value):
            _refuse("a key that is not plain ASCII")
        for inner in value.values() if isinstance(value, dict) else value:
            _require_profile(inner, depth + 1)


def _is_composed(text: str) -> bool:
    """Tell whether a text is in NFC, whatever tables this interpreter was built with.

    What Unicode 3.2 knew decides, whose table every Python carries: text that any later table
    composed is composed by that one, too, and no newer one finds fault with an older ledger.
    """
    # That table sorts marks one by one: a text with thousands out of order would take minutes.
    then = unicodedata.ucd_3_2_0
    return unicodedata.is_normalized("NFC", text) or (
        not any(0 < b < a for a, b in pairwise(map(then.combining, text)))
        and then.is_normalized("NFC", text)
    )


class Forms:
    """Reads events, and learns forms of their data, so that not every event must be parsed.

    A form is made from an event that was parsed: the same keys and brackets, and for each string,
    integer, truth value or list of strings of its data any other one without escapes. What matches
    it is canonical too, since in all else it is the same; only NFC is left to be checked.
    """

    _LEARN_AFTER = 4
    _MAX = 32
    _MAX_TYPES = 1024
    _MAX_LEARNED = 512
    _MAX_DATA = 4096
    """Bytes of data of which a form is made: what is longer is rare, and parsed."""
    _TOKEN = re.compile(
        rb'(?P<key>"[^"]*":)|(?P<list>\[(?:"[^"]*"(?:,"[^"]*")*)?\])|(?P<text>"[^"]*")'
        rb'|(?P<number>-?[0-9]+)|(?P<truth>true|false)|(?P<null>null)|[^"]'
    )
    _NUMBER = rb"(?:0|-?[1-9][0-9]{0,14})"
    _ANY = {
        "list": rb"\[(?:" + _PLAIN + rb"(?:," + _PLAIN + rb")*+)?\]",
        "text": rb"(?:" + _PLAIN + rb"|null)",
        "number": rb"(?:" + _NUMBER + rb"|null)",
        "truth": rb"(?:true|false|null)",
        "null": rb"(?:null|" + _PLAIN + rb"|" + _NUMBER + rb"|true|false)",
    }
    _any_event = re.compile(_EVENT % (rb'"(?:[^"\\]|\\.)*"', rb"\{.*\}")).fullmatch

    def __init__(self) -> None:
        self.known: dict[bytes, list[Callable[[bytes], re.Match[bytes] | None]]] = {}
        """By type: what matches a line of one form."""
        self._parsed: dict[bytes, int] = {}
        self._learned = 0

    def parse(self, line: bytes) -> re.Match[bytes]:
        """Read an event of no known form.

        Raises:
            Broken: if the line is not an event in canonical form.

        """
        value = canonical(line)
        found = self._any_event(line)
        if found is None or [*value] != _KEYS:
            raise broken("not_an_event")
        data, type_ = line[line.index(_DATA) + len(_DATA) : line.rindex(_EVIDENCE)], found["type"]
        if type_ not in self._parsed and len(self._parsed) == self._MAX_TYPES:
            return found
        count = self._parsed[type_] = self._parsed.get(type_, 0) + 1
        known = self.known.setdefault(type_, [])
        plain = b"\\" not in data and len(data) <= self._MAX_DATA
        room = len(known) < self._MAX and self._learned < self._MAX_LEARNED
        if count % self._LEARN_AFTER == 0 and plain and room:
            self._learned += 1
            form = b"".join(self._form(token) for token in self._TOKEN.finditer(data))
            known.insert(0, re.compile(_EVENT % (_PLAIN, form)).fullmatch)
        return found

    def _form(self, token: re.Match[bytes]) -> bytes:
        """Return what may stand in a token's place."""
        return self._ANY.get(token.lastgroup or "") or re.escape(token[0])


# --- reading events ----------------------------------------------------------------------------


class Own(NamedTuple):
    """An event of the ledger itself."""

    line: int
    stream: str
    type: str
    recorded: str
    data: dict[str, Any]


@dataclass
class Piece(Failures):
    """What was read from a run of lines, which are counted from 0."""

    lines: int = 0
    hashes: bytes = b""
    firsts: dict[bytes, tuple[bytes, bytes | None, bytes, int]] = field(default_factory=dict)
    """By stream, of its first event: version, what it follows, when recorded, line."""
    tails: dict[bytes, bytes] = field(default_factory=dict)
    """By stream, of its last event: the hash, when it was recorded (27 bytes), and the version."""
    own: list[Own] = field(default_factory=list)
    counted: list[tuple[int, bytes]] = field(default_factory=list)
    """Where ballots were counted: the line and the stream of the poll."""
    digests: set[str] = field(default_factory=set)
    found: dict[bytes, tuple[str | None, int | None]] = field(default_factory=dict)
    """Where the leaves lie that were looked for."""
    first: bytes = b"~"
    """When the first event was recorded that is not the ledger's own."""
    latest: bytes = b""
    back: bool = False
    """Whether recorded time may have run back in it by more than a minute."""
    source: tuple[Path, int, int] | None = None
    """Where it was read: a file, an offset and a size."""

    def text(self) -> list[bytes]:
        """Return the lines, read once more."""
        if self.source is None:
            return []
        path, offset, size = self.source
        with path.open("rb") as file:
            file.seek(offset)
            return file.read(size).split(b"\n")

    def bad(self, code: str, line: bytes, at: int, **facts: Any) -> None:
        self.add(Finding(code, facts, *place_of(line), at))


_FORMS = Forms()


class Wanted(NamedTuple):
    """What is asked of a run of events besides their form."""

    below: str | None = None
    """The name at and below which their streams lie."""
    digests: bool = False
    """Whether the digests of values and files are collected."""
    until: bytes = b"~"
    """The last instant at which they may have been recorded."""
    leaves: frozenset[bytes] = frozenset()
    """Hashes of leaves that are looked for."""


def read_events(block: bytes, wanted: Wanted = Wanted()) -> Piece:  # noqa: B008
    """Check a run of whole lines, each an event.

    What the first event of each stream follows is left to whoever joins the pieces.
    """
    below, digests, until, leaves = wanted
    piece = Piece()
    firsts, tails = piece.firsts, piece.tails
    forms, parse, sha256, latest = _FORMS.known, _FORMS.parse, hashlib.sha256, b""
    lines = block.split(b"\n")
    if unended := lines.pop():
        piece.bad("no_line_end", unended, len(lines))
    hashes = [sha256(b"\x00" + line).digest() for line in lines]
    for at, (line, digest) in enumerate(zip(lines, hashes, strict=True)):
        end = line.rfind(b'","version":')
        type_ = line[line.rfind(b'"', 0, end) + 1 : end]
        try:
            for matches in forms.get(type_, ()):
                if (found := matches(line)) is not None:
                    break
            else:
                found = parse(line)
            if not line.isascii() and not _is_composed(line.decode()):
                raise broken("not_canonical", why="text not in NFC")
        except (Broken, UnicodeDecodeError) as error:
            code, facts = error.args if isinstance(error, Broken) else _NOT_UTF8
            piece.bad(code, line, at, **facts)
            continue
        occurred, prev, recorded, stream, type_, version = found.groups()
        if occurred > recorded:
            piece.bad("occurred_late", line, at)
        if recorded > until:
            piece.bad("after_witness", line, at)
        before = tails.get(stream)
        tails[stream] = digest + recorded + version
        if before is None:
            firsts[stream] = (version, prev, recorded, at)
        elif not follows(before, version, prev, recorded):
            for code, facts in wrong_after(before, version, prev, recorded):
                piece.bad(code, line, at, **facts)
        if stream[:7] == b"ledger/":
            names = stream.decode(), type_.decode()
            piece.own.append(Own(at, *names, recorded.decode(), json.loads(line)["data"]))
        elif recorded >= latest:
            if not latest:
                piece.first = recorded
            latest = recorded
        elif recorded[:16] != latest[:16]:
            piece.back = True
        if type_ in _COUNTS:
            piece.counted.append((at, stream))
        if digest in leaves:
            piece.found[digest] = place_of(line)
        if digests:
            piece.digests.update(d.decode() for d in _DIGESTS.findall(line))
    for stream, (_, _, _, at) in firsts.items():
        if not _named(stream):
            piece.bad("not_an_event", lines[at], at)
        elif below and stream[:7] != b"ledger/" and not is_inside(stream.decode(), below):
            piece.bad("outside", lines[at], at)
    piece.lines, piece.hashes, piece.latest = len(lines), b"".join(hashes), latest
    return piece


_NOT_UTF8: tuple[str, dict[str, Any]] = ("not_canonical", {"why": "not UTF-8"})


def follows(before: bytes, version: bytes, prev: bytes | None, recorded: bytes) -> bool:
    """Tell whether an event follows from the one before it in its stream."""
    linked = prev is not None and binascii.unhexlify(prev) == before[:32]
    return linked and recorded >= before[32:59] and int(version) == int(before[59:]) + 1


def wrong_after(
    before: bytes | None, version: bytes, prev: bytes | None, recorded: bytes
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Say why an event does not follow from the one before it in its stream."""
    expected = int(before[59:]) + 1 if before else 1
    if int(version) != expected:
        yield "not_next", {"expected": expected}
    elif (prev and binascii.unhexlify(prev)) != (before and before[:32]):
        yield "not_linked", {}
    if before and recorded < before[32:59]:
        yield "runs_back", {}


def place_of(line: bytes) -> tuple[str | None, int | None]:
    """Return the stream and version that a line speaks of, as far as they can be read."""
    found = _PLACE.match(line, max(line.rfind(b'"stream":"'), 0))
    return (found[1].decode(), int(found[2])) if found else (None, None)


def _seconds(later: bytes, earlier: bytes) -> int:
    a, b = (datetime.fromisoformat(instant.decode()) for instant in (later, earlier))
    return int((a - b).total_seconds())


class Tails:
    """How far each stream went, in little memory: there may be a third as many as events.

    A stream is known by a keyed 64-bit hash of its name. Two of one hash would be reported as a
    broken chain; that two honest ones meet is less likely than a fault of the machine.
    """

    WIDTH = 32 + 27 + 9
    _KEY, _PLACE = struct.Struct(">q"), struct.Struct(">qI")
    FULL = 64
    """Streams to a bucket, on average, at which there come to be twice as many buckets."""

    def __init__(self) -> None:
        self._store = bytearray()
        self._buckets = [b""] * (1 << 14)
        self._mask = len(self._buckets) - 1
        """For each stream eight bytes of its hash, and four with its place in the store."""

    def __len__(self) -> int:
        return len(self._store) // self.WIDTH

    def __getitem__(self, stream: bytes) -> bytes | None:
        place = self._find(hash(stream))
        return bytes(self._store[place : place + self.WIDTH]) if place >= 0 else None

    def swap(self, stream: bytes, tail: bytes) -> bytes | None:
        """Set what the stream's last event is now, and return what it was."""
        hash_ = hash(stream)
        place = self._find(hash_)
        tail = tail.ljust(self.WIDTH)
        if place < 0:
            self._buckets[hash_ & self._mask] += self._PLACE.pack(hash_, len(self))
            self._store += tail
            if len(self) > self.FULL * len(self._buckets):
                self._double()
            return None
        before = bytes(self._store[place : place + self.WIDTH])
        self._store[place : place + self.WIDTH] = tail
        return before

    def _double(self) -> None:
        """Divide what each bucket holds between it and a new one."""
        half = len(self._buckets)
        self._buckets += [b""] * half
        self._mask = len(self._buckets) - 1
        for number in range(half):
            bucket = self._buckets[number]
            parts = [bucket[at : at + 12] for at in range(0, len(bucket), 12)]
            moved = [int.from_bytes(p[:8], "big") & half for p in parts]
            for to in (0, half):
                kept = (p for p, there in zip(parts, moved, strict=True) if there == to)
                self._buckets[number + to] = b"".join(kept)

    def _find(self, hash_: int) -> int:
        """Return where a stream's tail begins in the store, or -1."""
        known = self._buckets[hash_ & self._mask]
        key = self._KEY.pack(hash_)
        at = known.find(key)
        while at > 0 and at % 12:
            at = known.find(key, at + 1)
        return self._PLACE.unpack_from(known, at)[1] * self.WIDTH if at >= 0 else -1


@dataclass
class Gap:
    """A run of events that were recorded before what came before them in the log."""

    line: int
    place: tuple[str | None, int | None]
    """Of the first of them."""
    count: int = 0
    seconds: int = 0
    """By how much at most."""


class Gaps:
    """Finds where recorded time runs back in the log: something may have been dated back."""

    def __init__(self) -> None:
        self.kept: list[Gap] = []
        self.count = 0
        self.events = 0
        self._latest = b""
        self._open: Gap | None = None

    def add(self, piece: Piece, start: int) -> None:
        """Go on with a piece whose first line has this number; it is read again only if it must.

        The ledger's own events are left out: in a rehearsal they have another clock.
        """
        if piece.back or piece.first[:16] < self._latest[:16]:
            for at, line in enumerate(piece.text()[: piece.lines]):
                self._go_on(line, start + at)
        elif piece.latest:
            self._open = None
        self._latest = max(self._latest, piece.latest)

    def _go_on(self, line: bytes, number: int) -> None:
        if not (found := _RECORDED.match(line, max(line.rfind(b'"recorded_at":"'), 0))):
            return
        recorded = found[1]
        gap = _seconds(self._latest, recorded) if recorded[:16] < self._latest[:16] else 0
        self._latest = max(self._latest, recorded)
        if gap <= BACKWARDS_SECONDS:
            self._open = None
            return
        if self._open is None:
            self._open = Gap(number, place_of(line))
            self.count += 1
            if len(self.kept) < MAX_SHOWN:
                self.kept.append(self._open)
        self.events += 1
        self._open.count += 1
        self._open.seconds = max(self._open.seconds, gap)

    def notes(self) -> Iterator[Finding]:
        """Name every gap, or of many the first, and how many more there are."""
        for gap in self.kept:
            facts = {"count": gap.count, "gap": gap.seconds}
            yield Finding("back_dated", facts, *gap.place, gap.line + 1)
        if more := self.count - len(self.kept):
            count = self.events - sum(gap.count for gap in self.kept)
            yield Finding("back_dated_more", {"gaps": more, "count": count})


_RECORDED = re.compile(
    rb'"recorded_at":"(' + _INSTANT + rb')","schema":[0-9]+,"source":[^,]+,"stream":"(?!ledger/)'
)


class Chains:
    """Joins pieces: every stream one chain through all of them."""

    def __init__(self, report: Report, *, part: bool) -> None:
        self.tails = Tails()
        self.events = 0
        self.own: list[Own] = []
        self.counted: list[tuple[int, bytes]] = []
        self.digests: set[str] = set()
        self.found: dict[bytes, tuple[str | None, int | None]] = {}
        self.latest = b""
        self.gaps = Gaps()
        self._report = report
        self._cut = b"ledger/heads" if part else b""
        """A stream that may begin anywhere: a part holds one of the lists of heads."""

    def add(self, piece: Piece) -> None:
        """Go on with a piece."""
        for stream, tail in piece.tails.items():
            before = self.tails.swap(stream, tail)
            version, prev, recorded, line = piece.firsts[stream]
            if before is None:
                good = (version, prev) == (b"1", None) or stream == self._cut
            else:
                good = follows(before, version, prev, recorded)
            for code, facts in () if good else wrong_after(before, version, prev, recorded):
                piece.add(Finding(code, facts, stream.decode(), int(version), line))
        self.gaps.add(piece, self.events)
        self.latest = max(self.latest, piece.latest)
        self._report.add_all(piece, self.events)
        self.own += [own._replace(line=self.events + own.line) for own in piece.own]
        self.counted += [(self.events + line, stream) for line, stream in piece.counted]
        self.digests |= piece.digests
        self.found |= piece.found
        self.events += piece.lines


# --- the tree ----------------------------------------------------------------------------------


class Tree:
    """The RFC 6962 tree over what the bundle holds, and hashes of subtrees for what it does not."""

    def __init__(self, *keep_roots_at: int) -> None:
        self.size = 0
        self._nodes: list[tuple[int, bytes]] = []
        self._then = {*keep_roots_at}
        self.roots = {0: self.root()} if 0 in self._then else {}
        """The roots at the sizes that were asked for, as far as the bundle shows them."""

    def append(self, level: int, hash_: bytes) -> None:
        """Append the hash of a perfect subtree of 2^level leaves."""
        if self.size % (1 << level):
            raise broken("bad_form", name="a proof", why="a subtree begins where none can")
        self.size += 1 << level
        while self._nodes and self._nodes[-1][0] == level:
            hash_ = _node(self._nodes.pop()[1] + hash_)
            level += 1
        self._nodes.append((level, hash_))
        if self.size in self._then:
            self.roots[self.size] = self.root()

    def leaves(self, hashes: bytes) -> None:
        """Append leaf hashes that follow each other, by subtrees as large as fit."""
        at = 0
        while at < len(hashes):
            level = 8
            while (32 << level) > len(hashes) - at or not self._fits(level):
                level -= 1
            self.append(level, _perfect(hashes[at : at + (32 << level)]))
            at += 32 << level

    def _fits(self, level: int) -> bool:
        count = 1 << level
        passes = any(self.size < then < self.size + count for then in self._then)
        return self.size % count == 0 and not passes

    def root(self) -> bytes:
        if not self._nodes:
            return hashlib.sha256(b"").digest()
        root = self._nodes[-1][1]
        for _, left in reversed(self._nodes[:-1]):
            root = _node(left + root)
        return root


def _node(pair: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + pair).digest()


def _perfect(hashes: bytes) -> bytes:
    sha256 = hashlib.sha256
    while len(hashes) > 32:
        pairs = range(0, len(hashes), 64)
        hashes = b"".join([sha256(b"\x01" + hashes[i : i + 64]).digest() for i in pairs])
    return hashes


def root_from(leaf: bytes, index: int, size: int, path: Iterable[bytes]) -> bytes | None:
    """Return the root that an inclusion proof leads to (RFC 9162, 2.1.3.2); None where to none."""
    place, last, found = index, size - 1, leaf
    for hash_ in path:
        if last <= 0:
            return None
        if place & 1 or place == last:
            found = _node(hash_ + found)
            while place and not place & 1:
                place, last = place >> 1, last >> 1
        else:
            found = _node(found + hash_)
        place, last = place >> 1, last >> 1
    return found if last == 0 and index < size else None


# --- notes, keys, policy -----------------------------------------------------------------------

_LOG, _WITNESS = 0x01, 0x04
_KEY_NAME = re.compile(r"[^\s+\x00-\x1f]+")
MAX_SIZE = 2**63 - 1
MAX_NOTE = 1 << 18
"""Bytes of a note: C2SP signed-note wants room for 16 signatures of nearly 5 kB."""
MAX_SIGNATURES = 64


class Key(NamedTuple):
    """A public key of a log or a witness."""

    name: str
    kind: int
    public: bytes

    @property
    def id(self) -> bytes:
        named = self.name.encode() + b"\n" + bytes([self.kind]) + self.public
        return hashlib.sha256(named).digest()[:4]

    def signed(self, message: bytes, signature: bytes) -> bool:
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, message)
        except InvalidSignature:
            return False
        return True


class Checkpoint(NamedTuple):
    """A signed note that says how far a log goes."""

    text: str
    origin: str
    size: int
    root: bytes
    signatures: tuple[tuple[str, bytes, bytes], ...]


def _unbase64(text: str) -> bytes:
    data = base64.b64decode(text, validate=True)
    if not data or base64.b64encode(data).decode() != text:
        raise ValueError("not canonical base64")
    return data


def parse_key(text: str) -> Key:
    """Read a verifier key: `name+id+base64`; a ValueError says what is wrong with it."""
    name, id_, encoded = text.split("+", 2)
    material = _unbase64(encoded)
    if not _KEY_NAME.fullmatch(name):
        raise ValueError("a name of a key that has none")
    if len(material) != 33 or material[0] not in (_LOG, _WITNESS):
        raise ValueError("neither a log's nor a witness's Ed25519 key")
    key = Key(name, material[0], material[1:])
    if key.id.hex() != id_:
        raise ValueError(f"the id of that key is {key.id.hex()}")
    return key


def parse_checkpoint(raw: bytes) -> Checkpoint:
    """Read a signed note whose text is a checkpoint; no signature is checked yet."""
    try:
        if len(raw) > MAX_NOTE:
            raise ValueError("too long")
        content = raw.decode()
        text, gap, rest = content.rpartition("\n\n")
        if not gap or not rest.endswith("\n") or text.count("\n") < 2:
            raise ValueError("not a text, an empty line and signature lines")
        origin, size, encoded, *further = text.split("\n")
        if not all((origin, *further)):
            raise ValueError("an empty line within the text")
        if any(c < " " and c != "\n" for c in content):
            raise ValueError("a control character")
        if not re.fullmatch(r"0|[1-9][0-9]{0,18}", size) or int(size) > MAX_SIZE:
            raise ValueError("not a tree's size")
        root = _unbase64(encoded)
        if len(root) != 32:
            raise ValueError("not a root of 32 bytes")
        signatures = tuple(_signature(line) for line in rest[:-1].split("\n"))
        if len(signatures) > MAX_SIGNATURES:
            raise ValueError(f"more than {MAX_SIGNATURES} signatures")
    except ValueError as error:
        raise broken("bad_note", why=str(error)[:200]) from None
    return Checkpoint(text + "\n", origin, int(size), root, signatures)


def _signature(line: str) -> tuple[str, bytes, bytes]:
    found = re.fullmatch(rf"— ({_KEY_NAME.pattern}) (\S+)", line)
    data = _unbase64(found[2]) if found else b""
    if found is None or len(data) < 5:
        raise ValueError("not a signature line")
    return found[1], data[:4], data[4:]


def cosigned_at(checkpoint: Checkpoint, key: Key) -> list[int]:
    """Return when a witness signed, in seconds since 1970."""
    times = []
    for name, id_, data in checkpoint.signatures:
        if (name, id_) == (key.name, key.id):
            at = int.from_bytes(data[:8], "big")
            message = f"cosignature/v1\ntime {at}\n{checkpoint.text}".encode()
            if at > MAX_SIZE or not key.signed(message, data[8:]):
                raise broken("false_witness", name=name)
            times.append(at)
    return times


class Seen(NamedTuple):
    """What the witnesses of a policy say of a checkpoint, in seconds since 1970."""

    enough: int | None
    """Since when as many as are needed have seen it; 0: nobody knows when; None: too few have."""
    first: int | None
    """When the first of them had seen it."""
    undated: list[str]
    """Who signed with a time in the future, which proves no time at all."""

    @property
    def until(self) -> bytes:
        """Return until when all that was seen was recorded, as far as clocks agree."""
        at = None if self.first is None else _instant(self.first + SKEW_SECONDS, ".999999Z")
        return at.encode() if at else b"~"


class Policy:
    """Whom to believe: logs, witnesses, and which of them must have signed (C2SP tlog-policy)."""

    def __init__(self, raw: bytes) -> None:
        self.logs: list[Key] = []
        self.witnesses: dict[str, Key] = {}
        self.groups: dict[str, tuple[int, list[str]]] = {}
        self.quorum = ""
        try:
            for line in raw.decode().split("\n"):
                words = re.split(r"[ \t]+", line.strip(" \t"))
                if words != [""] and not words[0].startswith("#"):
                    self._take(words)
            if not self.logs or not self.quorum:
                raise ValueError("it needs a log and a quorum")
        except ValueError as wrong:
            raise broken("policy", why=str(wrong)) from None

    def _take(self, words: list[str]) -> None:
        match words:
            case ["log", text] | ["log", text, _]:
                self.logs.append(self._key(text, _LOG))
            case ["witness", name, text] | ["witness", name, text, _]:
                self._require_new(name)
                self.witnesses[name] = self._key(text, _WITNESS)
            case ["group", name, count, *members] if members:
                self._require_new(name)
                needed = {"all": len(members), "any": 1}.get(count) or int(count)
                taken = {m for _, inner in self.groups.values() for m in inner}
                if not 1 <= needed <= len(members) or len({*members}) < len(members):
                    raise ValueError(f"{name} has not so many members")
                if not {*self.witnesses, *self.groups}.issuperset(members) or taken & {*members}:
                    raise ValueError(f"{name} has a member not defined above, or of two groups")
                self.groups[name] = (needed, members)
            case ["quorum", name] if not self.quorum:
                if name not in {"none", *self.witnesses, *self.groups}:
                    raise ValueError(f"{name} is not defined above")
                self.quorum = name
            case _:
                raise ValueError(f"not understood: {' '.join(words)[:80]}")

    def _key(self, text: str, kind: int) -> Key:
        key = parse_key(text)
        known = [*self.logs, *self.witnesses.values()]
        if key.kind != kind or key.public in [k.public for k in known]:
            raise ValueError(f"{key.name}: a key of another kind, or one that another has")
        return key

    def _require_new(self, name: str) -> None:
        if name in {"none", *self.witnesses, *self.groups}:
            raise ValueError(f"{name} is defined above")

    def require_signed(self, checkpoint: Checkpoint) -> None:
        """Check that a log named here signed, and that nothing false stands in its name."""
        key = next((k for k in self.logs if k.name == checkpoint.origin), None)
        if key is None:
            raise broken("unknown_log", log=checkpoint.origin)
        ours = [s for name, id_, s in checkpoint.signatures if (name, id_) == (key.name, key.id)]
        message = checkpoint.text.encode()
        if not ours or not all(key.signed(message, signature) for signature in ours):
            raise broken("not_signed", log=key.name)

    def cosigned(self, checkpoint: Checkpoint, now: float) -> Seen:
        """Return what the witnesses say of a checkpoint; what they say of the future is not said.

        As C2SP tlog-cosignature has it, the time 0 says of no time.
        """
        times, undated, dated = dict[str, int | None](), list[str](), list[int]()
        for name, key in self.witnesses.items():
            found = cosigned_at(checkpoint, key)
            past = [at for at in found if 0 < at <= now + SKEW_SECONDS]
            times[name] = max(past, default=0) if found else None
            undated += [key.name] * (max(found, default=0) > now + SKEW_SECONDS)
            dated += past
        given = sorted({at for at in times.values() if at is not None}, reverse=True)
        enough = next((at for at in given if self._met(self.quorum, times, at)), None)
        return Seen(enough, min(dated, default=None), undated)

    def _met(self, name: str, times: Mapping[str, int | None], since: int) -> bool:
        if name in self.groups:
            needed, members = self.groups[name]
            return sum(self._met(m, times, since) for m in members) >= needed
        at = times.get(name)
        return at is not None and at >= since


# --- the container -----------------------------------------------------------------------------

SUMS = "SHA256SUMS"
NEEDED = (SUMS, "README.txt", "bundle.json", "events.jsonl", "leaves", "cover", "checkpoint")
_KNOWN = re.compile(
    "|".join(map(re.escape, (*NEEDED, "heads", "disclosures", "withheld")))
    + "|evidence/[0-9a-f]{64}"
)


class Member(NamedTuple):
    """Where a file of the bundle lies: in a file of its own, or inside the .zip."""

    path: Path
    offset: int
    size: int
    crc: int | None = None

    def blocks(self) -> Iterator[bytes]:
        with self.path.open("rb") as file:
            file.seek(self.offset)
            left = self.size
            while left and (block := file.read(min(CHUNK, left))):
                left -= len(block)
                yield block

    def read(self, most: int) -> bytes:
        """Return the whole of it, where that is not more than it may be."""
        if self.size > most:
            raise broken("bad_form", name=self.path.name, why=f"more than {most:,} bytes")
        return b"".join(self.blocks())

    def lines(self) -> Iterator[bytes]:
        with self.path.open("rb") as file:
            file.seek(self.offset)
            left = self.size
            while left and (line := file.readline(min(left, MAX_LINE))):
                left -= len(line)
                yield line

    def records(self, width: int) -> Iterator[bytes]:
        """Give what is of one width each."""
        with self.path.open("rb") as file:
            file.seek(self.offset)
            for _ in range(self.size // width):
                yield file.read(width)

    def spans(self) -> Iterator[tuple[int, int]]:
        """Split it into runs of whole lines: where each begins, and how long it is."""
        at, end = self.offset, self.offset + self.size
        with self.path.open("rb") as file:
            while at < end:
                start, at = at, min(at + CHUNK, end)
                file.seek(at)
                file.readline(min(end - at, MAX_LINE))
                at = file.tell()
                yield start, at - start


def open_bundle(path: Path) -> dict[str, Member]:
    """Return the files of a bundle; there is nothing else in it."""
    members = _directory(path) if path.is_dir() else _zip(path)
    for name in members:
        if not _KNOWN.fullmatch(name):
            raise broken("strange_file", file=name)
    for name in NEEDED:
        if name not in members:
            raise broken("file_missing", name=name)
    return members


def _directory(path: Path, inside: str = "") -> dict[str, Member]:
    found: dict[str, Member] = {}
    for entry in os.scandir(path):
        name = inside + entry.name
        if entry.is_file(follow_symlinks=False):
            found[name] = Member(Path(entry.path), 0, entry.stat().st_size)
        elif entry.is_dir(follow_symlinks=False) and name == "evidence":
            found |= _directory(Path(entry.path), "evidence/")
        else:
            raise broken("strange_file", file=name)
    return found


def _zip(path: Path) -> dict[str, Member]:
    """Read a .zip written in the one way it may be: stored, no extras, nothing in between."""
    found: dict[str, Member] = {}
    listing, offset = bytearray(), 0
    with path.open("rb") as file:
        while (head := file.read(30))[:4] == b"PK\3\4" and len(head) == 30:
            crc, size, _, width = struct.unpack_from("<3IH", head, 14)
            name = file.read(width)
            fixed = struct.pack("<5H3I2H", 20, 0, 0, 0, 33, crc, size, size, len(name), 0)
            if head[4:] != fixed or name.decode("ascii", "replace") in found:
                raise broken("zip_form")
            listing += b"PK\1\2\x14\0" + fixed + struct.pack("<3H2I", 0, 0, 0, 0, offset) + name
            offset += 30 + len(name) + size
            found[name.decode("ascii", "replace")] = Member(path, offset - size, size, crc)
            file.seek(offset)
        count = len(found)
        end = struct.pack("<4H2IH", 0, 0, count, count, len(listing), offset, 0)
        rest = listing + b"PK\5\6" + end
        if head + file.read(len(rest)) != rest or [*found] != sorted(found):
            raise broken("zip_form")
    return found


def wrong_sums(members: Mapping[str, Member]) -> list[str]:
    """Return the names of the files that are not as SHA256SUMS has them."""
    wrong, expected = [], list[str]()
    most = sum(len(name) + 67 for name in members)  # a sum in hex, two spaces, a line's end
    listed = members[SUMS].read(most).decode("ascii", "replace").splitlines(keepends=True)
    said = {*listed}
    for name in sorted(members):
        digest, crc = hashlib.sha256(), 0
        for block in members[name].blocks():
            digest.update(block)
            crc = zlib.crc32(block, crc) if members[name].crc is not None else 0
        expected += [f"{digest.hexdigest()}  {name}\n"] * (name != SUMS)
        if members[name].crc not in (None, crc) or (name != SUMS and expected[-1] not in said):
            wrong.append(name)
    return wrong if wrong or listed == expected else [SUMS]


# --- parts of a bundle -------------------------------------------------------------------------

_COVER = re.compile(rb"(?:events ([1-9][0-9]{0,17})|hash ([0-9]|[1-5][0-9]) ([0-9a-f]{64}))\n")
_HEAD = re.compile(rb"head ((" + _NAME + rb") (" + _COUNT + rb") ([0-9a-f]{64}))\n")
_HEADS = re.compile(rb"heads ([1-9][0-9]{0,17}) ([1-9][0-9]{0,17})\n")
_ACTS = {
    "values_erased": "erased",
    "access_restricted": "restricted",
    "restriction_lifted": "shown again",
}
_WITHHELD = re.compile(rb"(sd:[A-Za-z0-9_-]{43}|sha256:[0-9a-f]{64}) (erased|restricted|lost)\n")


class Manifest(NamedTuple):
    """What a bundle says of itself; all but when it was exported is compared with the rest."""

    below: str | None
    disclosures: bool
    events: int
    evidence: bool
    exported_at: str
    format: str
    origin: str
    size: int

    @classmethod
    def parse(cls, raw: bytes) -> Manifest:
        value = canonical(raw.removesuffix(b"\n"))
        kinds = (str, bool, int, bool, str, str, str, int)
        if not isinstance(value, dict) or (*value,) != cls._fields or raw[-1:] != b"\n":
            raise broken("bad_form", name="bundle.json", why="other keys than expected")
        for (key, given), kind in zip(value.items(), kinds, strict=True):
            if type(given) is not kind and (key, given) != ("below", None):
                raise broken("bad_form", name="bundle.json", why=f"{key} is of another type")
        if value["below"] is not None and not _named(value["below"].encode()):
            raise broken("bad_form", name="bundle.json", why="below is no name of a stream")
        if not _is_instant(value["exported_at"].encode()):
            raise broken("bad_form", name="bundle.json", why="exported_at is no instant")
        if value["format"] != FORMAT:
            raise broken("bad_form", name="bundle.json", why=f"its format is not {FORMAT}")
        return cls(**value)


class Head(NamedTuple):
    """How far a stream went."""

    stream: str
    version: int
    leaf: bytes


def parse_cover(name: str, lines: Iterable[bytes]) -> Iterator[tuple[int, int, bytes]]:
    """Read how leaves are covered: how many are here or, for 0, a subtree's level and hash."""
    for line in lines:
        found = _COVER.fullmatch(line)
        if found is None or (found[1] and name == "heads"):
            raise broken("bad_form", name=name, why=repr(line[:80]))
        yield int(found[1] or 0), int(found[2] or 0), bytes.fromhex((found[3] or b"").decode())


class HeadList(NamedTuple):
    """The part of the log's list of heads that is about the bundle's streams."""

    size: int
    streams: int
    root: bytes
    heads: list[Head]
    whole: bool
    """Whether nothing of the list about these streams can be missing from the part."""


def parse_heads(member: Member, below: str) -> HeadList:
    """Read the part of the list; it reaches beyond the streams on both sides."""
    lines = member.lines()
    first = _HEADS.fullmatch(next(lines, b""))
    if first is None:
        raise broken("bad_form", name="heads", why="no first line")
    tree, heads, start = Tree(), list[Head](), 0
    for line in lines:
        found = _HEAD.fullmatch(line)
        if found is None:
            ((_, level, hash_),) = parse_cover("heads", [line])
            tree.append(level, hash_)
            continue
        start = start if heads else tree.size
        if tree.size != start + len(heads):
            raise broken("bad_form", name="heads", why="a hole in the part")
        tree.append(0, hashlib.sha256(b"\x00" + found[1]).digest())
        heads.append(Head(found[2].decode(), int(found[3]), bytes.fromhex(found[4].decode())))
    ours = [h for h in heads if is_inside(h.stream, below)]
    # Sorted so, all names below one name follow it at once: with a name before or no place before,
    # and a name after or no place after, there can be no more of them.
    keys = [h.stream.replace("/", " ") for h in heads]
    asked = below.replace("/", " ")
    whole = (
        bool(ours)
        and all(a < b for a, b in pairwise(keys))
        and (start == 0 or keys[0] < asked)
        and (start + len(heads) == tree.size or (heads[-1] not in ours and keys[-1] > asked))
        and tree.size == int(first[2])
    )
    return HeadList(int(first[1]), tree.size, tree.root(), ours, whole)


def is_inside(stream: str, below: str) -> bool:
    return stream == below or stream.startswith(below + "/")


# --- the log's own lists -----------------------------------------------------------------------

_LISTS = "ledger/heads"


class Listing:
    """How far each stream went: a line for each, sorted as in the log's lists, and the tree."""

    def __init__(self) -> None:
        self.names: list[bytes] = []
        self._levels = [bytearray()]
        """The hashes of the lines, above them those of pairs, and so on; an odd last one as is."""

    def put(self, lines: Mapping[bytes, bytes]) -> None:
        """Set the hashes of lines by the streams' names as they are sorted."""
        new = sorted(name for name in lines if not self._knows(name))
        start = bisect_left(self.names, new[0]) if new else len(self.names)
        if new:
            parts, at = list[bytes](), 0
            for name in new:
                before, at = at, bisect_left(self.names, name)
                parts += [bytes(self._levels[0][32 * before : 32 * at]), lines[name]]
            self._levels[0] = bytearray(b"".join([*parts, self._levels[0][32 * at :]]))
            self.names += new
            self.names.sort()
        some = set()
        for name in lines.keys() - {*new}:
            at = bisect_left(self.names, name)
            self._levels[0][32 * at : 32 * at + 32] = lines[name]
            some.add(at)
        self._hash(some, start)

    def root(self) -> bytes:
        return bytes(self._levels[-1])

    def root_with(self, name: bytes, line: bytes) -> bytes:
        """Return what the root were with another line of a stream."""
        at = bisect_left(self.names, name)
        for nodes in self._levels[:-1]:
            beside = bytes(nodes[32 * (at ^ 1) : 32 * (at ^ 1) + 32])
            if beside:
                line = _node(beside + line if at % 2 else line + beside)
            at //= 2
        return line

    def left_out(self, root: bytes) -> bytes | None:
        """Return the one stream without which the list would have a root."""
        rest = Listing()
        rest.put({self.names[at]: self.line(at) for at in range(1, len(self.names))})
        for at, name in enumerate(self.names):
            if self._without(rest, at, len(rest._levels) - 1, 0) == root:
                return name
        return None

    def line(self, at: int) -> bytes:
        return bytes(self._levels[0][32 * at : 32 * at + 32])

    def _without(self, rest: Listing, gone: int, level: int, at: int) -> bytes:
        """Return a node of the list without one line: `rest` is the list without the first."""
        if (at + 1) << level <= gone:
            return bytes(self._levels[level][32 * at : 32 * at + 32])
        if at << level >= gone:
            return bytes(rest._levels[level][32 * at : 32 * at + 32])
        left = self._without(rest, gone, level - 1, 2 * at)
        if (2 * at + 1) << (level - 1) >= len(rest.names):
            return left
        return _node(left + self._without(rest, gone, level - 1, 2 * at + 1))

    def _knows(self, name: bytes) -> bool:
        at = bisect_left(self.names, name)
        return at < len(self.names) and self.names[at] == name

    def _hash(self, some: set[int], start: int) -> None:
        """Hash anew what stands over some lines and over all from one on."""
        level = 0
        while len(below := self._levels[level]) > 32:
            level += 1
            if level == len(self._levels):
                self._levels.append(bytearray())
            above, count = self._levels[level], (len(below) + 32) // 64
            above.extend(bytes(32 * count - len(above)))
            start //= 2
            some = {at // 2 for at in some if at // 2 < start}
            for at in chain(some, range(start, count)):
                pair = bytes(below[64 * at : 64 * at + 64])
                above[32 * at : 32 * at + 32] = _node(pair) if len(pair) == 64 else pair


class Placed(NamedTuple):
    """An event by its place in the log."""

    line: int
    name: bytes
    """The stream's name as the lists sort it."""
    version: int
    hash: bytes
    """Of its line in a list."""


def placed(lines: Iterable[bytes], leaves: Iterable[bytes]) -> Iterator[Placed]:
    """Give the events that name a stream and a version, with the hashes that the log has."""
    for at, (line, leaf) in enumerate(zip(lines, leaves, strict=False)):
        end = line.rfind(b'","version":')
        start = line.rfind(b'"stream":"', 0, end) + 10
        stream = line[start : line.find(b'"', start)]
        version = line[end + 12 : line.find(b",", end + 12)]
        if end > 0 and version.isdigit():
            hashed = hashlib.sha256(b"\x00%b %b %b" % (stream, version, binascii.hexlify(leaf)))
            yield Placed(at, stream.replace(b"/", b" "), int(version), hashed.digest())


def false_lists(own: Sequence[Own], events: Callable[[], Iterator[Placed]]) -> Iterator[Finding]:
    """Recompute every list of heads in a whole log; name those that are false, and the stream.

    A log that goes on from others begins with its own opening and then holds theirs, the newest
    first: a list of an earlier one knows nothing of the later openings.
    """
    opened = [o for at, o in enumerate(own) if (at, o.type) == (o.line, "log_opened")]
    behind = {o.data.get("origin"): o.line for o in opened}
    listing, blamed, come = Listing(), 0, events()
    changed: dict[bytes, bytes] = {}
    later: list[tuple[bytes, bytes]] = []
    for one in (o for o in own if o.stream == _LISTS):
        event = next(come)
        while event.line < one.line:
            if event.line < len(opened):
                later.append((event.name, event.hash))
            else:
                changed[event.name] = event.hash
            event = next(come)
        first = behind.get(one.data.get("origin"), len(opened))
        changed.update(later[first:])
        del later[first:]
        listing.put(changed)
        size, streams = one.line - first, len(listing.names)
        right = {"root": listing.root().hex(), "size": size, "streams": streams}
        if one.type != "heads_recorded" or one.data != {"origin": one.data.get("origin"), **right}:
            found = None if blamed else _blamed(listing, one, events)
            blamed += 1
            yield (found or Finding("heads_false"))._replace(
                stream=one.stream, version=event.version, line=one.line + 1
            )
            if blamed == MAX_SHOWN:  # who signs false lists could sign them without end
                return
        changed = {event.name: event.hash}


def _blamed(listing: Listing, one: Own, events: Callable[[], Iterator[Placed]]) -> Finding | None:
    """Return which one stream a false list leaves out, or holds back."""
    root = one.data.get("root", "")
    root = bytes.fromhex(root) if re.fullmatch("[0-9a-f]{64}", str(root)) else b""
    if one.data.get("streams") == len(listing.names) - 1:
        name = listing.left_out(root)
        return Finding("heads_omits", {"name": _stream_of(name)}) if name else None
    if one.data.get("streams") != len(listing.names) or root == listing.root():
        return None
    versions: dict[bytes, int] = {}
    found: Placed | None = None
    for event in events():
        if event.line >= one.line:
            break
        versions[event.name] = event.version
        if found is None and listing.root_with(event.name, event.hash) == root:
            found = event
    if found is None:
        return None
    there = versions[found.name]
    facts = {"name": _stream_of(found.name), "listed": found.version, "there": there}
    return Finding("heads_behind", facts)


def _stream_of(name: bytes) -> str:
    return name.decode().replace(" ", "/")


# --- verifying ---------------------------------------------------------------------------------


# --- recounting --------------------------------------------------------------------------------


class Cast(NamedTuple):
    """An entry of a ballot."""

    recorded: str
    hash: bytes
    version: int
    type: str
    data: dict[str, Any]


_FILLED = {"ballot_cast", "ballot_entered"}
_BELOW_POLL = b"/ballot/"
_OFTEN = 1024


class Recount:
    """Counts polls again from their ballots, as they stood when each was counted.

    A ballot counts by what was last filled in, unless it was withdrawn since. What is derived from
    the sums by law (shares, quorums, what is passed) is left to the rules.
    """

    def __init__(self, counts: Sequence[tuple[int, bytes]]) -> None:
        self.same = 0
        self.unnamed = 0
        """Counts of before the ballots were named in them."""
        self._ahead = {line for line, _ in counts}
        self._polls: dict[bytes, dict[bytes, list[Cast]]] = {poll: {} for _, poll in counts}
        self._last = {poll: line for line, poll in counts}
        self._bases: dict[bytes, dict[str, Any]] = {}
        self._waiting: list[tuple[str, int, bytes, dict[str, Any]]] = []

    def of(self, lines: Iterable[bytes]) -> Iterator[Finding]:
        """Read a bundle's events from front to back and name the counts that are false."""
        for at, line in enumerate(lines):
            if self._waiting and at % _OFTEN == 0:
                yield from self._settle(json.loads(line)["recorded_at"])
            end = line.rfind(b'","version":')
            start = line.rfind(b'"stream":"', 0, end) + 10
            poll, below, code = line[start : line.find(b'"', start)].partition(_BELOW_POLL)
            if poll in self._polls and b"/" not in code:
                self._take(at, line, poll, code if below else None)
        yield from self._settle("~")

    def _take(self, at: int, line: bytes, poll: bytes, code: bytes | None) -> None:
        entry = json.loads(line)
        if code is not None:
            cast = Cast(
                entry["recorded_at"],
                hashlib.sha256(b"\x00" + line.removesuffix(b"\n")).digest(),
                *(entry[name] for name in ("version", "type", "data")),
            )
            self._polls[poll].setdefault(code, []).append(cast)
        elif at in self._ahead:
            self._waiting.append((entry["recorded_at"], at, poll, entry))
        elif entry["type"] == "poll_opened":
            self._bases[poll] = entry["data"].get("parts", {})

    def _settle(self, now: str) -> Iterator[Finding]:
        """Count what no ballot can still come before: an event may stand a minute late."""
        for one in [*self._waiting]:
            recorded, at, poll, entry = one
            late = datetime.fromisoformat(recorded) + timedelta(seconds=BACKWARDS_SECONDS)
            if _written(late) < now:
                self._waiting.remove(one)
                bad = self._wrong(recorded, poll, entry["data"])
                for code, facts in bad:
                    yield Finding(code, facts, entry["stream"], entry["version"], at + 1)
                if at == self._last[poll]:
                    del self._polls[poll]

    def _wrong(
        self, recorded: str, poll: bytes, said: dict[str, Any]
    ) -> list[tuple[str, dict[str, Any]]]:
        """Say what is false in a count."""
        if "ballots" not in said or "root" not in said:
            self.unnamed += 1
            return []
        found = list[tuple[str, dict[str, Any]]]()
        tree, sums, ballots = Tree(), dict[str, int](), 0
        for _, entries in sorted(self._polls[poll].items()):
            then = [e for e in entries if e.recorded <= recorded]
            if then and (votes := _votes(then)) is not None:
                tree.leaves(then[-1].hash)
                ballots += 1
                for key, weight in votes.items():
                    sums[key] = sums.get(key, 0) + weight
        if said["ballots"] != ballots:
            found.append(("ballots_differ", {"said": said["ballots"], "here": ballots}))
        elif said["root"] != tree.root().hex():
            found.append(("ballots_other", {}))
        for what, value, here in self._results(poll, said["result"], sums, ballots):
            if value != here:
                found.append(("count_false", {"what": what}))
        self.same += not found
        return found

    def _results(
        self, poll: bytes, result: dict[str, Any], sums: Mapping[str, int], ballots: int
    ) -> Iterator[tuple[str, Any, Any]]:
        """Give each sum of a result, as it says and as the ballots say."""

        def sum_of(*key: str) -> int:
            return sums.get(":".join(key), 0)

        yield "answered", result["answered"], ballots
        for name in ("forms", "ranking", "first"):
            for key, value in result.get(name, {}).items():
                yield f"{name}.{key}", value, sum_of(name, key)
        for question, steps in result.get("steps", {}).items():
            yield f"steps.{question}", steps, [sum_of("steps", question, s) for s in _STEPS]
        for name in ("aware", "unaware"):
            yield name, result.get(name, 0), sum_of(name)
        for part, one in result.get("parts", {}).items():
            common = self._bases.get(poll, {}).get(part, {}).get("basis") == "common_parts"
            unit = "owners" if common else "ballots"
            for choices in (("yes",), ("no",), ("yes", "no", "abstain")):
                heads = sum(sum_of("parts", part, choice, unit) for choice in choices)
                area = sum(sum_of("parts", part, choice, "area") for choice in choices)
                name = choices[0] if len(choices) == 1 else "took_part"
                yield f"parts.{part}.{name}", one[name], {"heads": heads, "area": area}


_STEPS = ("very_dissatisfied", "dissatisfied", "neutral", "satisfied", "very_satisfied")


def _votes(entries: Sequence[Cast]) -> dict[str, int] | None:
    """Return what a ballot adds to the sums; None where it is withdrawn."""
    filled: dict[str, Any] | None = None
    weight = {"owners": 0, "area": 0}
    for type_, data in _effective(entries):
        if type_ in _FILLED:
            filled = data
        elif type_ == "ballot_withdrawn":
            filled = None
        elif type_ == "ballot_weighed":
            weight = data
    if filled is None:
        return None
    votes = {f"forms:{filled['form']}": 1}
    votes |= {f"ranking:{need}": 1 for need in filled["needs"]}
    votes |= {f"first:{need}": 1 for need in filled["needs"][:1]}
    votes |= {f"steps:{question}:{step}": 1 for question, step in filled["answers"].items()}
    if filled["aware"] is not None:
        votes["aware" if filled["aware"] else "unaware"] = 1
    for part, choice in filled["parts"].items():
        for unit, much in {"ballots": 1, **weight}.items():
            votes[f"parts:{part}:{choice}:{unit}"] = much
    return votes


def _effective(entries: Sequence[Cast]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Give entries with what was corrected in place, and without what was withdrawn."""
    voided, corrected = set[int](), dict[int, dict[str, Any]]()
    for entry in reversed(entries):
        if entry.version in voided or entry.type not in ("voided", "corrected"):
            continue
        number = entry.data["entry"]
        if entry.type == "voided":
            voided.add(number)
        else:
            corrected[number] = {**entry.data["data"], **corrected.get(number, {})}
    for entry in entries:
        if entry.version not in voided:
            yield entry.type, {**entry.data, **corrected.get(entry.version, {})}


def _written(at: datetime) -> str:
    return at.isoformat(timespec="microseconds").replace("+00:00", "Z")


class Asked(NamedTuple):
    """What is to be verified, and how."""

    bundle: Path
    policy: bytes
    pinned: bytes | None = None
    fresh_after: datetime | None = None
    jobs: int = 1
    of: str | None = None
    """The stream, or for a whole log its name, that the bundle has to be of."""
    receipt: bytes | None = None
    """A receipt whose events the bundle has to hold."""
    earlier: Path | None = None
    """An older bundle, of this log or one that it goes on from, whose events it has to hold."""


def verify(asked: Asked) -> Report:
    """Verify a bundle; whatever goes wrong is a failure in the report."""
    report = Report()
    try:
        (_OneEvent if is_proof(asked.bundle) else _Verification)(asked, report).run()
    except Broken as wrong:
        report.finished = False
        report.add(wrong.finding)
    except Exception as error:
        report.finished = False
        report.fail("failed", why=f"{type(error).__name__}: {error}"[:300])
    return report


class Cited(NamedTuple):
    """What the event that opens a log says of the log before it."""

    origin: str
    size: int
    root: str

    @classmethod
    def read(cls, said: Any) -> Cited | None:
        match said:
            case {"origin": str(), "size": int(size), "root": str()} if size is not True:
                return cls(said["origin"], size, said["root"]) if size > 0 else None
        return None


class _Signed:
    """What bears a checkpoint, and is of something."""

    def __init__(self, asked: Asked, report: Report) -> None:
        self._asked = asked
        self._report = report

    def _of(self, name: str) -> None:
        """Check that it is of what it was said to be of."""
        asked = self._asked.of
        if asked is not None and asked != name:
            self._report.fail("another", asked=asked, found=name)

    def _held(self, claims: Iterable[Claim], here: Callable[[Claim], bool]) -> None:
        """Say of each event of the receipt whether it is here, in its place."""
        for claim in claims:
            tell = self._report.note if here(claim) else self._report.fail
            tell("receipt_here" if here(claim) else "receipt_gone", place=claim.place)

    def _signatures(self, policy: Policy, checkpoint: Checkpoint) -> Seen:
        """Check who signed, and since when enough witnesses have seen it."""
        report = self._report
        policy.require_signed(checkpoint)
        facts = {"log": checkpoint.origin, "size": checkpoint.size, "root": checkpoint.root.hex()}
        report.figures |= facts
        report.note("signed", **facts)
        witnesses = policy.cosigned(checkpoint, time.time())
        seen = witnesses.enough
        for name in witnesses.undated:
            report.note("undated", name=name)
        if seen is not None:
            report.note("witnessed" if seen else "undated_enough", at=_instant(seen))
        elif policy.quorum == "none":
            report.note("no_witness_asked")
        else:
            report.fail("not_witnessed")
        after = self._asked.fresh_after
        if after is not None and (not seen or seen < after.timestamp()):
            report.fail("not_fresh", after=after.isoformat())
        elif after is not None and seen:
            report.note("fresh", at=_instant(seen))
        return witnesses


class _Verification(_Signed):
    """One bundle, read once from front to back."""

    def run(self) -> None:
        policy = Policy(self._asked.policy)
        self._members = open_bundle(self._asked.bundle)
        large = self._members["events.jsonl"].size > CHUNK  # what is small is over before a thread
        summing = partial(wrong_sums, self._members)
        with _beside(summing, large) as sums, _hands(self._asked.jobs) as self._start:
            self._manifest = Manifest.parse(self._members["bundle.json"].read(MAX_NOTE))
            self._checkpoint = parse_checkpoint(self._members["checkpoint"].read(MAX_NOTE))
            self._of(self._manifest.below or self._checkpoint.origin)
            self._receipt = parse_receipt(self._asked.receipt)
            self._receipt_note = self._proven(policy)
            self._witnesses = self._signatures(policy, self._checkpoint)
            if (self._manifest.origin, self._manifest.size) != self._checkpoint[1:3]:
                why = "it speaks of another checkpoint"
                self._report.fail("bad_form", name="bundle.json", why=why)
            self._older: Checkpoint | None = None
            self._pin = self._pinned(policy)
            self._unseen = {leaf for _, leaf in self._earlier()}
            self._events()
            self._opened()
            self._of_earlier_log()
            self._of_earlier_bundle()
            self._lists()
            self._counted()
            self._pinned_root()
            self._complete()
            self._values()
            self._receipts()
            for name in sums():
                self._report.fail("sum_differs", name=name)

    # who signed

    def _pinned(self, policy: Policy) -> Checkpoint | None:
        if self._asked.pinned is None:
            return None
        pinned = parse_checkpoint(self._asked.pinned)
        if pinned.origin != self._checkpoint.origin:
            self._older = pinned
            return None
        policy.require_signed(pinned)
        return pinned

    # what happened

    def _events(self) -> None:
        manifest, members, pin = self._manifest, self._members, self._pin
        self._chains = Chains(self._report, part=manifest.below is not None)
        shown = self._receipt_note
        self._before_last = -1  # how many leaves stand before the last event that is here
        self._tree = Tree(*(c.size for c in (pin, shown) if c))
        cover = deque(parse_cover("cover", members["cover"].lines()))
        said = {
            manifest.events,
            members["leaves"].size // 32,
            sum(events for events, _, _ in cover),
        }
        leaves = members["leaves"]
        with leaves.path.open("rb") as listed:
            listed.seek(leaves.offset)
            for piece in self._pieces():
                self._compare_leaves(piece, listed.read(32 * piece.lines))
                self._chains.add(piece)
                self._append(piece.hashes, cover)
                if self._chains.events > self._checkpoint.size:  # there may be no end of them
                    facts = {"said": self._checkpoint.size, "found": self._chains.events}
                    raise broken("count_differs", **facts)
                if self._unseen:
                    each = range(0, len(piece.hashes), 32)
                    self._unseen.difference_update(piece.hashes[at : at + 32] for at in each)
        self._append(b"", cover)
        found = self._chains.events
        if said != {found} or leaves.size % 32:
            self._report.fail("count_differs", said=max(said), found=found)
        self._rooted = (self._tree.size, self._tree.root()) == self._checkpoint[2:4]
        if not self._rooted:
            self._report.fail("root_differs")
        figures = {"below": manifest.below, "events": found, "streams": len(self._chains.tails)}
        self._report.figures |= figures
        self._report.scope = self._scope()
        self._report.notes += self._chains.gaps.notes()

    def _scope(self) -> Scope:
        chains, below = self._chains, self._manifest.below
        own = [] if below is None else chains.own
        streams = len(chains.tails) - len({o.stream for o in own})
        return Scope(self._checkpoint.origin, below, chains.events - len(own), streams)

    def _pieces(self) -> Iterator[Piece]:
        member, manifest = self._members["events.jsonl"], self._manifest
        digests = manifest.disclosures or manifest.evidence
        leaves = frozenset(claim.leaf for claim in self._receipt)
        wanted = Wanted(manifest.below, digests, self._witnesses.until, leaves)
        waiting: deque[Callable[[], Piece]] = deque()
        for span in member.spans():
            waiting.append(self._start(_read_span, member.path, span, wanted))
            if len(waiting) > 2 * self._asked.jobs:
                yield waiting.popleft()()
        while waiting:
            yield waiting.popleft()()

    def _compare_leaves(self, piece: Piece, listed: bytes) -> None:
        """Name the first event whose hash is not the one that the log has in its place."""
        for at in range(0, len(listed), 32) if listed != piece.hashes else ():
            if listed[at : at + 32] != piece.hashes[at : at + 32]:
                place = place_of(piece.text()[at // 32])
                number = self._chains.events + at // 32
                self._report.add(Finding("not_in_place", {}, *place, number + 1))
                return

    def _append(self, hashes: bytes, cover: deque[tuple[int, int, bytes]]) -> None:
        """Go on in the tree: with these events, and the subtrees that stand before and after."""
        at = 0
        while cover:
            events, level, hash_ = cover.popleft()
            if not events:
                self._tree.append(level, hash_)
                continue
            take = min(events, len(hashes) // 32 - at)
            self._before_last = self._tree.size + take - 1
            self._tree.leaves(hashes[32 * at : 32 * (at + take)])
            at += take
            if take < events:
                cover.appendleft((events - take, 0, b""))
                return

    def _opened(self) -> None:
        """Check that the log's first leaf says its name."""
        first = self._chains.own[0] if self._chains.own else None
        said = first and (first.line, first.type, first.data.get("origin"))
        if first is None or said != (0, "log_opened", self._checkpoint.origin):
            self._report.fail("not_opened")
            return
        named = [first.data.get(name) for name in ("cites", "carries")]
        cites, carries = (Cited.read(value) for value in named)
        if [value is None for value in named] != [cites is None, carries is None]:
            self._report.fail("not_opened")
        elif cites is not None:
            self._goes_on(cites, carries, silent="carries" not in first.data)

    def _goes_on(self, cites: Cited, carries: Cited | None, *, silent: bool) -> None:
        """Say which log it goes on from, and check that what it says to hold of it follows.

        The first form of that event is `silent` about what it holds.
        """
        facts = {"log": cites.origin, "size": cites.size}
        if silent or carries == cites:
            self._report.note("goes_on", **facts)
        elif carries is not None and carries[:2] == cites[:2]:
            self._report.note("goes_on_changed", **facts)
        else:
            self._report.note("goes_on_short", **facts, here=carries.size if carries else 0)
        if carries is not None and self._is_whole():
            root = self._root_over(1, carries.size)
            if root is None or root.hex() != carries.root:
                self._report.fail("carried_differs", log=carries.origin, size=carries.size)

    def _is_whole(self) -> bool:
        return self._manifest.below is None and self._chains.events == self._manifest.size

    def _root_over(self, start: int, size: int) -> bytes | None:
        """Return the root over so many leaves from one on; None where there are fewer."""
        tree, leaves = Tree(), self._members["leaves"]
        with leaves.path.open("rb") as file:
            file.seek(leaves.offset + 32 * start)
            left = size if start + size <= self._chains.events else 0
            while left:
                tree.leaves(file.read(min(32 * left, CHUNK)))
                left = size - tree.size
        return tree.root() if tree.size == size else None

    # what an earlier log, or an older bundle, holds

    def _of_earlier_log(self) -> None:
        """Compare the pinned checkpoint of a log that this one goes on from with its leaves here.

        A log that goes on from others begins with its own opening and then holds theirs.
        """
        pin, report = self._older, self._report
        if pin is None:
            return
        own = self._chains.own
        opened = [o for at, o in enumerate(own) if (at, o.type) == (o.line, "log_opened")]
        facts = {"log": pin.origin, "pinned": pin.size}
        place = next((o.line for o in opened if o.data.get("origin") == pin.origin), None)
        if place is None:
            cites = [Cited.read(o.data.get("cites")) for o in opened]
            lost = "pinned_lost" if self._is_whole() else "pinned_whole"
            cited = pin.origin in {c.origin for c in cites if c}
            report.fail(lost if cited else "pinned_other", log=pin.origin)
            return
        said = Cited.read(opened[place - 1].data.get("carries")) if place else None
        here = self._chains.events - place
        if said is not None and said.origin == pin.origin:
            here = min(here, said.size)
        if here < pin.size:
            report.fail("pinned_short", **facts, here=here)
        elif self._root_over(place, pin.size) != pin.root:
            report.fail("pinned_changed", **facts)
        else:
            report.note("pinned_earlier", **facts)

    def _earlier(self) -> Iterator[tuple[bytes, bytes]]:
        """Give the lines of the older bundle with the hashes of their leaves."""
        if self._asked.earlier is not None:
            for line in open_bundle(self._asked.earlier)["events.jsonl"].lines():
                yield line, hashlib.sha256(b"\x00" + line.removesuffix(b"\n")).digest()

    def _of_earlier_bundle(self) -> None:
        """Name each event of the older bundle that should be here too and is not, as it was."""
        if self._asked.earlier is None:
            return
        below, count, before = self._manifest.below, 0, self._report.count
        for line, leaf in self._earlier():
            stream, version = place_of(line)
            if below and (stream is None or not is_inside(stream, below)):
                continue
            count += 1
            if leaf in self._unseen:
                tail = self._chains.tails[(stream or "").encode()]
                changed = tail is not None and (version or 0) <= int(tail[59:])
                code = "earlier_changed" if changed else "earlier_gone"
                self._report.add(Finding(code, {}, stream, version))
        if self._report.count == before:
            self._report.note("earlier_held", count=count)

    def _lists(self) -> None:
        """Recompute every list of heads, which only whoever holds the whole log can do."""
        members = self._members
        whole = self._manifest.below is None and self._chains.events == self._manifest.size
        if not whole or not self._rooted:
            return

        def events() -> Iterator[Placed]:
            return placed(members["events.jsonl"].lines(), members["leaves"].records(32))

        for finding in false_lists(self._chains.own, events):
            self._report.add(finding)

    def _counted(self) -> None:
        """Count every poll again from its ballots, where these are what was signed."""
        if not self._chains.counted or not self._rooted:
            return
        recount = Recount(self._chains.counted)
        for finding in recount.of(self._members["events.jsonl"].lines()):
            self._report.add(finding)
        for code, count in (("recounted", recount.same), ("not_recounted", recount.unnamed)):
            if count:
                self._report.note(code, count=count)

    def _pinned_root(self) -> None:
        pin, report = self._pin, self._report
        if pin is None:
            return
        if pin.size > self._checkpoint.size:
            report.fail("pinned_newer", pinned=pin.size)
        elif pin.size not in self._tree.roots:
            report.fail("pinned_not_shown", pinned=pin.size)
        elif self._tree.roots[pin.size] != pin.root:
            report.fail("pinned_rewritten")
        else:
            report.note("pinned", pinned=pin.size)

    # is it all

    def _complete(self) -> None:
        """Check that this is all, and say as of when."""
        below, members = self._manifest.below, self._members
        if (below is None) == ("heads" in members):
            self._report.fail("heads_missing")
            return
        latest = self._latest()
        as_of: str | None = latest
        if below is not None:
            as_of = self._as_listed(parse_heads(members["heads"], below))
        elif self._chains.events != self._manifest.size:
            facts = {"said": self._manifest.size, "found": self._chains.events}
            self._report.fail("count_differs", **facts)
        elif seen := self._witnesses.enough:
            as_of = _instant(seen)
        now = _instant(int(time.time()) + SKEW_SECONDS, ".999999Z")
        if latest > now:
            self._ahead(latest)
            as_of = None if as_of is None or as_of > now else as_of
        self._report.figures["complete_as_of"] = as_of
        if as_of is not None:
            bare = self._asked.pinned is None and self._asked.fresh_after is None
            self._report.note("as_of_bare" if bare else "as_of", at=as_of)

    def _latest(self) -> str:
        """Return when the last of the events was recorded."""
        return max([self._chains.latest.decode(), *(o.recorded for o in self._chains.own)])

    def _ahead(self, latest: str) -> None:
        """Say that events come from the future: in a rehearsal, which has a clock of its own."""
        said = self._chains.own[0].data.get("rehearsal") if self._chains.own else None
        tell = self._report.fail if said is False else self._report.note
        tell("ahead", at=latest)

    def _as_listed(self, heads: HeadList) -> str | None:
        """Compare how far the streams go with the log's list of heads; return its time."""
        report, tails = self._report, self._chains.tails
        for stream, version, leaf in heads.heads:
            tail = tails[stream.encode()]
            here = int(tail[59:]) if tail else 0
            if tail is None or (here, tail[:32]) != (version, leaf):
                report.fail("stream_differs", stream=stream, here=here, there=version)
        own = [o for o in self._chains.own if o.stream == "ledger/heads"]
        expected = {
            "origin": self._checkpoint.origin,
            "root": heads.root.hex(),
            "size": heads.size,
            "streams": heads.streams,
        }
        if [o.data for o in own] != [expected]:
            report.fail("heads_other")
            return None
        if not heads.whole:
            report.fail("heads_narrow")
        if heads.size > self._before_last:
            report.fail("heads_ahead", size=heads.size, there=self._before_last)
        self._require_recent(heads.size, own[0].recorded)
        here = len(tails) - len({o.stream for o in self._chains.own})
        if here != len(heads.heads):
            report.fail("streams_differ", here=here, there=len(heads.heads))
        return own[0].recorded

    def _require_recent(self, size: int, recorded: str) -> None:
        """Check that a part's list is not older than what the auditor asks for.

        It covers all leaves before it and itself; where nothing came after it, nothing is older.
        """
        if self._pin is not None and size + 1 < self._pin.size:
            self._report.fail("heads_old", size=size)
        after = self._asked.fresh_after
        if after is None or size + 1 == self._checkpoint.size:
            return
        if datetime.fromisoformat(recorded) < after:
            self._report.fail("heads_stale", at=recorded, after=after.isoformat())

    # what somebody was told

    def _proven(self, policy: Policy) -> Checkpoint | None:
        """Return the checkpoint of a receipt that proves itself: it is of this log's history."""
        raw = self._asked.receipt
        if raw is None or not raw.startswith(_TLOG_PROOF):
            return None
        proof = Proof.parse(raw)
        if proof.checkpoint.origin != self._checkpoint.origin:
            self._report.fail("receipt_other", log=proof.checkpoint.origin)
            return None
        policy.require_signed(proof.checkpoint)
        if not proof.holds():
            self._report.fail("not_included")
        return proof.checkpoint

    def _receipts(self) -> None:
        """Look for each event of the receipt, in its place; it shows one history with this."""
        found, then = self._chains.found, self._receipt_note
        self._held(self._receipt, lambda c: found.get(c.leaf) == (c.stream, c.version))
        if then is None:
            return
        if then.size not in self._tree.roots:
            self._report.note("receipt_apart", size=then.size)
        elif self._tree.roots[then.size] != then.root:
            self._report.fail("receipt_split", size=then.size)

    # personal values and files

    def _values(self) -> None:
        named, members = self._chains.digests, self._members
        given = {
            "values": self._disclosed() if "disclosures" in members else set(),
            "files": {self._file(name) for name in members if name.startswith("evidence/")},
        }
        withheld = self._withheld(named)
        if self._manifest.below is None:  # only the whole log has the acts that erased something
            acted = self._acts()
            withheld = {d: why for d, why in withheld.items() if acted.get(d, "lost") == why}
        asked = {"values": self._manifest.disclosures, "files": self._manifest.evidence}
        for kind, prefix in (("values", "sd:"), ("files", "sha256:")):
            wanted = {d for d in named if asked[kind] and d.startswith(prefix)}
            for digest in sorted(given[kind] - wanted):
                self._report.fail("unnamed", digest=digest)
            for digest in sorted(wanted - given[kind] - withheld.keys()):
                self._report.fail("missing", digest=digest)
            if asked[kind]:
                self._report.note(kind, count=len(given[kind]))
        for why in sorted(set(withheld.values())):
            self._report.note("withheld", why=why, count=[*withheld.values()].count(why))

    def _acts(self) -> dict[str, str]:
        """Return what became of values and files by the last act about each."""
        stands: dict[str, str] = {}
        for own in self._chains.own:
            if own.stream == "ledger/erasures" and own.type in _ACTS:
                stands |= dict.fromkeys(own.data["digests"], _ACTS[own.type])
        return stands

    def _withheld(self, named: set[str]) -> dict[str, str]:
        found: dict[str, str] = {}
        last = ""
        for line in self._members["withheld"].lines() if "withheld" in self._members else ():
            parts = _WITHHELD.fullmatch(line)
            digest = parts[1].decode() if parts else ""
            if parts is None or digest not in named or digest <= last:
                raise broken("bad_form", name="withheld", why=repr(line[:80]))
            last, found[digest] = digest, parts[2].decode()
            if found[digest] == "lost":
                self._report.fail("lost", digest=digest)
        return found

    def _disclosed(self) -> set[str]:
        """Return the digests of the disclosed values (the form of RFC 9901)."""
        found: set[str] = set()
        last = ""
        for line in self._members["disclosures"].lines():
            encoded = line[:-1]
            digest = "sd:" + _base64url(hashlib.sha256(encoded).digest())
            if line[-1:] != b"\n" or digest <= last or not _is_disclosure(encoded):
                raise broken("bad_form", name="disclosures", why=repr(line[:80]))
            found.add(digest)
            last = digest
        return found

    def _file(self, name: str) -> str:
        digest = hashlib.sha256()
        for block in self._members[name].blocks():
            digest.update(block)
        if name != f"evidence/{digest.hexdigest()}":
            self._report.fail("file_changed", name=name)
        return "sha256:" + name.removeprefix("evidence/")


@contextmanager
def _beside(work: Callable[[], list[str]], really: bool) -> Iterator[Callable[[], list[str]]]:
    """Give the result of work that is done in a thread meanwhile, or here once it is wanted.

    What it raises is raised where the result is wanted. (A pool would import half a megabyte.)
    """
    done: list[list[str] | Exception] = []

    def run() -> None:
        try:
            done.append(work())
        except Exception as error:
            done.append(error)

    def result() -> list[str]:
        thread.join() if really else run()
        if isinstance(done[0], Exception):
            raise done[0]
        return done[0]

    thread = threading.Thread(target=run)
    if really:
        thread.start()
    try:
        yield result
    finally:
        if really:
            thread.join()


@contextmanager
def _hands(jobs: int) -> Iterator[Callable[..., Callable[[], Any]]]:
    """Give what starts a piece of work: in another process, or here once its result is wanted."""
    if jobs <= 1:
        yield partial
        return
    from concurrent.futures import ProcessPoolExecutor  # 3 MB, where one process does

    jobs = min(jobs, 4 * (os.cpu_count() or 1))  # all are started at once
    with ProcessPoolExecutor(jobs, initializer=_end_with, initargs=(os.getpid(),)) as pool:
        yield lambda *work: pool.submit(*work).result


def _end_with(parent: int) -> None:
    """End this process once its parent is gone: a pool's workers would wait for ever."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(1)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def _read_span(path: Path, span: tuple[int, int], wanted: Wanted) -> Piece:
    with path.open("rb") as file:
        file.seek(span[0])
        piece = read_events(file.read(span[1]), wanted)
    piece.source = (path, *span)
    return piece


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _is_disclosure(encoded: bytes) -> bool:
    try:
        raw = base64.urlsafe_b64decode(encoded + b"=" * (-len(encoded) % 4))
        value = json.loads(raw)
    except ValueError:
        return False
    texts = isinstance(value, list) and [type(part) for part in value] == [str, str, str]
    return texts and _base64url(raw).encode() == encoded


def _instant(seconds: int, end: str = "Z") -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}{end}"


# --- receipts ----------------------------------------------------------------------------------

_TLOG_PROOF = b"c2sp.org/tlog-proof@v1\n"
_PROOF = re.compile(
    re.escape(_TLOG_PROOF) + rb"extra ([A-Za-z0-9+/=]+)\nindex (0|[1-9][0-9]{0,18})\n"
    rb"((?:[A-Za-z0-9+/]{43}=\n){0,63})\n(.*)",
    re.DOTALL,
)
_CLAIM = re.compile(
    r"(?<![a-z0-9/-])(" + _NAME.decode() + r")@(" + _COUNT.decode() + r")\s+([0-9a-f]{64})\b"
)
_HASH = re.compile(r"(?<!sha256:)(?<![0-9A-Za-z])[0-9A-Fa-f]{32,}")
"""What looks like the hash of an event, but for the name of a file: none is passed over."""


class Claim(NamedTuple):
    """What a receipt says of one event."""

    stream: str
    version: int
    leaf: bytes

    @property
    def place(self) -> str:
        return f"{self.stream}@{self.version}"


def is_proof(path: Path) -> bool:
    """Tell whether a file is a receipt that proves itself."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(len(_TLOG_PROOF)) == _TLOG_PROOF


class Proof(NamedTuple):
    """A C2SP tlog-proof; its extra data is the event as it was recorded."""

    body: bytes
    place: int
    path: tuple[bytes, ...]
    checkpoint: Checkpoint

    @classmethod
    def parse(cls, raw: bytes) -> Proof:
        found = _PROOF.fullmatch(raw)
        if found is None:
            raise broken("bad_form", name="tlog-proof", why="not of the form of one")
        try:
            body, *path = (
                _unbase64(text) for text in (found[1] + b"\n" + found[3]).decode().split()
            )
        except ValueError as error:
            raise broken("bad_form", name="tlog-proof", why=str(error)) from None
        return cls(body, int(found[2]), tuple(path), parse_checkpoint(found[4]))

    def holds(self) -> bool:
        """Tell whether the event stands in its place in the log of the checkpoint."""
        leaf = hashlib.sha256(b"\x00" + self.body).digest()
        return root_from(leaf, self.place, self.checkpoint.size, self.path) == self.checkpoint.root


def parse_receipt(raw: bytes | None) -> list[Claim]:
    """Read what a receipt says: a tlog-proof, the JSON of an answer, or `STREAM@VERSION HEX`."""
    if raw is None:
        return []
    if raw.startswith(_TLOG_PROOF):
        body = Proof.parse(raw).body
        stream, version = place_of(body)
        return [Claim(stream or "?", version or 0, hashlib.sha256(b"\x00" + body).digest())]
    text = raw.decode(errors="replace")
    lines: list[str] = []

    def take(pairs: list[tuple[str, Any]]) -> None:
        one = dict(pairs)
        if len(one) < len(pairs):
            _refuse("a doubled key")
        if "leaf_hash" in one:
            lines.append(f"{one['stream']}@{one['version']} {one['leaf_hash']}")

    try:
        json.loads(text, object_pairs_hook=take)
        text = "\n".join(lines)
    except (ValueError, RecursionError, LookupError):
        pass  # no JSON of an answer: a text that somebody copied or printed
    found = _CLAIM.findall(text)
    if not found or len(found) < max(len(lines), len(_HASH.findall(text))):
        why = "no STREAM@VERSION with the hash of an event, or a hash without one"
        raise broken("bad_form", name="receipt", why=why)
    return [Claim(name, int(version), bytes.fromhex(leaf)) for name, version, leaf in found]


class _OneEvent(_Signed):
    """A receipt that proves itself: that one event stands in the log, and what it says."""

    def run(self) -> None:
        policy = Policy(self._asked.policy)
        file = self._asked.bundle
        raw = Member(file, 0, file.stat().st_size).read(2 * MAX_LINE)
        proof = Proof.parse(raw)
        checkpoint, report = proof.checkpoint, self._report
        witnesses = self._signatures(policy, checkpoint)
        piece = read_events(proof.body + b"\n", Wanted(until=witnesses.until))
        for finding in piece.failures:
            report.add(finding._replace(line=None))
        if piece.failures or piece.lines != 1:
            raise broken("not_an_event")
        (claim,) = parse_receipt(raw)
        report.scope = Scope(checkpoint.origin, claim.place, 1, 1)
        self._of(claim.place)
        self._held(parse_receipt(self._asked.receipt), lambda other: other == claim)
        said = json.loads(proof.body)
        report.note("claimed", type=said["type"], at=said["recorded_at"], via=said["via"])
        if proof.holds():
            report.note("included", place=proof.place + 1)
        else:
            report.fail("not_included")
        if self._asked.pinned is not None:
            report.fail("pinned_not_shown", pinned=parse_checkpoint(self._asked.pinned).size)
        if self._asked.earlier is not None:
            report.fail("earlier_one")


# --- the command -------------------------------------------------------------------------------


def main(arguments: Sequence[str] | None = None) -> int:
    """Verify what the command line names, print the report and return the exit status."""
    parser = argparse.ArgumentParser(
        prog="verify.py", description="Verify a bundle of a Siwen ledger（核验四问档案包）."
    )
    parser.add_argument("bundle", type=Path, help="a directory or a .zip, or a .tlog-proof")
    parser.add_argument("--policy", type=Path, required=True, help="whose keys to trust")
    parser.add_argument("--of", metavar="NAME", help="the stream, or the whole log, it must be of")
    parser.add_argument("--pinned", type=Path, help="a checkpoint kept from before")
    parser.add_argument("--fresh-after", metavar="T", help="an instant with its zone")
    parser.add_argument("--receipt", type=Path, help="what a bundle has to hold")
    parser.add_argument("--earlier", type=Path, help="an older bundle that it has to hold")
    parser.add_argument("--jobs", type=int, default=1, help="processes to use")
    parser.add_argument("--json", action="store_true", help="print the report as JSON")
    parser.add_argument("--lang", choices=("zh", "en"), help="the language of the report")
    given = parser.parse_args(arguments)
    os.environ["PYTHONSAFEPATH"] = "1"  # nor do helpers import what lies where they start
    try:
        report = verify(
            Asked(
                given.bundle,
                given.policy.read_bytes(),
                given.pinned.read_bytes() if given.pinned else None,
                None if given.fresh_after is None else instant_with_zone(given.fresh_after),
                given.jobs,
                given.of,
                given.receipt.read_bytes() if given.receipt else None,
                given.earlier,
            )
        )
    except (OSError, ValueError) as error:
        report = Report(finished=False)
        report.fail("failed", why=str(error))
    lang = given.lang or ("zh" if os.environ.get("LANG", "").startswith("zh") else "en")
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8", errors="replace")
    if given.json:
        print(as_json(report.as_json()))
    else:
        print("\n".join(report.lines(lang)))
    return 0 if report.passed else 1


def instant_with_zone(text: str) -> datetime:
    """Read an instant such as 2026-09-01T00:00:00+08:00; a ValueError says what is wrong."""
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None:
        raise ValueError(f"{text} has no zone: write it as 2026-09-01T00:00:00+08:00")
    return instant


if __name__ == "__main__":
    raise SystemExit(main())

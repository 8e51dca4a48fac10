"""What types of events are called in Chinese: mostly as the command that they come from."""

import difflib
from functools import cache

from domain.engine.entry import GENERIC_COMMANDS
from domain.engine.kind import command_type
from domain.registry import KINDS

_OF_THEMSELVES = """
deadline_moved 期限调整 | deadline_near 项目期限预警 | deadline_passed 项目逾期
actor_appointed 任命 | role_handed_over 接受移交 | exception_used 使用例外
countersigned 为补录会签 | countersign_used 补录经会签
breached 违规 | reported 内部报告
stage_entered 进入阶段 | effect_lost 结果不明 | works_ordered 开工令 | works_finish_near 工期预警
works_overdue 工期逾期 | defect_overdue 缺陷逾期 | filing_overdue 备案逾期
rectification_overdue 整改逾期 | sent_back 退回 | posted 张贴 | notice_period_ended 公示期满
household_visited 走访 | household_struck 除名 | consultation_window_ended 征询期满
opinion_disposed 答复意见 | opinion_escalated 上报意见 | opinion_reopened 重开意见
reply_overdue 答复逾期 | voting_closed 投票截止 | ballot_entered 录入选票 | ballot_weighed 选票计权
contract_variation_asked 申请合同变更 | contract_settled 结算 | payment_asked 申请付款
payment_made 付款 | retention_due 质量保证金到期 | work_cleared 会签 | segment_opened 开挖
segment_backfilled 回填 | emergency_papers_came 抢修补办手续 | opening_overdue 开挖逾期
hidden_inspected 隐蔽工程验收 | variation_asked 申请变更 | builder_came 到场
response_missed 未按时到场 | warranty_ended 保修期满 | commitment_signed 签订承诺
commitment_declined 谢绝承诺 | household_fulfilled 住户履约 | city_fulfilled 政府履约
commitment_broken 承诺逾期 | finding_overdue 问题逾期
"""
"""Events that nobody commanded, or that are called otherwise than the command."""


@cache
def chinese() -> dict[str, str]:
    """Return the Chinese name of every type of event there is."""
    lines = _OF_THEMSELVES.replace("\n", " | ").split(" | ")
    own: list[tuple[str, str]] = [(t, zh) for t, _, zh in (n.partition(" ") for n in lines if n)]
    found: dict[str, str] = {}
    for kind in KINDS.values():
        commands = {_stems(command_type(c)): c.zh for c in (*GENERIC_COMMANDS, *kind.commands)}
        for event in kind.event_types:
            found.setdefault(event, commands.get(_stems(event), event))
    return {**found, **dict(own)}


def types(named: str) -> frozenset[str]:
    """Return the types of events that are meant by a type, its words or its Chinese name."""
    text = named.strip()
    code = text.lower().replace(" ", "_").replace("-", "_")
    return frozenset(t for t, zh in chinese().items() if t == code or zh == text)


def near(named: str) -> list[str]:
    """Return types of events, each with its Chinese name, that may have been meant."""
    text = named.strip().lower().replace(" ", "_")
    known = {**{t: t for t in chinese()}, **{zh: t for t, zh in chinese().items()}}
    inside = [t for name, t in known.items() if text and (text in name or name in text)]
    close = [known[n] for n in difflib.get_close_matches(text, known, n=5, cutoff=0.5)]
    return [f"{t} {chinese()[t]}" for t in list(dict.fromkeys([*inside, *close]))[:5]]


def _stems(name: str) -> tuple[str, ...]:
    """Return the beginnings of a name's words: `decide_scope` and `scope_decided` share them."""
    return tuple(sorted(word[:4] for word in name.split("_")))

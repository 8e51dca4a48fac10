"""Sentences for what one stream tells another; forms as in `shared_sentences`.

By the kind of the stream that tells, and its outcome where that changes what is to be said.
"""

from domain.terms.value import Text
from words.shared_sentences import say

_NOTICE_ZH = "{stream:place}（{purpose:word}）"
_NOTICE_EN = "{stream:place} ({purpose:word})"
_OBJECTIONS_ZH = "[，成立的异议 {upheld} 条][，上报 {escalated} 条]"
_OBJECTIONS_EN = "[, objections upheld: {upheld}][, escalated: {escalated}]"
_POLL_ZH = "{stream:place}（{purpose:word}，第 {round} 轮）"
_POLL_EN = "{stream:place} ({purpose:word}, round {round})"
_ASKING_ZH = "{stream:place}（{subject:word}）"
_ASKING_EN = "{stream:place} ({subject:word})"

REPORTS: dict[str, Text] = {
    "block": say(
        "区块 {name}：{stage:stage}[?suspended ，已暂停]",
        "the block {name}: {stage:stage}[?suspended , suspended]",
    ),
    "notice.open": say(
        f"{_NOTICE_ZH}[!ends_at 已发布，尚未张贴]"
        f"[?ends_at 公示中：已张贴 {{channels}} 个渠道，{{ends_at:until}} 期满]{_OBJECTIONS_ZH}",
        f"{_NOTICE_EN} [!ends_at was opened and is not posted yet]"
        f"[?ends_at runs until {{ends_at:until}}, channels posted: {{channels}}]{_OBJECTIONS_EN}",
    ),
    "notice.completed": say(
        f"{_NOTICE_ZH}期满结束，张贴 {{channels}} 个渠道{_OBJECTIONS_ZH}",
        f"{_NOTICE_EN} ran its whole period, channels posted: {{channels}}{_OBJECTIONS_EN}",
    ),
    "notice.withdrawn": say(f"{_NOTICE_ZH}已撤回", f"{_NOTICE_EN} was withdrawn"),
    "opinion.upheld": say("{stream:place}（异议）成立", "{stream:place} (objection) was upheld"),
    "opinion.settled": say(
        "{stream:place}（异议）不再成立", "{stream:place} (objection) is no longer upheld"
    ),
    "consultation.open": say(f"{_ASKING_ZH}征询中", f"{_ASKING_EN} is open"),
    "consultation.closed": say(
        f"{_ASKING_ZH}结束：意见 {{opinions}} 条，采纳 {{adopted}} 条[，上报 {{escalated}} 条]",
        f"{_ASKING_EN} closed: opinions {{opinions}}, adopted {{adopted}}"
        f"[, escalated {{escalated}}]",
    ),
    "consultation.withdrawn": say(f"{_ASKING_ZH}已撤回", f"{_ASKING_EN} was withdrawn"),
    "poll.open": say(f"{_POLL_ZH}进行中，应投 {{asked}}", f"{_POLL_EN} is open, {{asked}} asked"),
    "poll.counted": say(
        f"{_POLL_ZH}已计票：应投 {{asked}}，已投 {{answered}}，参与率 {{turnout:pct}}"
        "[，对结果满意 {rate:pct}][；{parts:passed}][；{ranking}][；{questions:pct}]",
        f"{_POLL_EN} was counted: {{answered}} of {{asked}} answered, turnout {{turnout:pct}}"
        "[, {rate:pct} satisfied with the result][; {parts:passed}][; {ranking}]"
        "[; {questions:pct}]",
    ),
    "poll.withdrawn": say(f"{_POLL_ZH}已撤回", f"{_POLL_EN} was withdrawn"),
    "ballot": say("{stream:place} 已更正，重新计票", "{stream:place} was corrected: counted again"),
    "contract": say(
        "{stream:place}（{blocks:block}）：价款 {amount:yuan}[，已付 {paid:yuan}]"
        "[?settled ，已结算]",
        "{stream:place} ({blocks:block}): price {amount:yuan}[, paid {paid:yuan}]"
        "[?settled , settled]",
    ),
    "work": say(
        "{stream:place}（{kind:work}）：{outcome:stage}[?hidden_open ，隐蔽工程待验]"
        "[，待定变更 {variations_open} 件]",
        "{stream:place} ({kind:work}): {outcome:stage}"
        "[?hidden_open , hidden works not inspected yet][, variations undecided {variations_open}]",
    ),
    "commitment": say(
        "{stream:place}：{outcome:stage}[?broken ，有一方逾期未履约]",
        "{stream:place}: {outcome:stage}[?broken , and one side is late]",
    ),
    "upkeep": say(
        "{stream:place}：{outcome:stage}[，未销号的严重问题 {serious_open} 件]",
        "{stream:place}: {outcome:stage}[, serious findings unsolved {serious_open}]",
    ),
    "finding.open": say(
        "{stream:place}[?serious （严重）]未处理",
        "{stream:place}[?serious  (serious)] is not solved",
    ),
    "finding.resolved": say("{stream:place} 已处理", "{stream:place} is solved"),
}

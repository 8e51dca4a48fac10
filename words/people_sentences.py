"""Sentences for what is asked of residents and what they say; forms as in `shared_sentences`."""

from domain.terms.value import Text
from words.shared_sentences import say

_POSTED = say(
    "第 {insertion} 次公示已在{channel:channel}张贴（{proof}）",
    "insertion {insertion} was posted on {channel:channel} ({proof})",
)

NOTICE: dict[str, Text] = {
    "notice_opened": say(
        "发布{purpose}公示[，涉及 {blocks:block}]，渠道：{channels:channel}，为期 {days} 天："
        "{text}[（{document}）]",
        "opened a notice of {purpose}[ for {blocks:block}] on {channels:channel}, {days} days: "
        "{text}[ ({document})]",
    ),
    "insertion_issued": say(
        "第 {insertion} 次刊登：{channels:channel}",
        "issued insertion {insertion} on {channels:channel}",
    ),
    "notice_revised": say(
        "修改后重新公示（第 {insertion} 次），渠道：{channels:channel}：{text}[（{document}）]",
        "revised the notice (insertion {insertion}) on {channels:channel}: {text}[ ({document})]",
    ),
    "posted": _POSTED,
    "notice_extended": say(
        "公示延长 {days} 天；理由：{reason}",
        "extended the notice by {days} days; because: {reason}",
    ),
    "notice_period_ended": say(
        "公示期满[，{objections_open} 条异议未答复]",
        "the notice's period ended[, {objections_open} objections unanswered]",
    ),
    "notice_closed": say(
        "公示结束[，上报 {escalated} 条]", "the notice closed[, {escalated} objections escalated]"
    ),
    "notice_withdrawn": say("撤回公示；理由：{reason}", "withdrew the notice; because: {reason}"),
}

HOUSEHOLD: dict[str, Text] = {
    "household_opened": say(
        "登记住户：{building}，专有面积 {area:m2}，业主 {owners} 人[!occupied ，空置]",
        "registered a household: {building}, exclusive area {area:m2}, {owners} owners"
        "[!occupied , vacant]",
    ),
    "household_visited": say("走访：{outcome}", "visited: {outcome}"),
    "private_works_agreed": say(
        "对 {work} 涉及专有部分[?agreed 同意][!agreed 不同意][（{scan}）]",
        "[?agreed agreed][!agreed did not agree] to private parts touched by {work}[ ({scan})]",
    ),
    "private_works_recorded": say(
        "{work} 涉及该户专有部分[（{scan}）]",
        "{work} touched the household's private parts[ ({scan})]",
    ),
    "private_works_accepted": say(
        "对 {work} [?accepted 验收认可][!accepted 验收不认可][：{remarks}][（{scan}）]",
        "[?accepted accepted][!accepted did not accept] what {work} did[: {remarks}][ ({scan})]",
    ),
    "household_struck": say("注销登记；理由：{reason}", "struck off; because: {reason}"),
}

CONSULTATION: dict[str, Text] = {
    "consultation_opened": say(
        "就设计第 {design_version} 版{subject:word}开展征询[?major （重大事项）]，"
        "渠道：{channels:channel}[?major ，为期 {days} 天][!major ，为期 {days} 个工作日]："
        "{text}[（{document}）]",
        "opened a consultation on the {subject:word} of design {design_version}"
        "[?major  (major decision)] on {channels:channel}, {days} days: {text}[ ({document})]",
    ),
    "posted": _POSTED,
    "consultation_extended": say(
        "征询延长 {days} 天；理由：{reason}",
        "extended the consultation by {days} days; because: {reason}",
    ),
    "consultation_window_ended": say(
        "征询期满[，{opinions_open} 条意见未答复]",
        "the consultation's window ended[, {opinions_open} opinions unanswered]",
    ),
    "consultation_closed": say(
        "征询结束：意见 {opinions} 条，采纳 {adopted} 条，上报 {escalated} 条",
        "the consultation closed: {opinions} opinions, {adopted} adopted, {escalated} escalated",
    ),
    "consultation_withdrawn": say("撤回征询；理由：{reason}", "withdrew it; because: {reason}"),
}

OPINION: dict[str, Text] = {
    "opinion_filed": say(
        "收到{nature}（{channel}），{reply_days} 个工作日内答复：{text}",
        "received an {nature} ({channel}), to be answered within {reply_days} working days: {text}",
    ),
    "opinion_disposed": say(
        "处理：{disposition}[，设计条款 {clause}]；理由：{reason}；答复：{reply}",
        "disposed: {disposition}[, design clause {clause}]; because: {reason}; reply: {reply}",
    ),
    "opinion_escalated": say(
        "提交{to:word}；理由：{reason}", "escalated to the {to:word}; because: {reason}"
    ),
    "opinion_reopened": say("重新处理；理由：{reason}", "taken up again; because: {reason}"),
    "reply_overdue": say("逾期未答复（期限 {due:until}）", "no reply was given by {due:until}"),
}

POLL: dict[str, Text] = {
    "poll_opened": say(
        "发起{purpose}，第 {round} 轮，为期 {days} 天，应投 {asked} 户[，选项 {options:work}]"
        "[，部分 {parts:keys}]，形式：{forms}[：{text}][（{document}）]",
        "opened a poll of {purpose}, round {round}, {days} days, {asked} asked"
        "[, options {options:work}][, parts {parts:keys}], by {forms}[: {text}][ ({document})]",
    ),
    "poll_extended": say(
        "投票延长 {days} 天；理由：{reason}", "extended the poll by {days} days; because: {reason}"
    ),
    "voting_closed": say(
        "投票截止，截止前封存的纸质票仍可录入",
        "voting closed; papers sealed before may still be entered",
    ),
    "poll_counted": say("计票：{result:result}", "counted: {result:result}"),
    "poll_recounted": say(
        "重新计票：{result:result}；理由：{reason}",
        "counted anew: {result:result}; because: {reason}",
    ),
    "poll_withdrawn": say("撤回投票；理由：{reason}", "withdrew the poll; because: {reason}"),
}

BALLOT: dict[str, Text] = {
    "ballot_cast": say(
        "投票（{form}[?signed ，已签名]）[（{scan}）]",
        "cast a ballot ({form}[?signed , signed])[ ({scan})]",
    ),
    "ballot_entered": say(
        "代录选票（{form}[?signed ，已签名]）[（{scan}）]",
        "entered a ballot ({form}[?signed , signed])[ ({scan})]",
    ),
    "ballot_weighed": say(
        "计票权重：业主 {owners} 人，专有面积 {area:m2}",
        "counted for {owners} owners and {area:m2}",
    ),
    "ballot_withdrawn": say(
        "收回选票[：{reason}][（{scan}）]", "withdrew the ballot[: {reason}][ ({scan})]"
    ),
}

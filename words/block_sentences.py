"""Sentences for what happens to a block, stage by stage; forms as in `shared_sentences`."""

from domain.terms.value import Text
from words.shared_sentences import say

BLOCK: dict[str, Text] = {
    "block_opened": say(
        "立区块：{name}[（{aliases}）]，{community}，{category}[，管理方式：{management}]",
        "opened the block {name}[ ({aliases})] of {community}: {category}[, managed by: "
        "{management}]",
    ),
    "block_imported": say(
        "补录历史区块：{name}，{community}[，{finished_year} 年完成]，"
        "来源：{source_title}[，文号 {document}][（{scan}）][；{note}]",
        "took over {name} of {community} as history[, finished in {finished_year}]; source: "
        "{source_title}[, {document}][ ({scan})][; {note}]",
    ),
    "candidate_data_recorded": say(
        "登记备选地点资料[：{households} 户][，建筑面积 {floor_area:m2}][，{buildings} 幢]"
        "[，现状 {condition}][，照片 {photos:n} 张][，问题 {problem_count} 条][（{problems}）]",
        "recorded candidate data[: {households} households][, floor area {floor_area:m2}]"
        "[, {buildings} buildings][, condition {condition}][, {photos:n} photos]"
        "[, {problem_count} problems][ ({problems})]",
    ),
    "body_heard": say(
        "听取{body}意见（{organisation}）：{statement}",
        "heard {body} ({organisation}): {statement}",
    ),
    "site_selected": say(
        "入选；理由：{reason}[，文号 {document}]",
        "selected the site; because: {reason}[, by {document}]",
    ),
    "site_declined": say(
        "未入选；理由：{reason}[，文号 {document}]",
        "did not select the site; because: {reason}[, by {document}]",
    ),
    "consent_basis_set": say(
        "确定同意依据：{parts:parts}", "set what each part's consent rests on: {parts:parts}"
    ),
    "whether_decided": say(
        "「办不办」：[?go 办][!go 不办][，不含 {without}]；理由：{reason}",
        "whether to do it: [?go yes][!go no][, without {without}]; because: {reason}",
    ),
    "scope_decided": say(
        "「办什么」：{kinds:work}[，地点 {places}]；理由：{reason}"
        "[；必办项 {compulsory:work}][，因 {compulsory_reason}]",
        "what to do: {kinds:work}[, at {places}]; because: {reason}"
        "[; compulsory: {compulsory:work}][, because {compulsory_reason}]",
    ),
    "design_submitted": say(
        "提交设计文本第 {design_version} 版（{text}）：{kinds:work}，估算 {estimate:yuan}"
        "[，资金 {funding}][，管养方案 {upkeep_plan}][，条款 {clauses:n} 条]",
        "submitted design text {design_version} ({text}): {kinds:work}, estimate {estimate:yuan}"
        "[, funding {funding}][, upkeep plan {upkeep_plan}][, {clauses:n} clauses]",
    ),
    "how_decided": say(
        "「怎么办」：按设计第 {design_version} 版；理由：{reason}",
        "how to do it: by design text {design_version}; because: {reason}",
    ),
    "preliminary_recorded": say(
        "前期手续：{kind}，文号 {document}[，代码 {code}][，{amount:yuan}][，{organisation}]"
        "[，中标候选人公示 {notice_days} 天][（{scan}）]",
        "preliminary paper: {kind}, {document}[, code {code}][, {amount:yuan}][, {organisation}]"
        "[, {notice_days} days of notice][ ({scan})]",
    ),
    "works_ordered": say(
        "下达开工令 {document}，工期 {finish_days} 天[（{scan}）]",
        "ordered the works to start by {document}, {finish_days} days[ ({scan})]",
    ),
    "works_extended": say(
        "工期顺延 {days} 天；理由：{reason}[，文号 {document}]",
        "extended the works by {days} days; because: {reason}[, by {document}]",
    ),
    "works_finish_near": say("预警：工期将满", "warning: the time for the works ends soon"),
    "works_overdue": say("工期已过，工程未完", "the time for the works has passed"),
    "works_completed": say(
        "工程完工[：{report}]，{filing_days} 天内备案",
        "completed the works[: {report}]; to be filed within {filing_days} days",
    ),
    "preliminary_acceptance_recorded": say(
        "初步验收[?passed 合格][!passed 不合格][，缺陷：{defects:defects}]（{minutes}）",
        "preliminary acceptance [?passed passed][!passed failed][, defects: {defects:defects}]"
        " ({minutes})",
    ),
    "defect_closed": say("缺陷 {defect} 已消除（{proof}）", "mended the defect {defect} ({proof})"),
    "defect_scheduled": say(
        "缺陷 {defect} 定于 {due:until} 前整改，资金：{funding}[，文号 {document}]",
        "scheduled the defect {defect} until {due:until}, funded by {funding}[, by {document}]",
    ),
    "defect_overdue": say("缺陷 {defect} 逾期未整改", "the defect {defect} is overdue"),
    "documents_filed": say(
        "竣工备案 {document}[（{scan}）]", "filed completion {document}[ ({scan})]"
    ),
    "filing_overdue": say("竣工备案逾期", "the filing of completion is overdue"),
    "as_built_archived": say(
        "竣工档案 {document} 存入 {archive}",
        "archived the as-built documents {document} in {archive}",
    ),
    "hand_over_offered": say(
        "向 {maintainer} 提交移交清单：{list_of_assets}",
        "offered the hand-over list to {maintainer}: {list_of_assets}",
    ),
    "hand_over_signed": say("管养单位签收移交[（{signed}）]", "signed the hand-over[ ({signed})]"),
    "hand_over_refused": say(
        "拒收移交清单；理由：{reason}", "refused the hand-over; because: {reason}"
    ),
    "finally_accepted": say(
        "竣工验收合格（{minutes}）[：{reason}]", "final acceptance passed ({minutes})[: {reason}]"
    ),
    "rectification_ordered": say(
        "第 {round} 轮评议后下达整改：{what}[，项目 {items}]，资金：{funding},"
        "限 {due:until} 前[，文号 {document}]",
        "ordered rectification after round {round}: {what}[, items {items}], funded by {funding}, "
        "by {due:until}[, {document}]",
    ),
    "rectification_completed": say("整改完成（{proof}）", "completed the rectification ({proof})"),
    "rectification_overdue": say("整改逾期", "the rectification is overdue"),
    "review_escalated": say(
        "评议上报；理由：{reason}[，文号 {document}]",
        "escalated the review; because: {reason}[, by {document}]",
    ),
    "review_concluded": say(
        "「办得好不好」：{outcome:word}[；{reason}]",
        "how well it was done: {outcome:word}[; {reason}]",
    ),
    "works_reopened": say(
        "重新开工：{items}，工期 {days} 天；理由：{reason}",
        "reopened the works: {items}, {days} days; because: {reason}",
    ),
    "suspended": say(
        "暂停；理由：{reason}[，文号 {document}]", "suspended; because: {reason}[, by {document}]"
    ),
    "resumed": say("恢复[：{reason}]", "resumed[: {reason}]"),
    "deferred": say(
        "暂缓[，至 {until}]；理由：{reason}", "deferred[ until {until}]; because: {reason}"
    ),
    "taken_up": say("重新启动；理由：{reason}", "taken up again; because: {reason}"),
    "sent_back": say(
        "退回到「{to:stage}」；理由：{reason}[，文号 {document}]",
        "sent back to {to:stage}; because: {reason}[, by {document}]",
    ),
    "cancelled": say(
        "取消；理由：{reason}，文号 {document}", "cancelled; because: {reason}, by {document}"
    ),
    "management_changed": say("管理方式改为{management}", "now managed by: {management}"),
}

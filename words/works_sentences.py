"""Sentences for contracts, works, commitments and upkeep; forms as in `shared_sentences`."""

from domain.terms.value import Text
from words.shared_sentences import say

CONTRACT: dict[str, Text] = {
    "contract_signed": say(
        "签订{kind}合同：{contractor}，{amount:yuan}，{blocks:block}，文号 {document}，"
        "质量保证金 {retention:pct}[（{scan}）]",
        "signed a contract ({kind}) with {contractor}: {amount:yuan} for {blocks:block}, "
        "{document}, retention {retention:pct}[ ({scan})]",
    ),
    "contract_variation_asked": say(
        "申请变更 {variation}：{amount:yuan}；理由：{reason}[，文号 {document}]",
        "asked for variation {variation}: {amount:yuan}; because: {reason}[, {document}]",
    ),
    "contract_variation_decided": say(
        "变更 {variation} [?approved 批准][!approved 不批准][，文号 {document}]",
        "[?approved approved][!approved refused] variation {variation}[, by {document}]",
    ),
    "contract_settled": say(
        "结算 {amount:yuan}，验收日 {accepted_on}，文号 {document}[（{scan}）]",
        "settled at {amount:yuan}, accepted on {accepted_on}, {document}[ ({scan})]",
    ),
    "payment_asked": say(
        "申请付款 {payment}：{amount:yuan}[；{reason}]",
        "asked for payment {payment}: {amount:yuan}[; {reason}]",
    ),
    "payment_approved": say(
        "批准付款 {payment}[，文号 {document}]", "approved payment {payment}[, by {document}]"
    ),
    "payment_refused": say(
        "不批准付款 {payment}；理由：{reason}", "refused payment {payment}; because: {reason}"
    ),
    "payment_made": say(
        "付款 {amount:yuan}，凭证号 {document}[（{proof}）]",
        "paid {amount:yuan}, {document}[ ({proof})]",
    ),
    "retention_released": say(
        "返还质量保证金 {amount:yuan}[，文号 {document}]",
        "released the retention of {amount:yuan}[, by {document}]",
    ),
    "retention_due": say(
        "缺陷责任期满，质量保证金 {amount:yuan} 应返还",
        "the defects liability period ended; {amount:yuan} are due for release",
    ),
}

WORK: dict[str, Text] = {
    "work_planned": say(
        "列入计划：{name}（{kind:work}），{quantity} {unit}[，路段 {segments}]"
        "[，须会签 {needed}][?private ，涉及专有部分][，在 {after} 之后]",
        "planned {name} ({kind:work}): {quantity} {unit}[, segments {segments}]"
        "[, to be cleared by {needed}][?private , touching private parts][, after {after}]",
    ),
    "contract_assigned": say(
        "归入合同 {contract.id}（{contract.contractor}）",
        "put under contract {contract.id} ({contract.contractor})",
    ),
    "work_cleared": say(
        "{body} 会签，文号 {document}[（{scan}）]", "cleared by {body}, {document}[ ({scan})]"
    ),
    "work_started": say("开工", "started"),
    "work_dropped": say(
        "取消；理由：{reason}[，文号 {document}]", "dropped; because: {reason}[, by {document}]"
    ),
    "segment_opened": say(
        "开挖路段 {segment}（{mode}）[，{hours} 小时内恢复][，施工 {builder}][（{photo}）]",
        "opened the street segment {segment} ({mode})[, to be closed within {hours} h]"
        "[, by {builder}][ ({photo})]",
    ),
    "segment_backfilled": say(
        "回填路段 {segment}（{mode}）[，施工 {builder}][（{photo}）]",
        "backfilled the segment {segment} ({mode})[, by {builder}][ ({photo})]",
    ),
    "utilities_notified": say(
        "通知管线单位 {bodies}[，文号 {document}]", "notified the utilities {bodies}[, {document}]"
    ),
    "night_permit_posted": say(
        "公示夜间施工证明 {document}：{first} 起 {nights} 夜（{scan}）",
        "posted the night permit {document}: {nights} nights from {first} ({scan})",
    ),
    "emergency_papers_came": say(
        "路段 {segment} 抢修补办手续 {document}[（{scan}）][：{remark}]",
        "the papers of the emergency at {segment} came: {document}[ ({scan})][: {remark}]",
    ),
    "opening_overdue": say("第 {opening} 处开挖逾期", "opening {opening} is overdue"),
    "progress_recorded": say(
        "完成 {quantity}[，施工 {builder}][（{photo}）]",
        "done: {quantity}[, by {builder}][ ({photo})]",
    ),
    "hidden_inspected": say(
        "隐蔽工程验收[?passed 通过][!passed 不通过][，路段 {segments}]"
        "[，照片 {photos:n} 张][（{record}）]",
        "hidden works inspection [?passed passed][!passed failed][, segments {segments}]"
        "[, {photos:n} photos][ ({record})]",
    ),
    "work_finished": say("完工[，施工 {builder}]", "finished[, by {builder}]"),
    "work_accepted": say(
        "验收合格，工程量 {quantity}[，文号 {document}][（{minutes}）]",
        "accepted at {quantity}[, by {document}][ ({minutes})]",
    ),
    "work_rejected": say(
        "验收不合格；理由：{reason}[（{minutes}）]", "rejected; because: {reason}[ ({minutes})]"
    ),
    "variation_asked": say(
        "申请变更 {variation}：{amount:yuan}，工程量 {quantity}；理由：{reason}",
        "asked for variation {variation}: {amount:yuan}, quantity {quantity}; because: {reason}",
    ),
    "variation_decided": say(
        "变更 {variation} [?approved 批准][!approved 不批准][，文号 {document}]",
        "[?approved approved][!approved refused] variation {variation}[, by {document}]",
    ),
    "defect_reported": say(
        "保修报修 {defect}（{place}[?urgent ，紧急]）：{description}[（{photo}）]",
        "reported the defect {defect} ({place}[?urgent , urgent]): {description}[ ({photo})]",
    ),
    "builder_came": say(
        "施工单位到场，报修 {defect}[（{photo}）]",
        "the builder came for the defect {defect}[ ({photo})]",
    ),
    "defect_closed": say(
        "报修 {defect} 已修复[（{photo}）]", "mended the defect {defect}[ ({photo})]"
    ),
    "response_missed": say(
        "报修 {defect} 逾期未到场", "nobody came in time for the defect {defect}"
    ),
    "warranty_ended": say("保修期满", "the warranty ended"),
}

COMMITMENT: dict[str, Text] = {
    "commitment_offered": say(
        "提出承诺（{building}[，{household}]）：住户 {household_due} 前 {household_does}；"
        "政府 {city_due} 前 {city_does}[：{text}]",
        "offered a commitment ({building}[, {household}]): the household by {household_due}: "
        "{household_does}; the city by {city_due}: {city_does}[: {text}]",
    ),
    "commitment_signed": say("签订承诺（{paper}）", "signed the commitment ({paper})"),
    "commitment_declined": say("不同意签订[：{reason}]", "declined[: {reason}]"),
    "household_fulfilled": say(
        "住户一方履约，已查验（{photo}）", "the household fulfilled, inspected ({photo})"
    ),
    "city_fulfilled": say(
        "政府一方履约，已查验（{photo}）", "the city fulfilled, inspected ({photo})"
    ),
    "commitment_extended": say(
        "延期：住户 {household_due}，政府 {city_due}（{paper}）",
        "extended: the household until {household_due}, the city until {city_due} ({paper})",
    ),
    "commitment_broken": say(
        "{side:word}逾期未履约（期限 {due:until}）", "{side:word} did not fulfil by {due:until}"
    ),
    "commitment_closed": say("双方履约，办结", "closed: both sides have fulfilled"),
}

UPKEEP: dict[str, Text] = {
    "upkeep_opened": say(
        "转入长效管理：{maintainer}，管理方式 {regime}，社区 {community}"
        "[，协管员 {assistants}][，保洁 {cleaners}][，路段 {segments}]",
        "opened upkeep: {maintainer}, managed by {regime}, community {community}"
        "[, assistants {assistants}][, cleaners {cleaners}][, segments {segments}]",
    ),
    "crew_changed": say(
        "调整人员[：协管员 {assistants}][，保洁 {cleaners}]",
        "changed the crew[: assistants {assistants}][, cleaners {cleaners}]",
    ),
    "maintainer_changed": say(
        "管养单位改为 {maintainer}（{regime}），文号 {document}[（{scan}）]",
        "now maintained by {maintainer} ({regime}), {document}[ ({scan})]",
    ),
    "upkeep_assessed": say(
        "{month} 考核{level} {subject}：{score} 分（合格 {mark} 分）[；{reason}]",
        "assessed the {level} {subject} for {month}: {score} points of {mark} needed[; {reason}]",
    ),
    "upkeep_closed": say("结束长效管理；理由：{reason}", "closed upkeep; because: {reason}"),
}

FINDING: dict[str, Text] = {
    "finding_recorded": say(
        "巡查发现{nature}问题：{place}（{photo}），由{level}处理[；{remark}]",
        "found {nature} at {place} ({photo}), for the {level} to see to[; {remark}]",
    ),
    "finding_regraded": say(
        "改定为{nature}；理由：{reason}", "regraded as {nature}; because: {reason}"
    ),
    "finding_resolved": say("已处理（{photo}）", "resolved ({photo})"),
    "resolution_confirmed": say("核实销号[（{photo}）]", "confirmed the resolution[ ({photo})]"),
    "resolution_rejected": say(
        "核实不通过，退回处理；理由：{reason}", "rejected the resolution; because: {reason}"
    ),
    "finding_overdue": say(
        "{level}逾期未处理[，升级到{to}]", "the {level} let its time limit pass[; up to the {to}]"
    ),
}

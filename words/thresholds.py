"""What the profile's thresholds are called, each with its value in it."""

from domain.profile import THRESHOLDS
from domain.terms.value import Text
from words import forms

_CHINESE = """
notice_days 一般公示 {} 个工作日 | site_selection_days 选址公示 {} 个工作日
planning_permit_days 规划许可公示 {} 天 | notice_channels 公示渠道不少于 {} 个
objection_days 异议 {} 个工作日内答复
poll_min_days 投票期不少于 {} 天 | poll_max_days 投票期不超过 {} 天
poll_entry_days 截止后 {} 个工作日内可录入封存的纸质票 | consultation_days 征询 {} 个工作日
consultation_major_days 重大事项征询 {} 天 | opinion_reply_days 意见 {} 个工作日内答复
cost_over_estimate 概算超估算 {} 须报告 | variation_limit 累计变更不超过合同价的 {}
dig_ban_new_years 新建道路 {} 年内不得挖掘 | dig_ban_overhaul_years 大修道路 {} 年内不得挖掘
night_from_hour 夜间自 {} 时起 | night_to_hour 夜间至 {} 时止
night_permit_days 夜间施工证明提前 {} 天公示 | trial_hours 探坑不超过 {} 小时
emergency_hours 抢修后 {} 小时内补办手续 | works_days 工期 {} 天
works_warn_days 工期届满前 {} 天预警 | bid_notice_days 中标候选人公示不少于 {} 天
satisfaction_rate 满意率不低于 {} | satisfaction_turnout 参与率不低于 {}
review_rounds 评议至多 {} 轮 | consulted_departments 听取职能部门不少于 {} 家
consulted_deputies 听取代表委员不少于 {} 位 | consulted_citizens 听取市民代表不少于 {} 位
late_days 过关或期限可由一人补录 {} 日
visit_attempts 走访 {} 次未遇视为已走访 | material_change 估算变动超过 {} 属重大变更
warranty_response_days 报修后 {} 天内到场 | warranty_urgent_hours 紧急报修 {} 小时内到场
retention 质量保证金不超过结算价的 {} | liability_months 缺陷责任期不超过 {} 个月
filing_days 完工后 {} 天内备案 | upkeep_score 考核不低于 {} 分
upkeep_restored_months 连续 {} 个月达标恢复 | litter_hours 垃圾 {} 小时内清理
damage_days 损坏 {} 个工作日内修复 | serious_hours 严重问题 {} 小时内处理
tender_works 工程合同达到 {} 须招标 | tender_services 服务合同达到 {} 须招标
keep_words_years 意见等文字保存 {} 年 | keep_signed_years 签字材料保存 {} 年
keep_unrecorded_days 没有登记成的内容保存 {} 天
tender_near 低于限额不到 {} 算贴近限额 | tender_months {} 个月内的合同合并计算
"""
NAMES = dict(
    line.strip().split(" ", 1)
    for line in _CHINESE.replace("\n", " | ").split(" | ")
    if line.strip()
)
_SHARE = "1/100 %"
_MONEY = "fen"


def threshold(field: str, value: object) -> Text:
    """Return what a threshold demands, with its value."""
    unit = THRESHOLDS[field].unit
    zh = en = str(value)
    if isinstance(value, int) and unit.startswith(_SHARE):
        zh = en = forms.percent(value)
        unit = unit.removeprefix(_SHARE).strip()
    elif isinstance(value, int) and unit.split(" ")[0] == _MONEY:
        zh, en = forms.yuan(value, "zh"), forms.yuan(value, "en")
        unit = unit.removeprefix(_MONEY).strip()
    name = field.replace("_", " ")
    said = NAMES.get(field)
    return Text(
        zh=said.replace("{}", zh) if said else f"{field} {zh}",
        en=f"{name}: {en} {unit}".strip(),
    )

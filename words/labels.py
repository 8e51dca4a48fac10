"""Words for closed choices, stages, roles and kinds of works, in both languages."""

from enum import StrEnum

from domain.registry import KINDS
from domain.streams.block.state import STAGE_TEXT as BLOCK_STAGES
from domain.streams.block.state import Stage
from domain.terms.question import QUESTION_TEXT, Question
from domain.terms.role import ROLE_ZH, Role
from domain.terms.value import Text
from domain.terms.works import DEFAULT_KINDS


def _t(zh: str, en: str) -> Text:
    return Text(zh=zh, en=en)


STAGES: dict[str, Text] = {
    "running": _t("进行中", "running"),
    "posting": _t("待张贴", "waiting for its first posting"),
    "answering": _t("待答复", "answering what came in"),
    "counting": _t("计票中", "counting"),
    "open": _t("进行中", "open"),
    "closed": _t("已结束", "closed"),
    "withdrawn": _t("已撤回", "withdrawn"),
    "filed": _t("待答复", "waiting for an answer"),
    "answered": _t("已答复", "answered"),
    "escalated": _t("已上报", "escalated"),
    "cast": _t("已投", "cast"),
    "registered": _t("已登记", "registered"),
    "struck": _t("已注销登记", "struck off"),
    "signed": _t("已签订", "signed"),
    "settled": _t("已结算", "settled"),
    "released": _t("质量保证金已返还", "retention released"),
    "planned": _t("已列计划", "planned"),
    "cleared": _t("已会签", "cleared"),
    "started": _t("施工中", "under way"),
    "done": _t("已完工", "done"),
    "accepted": _t("已验收", "accepted"),
    "dropped": _t("已取消", "dropped"),
    "offered": _t("待签", "offered"),
    "declined": _t("不同意签订", "declined"),
    "household_fulfilled": _t("住户已履约", "household has fulfilled"),
    "city_fulfilled": _t("政府已履约", "city has fulfilled"),
    "resolved": _t("待核实", "waiting to be checked"),
    "quarantined": _t("已隔离", "quarantined"),
    "notice.running": _t("公示中", "running"),
    "consultation.open": _t("征询中", "open"),
    "poll.open": _t("投票中", "open"),
    "opinion.closed": _t("已办结", "closed"),
    "commitment.signed": _t("已签", "signed"),
}
"""By stage; where a kind has its own word, by kind and stage."""

WORDS: dict[str, Text] = {
    "absent": _t("不在家", "absent"),
    "abstain": _t("弃权", "abstain"),
    "acceptance": _t("验收", "acceptance"),
    "actual": _t("实际", "actual"),
    "adopted": _t("采纳", "adopted"),
    "assistant": _t("协管员", "assistant"),
    "back_street": _t("背街小巷", "back street"),
    "bad": _t("差", "bad"),
    "below": _t("未达标", "below the mark"),
    "budget": _t("概算批复", "approved budget"),
    "budget_approval": _t("概算批复", "budget approval"),
    "cancelled": _t("取消", "cancelled"),
    "citizens": _t("市民代表", "citizens' representatives"),
    "city": _t("政府一方", "the city"),
    "cleaner": _t("保洁", "cleaner"),
    "collective_land": _t("集体土地", "collective land"),
    "common_parts": _t("建筑物共有部分", "common parts"),
    "community": _t("社区", "community"),
    "completed": _t("完成", "completed"),
    "consent": _t("表决", "consent"),
    "construction": _t("施工", "construction"),
    "consultation": _t("设计征询", "design consultation"),
    "contract": _t("合同", "contract"),
    "counted": _t("已计票", "counted"),
    "decided": _t("已决定", "decided"),
    "damage": _t("损坏", "damage"),
    "declined": _t("未入选", "not selected"),
    "decrease": _t("减少", "decrease"),
    "deferred": _t("暂缓", "deferred"),
    "department": _t("职能部门", "department"),
    "deputy": _t("人大代表、政协委员", "deputies"),
    "design": _t("设计", "design"),
    "dissatisfied": _t("不满意", "dissatisfied"),
    "draft": _t("初稿", "draft"),
    "emergency": _t("抢修", "emergency"),
    "escalated": _t("上报", "escalated"),
    "estimate": _t("可研估算", "feasibility estimate"),
    "expected": _t("预计", "expected"),
    "final": _t("终稿", "final text"),
    "financial_review": _t("财政评审", "financial review"),
    "funded": _t("资金落实", "funded"),
    "failed": _t("未通过", "failed"),
    "go": _t("办", "go"),
    "go_without": _t("办，不含部分内容", "go, without a part"),
    "good": _t("好", "good"),
    "household": _t("住户一方", "the household"),
    "idea": _t("金点子", "idea"),
    "import": _t("历史资料", "import"),
    "imported": _t("历史项目", "imported history"),
    "increase": _t("增加", "increase"),
    "leading_group": _t("领导小组", "leading group"),
    "litter": _t("垃圾", "litter"),
    "meeting": _t("座谈会", "meeting"),
    "message": _t("短信微信", "message"),
    "met": _t("达标", "met"),
    "missing": _t("缺失", "missing"),
    "needs": _t("需求征集", "needs"),
    "neutral": _t("一般", "neutral"),
    "no": _t("反对", "no"),
    "none": _t("无", "none"),
    "not_upheld": _t("不成立", "not upheld"),
    "noted": _t("留存参考", "noted"),
    "notice": _t("公示", "public notice"),
    "objection": _t("异议", "objection"),
    "office": _t("办公室", "office"),
    "old_estate": _t("老小区", "old estate"),
    "opinion": _t("意见", "opinion"),
    "open": _t("进行中", "open"),
    "ordinary": _t("过半数", "ordinary majority"),
    "other": _t("其他", "other"),
    "owners_committee": _t("业委会", "owners' committee"),
    "passed": _t("通过", "passed"),
    "paper": _t("纸质", "paper"),
    "partly": _t("部分采纳", "adopted in part"),
    "phone": _t("电话", "phone"),
    "planning_permit": _t("规划许可", "planning permit"),
    "private_house": _t("专有部分", "private house"),
    "project_approval": _t("立项批复", "project approval"),
    "projected": _t("预计投资", "projected investment"),
    "property_company": _t("物业公司", "property company"),
    "public_space": _t("公共空间", "public space"),
    "qualified": _t("四分之三", "three quarters"),
    "refused": _t("拒绝", "refused"),
    "rejected": _t("不采纳", "rejected"),
    "result": _t("结果", "result"),
    "review": _t("四问四权评议", "satisfaction review"),
    "satisfaction": _t("满意度评议", "satisfaction"),
    "satisfied": _t("满意", "satisfied"),
    "serious": _t("严重", "serious"),
    "site": _t("现场", "site"),
    "site_selection": _t("选址", "site selection"),
    "subdistrict": _t("街道办事处", "subdistrict"),
    "supervision": _t("监理", "supervision"),
    "survey": _t("前期调研", "survey"),
    "system": _t("系统", "system"),
    "amended": _t("所依据的记录已改", "an entry that it rests on has changed"),
    "calendar": _t("录入放假安排后重新计算", "counted by the calendar that was entered"),
    "confirmed": _t("办公室确认期限", "the office confirmed the deadline"),
    "tender": _t("招标", "tender"),
    "tender_exemption": _t("依法不招标", "lawful exemption from tender"),
    "trial": _t("探坑", "trial trench"),
    "upheld": _t("成立", "upheld"),
    "upkeep": _t("长效管理", "upkeep"),
    "urban_village": _t("城中村", "urban village"),
    "vacant": _t("空置", "vacant"),
    "very_dissatisfied": _t("很不满意", "very dissatisfied"),
    "very_satisfied": _t("很满意", "very satisfied"),
    "village_to_community": _t("撤村进社", "village turned community"),
    "visit": _t("上门", "visit"),
    "web": _t("网络", "web"),
    "works": _t("施工", "works"),
    "works_permit": _t("施工许可", "works permit"),
    "works_permit_exemption": _t("免施工许可", "exemption from a works permit"),
    "withdrawn": _t("撤回", "withdrawn"),
    "worn": _t("陈旧", "worn"),
    "yes": _t("同意", "yes"),
}
"""By value; a value that means different things is named with its choice, as below."""

PARTICULAR: dict[str, Text] = {
    "Management.none": _t("无物业", "nobody"),
    "Regime.none": _t("无物业", "nobody"),
    "Visited.met": _t("见到", "met"),
    "Mode.works": _t("施工开挖", "works"),
    "ContractKind.survey": _t("勘察", "survey"),
    "ContractKind.works": _t("施工", "works"),
    "Paper.contract": _t("施工合同", "contract"),
    "Body.department": _t("有关部门", "department"),
    "Level.community": _t("社区", "community"),
}

CHANNELS: dict[str, Text] = {
    "newspaper": _t("报纸", "newspaper"),
    "community-board": _t("社区公告栏", "community board"),
    "site-board": _t("现场公告栏", "site board"),
    "website": _t("网站", "website"),
    "messaging": _t("短信微信", "messaging"),
    "console": _t("本机日志", "console"),
}

DEADLINES: dict[str, Text] = {
    "level": _t("清理期限", "to be cleared up by"),
    "city": _t("政府履约期限", "the city's part is due"),
    "close": _t("投票截止", "voting ends"),
    "entry": _t("补录选票截止", "papers may be entered until"),
    "filing": _t("备案期限", "documents are to be filed"),
    "finish_by": _t("项目期限", "the programme's deadline"),
    "finish_near": _t("项目期限预警", "warning before the programme's deadline"),
    "household": _t("住户履约期限", "the household's part is due"),
    "period": _t("公示期满", "the notice's period ends"),
    "rectification": _t("整改期限", "rectification is due"),
    "reply": _t("答复期限", "a reply is due"),
    "retention": _t("质量保证金到期", "the retention falls due"),
    "warranty": _t("保修期满", "the warranty ends"),
    "window": _t("征询期满", "the consultation's window ends"),
    "works_finish": _t("工期届满", "the time for the works ends"),
    "works_finish_near": _t("工期预警", "warning before the works' end"),
}


def word(value: object, of: str | None = None) -> Text:
    """Return the word for a value of a closed choice (named by `of`), or the value itself."""
    text = str(value)
    of = type(value).__name__ if isinstance(value, StrEnum) else of
    if of == "Role":
        return role(Role(text))
    particular = PARTICULAR.get(f"{of}.{text}")
    if particular is not None:
        return particular
    return known(text) or Text(zh=text, en=text.replace("_", " "))


def known(text: str) -> Text | None:
    """Return the word for a text that is a value of some closed choice, stage or kind of works."""
    if text in QUESTION_TEXT:
        return QUESTION_TEXT[Question(text)]
    kind = DEFAULT_KINDS.get(text)
    return WORDS.get(text) or STAGES.get(text) or (kind.name if kind else None)


def role(value: Role) -> Text:
    return Text(zh=ROLE_ZH[value], en=str(value).replace("_", " "))


def title(kind: str) -> Text:
    """Return what a kind of streams is called."""
    found = KINDS.get(kind)
    return found.title if found else Text(zh=kind, en=kind)


def stage(kind: str, value: str) -> Text:
    """Return the word for where a stream of a kind stands."""
    if kind == "block" and value in BLOCK_STAGES:
        return BLOCK_STAGES[Stage(value)]
    return STAGES.get(f"{kind}.{value}") or STAGES.get(value) or word(value)


def work_kind(slug: str) -> Text:
    """Return what a kind of works is called; a city's own kinds by their slug."""
    found = DEFAULT_KINDS.get(slug)
    return found.name if found else Text(zh=slug, en=slug)


def channel(slug: str) -> Text:
    return CHANNELS.get(slug) or Text(zh=slug, en=slug)


def deadline(key: str) -> Text:
    """Return what falls due, from a deadline's key (`reply`, `defect:roof`)."""
    head, _, about = key.partition(":")
    found = DEADLINES.get(head) or Text(zh=head, en=head.replace("_", " "))
    if not about:
        return found
    of = known(about) or Text(zh=about, en=about)
    return Text(zh=f"{found.zh} {of.zh}", en=f"{found.en}: {of.en}")

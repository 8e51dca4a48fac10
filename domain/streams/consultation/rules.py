"""The rules of a design consultation."""

from domain.engine.rule import Force, rule
from domain.terms.role import Role
from domain.terms.source import brief, law

WINDOW = rule(
    "consultation.window",
    Force.APPROVAL,
    zh="征询期须满",
    en="a consultation runs its whole window",
    way_zh="请等到期满，或取得特批",
    way_en="wait until the window has run, or have an exception granted",
    source=law(
        "《重大行政决策程序暂行条例》第十五条（重大事项 30 日）；7 个工作日为本系统默认",
        "Interim Regulation on Major Administrative Decisions, art. 15: 30 days; "
        "the 7 working days are our default",
    ),
    approver=Role.LEADING_GROUP,
)
DISPOSITION = rule(
    "opinion.disposition",
    Force.APPROVAL,
    zh="意见须逐条处理并答复",
    en="every opinion has a disposition with reason and reply",
    way_zh="请逐条处理，或提交上级",
    way_en="dispose of each, or escalate what remains",
    does=(
        "dispose",
        "escalate",
    ),
    source=brief(
        "问计于民；简报：归纳汇总意见，贯彻到设计文本",
        "the brief: opinions are summed up and carried into the design",
    ),
    approver=Role.LEADING_GROUP,
)
TEXT = rule(
    "consultation.text",
    Force.WALL,
    zh="征询的设计文本须已提交",
    en="a consultation is about a design text that was submitted",
    way_zh="请设计单位先提交设计文本，并核对版本号",
    way_en="let the designer submit the text first, and check its version",
    does=("submit_design",),
)
MADE_PUBLIC = rule(
    "consultation.posted",
    Force.WARN,
    zh="征询文本须公开并留凭证",
    en="the text is made public, with proof",
    way_zh="请登记张贴并附凭证",
    way_en="record a posting with its proof",
    does=("record_posting",),
)
CHANNEL_UNKNOWN = rule(
    "consultation.channel",
    Force.WALL,
    zh="本次征询没有这一渠道",
    en="the consultation does not name this channel",
    way_zh="请核对渠道",
    way_en="check the channel",
)
EXTENSION = rule(
    "consultation.extension",
    Force.WALL,
    zh="征询期最长一年",
    en="a consultation runs for a year at most",
    way_zh="请另开征询",
    way_en="open another consultation",
)

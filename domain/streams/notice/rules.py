"""The rules of a public notice."""

from domain.engine.rule import Force, rule
from domain.terms.role import Role
from domain.terms.source import brief, law

PERIOD = rule(
    "notice.period",
    Force.APPROVAL,
    zh="公示期须满",
    en="a notice runs its whole period",
    way_zh="请等到期满，或取得特批",
    way_en="wait until the period has run, or have an exception granted",
    source=law(
        "规划许可公示不少于 10 日；其余为各地做法",
        "a planning permit is notified for at least 10 days; the others are municipal practice",
    ),
    approver=Role.LEADING_GROUP,
)
POSTED = rule(
    "notice.posted",
    Force.WALL,
    zh="公示期自首份发布凭证所载时间起算",
    en="a notice runs from its first proven posting",
    way_zh="请登记张贴并附凭证",
    way_en="record a posting with its proof",
    does=("record_posting",),
)
CHANNELS = rule(
    "notice.channels",
    Force.WARN,
    zh="公示渠道不少于规定数",
    en="a notice appears on enough channels, with proof of each",
    way_zh="请在更多渠道张贴并登记凭证",
    way_en="post on more channels and record the proof",
    source=brief(
        "简报：「多次在《富阳日报》上」公示；数值为本系统默认",
        "the brief: several insertions in the Fuyang Daily; the figure is our default",
    ),
)
OBJECTIONS = rule(
    "notice.objections",
    Force.APPROVAL,
    zh="异议须逐条答复",
    en="every objection is answered",
    way_zh="请逐条答复，或提交上级",
    way_en="answer each, or escalate what remains",
    does=(
        "dispose",
        "escalate",
    ),
    source=brief("四问：问情于民", "the four questions: asking the people how things are"),
    approver=Role.LEADING_GROUP,
)
UPHELD = rule(
    "notice.upheld",
    Force.APPROVAL,
    zh="异议成立须修改后重新公示",
    en="an upheld objection leads to a revision and a new insertion",
    way_zh="请修改并重新公示",
    way_en="revise and post anew",
    does=("revise_notice",),
    approver=Role.LEADING_GROUP,
)
CHANNEL_UNKNOWN = rule(
    "notice.channel",
    Force.WALL,
    zh="本期公示没有这一渠道",
    en="the insertion does not name this channel",
    way_zh="请核对渠道，或另发一期",
    way_en="check the channel, or issue an insertion on it",
    does=("issue_insertion",),
)
INSERTION_UNKNOWN = rule(
    "notice.insertion",
    Force.WALL,
    zh="没有这一期",
    en="there is no such insertion",
    way_zh="请核对期次",
    way_en="check the insertion's number",
)
EXTENSION = rule(
    "notice.extension",
    Force.WALL,
    zh="公示期最长一年",
    en="a notice runs for a year at most",
    way_zh="请另发公示",
    way_en="open another notice",
)
BLOCKS_NAMED = rule(
    "notice.blocks",
    Force.WALL,
    zh="项目级公示须写明区块",
    en="a programme's notice names its blocks",
    way_zh="请写明涉及哪些区块",
    way_en="name the blocks that it is about",
)

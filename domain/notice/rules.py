"""The rules of a public notice."""

from domain.role import Role
from domain.rule import Force, rule

PERIOD = rule(
    "notice.period",
    Force.APPROVAL,
    zh="公示期须满",
    en="a notice runs its whole period",
    way_zh="请等到期满，或取得例外批准（grant_exception）",
    way_en="wait until the period has run, or have an exception granted (grant_exception)",
    source="[P] municipal practice; planning permit at least 10 days [L]",
    approver=Role.LEADING_GROUP,
)
POSTED = rule(
    "notice.posted",
    Force.WALL,
    zh="没有张贴凭证就没有公示",
    en="a notice runs from its first proven posting",
    way_zh="请登记张贴并附凭证（record_posting）",
    way_en="record a posting with its proof (record_posting)",
)
CHANNELS = rule(
    "notice.channels",
    Force.WARN,
    zh="公示渠道不少于规定数",
    en="a notice appears on enough channels, with proof of each",
    way_zh="请在更多渠道张贴并登记凭证",
    way_en="post on more channels and record the proof",
    source="[d]; 《富阳日报》 in the brief, several insertions",
)
OBJECTIONS = rule(
    "notice.objections",
    Force.APPROVAL,
    zh="异议须逐条答复",
    en="every objection is answered",
    way_zh="请逐条答复（dispose），或提交上级（escalate）",
    way_en="answer each (dispose), or escalate what remains",
    source="问情于民",
    approver=Role.LEADING_GROUP,
)
UPHELD = rule(
    "notice.upheld",
    Force.APPROVAL,
    zh="异议成立须修改后重新公示",
    en="an upheld objection leads to a revision and a new insertion",
    way_zh="请修改并重新公示（revise_notice）",
    way_en="revise and post anew (revise_notice)",
    approver=Role.LEADING_GROUP,
)
CHANNEL_UNKNOWN = rule(
    "notice.channel",
    Force.WALL,
    zh="本期公示没有这一渠道",
    en="the insertion does not name this channel",
    way_zh="请核对渠道，或另发一期（issue_insertion）",
    way_en="check the channel, or issue an insertion on it (issue_insertion)",
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
    way_zh="请在 blocks 中写明区块",
    way_en="name the blocks in blocks",
)

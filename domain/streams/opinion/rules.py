"""The rules of opinions, ideas and objections."""

from domain.engine.rule import Force, rule
from domain.terms.source import brief, ours

PLACE = rule(
    "opinion.nature",
    Force.WALL,
    zh="异议只能针对公示提出",
    en="an objection is made to a notice",
    way_zh="对设计的不同意见请作为意见提出",
    way_en="file it as an opinion where a design is consulted on",
)
HOUSEHOLD_UNKNOWN = rule(
    "opinion.household",
    Force.WALL,
    zh="没有这个户码",
    en="there is no household of this code here",
    way_zh="请核对户码，或不填户码",
    way_en="check the code, or leave it out",
)
OWN_CODE = rule(
    "opinion.own",
    Force.WALL,
    zh="不能冒用他户户码",
    en="a resident files under their own household's code",
    way_zh="请用本户户码",
    way_en="use the household's own code",
)
LATE = rule(
    "opinion.late",
    Force.WARN,
    zh="意见在期限之后提出",
    en="it was filed after the window had closed",
    way_zh="仍须处理并答复",
    way_en="it is answered all the same",
)
REPLY = rule(
    "opinion.reply_within",
    Force.WARN,
    zh="意见须按期答复",
    en="an opinion is answered in time",
    way_zh="请尽快处理并答复",
    way_en="dispose of it and reply",
    does=("dispose",),
    source=ours("本系统默认：15 个工作日", "our default: 15 working days"),
)
CLAUSE = rule(
    "opinion.clause",
    Force.APPROVAL,
    zh="采纳的意见须写明设计条款",
    en="an adopted opinion names the design clause it went into",
    way_zh="请填写设计条款",
    way_en="name the clause",
    source=brief("简报：「贯彻到设计文本」", "the brief: carried into the design"),
)
OUTCOME = rule(
    "opinion.outcome",
    Force.WALL,
    zh="异议答复成立或不成立；意见答复采纳与否",
    en="objections are upheld or not upheld; opinions and ideas are adopted or not",
    way_zh="请改选处理结果",
    way_en="choose a disposition that fits",
)
NOT_ONESELF = rule(
    "opinion.self",
    Force.WALL,
    zh="提出人不能处理自己的意见",
    en="who disposes is not who filed",
    way_zh="请由另一人处理",
    way_en="let somebody else dispose of it",
)

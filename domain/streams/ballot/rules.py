"""The rules of ballots."""

from domain.engine.rule import Force, rule
from domain.terms.source import law

DOUBLE = rule(
    "ballot.double",
    Force.WALL,
    zh="一户一票，不论形式",
    en="there is one ballot per household, in whatever form",
    way_zh="截止前可撤回后重投",
    way_en="before the close it may be withdrawn and cast again",
    does=(
        "withdraw_ballot",
        "recast_ballot",
    ),
    source=law("《杭州市物业管理条例》", "Hangzhou Regulation on Property Management"),
)
HOUSEHOLD = rule(
    "ballot.household",
    Force.WALL,
    zh="户码或问卷码不在应投名单内",
    en="the household or code is not among those asked",
    way_zh="请核对信函上的码",
    way_en="check the code on the letter",
)
FORM = rule(
    "ballot.form",
    Force.WALL,
    zh="投票形式不符",
    en="the form does not fit who casts it or what the poll offers",
    way_zh="住户本人在网上投票；社区录入纸质票或上门票，并附扫描件",
    way_en="residents cast on the web; the community enters papers and visits with their scan",
)
SCAN = rule(
    "ballot.scan",
    Force.WALL,
    zh="录入纸质票须附扫描件",
    en="a ballot entered for somebody comes with its scan",
    way_zh="请附扫描件",
    way_en="attach the scan",
)
SIGNATURE = rule(
    "ballot.signature",
    Force.WALL,
    zh="表决票须签字",
    en="a ballot on consent is signed",
    way_zh="请签字并附签字件",
    way_en="sign it and attach the signature",
    source=law(
        "《民法典》第二百七十八条；《杭州市物业管理条例》",
        "Civil Code, art. 278; Hangzhou Regulation on Property Management",
    ),
)
CHOICES = rule(
    "ballot.choices",
    Force.WALL,
    zh="所填与表决内容不符",
    en="the choices do not fit the poll",
    way_zh="请按票面重填",
    way_en="fill it in as the ballot asks",
)
WEIGHT = rule(
    "ballot.weight",
    Force.WARN,
    zh="户的业主数或面积在发起后有更正",
    en="the household's owners or area were changed after the poll opened",
    way_zh="请核对应表决总数",
    way_en="check the entitled base of the poll",
)

"""The rules of households."""

from domain.engine.rule import Force, rule
from domain.terms.role import Role
from domain.terms.source import law

OWN = rule(
    "household.own",
    Force.WALL,
    zh="只能为本户表态",
    en="a resident speaks for the household of their own code only",
    way_zh="请用本户户码，或交社区代录纸质件",
    way_en="use the household's own code, or hand a paper to the community",
)
SIGNED = rule(
    "household.signature",
    Force.WALL,
    zh="须有住户签字的扫描件",
    en="the household's signed paper is attached",
    way_zh="请附签字件",
    way_en="attach the signed paper",
)
WORKS_UNKNOWN = rule(
    "household.works",
    Force.WALL,
    zh="该户没有登记这项户内施工",
    en="no such works in the household's private parts are recorded",
    way_zh="请先登记户内施工",
    way_en="record the private works first",
    does=("record_private_works",),
)
AGREEMENT = rule(
    "household.agreement",
    Force.APPROVAL,
    zh="户内施工须经该户同意",
    en="works in private parts rest on that household's agreement",
    way_zh="请补签同意书",
    way_en="have the household sign its agreement",
    does=("agree_private_works",),
    source=law("《民法典》第二百四十条、第二百七十二条", "Civil Code, arts. 240, 272"),
    approver=Role.LEADING_GROUP,
)
SIZE = rule(
    "household.size",
    Force.WALL,
    zh="一户登记的施工项过多",
    en="more works than one household can hold",
    way_zh="请合并登记",
    way_en="record them together",
)

"""The rules of a programme."""

from domain.engine.rule import Force, rule
from domain.terms.role import Role
from domain.terms.source import brief, law

BAD_PROFILE = rule(
    "profile.value",
    Force.WALL,
    zh="阈值不成立",
    en="the profile would not hold",
    way_zh="请按提示改正字段名或数值",
    way_en="correct the field or value that is named",
)
PROFILE_SOURCE = rule(
    "profile.source",
    Force.WALL,
    zh="修改阈值须写明依据",
    en="a changed threshold names its source",
    way_zh="请写明每项阈值的依据",
    way_en="name the source of each threshold",
)
BLOCK_UNKNOWN = rule(
    "programme.block",
    Force.WALL,
    zh="项目中没有这个区块",
    en="the programme has no such block",
    way_zh="请先立区块",
    way_en="open the block first",
    does=("open_block",),
)
FINISH_BY = rule(
    "programme.finish_by",
    Force.WARN,
    zh="项目应按期完成",
    en="the programme finishes by its deadline",
    way_zh="请加快，或延期",
    way_en="speed up, or extend it",
    does=("extend_programme",),
    source=brief(
        "简报：「确保在年底前保质保量完成」", "the brief: done well by the end of the year"
    ),
)
FINISH_PAST = rule(
    "programme.finish_past",
    Force.WALL,
    zh="完成日期须在将来",
    en="a programme is extended to a day that has not passed",
    way_zh="请改日期",
    way_en="give a later day",
)
REAL_CLOCK = rule(
    "clock.real",
    Force.WALL,
    zh="真实项目的时钟不能拨动",
    en="the clock of a real programme is not moved",
    way_zh="要拨动时钟，请另做演练",
    way_en="rehearse where a clock is to be moved",
)
CALENDAR_DAYS = rule(
    "calendar.days",
    Force.WALL,
    zh="放假安排不成立",
    en="the days off and worked do not hold",
    way_zh="请对照国务院办公厅的放假安排核对日期",
    way_en="check the days against the State Council's notice",
    source=law(
        "《全国年节及纪念日放假办法》第二条（2024 年修订）",
        "Holidays Regulation, art. 2, as of 2024",
    ),
)
CALENDAR_SAME = rule(
    "calendar.same",
    Force.WALL,
    zh="这份放假安排已经录入",
    en="this very calendar is entered already",
    way_zh="不必再录；有变动的连同新文号录入",
    way_en="nothing is to be done; enter what changed by its document",
)
BLOCKS_OPEN = rule(
    "programme.close",
    Force.APPROVAL,
    zh="尚有区块未到长效管理",
    en="blocks have not yet reached upkeep",
    way_zh="请先完成、取消或转入下一项目",
    way_en="finish, cancel or carry them over first",
    approver=Role.LEADING_GROUP,
)

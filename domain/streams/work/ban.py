"""The dig ban (挖掘限制): a closed road surface is not opened again for some years."""

from domain.engine.kind import Context
from domain.engine.rule import Force, Violation, rule, unmet
from domain.streams.shared.site import Site
from domain.terms.role import Role
from domain.terms.source import law

BAN = rule(
    "dig.ban",
    Force.APPROVAL,
    zh="新建道路五年内、大修道路三年内不得挖掘",
    en="no digging for five years after a new road, three after an overhaul",
    way_zh="须经县级以上城市人民政府批准；抢修在 24 小时内补办手续",
    way_en="have it approved at county level or above; "
    "an emergency brings its papers within 24 hours",
    source=law("《城市道路管理条例》第三十三条", "Regulation on Urban Roads, art. 33"),
    approver=Role.LEADING_GROUP,
    thresholds=lambda profile: (
        profile.dig_ban_new_years,
        profile.dig_ban_overhaul_years,
    ),
)


def bans(site: Site, segment: str, ctx: Context) -> list[Violation]:
    """Say that a segment's surface was closed and its ban ran at the context's instant."""
    surface = site.surfaces.get(segment)
    if surface is None or surface.closed_at > ctx.occurred_at:
        return []
    profile = ctx.profile
    years = profile.dig_ban_overhaul_years if surface.overhaul else profile.dig_ban_new_years
    end = ctx.calendar.after_years(surface.closed_at, years)
    if end <= ctx.occurred_at:
        return []
    until = end.astimezone(ctx.calendar.zone)
    return [
        unmet(
            BAN,
            owed_by=Role.PROJECT_LEAD,
            since=surface.closed_at,
            due=end,
            about=segment,
            item=surface.item,
            until=until.date(),
        )
    ]

"""Who acts: roles, organisations and how they came."""

from enum import StrEnum

from domain.terms.stored import Stored
from domain.terms.value import Ident, Line, Text


class Role(StrEnum):
    """What a person may act as (角色)."""

    LEADING_GROUP = "leading_group"
    OFFICE = "office"
    PROJECT_LEAD = "project_lead"
    DESIGNER = "designer"
    SURVEYOR = "surveyor"
    CONTRACTOR = "contractor"
    SUPERVISOR = "supervisor"
    UTILITY = "utility"
    OWNER = "owner"
    DEPARTMENT = "department"
    DEPUTY = "deputy"
    COMMUNITY = "community"
    GRID_WORKER = "grid_worker"
    PROPERTY_COMPANY = "property_company"
    OWNERS_COMMITTEE = "owners_committee"
    SUBDISTRICT = "subdistrict"
    MAINTAINER = "maintainer"
    ASSISTANT = "assistant"
    CLEANER = "cleaner"
    RESIDENT = "resident"
    RESIDENT_SUPERVISOR = "resident_supervisor"
    TRACKING_AUDITOR = "tracking_auditor"
    AUDITOR = "auditor"
    INTEGRATION = "integration"
    SYSTEM = "system"


ROLE_TEXT: dict[Role, Text] = {
    Role.LEADING_GROUP: Text(zh="领导小组", en="leading group"),
    Role.OFFICE: Text(zh="办公室", en="office"),
    Role.PROJECT_LEAD: Text(zh="项目负责人", en="project lead"),
    Role.DESIGNER: Text(zh="设计单位", en="designer"),
    Role.SURVEYOR: Text(zh="勘察单位", en="surveyor"),
    Role.CONTRACTOR: Text(zh="施工单位", en="contractor"),
    Role.SUPERVISOR: Text(zh="监理单位", en="supervisor"),
    Role.UTILITY: Text(zh="管线单位", en="utility"),
    Role.OWNER: Text(zh="产权单位", en="owner"),
    Role.DEPARTMENT: Text(zh="职能部门", en="department"),
    Role.DEPUTY: Text(zh="人大代表、政协委员", en="deputy"),
    Role.COMMUNITY: Text(zh="社区", en="community"),
    Role.GRID_WORKER: Text(zh="网格员", en="grid worker"),
    Role.PROPERTY_COMPANY: Text(zh="物业公司", en="property company"),
    Role.OWNERS_COMMITTEE: Text(zh="业委会", en="owners committee"),
    Role.SUBDISTRICT: Text(zh="街道办事处", en="subdistrict"),
    Role.MAINTAINER: Text(zh="管养单位", en="maintainer"),
    Role.ASSISTANT: Text(zh="协管员", en="assistant"),
    Role.CLEANER: Text(zh="保洁员", en="cleaner"),
    Role.RESIDENT: Text(zh="居民", en="resident"),
    Role.RESIDENT_SUPERVISOR: Text(zh="义务监督员", en="resident supervisor"),
    Role.TRACKING_AUDITOR: Text(zh="跟踪审计单位", en="tracking auditor"),
    Role.AUDITOR: Text(zh="审计部门", en="auditor"),
    Role.INTEGRATION: Text(zh="接入系统", en="integration"),
    Role.SYSTEM: Text(zh="系统", en="system"),
    Role.SYSTEM: Text(zh="系统", en="system"),
}
ROLE_FORMERLY: dict[Role, str] = {
    Role.SURVEYOR: "勘察",
    Role.SUPERVISOR: "监理",
    Role.DEPUTY: "人大代表/政协委员",
    Role.PROPERTY_COMPANY: "物业",
    Role.CLEANER: "保洁",
    Role.TRACKING_AUDITOR: "跟踪审计",
    Role.AUDITOR: "审计",
}
"""What roles were called in Chinese before: whoever types that is understood."""

UNAPPOINTED = frozenset({Role.RESIDENT, Role.SYSTEM})
"""Roles that nobody is appointed to: residents act by their household's code."""


class Via(StrEnum):
    """The door a command came through; TEMPORAL also for what claims another without its code."""

    CLI = "cli"
    API = "api"
    CONSOLE = "console"
    TEMPORAL = "temporal"
    REHEARSAL = "rehearsal"
    IMPORT = "import"
    SYSTEM = "system"


class Actor(Stored):
    """A person or system, by an opaque id, in one role for one organisation."""

    id: Ident
    role: Role
    organisation: Line | None = None


SYSTEM = Actor(id="siwen", role=Role.SYSTEM)

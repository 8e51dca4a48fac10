"""Who acts: roles, organisations and how they came."""

from enum import StrEnum

from domain.terms.stored import Stored
from domain.terms.value import Ident, Line


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


ROLE_ZH: dict[Role, str] = {
    Role.LEADING_GROUP: "领导小组",
    Role.OFFICE: "办公室",
    Role.PROJECT_LEAD: "项目负责人",
    Role.DESIGNER: "设计单位",
    Role.SURVEYOR: "勘察",
    Role.CONTRACTOR: "施工单位",
    Role.SUPERVISOR: "监理",
    Role.UTILITY: "管线单位",
    Role.OWNER: "产权单位",
    Role.DEPARTMENT: "职能部门",
    Role.DEPUTY: "人大代表/政协委员",
    Role.COMMUNITY: "社区",
    Role.GRID_WORKER: "网格员",
    Role.PROPERTY_COMPANY: "物业",
    Role.OWNERS_COMMITTEE: "业委会",
    Role.SUBDISTRICT: "街道办事处",
    Role.MAINTAINER: "管养单位",
    Role.ASSISTANT: "协管员",
    Role.CLEANER: "保洁",
    Role.RESIDENT: "居民",
    Role.RESIDENT_SUPERVISOR: "义务监督员",
    Role.TRACKING_AUDITOR: "跟踪审计",
    Role.AUDITOR: "审计",
    Role.INTEGRATION: "接入系统",
    Role.SYSTEM: "系统",
}

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

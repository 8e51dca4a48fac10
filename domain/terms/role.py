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

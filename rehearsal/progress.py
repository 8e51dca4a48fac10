"""What is told while a rehearsal is played: day by day, marked as a rehearsal."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.terms.stream import StreamName
from domain.terms.value import Text

MARK = Text(zh="演练", en="REHEARSAL")


class Happening(StrEnum):
    """What kind of thing is told."""

    OPENED = "opened"
    DONE = "done"
    DRAWN = "drawn"
    REFUSED = "refused"
    LAPSED = "lapsed"
    STAGE = "stage"
    CHECKED = "checked"


@dataclass(frozen=True, slots=True)
class Progress:
    """Something that happened in a rehearsal, in its own time and the programme's zone."""

    at: datetime
    happening: Happening
    stream: StreamName
    block: str | None
    """What people call the block, where it belongs to one."""
    text: Text
    events: int = 0
    """How many events it recorded."""

    def line(self, lang: str) -> str:
        """Return it as a line for people; a rehearsal is marked as one wherever it is shown."""
        where = f" {self.block}" if self.block else ""
        return f"{MARK.in_(lang)} {self.at:%Y-%m-%d}{where} {self.text.in_(lang)}"


Tell = Callable[[Progress], None]


def silent(_: Progress) -> None:
    """Tell nobody."""

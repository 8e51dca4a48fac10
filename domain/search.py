"""By what a stream is found among many: what the engine's lists are told of it, and no more.

Nobody's name and no words of anybody's are among it: lists are not encrypted.
"""

from datetime import datetime
from typing import Final

from domain.engine.state import Status
from domain.terms.stream import kind_of, programme_of

KIND: Final = "SiwenKind"
PROGRAMME: Final = "SiwenProgramme"
STAGE: Final = "SiwenStage"
DUE: Final = "SiwenDue"

KEYWORDS: Final = (KIND, PROGRAMME, STAGE)
"""Those that are one word."""
INSTANTS: Final = (DUE,)
"""Those that are an instant."""


def keywords(status: Status) -> dict[str, str]:
    """Return the words by which a stream is found."""
    return {
        KIND: kind_of(status.stream),
        PROGRAMME: programme_of(status.stream),
        STAGE: status.stage,
    }


def instants(status: Status) -> dict[str, datetime | None]:
    """Return the instants by which a stream is found; what has none is not found by it."""
    return {DUE: status.due}

"""The programme's clock: real time, or the stepped time of a rehearsal."""

from enum import IntEnum

from domain.terms.stored import Stored
from domain.terms.value import Instant


class Speed(IntEnum):
    """How the clock runs; a rehearsal's stands still while a conductor moves it."""

    STEPPED = 0
    REAL = 1


class Segment(Stored):
    """A stretch of the clock from an anchor on."""

    anchor: Instant
    speed: Speed


class Clock(Stored):
    """The segments of a programme's time, each recorded as an event."""

    segments: tuple[Segment, ...]

    @property
    def speed(self) -> Speed:
        return self.segments[-1].speed

    def with_segment(self, segment: Segment) -> "Clock":
        return Clock(segments=(*self.segments, segment))

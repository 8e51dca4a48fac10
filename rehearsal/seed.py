"""What a rehearsal draws: everything follows from its seed, each thing by its own name.

Every draw has a generator of its own, made from the seed and what is drawn, so that nothing
depends on the order in which things are drawn, and a rehearsal cut short draws as the whole one.
"""

import base64
from collections.abc import Callable, Sequence
from random import Random

LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
"""What codes are made of: no letter that is taken for another."""
CODE_LENGTH = 10


class Seed:
    """The seed of a rehearsal."""

    def __init__(self, number: int) -> None:
        self.number = number

    def of(self, *what: object) -> Random:
        """Return the generator of one thing, by name."""
        return Random("/".join(str(part) for part in (self.number, *what)))

    def command_id(self, *act: object) -> str:
        return f"rehearsal-{self.of('command', *act).getrandbits(128):032x}"

    def salts(self, *act: object) -> Callable[[], str]:
        """Return where the salts of one command come from: 128 bits each."""
        drawn = self.of("salt", *act)
        return lambda: base64.urlsafe_b64encode(drawn.randbytes(16)).rstrip(b"=").decode()

    def codes(self, count: int, *what: object) -> list[str]:
        """Return so many codes, each once."""
        drawn, found = self.of("codes", *what), dict[str, None]()
        while len(found) < count:
            found["".join(drawn.choices(LETTERS, k=CODE_LENGTH))] = None
        return list(found)


class Salts:
    """The salts of the command that is being sent."""

    def __init__(self, seed: Seed) -> None:
        self._seed = seed
        self._drawn = seed.salts()

    def begin(self, *act: object) -> None:
        """Draw for another command from now on."""
        self._drawn = self._seed.salts(*act)

    def __call__(self) -> str:
        return self._drawn()


def exactly(random: Random, share: float, count: int) -> list[bool]:
    """Return so many answers, of which just this share (in percent) is yes, in random order."""
    yes = round(count * share / 100)
    answers = [True] * yes + [False] * (count - yes)
    random.shuffle(answers)
    return answers


def dealt(random: Random, shares: dict[str, float], count: int) -> list[str]:
    """Return so many choices in the given proportions, in random order.

    Raises:
        ValueError: if the shares come to nothing.

    """
    whole = sum(shares.values())
    if whole <= 0:
        raise ValueError("the shares come to nothing")
    choices: list[str] = []
    before = 0.0
    for name, share in shares.items():
        before += share
        choices += [name] * (round(count * before / whole) - len(choices))
    random.shuffle(choices)
    return choices


def wanted(random: Random, weights: dict[str, float], most: int) -> tuple[str, ...]:
    """Return up to so many different things, the likelier ones earlier and more often."""
    order: Sequence[tuple[float, str]] = sorted(
        ((random.random() ** (1.0 / weight), name) for name, weight in weights.items() if weight),
        reverse=True,
    )
    return tuple(name for _, name in order[:most])

"""The thresholds in force are those under which a programme began, whatever a release changes."""

from pathlib import Path

import orjson

from domain.profile import Profile

DEFAULTS = Path(__file__).parent / "profile.1.json"
"""The defaults of every programme whose opening names no other."""


def test_the_defaults_under_which_programmes_began_are_never_changed() -> None:
    """A programme records what it sets itself; for the rest it goes by these.

    To change a default, keep this one for the programmes that began under it: let the opening name
    the number of its defaults, and add a file for the new number.
    """
    kept = orjson.loads(DEFAULTS.read_bytes())
    present = Profile().model_dump(mode="json")
    added = {k: v for k, v in present.items() if k not in kept}
    assert {k: present.get(k) for k in kept} == kept
    assert not added, f"keep the new ones as well: {added}"

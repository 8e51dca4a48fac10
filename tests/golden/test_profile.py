"""The thresholds in force are those under which a programme began, whatever a release changes."""

import orjson

from domain.profile import Profile
from tests.golden.make import DEFAULTS


def test_the_defaults_under_which_programmes_began_are_never_changed() -> None:
    """A programme records what it sets itself; for the rest it goes by these.

    To change a default, keep this one for the programmes that began under it: let the opening name
    the number of its defaults, and add a file for the new number.
    """
    kept = orjson.loads(DEFAULTS.read_bytes())
    present = Profile().model_dump(mode="json")
    added = {k: v for k, v in present.items() if k not in kept}
    assert {k: present.get(k) for k in kept} == kept
    assert not added, f"run `make golden` and commit what it adds to {DEFAULTS.name}: {added}"

"""Read every golden event, and say how each would be written anew, and what a door says."""

import json

from domain.engine.entry import Void
from ledger.store.canonical import body_of, canonical, leaf_hash
from ledger.store.reading import entry_from
from tests.golden import make


def door() -> str:
    try:
        Void.model_validate({"entry": 1, "reason": "sd:" + "t" * 43})
    except ValueError:
        return "closed"
    return "open"


def events() -> dict[str, str]:
    found = {}
    for file in sorted(make.EVENTS.glob("*.json")):
        entry = entry_from(make.kind_of(file), file.read_text("utf-8").removesuffix("\n"))
        found[file.name] = leaf_hash(canonical(body_of(entry, None)))
    return found


if __name__ == "__main__":
    print(json.dumps({"door": door(), "events": events()}))

"""No setting of the machine that runs the tests reaches them."""

import os

import pytest


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in os.environ:
        if name.startswith(("SIWEN_", "TEMPORAL_")):
            monkeypatch.delenv(name)

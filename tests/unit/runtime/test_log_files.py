"""Why a server did not start is read out of its log."""

from pathlib import Path

import pytest

from runtime.errors import PortTaken
from runtime.log_files import failed_to_start

TRACE = "\n".join(
    f"main.function{n}(0xc000{n:04x})\n\t/build/commands.go:{n} +0x2a9" for n in range(20)
)
"""Such as Go prints after the cause of a panic."""


@pytest.mark.parametrize(
    "cause",
    [
        "panic: failed assigning ephemeral port: listen tcp 127.0.0.1:0",
        "Failed to assign a free port: connection refused",
        "FATAL: could not bind: Address already in use",
    ],
)
def test_a_port_that_was_taken_meanwhile_is_told_from_all_else(tmp_path: Path, cause: str) -> None:
    log = tmp_path / "server.log"
    log.write_text(f"{cause}\n\ngoroutine 1 [running]:\n{TRACE}\n")
    assert type(failed_to_start("Temporal", log)) is PortTaken
    log.write_text(f"panic: the file is no database\n\n{TRACE}\n")
    assert type(failed_to_start("Temporal", log)) is not PortTaken

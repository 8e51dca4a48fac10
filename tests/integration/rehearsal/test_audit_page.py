"""docs/audit.md, typed as it stands: what it shows comes, and the broken row is named."""

import asyncio
import os
import re
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.integration.rehearsal.conftest import Theatre
from tests.support.readme import ROOT, Step, blocks, steps

PAGE = re.sub(r"^   ", "", (ROOT / "docs" / "audit.md").read_text("utf-8"), flags=re.MULTILINE)
MEND = """
UPDATE ledger.event SET body = replace(body, '"households":210', '"households":120')
WHERE stream = 'fuyang-2014/xiaohuawu' AND version = 2;
ALTER TABLE ledger.event ADD CONSTRAINT event_hash
CHECK (leaf_hash = sha256('\\x00'::bytea || convert_to(body, 'UTF8')));
"""


async def test_what_the_page_shows_is_what_comes(theatre: Theatre, tmp_path: Path) -> None:
    played = await theatre.once("fuyang-2014")
    environment = _environment(theatre, played.outcome.ledger, tmp_path)
    before, broken = PAGE.split("## Break it on purpose")
    await _typed(steps(before), environment, tmp_path)
    try:
        await _typed([Step(_breaking(broken), "")], environment, ROOT)
        await _typed(steps(broken), environment, tmp_path)
    finally:
        async with theatre.ledger(played.outcome.ledger) as owner:
            await owner.execute("SET session_replication_role = replica;" + MEND)


def _environment(theatre: Theatre, ledger: str, directory: Path) -> dict[str, str]:
    """Stand in for the auditor's own environment, which comes from a package index."""
    own = directory / "audit" / "bin"
    own.mkdir(parents=True)
    (own / "python").write_text(f'#!/bin/sh\nexec {sys.executable} -I "$@"\n')
    (own / "python").chmod(0o755)
    return os.environ | {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "SIWEN_STATE_DIR": str(theatre.settings.state_dir),
        # The page's reader has rehearsed once; on this stack others stand beside.
        "SIWEN_LEDGER": ledger,
        "SIWEN_LANG": "en",
        "LANG": "C.UTF-8",
        "LC_ALL": "C.UTF-8",
    }


def _breaking(text: str) -> str:
    script = re.search(r"<<'EOF'\n(.*?)^EOF$", blocks(text, "sh")[0], re.DOTALL | re.MULTILINE)
    assert script is not None
    return f"python - <<'EOF'\n{script[1]}EOF"


async def _typed(found: Sequence[Step], environment: dict[str, str], directory: Path) -> None:
    """Type commands one after the other, each with the exit status of the one before."""
    code = 0
    for step in found:
        if step.command.startswith("python -m venv"):
            continue
        process = await asyncio.create_subprocess_exec(
            "bash",
            "-c",
            f"(exit {code})\n{step.command}",
            cwd=directory,
            env=environment,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        told, _ = await process.communicate()
        assert step.is_shown_in(told.decode()), f"$ {step.command}\n{told.decode()}"
        assert "Traceback" not in told.decode(), told.decode()
        assert process.returncode is not None
        code = process.returncode

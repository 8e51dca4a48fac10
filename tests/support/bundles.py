"""Sealed and witnessed ledgers, their bundles, and the verifier run on them."""

import json
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from domain.terms.stream import StreamName
from ledger.audit.bundle import Wanted, export, pack
from ledger.log import log as stored
from ledger.log.note import Checkpoint, Kind, Note, Signer, cosigned
from tests.support.sealing import Desk
from verifier import verify

VERIFY = Path(verify.__file__)
AUDIT_OFFICE = Signer.of("audit.example", bytes(range(32)))


class Sealed:
    """A ledger with a sealer and an audit office that witnesses each checkpoint."""

    def __init__(self, pool: Any, directory: Path) -> None:
        self.pool = pool
        self.directory = directory
        self.desk = Desk(pool, directory)
        self.clock: Callable[[], float] = time.time
        self.key = AUDIT_OFFICE.verifier(Kind.COSIGNATURE)
        self._bundles = 0

    async def seal(self, *, heads: bool = False) -> Note:
        """Seal what waits, publish it and have it witnessed; return the published checkpoint."""
        sealer = self.desk.sealer()
        await sealer.round(heads=heads)
        await sealer.publish()
        await witness(self.pool, int(self.clock()))
        note = self.desk.folder.newest()
        assert note is not None
        return note

    async def settle(self) -> Note:
        """Seal all that waits with a list of heads, and return the published checkpoint."""
        return await self.seal(heads=True)

    def policy(self, *, quorum: str = "office") -> bytes:
        note = self.desk.folder.newest()
        assert note is not None
        log = self.desk.seal().signer(note.text.split("\n", 1)[0]).verifier()
        return f"log {log}\nwitness office {self.key}\nquorum {quorum}\n".encode()

    async def bundle(self, below: str | None = None, **wanted: Any) -> Path:
        """Export a bundle and return its directory."""
        self._bundles += 1
        target = self.directory / f"bundle-{self._bundles}"
        evidence = wanted.pop("store", None)
        name = StreamName(below) if below else None
        await export(self.pool, target, Wanted(name, **wanted), evidence=evidence)
        return target


async def witness(pool: Any, at: int) -> None:
    """Let the audit office sign the newest published checkpoint."""
    async with pool.acquire() as connection:
        log = await stored.current_log(connection)
        assert log is not None
        signed = await stored.newest(connection, log.number, published=True)
        assert signed is not None
    await cosign(pool, AUDIT_OFFICE, Note.parse(signed.note), at)


async def cosign(pool: Any, signer: Signer, note: Note, at: int | None = None) -> None:
    """Let somebody sign a checkpoint."""
    async with pool.acquire() as connection:
        log = await stored.current_log(connection)
        assert log is not None
        size = Checkpoint.parse(note.text).size
        signed = await stored.signed_at_size(connection, log.number, size)
        assert signed is not None
        line = cosigned(note.text, signer, int(time.time()) if at is None else at)
        key = signer.verifier(Kind.COSIGNATURE)
        await stored.keep_cosignature(connection, log, signed, line, key)


def check(bundle: Path, policy: bytes, **options: Any) -> verify.Report:
    return verify.verify(verify.Asked(bundle, policy, **options))


def codes(report: verify.Report) -> set[str]:
    return {f.code for f in report.failures}


def notes(report: verify.Report) -> set[str]:
    return {n.code for n in report.notes}


def changed(bundle: Path, name: str, change: Callable[[bytes], bytes]) -> Path:
    """Return a copy of a bundle with one file changed and the sums made good again."""
    other = bundle.with_name(f"{bundle.name}-changed")
    shutil.rmtree(other, ignore_errors=True)
    shutil.copytree(bundle, other)
    before = (other / name).read_bytes()
    after = change(before)
    assert after != before
    (other / name).write_bytes(after)
    return resummed(other)


def resummed(bundle: Path) -> Path:
    """Write the sums of a bundle anew, as whoever forges it would."""
    folder = sorted(p for p in bundle.rglob("*") if p.is_file() and p.name != "SHA256SUMS")
    done = subprocess.run(
        ["sha256sum", *(str(p.relative_to(bundle)) for p in folder)],
        cwd=bundle,
        check=True,
        capture_output=True,
    )
    (bundle / "SHA256SUMS").write_bytes(done.stdout)
    return bundle


def zipped(bundle: Path) -> Path:
    """Return a bundle as a .zip."""
    names = sorted(p.relative_to(bundle).as_posix() for p in bundle.rglob("*") if p.is_file())
    target = bundle.with_suffix(".zip")
    pack(bundle, names, target)
    return target


def run_alone(folder: Path, *arguments: str) -> tuple[int, dict[str, Any]]:
    """Run a copy of the verifier in an empty directory, with nothing of ours to be imported."""
    folder.mkdir(exist_ok=True)
    script = folder / "verify.py"
    script.write_bytes(VERIFY.read_bytes())
    done = subprocess.run(
        # -I: neither the environment nor the working directory lead to any of our modules.
        [sys.executable, "-I", str(script), "--json", *arguments],
        cwd=folder,
        capture_output=True,
        check=False,
    )
    assert not done.stderr, done.stderr.decode()
    return done.returncode, json.loads(done.stdout)

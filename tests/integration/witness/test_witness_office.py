"""A witness as an audit office runs it, a process of its own, asked by a real sealer."""

import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
import pytest

from interfaces.cli.main import run
from ledger.errors import LogFrozen
from ledger.log.cosigning import WitnessPublisher
from ledger.log.merkle import leaf_hash, root_of
from ledger.log.note import Checkpoint, Note, VerifierKey, signed
from ledger.log.opening import new_origin
from ledger.log.publish import COSIGNED
from ledger.log.telling import told
from ledger.log.witness import Inconsistent, NotTheLog, Question, UnknownLog
from tests.integration.ledger.test_log_sealer import desk, more, rewind
from tests.support.ledgers import Ledger
from tests.support.running import running, until
from tests.support.sealing import Desk, assert_sealed
from workers import running_worker
from workers.log.http import http_client
from workers.log.witnesses import HttpWitness

__all__ = ["desk"]
ROOT = Path(__file__).parents[3]
NAME = "audit.example/w1"
SERVE = (sys.executable, "-m", "interfaces.cli.main", "witness", "serve", "--json")


@dataclass
class Office:
    """A witness's directory, and its process while it runs."""

    directory: Path
    logs: Path
    address: str = "http://127.0.0.1:9"
    key: str = ""
    process: subprocess.Popen[str] | None = field(default=None, repr=False)

    def start(self) -> "Office":
        port = self.address.rpartition(":")[2] if self.key else "0"
        arguments = ("--dir", str(self.directory), "--logs", str(self.logs), "--port", port)
        self.process = subprocess.Popen(
            [*SERVE, "--name", NAME, *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            cwd=ROOT,
            env={k: v for k, v in os.environ.items() if not k.startswith("SIWEN_")},
        )
        assert self.process.stdout is not None
        said = ""
        while not said.endswith("}\n"):
            line = self.process.stdout.readline()
            assert line, said
            said += line
        found = json.loads(said)
        self.address, self.key = found["address"], found["key"]
        return self

    def stop(self, number: int = signal.SIGTERM) -> int:
        assert self.process is not None
        self.process.send_signal(number)
        code = self.process.wait(10)
        if self.process.stdout is not None:
            self.process.stdout.close()
        self.process = None
        return code

    @property
    def verifier(self) -> VerifierKey:
        return VerifierKey.parse(self.key)

    def witness(self, client: httpx2.AsyncClient) -> HttpWitness:
        return HttpWitness(client, self.address, self.verifier)


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    found = Office(tmp_path / "office", tmp_path / "logs")
    try:
        yield found
    finally:
        if found.process is not None:
            found.stop(signal.SIGKILL)


@pytest.fixture
async def known(city: Ledger, desk: Desk, office: Office) -> Office:
    """The log has begun, and its key was told to the office, which witnesses it."""
    await desk.sealer().settle()
    tell_key(desk, office)
    return office.start()


def tell_key(desk: Desk, office: Office) -> None:
    key = desk.seal().signer(desk.published().origin).verifier()
    office.logs.write_text(f"# told by telephone\nlog {key}\n")


@contextlib.asynccontextmanager
async def witnessed(desk: Desk, office: Office) -> Any:
    """Give a sealer that asks the office."""
    async with http_client() as client:
        witness = office.witness(client)
        publisher = WitnessPublisher(
            desk.pool,
            desk.folder,
            witness.key,
            witness.ask,
            recall=witness.recall,
            seal=desk.seal(),
        )
        yield desk.sealer(publisher)


async def cosigned_sizes(city: Ledger) -> list[int]:
    rows = await city.pool.fetch("SELECT size FROM ledger.cosignature ORDER BY size")
    return [r["size"] for r in rows]


async def settle(desk: Desk, office: Office) -> None:
    async with witnessed(desk, office) as sealer:
        await sealer.settle()


async def test_each_checkpoint_is_cosigned_and_published_with_it(
    city: Ledger, desk: Desk, known: Office
) -> None:
    sizes = []
    for _ in range(3):
        await more(city, 2)
        await settle(desk, known)
        sizes.append(desk.published().size)
    assert await cosigned_sizes(city) == sizes
    note = desk.folder.newest()
    assert note is not None
    assert note.cosigned_at(known.verifier) is not None
    await assert_sealed(city.pool, desk)


async def test_what_was_cosigned_last_stays_published_while_the_log_is_ahead(
    city: Ledger, desk: Desk, known: Office
) -> None:
    await settle(desk, known)
    first = desk.published()
    await more(city, 1)
    await desk.sealer().settle()
    cosigned = Note.parse((desk.directory / "published" / COSIGNED).read_bytes())
    assert Checkpoint.parse(cosigned.text) == first
    assert cosigned.cosigned_at(known.verifier) is not None
    # A witness that answers late takes nothing back, nor does one of a log that has ended.
    await desk.folder.add(cosigned)
    assert desk.published().size > first.size
    new = await new_origin(city.pool, desk.seal(), desk.folder)
    await desk.folder.add(cosigned)
    assert desk.published() == new


async def test_a_restart_of_the_witness_forgets_nothing(
    city: Ledger, desk: Desk, known: Office
) -> None:
    await settle(desk, known)
    first, key = desk.published().size, known.key
    for number in (signal.SIGKILL, signal.SIGTERM):
        code = known.stop(number)
        assert code == (0 if number == signal.SIGTERM else -signal.SIGKILL)
        known.start()
        assert known.key == key
        await more(city, 1)
        await settle(desk, known)
    assert len(await cosigned_sizes(city)) == 3
    assert (await cosigned_sizes(city))[0] == first


async def test_a_witness_that_is_down_delays_nothing_and_catches_up(
    city: Ledger, desk: Desk, known: Office
) -> None:
    await settle(desk, known)
    known.stop(signal.SIGKILL)
    await more(city, 2)
    await settle(desk, known)
    assert desk.published().size > (await cosigned_sizes(city))[-1]
    [state] = await told(city.pool)
    assert state.failures == 1
    assert "does not answer" in str(state.why)
    known.start()
    await more(city, 1)
    await settle(desk, known)
    assert (await cosigned_sizes(city))[-1] == desk.published().size
    [state] = await told(city.pool)
    assert (state.failures, state.why) == (0, None)


async def test_a_witness_that_lost_its_memory_of_our_cosignatures_is_answered_from_there(
    city: Ledger, desk: Desk, known: Office
) -> None:
    """The database was cut off before it kept the cosignature: the witness knows more than it."""
    await settle(desk, known)
    async with city.owner() as owner:
        await owner.execute("SET session_replication_role = replica")
        await owner.execute("DELETE FROM ledger.cosignature")
    await more(city, 1)
    await settle(desk, known)
    assert await cosigned_sizes(city) == [desk.published().size]


async def test_a_fork_is_refused_even_with_the_logs_own_key(
    city: Ledger, desk: Desk, known: Office
) -> None:
    await settle(desk, known)
    ours = desk.published()
    signer = desk.seal().signer(ours.origin)
    forged = [leaf_hash(b"%d" % n) for n in range(ours.size + 1)]

    def fork(size: int) -> Note:
        return signed(Checkpoint(ours.origin, size, root_of(forged[:size])), signer)

    async with http_client() as client:
        witness = known.witness(client)
        with pytest.raises(Inconsistent, match="evidence"):
            await witness.ask(Question(ours.size, (), fork(ours.size)))
        with pytest.raises(Inconsistent, match="evidence"):
            await witness.ask(Question(ours.size, (bytes(32),), fork(ours.size + 1)))
        stranger = desk.seal().signer("log.example/other")
        other = signed(Checkpoint("log.example/other", 1, bytes(32)), stranger)
        with pytest.raises(UnknownLog):
            await witness.ask(Question(0, (), other))
        with pytest.raises(NotTheLog):
            await witness.ask(Question(ours.size, (), Note(str(ours), (stranger_line(ours),))))
        kept = await witness.recall(ours.origin)
        assert kept is not None
        assert Checkpoint.parse(kept.text) == ours
        assert await witness.recall("log.example/other") is None


def stranger_line(checkpoint: Checkpoint) -> Any:
    from ledger.log.note import Signer

    return signed(checkpoint, Signer.of(checkpoint.origin, bytes(32))).signatures[0]


@pytest.mark.parametrize("later", [0, 2, 9])
async def test_a_rollback_that_nothing_here_remembers_is_stopped_by_the_witness(
    city: Ledger, desk: Desk, known: Office, later: int
) -> None:
    """Database, folder and memory go back together; the witness shows what was signed.

    Whether the other history is shorter, as long or longer by then.
    """
    await settle(desk, known)
    size = desk.published().size
    folder = desk.directory / "published"
    old_folder = {file.name: file.read_bytes() for file in folder.iterdir()}
    old_memory = (desk.directory / "seal" / "last-signed").read_bytes()
    await more(city, 5)
    await settle(desk, known)
    lost = desk.published()
    await rewind_all(city, size)
    async with city.owner() as owner:
        await owner.execute("DELETE FROM ledger.pending")
    for file in folder.iterdir():
        file.unlink()
    for name, content in old_folder.items():
        (folder / name).write_bytes(content)
    (desk.directory / "seal" / "last-signed").write_bytes(old_memory)
    await more(city, later)

    # Nothing here can tell: one round signs, the witness is asked, and that is the end of it.
    await settle(desk, known)
    [state] = await told(city.pool)
    assert "signed by us, and is not of this database" in str(state.why)
    with pytest.raises(LogFrozen, match=rf"{lost.size}.*new-origin"):
        await desk.sealer().round(heads=True)
    new = await new_origin(city.pool, desk.seal(), desk.folder, basis="沪府〔2026〕7号")
    cites = await city.pool.fetchval("SELECT cites FROM ledger.log WHERE origin = $1", new.origin)
    assert Checkpoint.parse(Note.parse(cites).text) == lost

    # The witness does not sign a log that nobody named to it.
    await settle(desk, known)
    [state] = await told(city.pool)
    assert "is not known here" in str(state.why)
    known.stop()
    tell_key(desk, known)
    known.start()
    await settle(desk, known)
    note = desk.folder.newest()
    assert note is not None
    assert note.cosigned_at(known.verifier) is not None


async def rewind_all(city: Ledger, size: int) -> None:
    async with city.owner() as owner:
        await owner.execute("SET session_replication_role = replica")
        await owner.execute("DELETE FROM ledger.cosignature WHERE size > $1", size)
    await rewind(city, size)


# --- what may come in from outside --------------------------------------------------------------


async def test_what_is_not_a_question_gets_a_plain_refusal(known: Office) -> None:
    async with http_client() as client:
        url = f"{known.address}/add-checkpoint"
        for body, status in ((b"", 400), (b"\xff", 400), (b"x" * 300_000, 413)):
            assert (await client.post(url, content=body)).status_code == status
        assert (await client.get(url)).status_code == 405
        assert (await client.get(f"{known.address}/checkpoint/../key")).status_code == 404
        for nobody in (f"checkpoint/{'0' * 64}", f"{'0' * 64}/checkpoint"):
            assert (await client.get(f"{known.address}/{nobody}")).status_code == 404


async def test_an_older_size_is_answered_with_the_size_that_was_signed(
    desk: Desk, known: Office
) -> None:
    """As C2SP tlog-witness wants it to the letter."""
    await settle(desk, known)
    note = desk.folder.newest()
    assert note is not None
    bare = Note(note.text, note.signatures[:1])
    async with http_client() as client:
        answer = await client.post(
            f"{known.address}/add-checkpoint", content=bytes(Question(0, (), bare))
        )
    assert answer.status_code == 409
    assert answer.headers["content-type"] == "text/x.tlog.size"
    assert answer.text == f"{desk.published().size}\n"


async def test_a_witness_that_cannot_keep_it_does_not_sign(desk: Desk, known: Office) -> None:
    for file in (known.directory / "signed").iterdir():
        file.unlink()
    (known.directory / "signed").rmdir()
    (known.directory / "signed").write_text("in the way")
    async with http_client() as client:
        note = desk.folder.newest()
        assert note is not None
        answer = await client.post(
            f"{known.address}/add-checkpoint", content=bytes(Question(0, (), note))
        )
    assert answer.status_code == 500
    assert "—" not in answer.text


# --- the command line ---------------------------------------------------------------------------


def siwen(*arguments: str) -> int:
    return run([*arguments, "--lang", "en"])


def test_the_key_is_made_on_first_use_under_a_name(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    where = ("--dir", str(tmp_path / "w"))
    assert siwen("witness", "key", *where) == 2
    assert "Give it a name with --name" in " ".join(capsys.readouterr().err.split())
    assert siwen("witness", "key", "--name", NAME, *where) == 0
    key = capsys.readouterr().out.strip()
    assert VerifierKey.parse(key).name == NAME
    assert siwen("witness", "key", *where) == 0
    assert capsys.readouterr().out.strip() == key
    assert siwen("witness", "key", "--name", "other.example", *where) == 1
    assert f"is called {NAME}" in " ".join(capsys.readouterr().err.split())
    assert siwen("witness", "key", "--name", "two words", "--dir", str(tmp_path / "v")) == 1
    assert not (tmp_path / "v").exists()


def test_serving_asks_for_a_log_and_a_free_port(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], office: Office, known: Office
) -> None:
    where = ("--name", NAME, "--dir", str(tmp_path / "w"))
    assert siwen("witness", "serve", *where) == 2
    assert "Give its public key with --log" in " ".join(capsys.readouterr().err.split())
    taken = known.address.rpartition(":")[2]
    assert siwen("witness", "serve", *where, "--logs", str(office.logs), "--port", taken) == 2
    assert "cannot be listened on" in " ".join(capsys.readouterr().err.split())
    for bad in ("nonsense", known.key):
        assert siwen("witness", "serve", *where, "--log", bad) == 1
        assert len(capsys.readouterr().err.strip().splitlines()) <= 3
    assert siwen("witness", "serve", *where, "--logs", str(tmp_path / "none")) == 1
    assert "none" in capsys.readouterr().err
    (tmp_path / "photo").write_bytes(b"\x89PNG\xff")
    assert siwen("witness", "serve", *where, "--logs", str(tmp_path / "photo")) == 1
    assert "not a text of keys" in " ".join(capsys.readouterr().err.split())


def test_a_witness_needs_no_database_and_no_engine() -> None:
    code = (
        "import sys, interfaces.witness.office, interfaces.witness.service; "
        "sys.exit(bool({'asyncpg', 'temporalio'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


async def test_a_worker_asks_the_witnesses_of_its_settings(ledger: Ledger, office: Office) -> None:
    """By the settings as an operator writes them."""
    async with running(ledger, seal=True) as worker:
        await worker.opened()

        async def published() -> bool:
            return bool(await ledger.count("ledger.checkpoint WHERE published_at IS NOT NULL"))

        await until(published, "published")
    key = await ledger.pool.fetchval("SELECT key FROM ledger.log")
    office.logs.write_text(f"{key}\n")
    office.start()
    asked = ledger.settings.model_copy(update={"witnesses": f"{office.address} {office.key}"})
    async with running_worker(asked, sweep=False, seal=True):

        async def cosigned() -> bool:
            file = asked.published / COSIGNED
            note = Note.parse(file.read_bytes()) if file.exists() else None
            return note is not None and note.cosigned_at(office.verifier) is not None

        await until(cosigned, "cosigned and published")
    assert await ledger.count("ledger.cosignature")

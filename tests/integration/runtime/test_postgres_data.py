"""The database's place and age: closed directories, missing, older and newer data, leftovers."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from interfaces.desk.operating.stack_errors import line
from runtime.embedded import ports, unprivileged
from runtime.embedded.child import identity, spawn
from runtime.embedded.on_demand import postgres_alone, postgres_only
from runtime.embedded.postgres_data import ENVIRONMENT, installation
from runtime.embedded.state import StateDir
from runtime.embedded.unprivileged import binaries, reaches, server_user
from runtime.errors import (
    DataClosed,
    DataMissing,
    DataNewer,
    DataOfAnother,
    DataOlder,
    DataTwice,
    ServerFailed,
    StackError,
    StateDirUnusable,
)
from runtime.settings import Settings, load_settings
from tests.integration.runtime.up import until

ROOT_ONLY = pytest.mark.skipif(os.geteuid() != 0, reason="only root runs PostgreSQL as another")


async def started(settings: Settings) -> Path:
    """Start and stop the database once; return where its data lie."""
    state = StateDir.open(settings.state_dir)
    async with postgres_alone(settings, state):
        pass
    pointer = state.path / "postgres.path"
    home = Path(pointer.read_text()) if pointer.exists() else state.path / "postgres"
    return home / "data"


@pytest.fixture
def common(open_dir: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Have a /var/lib/siwen of this test's own."""
    monkeypatch.setattr(unprivileged, "_COMMON", open_dir / "common")
    return open_dir / "common"


@pytest.fixture
def closed(open_dir: Path) -> Iterator[Path]:
    path = open_dir / "closed"
    path.mkdir(mode=0o700)
    yield path
    assert path.stat().st_mode & 0o777 == 0o700, "nobody's permissions are loosened"


@ROOT_ONLY
async def test_below_a_closed_directory_the_data_go_where_their_user_can_pass(
    closed: Path, common: Path
) -> None:
    settings = load_settings(state_dir=closed / "checkout" / ".siwen")

    data = await started(settings)

    assert data.is_relative_to(common)
    # and: they are found again, also by commands that only read
    async with postgres_only(settings) as url:
        assert url.endswith("/siwen_city")
    assert [path.name for path in common.iterdir()] == [data.parent.name]


@ROOT_ONLY
async def test_a_moved_state_directory_keeps_its_data_and_a_copy_is_refused(
    closed: Path, common: Path
) -> None:
    data = await started(load_settings(state_dir=closed / "first"))

    (closed / "first").rename(closed / "moved")
    assert await started(load_settings(state_dir=closed / "moved")) == data

    shutil.copytree(closed / "moved", closed / "copy")
    with pytest.raises(StateDirUnusable, match="it is a copy"):
        await started(load_settings(state_dir=closed / "copy"))


@ROOT_ONLY
async def test_what_a_temporary_state_directory_left_goes_with_the_next(
    closed: Path, common: Path
) -> None:
    gone = await started(load_settings(state_dir=closed / "gone"))
    shutil.rmtree(closed / "gone")
    kept = await started(load_settings(state_dir=closed / "kept"))

    assert not gone.exists()
    await started(load_settings(state_dir=closed / "third"))
    assert kept.exists()


@ROOT_ONLY
async def test_binaries_below_a_closed_directory_are_copied_once(
    open_dir: Path, closed: Path, common: Path
) -> None:
    # given: the environment where the database's user cannot pass, made under a strict umask
    user = server_user()
    assert user is not None
    package = installation().tree.parent
    for name in (package.name, f"{package.name}.libs"):
        shutil.copytree(
            package.parent / name,
            closed / name,
            symlinks=True,
            ignore=shutil.ignore_patterns("include"),
        )
    for path in closed.rglob("*"):
        if not path.is_symlink():
            path.chmod(0o700 if path.is_dir() or os.access(path, os.X_OK) else 0o600)

    # when
    tree = binaries(closed / package.name / "pginstall", user)

    # then
    assert tree.is_relative_to(common)
    assert reaches(user, tree / "bin" / "initdb")
    with (open_dir / "said").open("wb") as out:
        said = spawn([tree / "bin" / "pg_dump", "--version"], log=out, user=user)
    assert await said.wait() == 0
    inode = tree.stat().st_ino
    assert binaries(closed / package.name / "pginstall", user).stat().st_ino == inode


@ROOT_ONLY
async def test_a_common_directory_that_others_may_write_is_not_trusted(
    closed: Path, common: Path
) -> None:
    common.mkdir()
    common.chmod(0o777)

    with pytest.raises(StackError, match="can reach neither"):
        await started(load_settings(state_dir=closed / ".siwen"))


@ROOT_ONLY
async def test_data_are_found_again_whatever_was_closed_for_a_moment(
    open_dir: Path, common: Path
) -> None:
    settings = load_settings(state_dir=open_dir / "checkout" / ".siwen")
    data = await started(settings)

    (open_dir / "checkout").chmod(0o700)
    with pytest.raises(DataClosed, match=f"cannot pass {open_dir / 'checkout'}") as said:
        await started(settings)
    assert "restore" not in str(said.value)
    assert "chmod o+x" in line(said.value).zh
    # and: it left nothing behind that would shadow them
    assert not (settings.state_dir / "postgres.path").exists()
    assert not common.exists() or list(common.glob("state-*")) == []

    (open_dir / "checkout").chmod(0o711)
    assert await started(settings) == data


@ROOT_ONLY
async def test_data_that_an_earlier_release_left_in_the_shadow_are_found(
    open_dir: Path, common: Path
) -> None:
    """It had put down an empty place, and said from then on that the data were missing."""
    settings = load_settings(state_dir=open_dir / "checkout" / ".siwen")
    data = await started(settings)
    empty = common / f"state-{StateDir.open(settings.state_dir).marker.id}"
    empty.mkdir(parents=True)
    (settings.state_dir / "postgres.path").write_text(str(empty))

    assert await started(settings) == data
    assert not (settings.state_dir / "postgres.path").exists()


@ROOT_ONLY
async def test_data_in_the_common_place_are_found_without_the_file_that_names_it(
    closed: Path, common: Path
) -> None:
    settings = load_settings(state_dir=closed / ".siwen")
    data = await started(settings)
    (settings.state_dir / "postgres.path").unlink()
    # and: meanwhile its user may pass
    closed.chmod(0o711)
    try:
        assert await started(settings) == data
        assert (settings.state_dir / "postgres.path").read_text() == str(data.parent)
    finally:
        closed.chmod(0o700)


@ROOT_ONLY
async def test_of_two_databases_none_is_taken(open_dir: Path, common: Path) -> None:
    settings = load_settings(state_dir=open_dir / ".siwen")
    data = await started(settings)
    other = common / f"state-{StateDir.open(settings.state_dir).marker.id}"
    shutil.copytree(data.parent, other)

    with pytest.raises(DataTwice, match="two databases"):
        await started(settings)


@ROOT_ONLY
async def test_data_of_another_user_are_left_alone(open_dir: Path) -> None:
    settings = load_settings(state_dir=open_dir / ".siwen")
    data = await started(settings)
    os.chown(data, 12345, 12345)

    with pytest.raises(DataOfAnother, match="belong to 12345"):
        await started(settings)
    assert data.stat().st_uid == 12345


async def test_data_are_served_though_the_file_with_their_password_is_gone(
    settings: Settings,
) -> None:
    await started(settings)
    state = StateDir.open(settings.state_dir)
    (state.path / "postgres.password").unlink()

    async with postgres_alone(settings, state) as url:
        connection = await asyncpg.connect(f"{url}/postgres")
        assert await connection.fetchval("SELECT 1") == 1
        await connection.close()


async def test_before_it_speaks_of_a_backup_it_has_looked_everywhere(settings: Settings) -> None:
    data = await started(settings)
    state = StateDir.open(settings.state_dir)
    shutil.rmtree(data)

    with pytest.raises(DataMissing, match="only if it is lost for good") as said:
        await started(settings)

    assert {data.parent, *unprivileged.places(state)} == set(said.value.looked)
    assert all(str(place) in str(said.value) for place in said.value.looked)
    assert all(str(place) in line(said.value).zh for place in said.value.looked)


async def test_missing_data_are_not_made_anew(settings: Settings) -> None:
    data = await started(settings)
    data.rename(data.with_name("elsewhere"))

    with pytest.raises(DataMissing, match="siwen restore"):
        await started(settings)
    assert not data.exists()

    data.with_name("elsewhere").rename(data)
    assert await started(settings) == data


@pytest.mark.parametrize(
    ("version", "error", "word"),
    [("17", DataOlder, "siwen backup"), ("19", DataNewer, "newer release")],
)
async def test_data_of_another_major_version_say_what_to_do(
    settings: Settings, version: str, error: type[Exception], word: str
) -> None:
    data = await started(settings)
    (data / "PG_VERSION").write_text(f"{version}\n")

    with pytest.raises(error, match=word):
        await started(settings)


async def test_an_initialisation_cut_short_is_begun_again(settings: Settings) -> None:
    state = StateDir.open(settings.state_dir)
    half = state.path / "postgres" / "fresh-77" / "data"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18\n")

    data = await started(settings)

    assert sorted(path.name for path in data.parent.iterdir()) == ["data"]


async def test_a_lock_file_with_the_id_of_a_stranger_stops_nobody(settings: Settings) -> None:
    # given: after a crash, the server's process id belongs to somebody else, here to us
    data = await started(settings)
    lock = data / "postmaster.pid"
    lock.write_text(f"{os.getpid()}\n{data}\n1\n5432\n\n127.0.0.1\n")
    os.chown(lock, data.stat().st_uid, data.stat().st_gid)

    await started(settings)


async def test_a_server_left_behind_is_stopped_first(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given: a server whose supervisor is gone, as where there is no parent-death signal
    data = await started(settings)
    user = server_user()
    port = ports.choose(0, setting="")
    postgres = binaries(installation().tree, user) / "bin" / "postgres"
    left = spawn(
        [postgres, "-D", data, "-p", str(port), "-c", "unix_socket_directories="],
        log=subprocess.DEVNULL,
        environment=ENVIRONMENT,
        user=user,
    )
    await until(lambda: (data / "postmaster.pid").exists())
    monkeypatch.setattr("runtime.embedded.postgres._ENDS_BY_ITSELF", 0.5)

    # when
    await started(settings)

    # then
    assert identity(left.pid) is None
    assert left.exit_code == 0


async def test_a_server_that_cannot_start_says_its_last_words(settings: Settings) -> None:
    data = await started(settings)
    (data / "postgresql.auto.conf").write_text("no_such_setting = 1\n")

    with pytest.raises(ServerFailed, match="no_such_setting") as failed:
        await started(settings)

    assert str(settings.state_dir / "log" / "postgres.log") in str(failed.value)
    assert "\n" not in str(failed.value)

import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from runtime.embedded.child import identity
from runtime.embedded.state import MARKER, StackFacts, StateDir, running_stack
from runtime.errors import DataNewer, ForeignStateDir, NothingHere, StackError, StateDirUnusable


def facts(**changes: object) -> StackFacts:
    given = {
        "pid": os.getpid(),
        "started": identity(os.getpid()),
        "since": datetime.now(UTC),
        "purpose": "up",
        "database_server": "postgresql://siwen:x@127.0.0.1:5432",
        "temporal_address": "127.0.0.1:7233",
        "ui_address": None,
    }
    return StackFacts.model_validate(given | changes)


def test_a_new_directory_is_ours_from_then_on(tmp_path: Path) -> None:
    first = StateDir.open(tmp_path / "new" / ".siwen")

    assert StateDir.open(first.path).marker == first.marker


def test_an_empty_directory_is_taken(tmp_path: Path) -> None:
    assert StateDir.open(tmp_path).marker.postgres_major is None


def test_a_directory_with_other_things_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")

    with pytest.raises(ForeignStateDir, match="not made by siwen"):
        StateDir.open(tmp_path)

    assert [entry.name for entry in tmp_path.iterdir()] == ["thesis.txt"]


def test_what_a_start_that_was_cut_short_left_is_no_foreign_thing(tmp_path: Path) -> None:
    (tmp_path / f"{MARKER}.0123.77.new").write_text("{")

    StateDir.open(tmp_path)


@pytest.mark.parametrize("create", [True, False])
def test_a_file_in_the_place_of_the_directory_is_one_clear_line(
    tmp_path: Path, create: bool
) -> None:
    (tmp_path / "state").write_text("")

    with pytest.raises(StateDirUnusable, match="SIWEN_STATE_DIR") as refused:
        StateDir.open(tmp_path / "state", create=create)

    assert "\n" not in str(refused.value)


def test_a_read_only_directory_is_one_clear_line(tmp_path: Path) -> None:
    # given: a state directory that whoever opens it may not write to (root may write anywhere)
    tmp_path.chmod(0o755)
    state = tmp_path / "state"
    StateDir.open(state)
    state.chmod(0o555)
    (state / MARKER).chmod(0o444)
    program = (
        "import os, sys; from pathlib import Path; from runtime.embedded.state import StateDir;"
        "import runtime.errors as e\n"
        "if os.geteuid() == 0: os.setgid(65534); os.setuid(65534)\n"
        "try: StateDir.open(Path(sys.argv[1]))\n"
        "except e.StateDirUnusable as refused: print(refused)"
    )

    # when: relative, so that closed directories above the test's own do not matter
    said = subprocess.run(
        [sys.executable, "-c", program, "state"],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": os.getcwd()},
        capture_output=True,
        text=True,
        check=False,
    )

    assert "read-only" in said.stdout, said.stderr


def test_a_newer_format_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    StateDir.open(tmp_path)
    marker = json.loads((tmp_path / MARKER).read_text()) | {"format": 99, "novelty": True}
    (tmp_path / MARKER).write_text(json.dumps(marker))

    with pytest.raises(DataNewer, match="format 99"):
        StateDir.open(tmp_path)

    assert json.loads((tmp_path / MARKER).read_text()) == marker


@pytest.mark.parametrize("content", ["", "{", "[]", '{"format": "one"}', '{"format": 1}'])
def test_a_damaged_marker_is_named(tmp_path: Path, content: str) -> None:
    (tmp_path / MARKER).write_text(content)

    with pytest.raises(StateDirUnusable, match=MARKER):
        StateDir.open(tmp_path)


@pytest.mark.parametrize("name", [".", "nowhere"])
def test_reading_makes_no_directory(tmp_path: Path, name: str) -> None:
    with pytest.raises(NothingHere):
        StateDir.open(tmp_path / name, create=False)

    assert list(tmp_path.iterdir()) == []


def test_the_marker_remembers(tmp_path: Path) -> None:
    StateDir.open(tmp_path).mark(postgres_major=18)

    assert StateDir.open(tmp_path).marker.postgres_major == 18


def test_one_holder_at_a_time_and_the_next_learns_who(tmp_path: Path) -> None:
    state = StateDir.open(tmp_path)
    lock = state.try_lock("up")
    assert lock is not None
    with lock:
        assert StateDir.open(tmp_path).try_lock("reading") is None
        assert state.holder() == f"up, process {os.getpid()}"

    again = state.try_lock("reading")
    assert again is not None
    with again:
        pass


def test_a_killed_holder_holds_nothing(tmp_path: Path) -> None:
    program = (
        "import os, signal, sys; from pathlib import Path\n"
        "from runtime.embedded.state import StateDir\n"
        "lock = StateDir.open(Path(sys.argv[1])).try_lock('up'); assert lock\n"
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    subprocess.run(
        [sys.executable, "-c", program, tmp_path],
        env=os.environ | {"PYTHONPATH": os.getcwd()},
        check=False,
    )

    assert StateDir.open(tmp_path).try_lock("reading") is not None


def test_the_running_stack_is_found(tmp_path: Path) -> None:
    state = StateDir.open(tmp_path)
    state.write_facts(facts())

    found = running_stack(tmp_path)

    assert found is not None
    assert found.database_url("old-town").endswith(":5432/siwen_old_town")
    assert (tmp_path / "stack.json").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    "changes",
    [{"pid": None}, {"started": "another boot:17"}, {"pid": 2**22 + 1}],
    ids=["stopped in order", "id given to another process", "gone"],
)
def test_facts_of_a_stack_that_ended_are_stale(tmp_path: Path, changes: dict[str, object]) -> None:
    state = StateDir.open(tmp_path)
    state.write_facts(facts(**changes))

    assert running_stack(tmp_path) is None
    assert state.last_facts() is not None


@pytest.mark.parametrize("content", ["", "{}", "[1]", '{"pid": 1}'])
def test_facts_that_cannot_be_read_are_stale(tmp_path: Path, content: str) -> None:
    (tmp_path / "stack.json").write_text(content)

    assert running_stack(tmp_path) is None


def test_every_error_is_one_line_with_a_way_on() -> None:
    error = StackError("The first\nthing", "Do  that")

    assert str(error) == "The first thing. Do that."

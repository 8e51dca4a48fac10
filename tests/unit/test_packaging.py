"""What a clean machine relies on: locks that fit any index, and a wheel built without a network."""

import re
import subprocess
import sys
import zipfile
from importlib.metadata import entry_points, version
from pathlib import Path

import pytest

from tests.support.rooms import PYPROJECT, ROOMS, ROOT

LOCKS = ["requirements.lock", "deploy/requirements.lock", "deploy/build.lock"]

REQUIREMENT = re.compile(
    r"[a-z0-9][a-z0-9-]*==[^\s;]+( ; [^\\]+?)?( \\\n    --hash=sha256:[0-9a-f]{64})+"
)


def requirements(lock: str) -> list[str]:
    """Return each requirement of a lock with its hashes, without comments."""
    text = (ROOT / lock).read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    return [block for block in re.split(r"\n(?=\S)", "\n".join(lines)) if block]


@pytest.mark.parametrize("lock", LOCKS)
def test_every_locked_requirement_is_pinned_and_hashed(lock: str) -> None:
    blocks = requirements(lock)

    assert blocks
    for block in blocks:
        assert REQUIREMENT.fullmatch(block), block.splitlines()[0]


@pytest.mark.parametrize("lock", LOCKS)
def test_lock_names_no_index_no_link_and_no_path(lock: str) -> None:
    text = (ROOT / lock).read_text(encoding="utf-8")

    assert "://" not in text
    assert not re.search(r"^\s*-(?!-hash=)", text, re.MULTILINE), "an option line"
    assert not re.search(r"(^|[\s(])/", text, re.MULTILINE), "a path"
    assert not re.search(r"\b[\w-]+\.(com|org|net|io|cn|local|internal)\b", text), "a host"


def test_deployed_versions_are_the_tested_ones() -> None:
    def pins(lock: str) -> set[str]:
        return {re.split(r"[ \\]", block)[0] for block in requirements(lock)}

    assert pins("deploy/requirements.lock") <= pins("requirements.lock")
    assert pins("deploy/build.lock") <= pins("requirements.lock")


def test_every_dependency_is_locked() -> None:
    declared = [
        *PYPROJECT["project"]["dependencies"],
        *(r for r in PYPROJECT["dependency-groups"]["dev"] if isinstance(r, str)),
    ]
    names = {re.split(r"[\[<>=; ]", r)[0].lower() for r in declared}
    locked = {block.split("==")[0] for block in requirements("requirements.lock")}

    assert names <= locked


def test_installed_version_and_console_script_are_those_of_the_project() -> None:
    project = PYPROJECT["project"]

    assert version("siwen") == project["version"]
    (script,) = entry_points(group="console_scripts", name="siwen")
    assert script.value == project["scripts"]["siwen"] == "interfaces.cli.main:main"


def test_wheel_builds_from_the_lock_alone_and_carries_rooms_and_data(tmp_path: Path) -> None:
    # No isolated build environment, so nothing is fetched.
    built = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert built.returncode == 0, built.stderr
    (wheel,) = tmp_path.glob("siwen-*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    packaged = {name.split("/")[0] for name in names if ".dist-info/" not in name}
    assert packaged == set(ROOMS)
    for room in ROOMS:
        for file in (ROOT / room).rglob("*"):
            if file.suffix in {".sql", ".ftl", ".json", ".mo", ".po", ".py", ".yaml"}:
                assert file.relative_to(ROOT).as_posix() in names
    assert any(name.startswith("ledger/") and name.endswith(".sql") for name in names)
    assert any(name.endswith("licenses/LICENSE") for name in names)


def test_the_image_is_built_of_every_room() -> None:
    ignored = (ROOT / "deploy/Dockerfile.dockerignore").read_text(encoding="utf-8")

    taken = {line[1:] for line in ignored.splitlines() if line.startswith("!")}
    assert set(ROOMS) <= taken

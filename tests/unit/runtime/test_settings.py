import base64
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from interfaces.desk.operating.stack_errors import line
from runtime.errors import SettingsInvalid
from runtime.settings import load_settings, parse_keys


def test_a_ledger_is_one_database_one_namespace_and_one_evidence_directory(tmp_path: Path) -> None:
    settings = load_settings(state_dir=tmp_path, ledger="rehearsal-7")

    assert settings.database_name == "siwen_rehearsal_7"
    assert settings.namespace == "siwen-rehearsal-7"
    assert settings.evidence == tmp_path / "evidence" / "rehearsal-7"


def test_settings_come_from_the_environment_and_arguments_go_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SIWEN_LEDGER", "hangzhou")
    monkeypatch.setenv("SIWEN_LOG", "json")

    assert load_settings().ledger == "hangzhou"
    assert load_settings(ledger="liupu").ledger == "liupu"
    assert load_settings().log == "json"


def test_the_state_directory_is_absolute(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)

    assert load_settings().state_dir == tmp_path / ".siwen"


@pytest.mark.parametrize("name", ["", "City", "7th", "a_b", "四问", "a" * 42, "a/b", "city\n"])
def test_a_ledger_name_that_cannot_be_a_database_is_refused(name: str) -> None:
    with pytest.raises(SettingsInvalid, match="SIWEN_LEDGER"):
        load_settings(ledger=name)


@pytest.mark.parametrize(
    ("name", "value"),
    [("SIWEN_POSTGRES_PORT", "70000"), ("SIWEN_LOG", "xml"), ("SIWEN_CODEC_KEYS", "a:b")],
)
def test_a_bad_value_is_named_in_one_line(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)

    with pytest.raises(SettingsInvalid) as refused:
        load_settings()

    assert name in str(refused.value)
    assert "\n" not in str(refused.value)


def test_temporal_is_found_by_its_own_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEMPORAL_ADDRESS", "temporal.example:7233")
    monkeypatch.setenv("TEMPORAL_NAMESPACE", "district-{ledger}")

    settings = load_settings(ledger="fuyang")

    assert settings.temporal_address == "temporal.example:7233"
    assert settings.namespace == "district-fuyang"


def test_temporals_configuration_file_counts_only_when_it_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    # given: a file where Temporal's tools look by default, for another cluster
    default = tmp_path / "temporalio" / "temporal.toml"
    default.parent.mkdir()
    default.write_text('[profile.default]\naddress = "elsewhere:7233"\n')
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))

    assert load_settings().temporal_address is None

    monkeypatch.setenv("TEMPORAL_CONFIG_FILE", str(default))
    assert load_settings().temporal_address == "elsewhere:7233"


def test_an_external_database_url_takes_the_ledgers_name() -> None:
    settings = load_settings(database_url="postgresql://u:p@db/siwen_{ledger}", ledger="old-town")

    assert settings.external_database_url == "postgresql://u:p@db/siwen_old_town"


def test_each_ledger_has_a_seal_and_a_published_folder_of_its_own(tmp_path: Path) -> None:
    settings = load_settings(state_dir=tmp_path, publish_dir=tmp_path / "open" / "{ledger}")

    assert settings.for_ledger("old-town").published == tmp_path / "open" / "old-town"
    assert load_settings(state_dir=tmp_path).published == tmp_path / "published" / "city"
    assert settings.seal_dir == tmp_path / "seal" / "city"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SIWEN_LOG_KEY", "c2hvcnQ="),
        ("SIWEN_LOG_KEY", "not base64"),
        ("SIWEN_LOG_ORIGIN", "two words"),
        ("SIWEN_SEAL_MAX_DELAY", "0"),
    ],
)
def test_a_seal_that_cannot_be_used_is_named(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)

    with pytest.raises(SettingsInvalid, match=name):
        load_settings()


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("database_url", "postgresql://db/city"),
        ("temporal_namespace", "city"),
        ("evidence_dir", "/srv/evidence"),
        ("publish_dir", "/srv/checkpoints"),
    ],
)
def test_two_ledgers_never_share_what_is_named_outright(setting: str, value: str) -> None:
    settings = load_settings(**{setting: value})

    with pytest.raises(SettingsInvalid, match=r"\{ledger\}"):
        settings.for_ledger("rehearsal")


def test_another_ledger_keeps_the_other_settings(tmp_path: Path) -> None:
    settings = load_settings(state_dir=tmp_path, log="json").for_ledger("rehearsal")

    assert (settings.ledger, settings.log) == ("rehearsal", "json")
    assert settings.evidence == tmp_path / "evidence" / "rehearsal"


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"door": "a"}, "SIWEN_RECORDER_PASSWORD, SIWEN_SEALER_PASSWORD is missing"),
        ({"door": "a", "sealer": "b"}, "SIWEN_RECORDER_PASSWORD is missing"),
    ],
)
def test_every_part_has_a_password_or_none(
    monkeypatch: pytest.MonkeyPatch, given: dict[str, str], named: str
) -> None:
    monkeypatch.setenv("SIWEN_DATABASE_URL", "postgresql://db/city")
    for part, password in given.items():
        monkeypatch.setenv(f"SIWEN_{part.upper()}_PASSWORD", password)

    with pytest.raises(SettingsInvalid, match=named):
        load_settings()


def test_passwords_of_parts_are_for_a_server_elsewhere() -> None:
    passwords = {"recorder_password": "a", "door_password": "b", "sealer_password": "c"}

    with pytest.raises(SettingsInvalid, match="SIWEN_DATABASE_URL"):
        load_settings(**passwords)
    settings = load_settings(**passwords, database_url="postgresql://db/city")
    assert settings.part_passwords() == {"recorder": "a", "door": "b", "sealer": "c"}
    assert load_settings().part_passwords() == {}


def test_secrets_are_not_shown() -> None:
    key = base64.b64encode(bytes(32)).decode()
    settings = load_settings(codec_keys=f"k1:{key}", database_url="postgresql://u:hidden@db/x")

    assert key not in repr(settings)
    assert "hidden" not in repr(settings)


def test_a_child_process_reads_the_same_settings(tmp_path: Path) -> None:
    key = base64.b64encode(os.urandom(32)).decode()
    settings = load_settings(
        state_dir=tmp_path,
        ledger="liupu",
        temporal_address="127.0.0.1:7233",
        temporal_port=7301,
        codec_keys=f"k1:{key}",
    )

    said = subprocess.run(
        [
            sys.executable,
            "-c",
            "from runtime.settings import load_settings as l; s = l();"
            "print(s.state_dir, s.ledger, s.temporal_address, s.temporal_port, s.keys()[0][0])",
        ],
        env=settings.child_environment() | {"PYTHONPATH": os.getcwd()},
        capture_output=True,
        text=True,
        check=True,
    )

    assert said.stdout.split() == [str(tmp_path), "liupu", "127.0.0.1:7233", "7301", "k1"]


def test_keys_are_read_in_order() -> None:
    new, old = bytes(32), bytes(range(32))
    text = ",".join(f"{n}:{base64.b64encode(k).decode()}" for n, k in (("b", new), ("a", old)))

    assert parse_keys(text) == (("b", new), ("a", old))


@pytest.mark.parametrize("text", ["", "a", "a:", "a:AAAA", ":" + "A" * 43 + "=", "a:***"])
def test_a_key_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="entry 1"):
        parse_keys(text)


def test_an_empty_variable_means_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SIWEN_CODEC_KEYS", "SIWEN_LANG", "SIWEN_LOG"):
        monkeypatch.setenv(name, "")
    settings = load_settings()
    assert settings.keys() == ()
    assert settings.lang is None
    assert settings.log == "console"


CHINESE = re.compile("[\u4e00-\u9fff]")
PLAIN = re.compile(
    r"SIWEN_\w+|TEMPORAL_\w+|https?://\S*|whsec_|base64|ftp://\S*|\{ledger\}|w\.example"
)
"""What stands in a Chinese line as it is: names of settings, and forms to be typed."""
UNFIT: tuple[tuple[str, str], ...] = (
    ("SIWEN_LEDGER", "City"),
    ("SIWEN_LOG", "xml"),
    ("SIWEN_LANG", "fr"),
    ("SIWEN_POSTGRES_PORT", "70000"),
    ("SIWEN_UI_PORT", "-7"),
    ("SIWEN_STREAM_PLACES", "many"),
    ("SIWEN_SEAL_MAX_DELAY", "soon"),
    ("SIWEN_SEAL_HEADS_EVERY", "0"),
    ("SIWEN_CODEC_KEYS", "a:b"),
    ("SIWEN_LOG_KEY", "c2hvcnQ="),
    ("SIWEN_LOG_ORIGIN", "two words"),
    ("SIWEN_WITNESSES", "https://w.example"),
    ("SIWEN_WITNESSES", "https://w.example not-a-key"),
    ("SIWEN_CHECKPOINT_WEBHOOK", "https://a.example"),
    ("SIWEN_CHECKPOINT_WEBHOOK", "ftp://a.example"),
    ("SIWEN_CHECKPOINT_WEBHOOK_SECRET", "whsec_AAAA"),
    ("SIWEN_EVIDENCE_URL", "nowhere://bucket"),
    ("SIWEN_DOOR_PASSWORD", "a"),
)


@pytest.mark.parametrize(("name", "value"), UNFIT)
def test_a_setting_that_cannot_be_used_is_said_in_both_languages(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsInvalid) as refused:
        load_settings()
    said = line(refused.value)
    assert CHINESE.search(said.zh)
    assert not CHINESE.search(said.en)
    words = re.findall("[A-Za-z]{2,}", PLAIN.sub("", said.zh))
    assert not {*words} - {"xml", "zh", "en", "console", "json"}, said.zh


def test_settings_that_two_ledgers_would_share_are_said_in_both_languages() -> None:
    with pytest.raises(SettingsInvalid) as refused:
        load_settings(publish_dir="/srv/checkpoints").for_ledger("rehearsal")
    assert "只给账本 city 用" in line(refused.value).zh

"""What can be set from outside: where state lives, which servers serve, how it speaks.

Every setting is read from the environment with the prefix `SIWEN_`; Temporal's own come from its
environment configuration (`TEMPORAL_ADDRESS`, `TEMPORAL_NAMESPACE`, `TEMPORAL_TLS…`, and a
configuration file when `TEMPORAL_CONFIG_FILE` or `TEMPORAL_PROFILE` names one). A file that
merely lies at Temporal's default place is not read: `siwen up` on a developer's machine must not
end up on another cluster because of it.
"""

from __future__ import annotations

import base64
import binascii
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from domain.terms.complaint import complaint
from domain.terms.value import Text, Unfit
from ledger.evidence.files import ObjectFiles
from runtime.errors import SettingsInvalid

if TYPE_CHECKING:
    from temporalio.envconfig import ClientConfigProfile

    from ledger.log.note import VerifierKey

LEDGER_PATTERN = re.compile(r"[a-z][a-z0-9-]{0,40}")
ORIGIN_PATTERN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,199}")
PLACEHOLDER = "{ledger}"
REHEARSAL = "rehearsal-"
"""What the name of a rehearsal's ledger begins with, and no other's."""
STREAM_PLACES = 8
"""Below the ten updates in flight that Temporal's servers take on one workflow by default."""

PART_PASSWORDS = {part: f"{part}_password" for part in ("recorder", "door", "sealer")}
"""The setting of each part's password (`runtime/parts.py`)."""


def temporal_profile() -> ClientConfigProfile:
    """Return Temporal's environment configuration (address, namespace, TLS, API key)."""
    # Imported here: the SDK takes 0.2 s, which commands without Temporal need not spend.
    from temporalio.envconfig import ClientConfigProfile

    named = bool(os.environ.get("TEMPORAL_CONFIG_FILE") or os.environ.get("TEMPORAL_PROFILE"))
    return ClientConfigProfile.load(disable_file=not named)


class TemporalEnvironment(PydanticBaseSettingsSource):
    """Feed address and namespace of Temporal's environment configuration into the settings."""

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        """Return nothing per field; `__call__` gives both at once."""
        return None, field_name, False

    def __call__(self) -> dict[str, Any]:
        """Return what Temporal's environment configuration sets."""
        if not any(name.startswith("TEMPORAL_") for name in os.environ):
            return {}
        profile = temporal_profile()
        found = {"temporal_address": profile.address, "temporal_namespace": profile.namespace}
        return {name: value for name, value in found.items() if value}


class Settings(BaseSettings):
    """The settings of one process, frozen once read."""

    model_config = SettingsConfigDict(
        env_prefix="SIWEN_",
        # What compose passes on unset is empty, and means the default.
        env_ignore_empty=True,
        frozen=True,
        extra="ignore",
    )

    state_dir: Path = Path(".siwen")
    ledger: str = "city"
    database_url: SecretStr | None = None
    recorder_password: SecretStr | None = None
    door_password: SecretStr | None = None
    sealer_password: SecretStr | None = None
    """With these the parts log in at `database_url` as `siwen_recorder`, `siwen_door` and
    `siwen_sealer`; without, all as whoever it names."""
    temporal_address: str | None = None
    temporal_namespace: str | None = None
    evidence_dir: Path | None = None
    evidence_url: str | None = None
    """An object store for evidence in the place of the directory; its keys come from the
    provider's own environment."""
    publish_dir: Path | None = None
    """Where signed checkpoints of the log go, for anybody to read."""
    log_key: SecretStr | None = None
    """The log's private key, 32 bytes in base64; by default one in the state directory."""
    log_origin: str = "siwen"
    """What the names of this city's logs begin with: a domain of its own, best."""
    seal_max_delay: float = Field(default=5.0, gt=0)
    """Seconds after which an event that is not sealed yet raises the alarm."""
    seal_heads_every: float = Field(default=600.0, gt=0)
    """Seconds between two lists of heads in the log."""
    witnesses: str | None = None
    """`URL KEY, URL KEY`: who is asked to cosign each checkpoint, with its verifier key."""
    checkpoint_webhook: str | None = None
    """A URL that is told of each checkpoint, as Standard Webhooks says."""
    checkpoint_webhook_secret: SecretStr | None = None
    """The secret shared with it: `whsec_` and base64."""
    log: Literal["console", "json"] = "console"
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    lang: Literal["zh", "en"] | None = None
    postgres_port: int = Field(default=0, ge=0, le=65535)
    temporal_port: int = Field(default=0, ge=0, le=65535)
    ui_port: int = Field(default=0, ge=-1, le=65535)
    """0: any free port; -1: no web page of Temporal."""
    stream_places: int | None = Field(default=None, ge=0)
    """How many commands may be under way at once on one stream, over all processes; 0: any number.
    A Temporal that is not ours takes ten updates on a workflow unless its limit was raised."""
    codec_keys: SecretStr | None = None
    """`id:base64,id:base64`; the first encrypts, all decrypt; 32 bytes each."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Take arguments first, then the environment, then Temporal's own."""
        return init_settings, env_settings, TemporalEnvironment(settings_cls)

    @field_validator("state_dir", "evidence_dir", "publish_dir")
    @classmethod
    def _absolute(cls, path: Path | None) -> Path | None:
        # Child processes and later commands may run in another directory.
        return None if path is None else path.expanduser().absolute()

    @field_validator("ledger")
    @classmethod
    def _ledger_name(cls, name: str) -> str:
        if not LEDGER_PATTERN.fullmatch(name):
            raise _unfit(
                "账本的名称只用小写字母、数字和 -，以字母开头，最多 41 个",
                "a ledger's name is a-z, 0-9 and -, starts with a letter, 41 at most",
            )
        return name

    @field_validator("evidence_url")
    @classmethod
    def _evidence_store_is_known(cls, url: str | None) -> str | None:
        if url is not None:
            try:
                ObjectFiles.at(url.replace(PLACEHOLDER, "ledger"))
            except ValueError as error:
                raise _unfit("不是能用的对象存储地址", str(error)) from error
        return url

    @field_validator("log_key")
    @classmethod
    def _log_key_parses(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            parse_log_key(value.get_secret_value())
        return value

    @field_validator("log_origin")
    @classmethod
    def _origin_is_one_word(cls, name: str) -> str:
        if not ORIGIN_PATTERN.fullmatch(name):
            raise _unfit(
                "日志的名称是一个域名加路径：只用字母、数字和 .-_/",
                "a log's name is a domain and a path: letters, digits and .-_/",
            )
        return name

    @field_validator("witnesses")
    @classmethod
    def _witnesses_parse(cls, value: str | None) -> str | None:
        if value is not None:
            parse_witnesses(value)
        return value

    @field_validator("checkpoint_webhook")
    @classmethod
    def _webhook_is_a_url(cls, value: str | None) -> str | None:
        return None if value is None else http_url(value)

    @field_validator("checkpoint_webhook_secret")
    @classmethod
    def _secret_parses(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            parse_webhook_secret(value.get_secret_value())
        return value

    @model_validator(mode="after")
    def _webhook_has_a_secret(self) -> Settings:
        if self.checkpoint_webhook is not None and self.checkpoint_webhook_secret is None:
            raise _unfit(
                "设了 SIWEN_CHECKPOINT_WEBHOOK，还要设 SIWEN_CHECKPOINT_WEBHOOK_SECRET："
                "whsec_ 加 24 至 64 个随机字节的 base64，并告知接收方",
                "SIWEN_CHECKPOINT_WEBHOOK needs SIWEN_CHECKPOINT_WEBHOOK_SECRET: "
                "whsec_ and 24 to 64 random bytes in base64, told to the receiver too",
            )
        return self

    @model_validator(mode="after")
    def _every_part_logs_in(self) -> Settings:
        missing = [variable(name) for name in PART_PASSWORDS.values() if not getattr(self, name)]
        if len(missing) not in (0, len(PART_PASSWORDS)):
            raise _unfit(
                f"缺少 {'、'.join(missing)}：每个部分都设密码，或者都不设",
                f"{', '.join(missing)} is missing: set a password for each part, or for none",
            )
        if not missing and self.database_url is None:
            raise _unfit(
                "各部分的密码是给 SIWEN_DATABASE_URL 所指的服务器用的：请设它，"
                "或者不设密码（内置的服务器有自己的）",
                "passwords of parts are for the server that SIWEN_DATABASE_URL names: set it, or "
                "leave them out (the embedded server has its own)",
            )
        return self

    @field_validator("codec_keys")
    @classmethod
    def _keys_parse(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            parse_keys(value.get_secret_value())
        return value

    @property
    def database_name(self) -> str:
        """Return the name of this ledger's database on the embedded server."""
        return database_name(self.ledger)

    @property
    def rehearsal(self) -> bool:
        """Return whether this ledger is a rehearsal: its name says so, and no row can."""
        return is_rehearsal(self.ledger)

    @property
    def namespace(self) -> str:
        """Return the Temporal namespace of this ledger."""
        if self.temporal_namespace is None:
            return f"siwen-{self.ledger}"
        return self.temporal_namespace.replace(PLACEHOLDER, self.ledger)

    @property
    def evidence(self) -> Path:
        """Return the directory of this ledger's evidence files."""
        if self.evidence_dir is None:
            return self.state_dir / "evidence" / self.ledger
        return Path(str(self.evidence_dir).replace(PLACEHOLDER, self.ledger))

    @property
    def evidence_place(self) -> Path | str:
        """Return where this ledger's evidence lies: the URL of an object store, or a directory."""
        if self.evidence_url is None:
            return self.evidence
        return self.evidence_url.replace(PLACEHOLDER, self.ledger)

    @property
    def published(self) -> Path:
        """Return the directory of this ledger's published checkpoints."""
        if self.publish_dir is None:
            return self.state_dir / "published" / self.ledger
        return Path(str(self.publish_dir).replace(PLACEHOLDER, self.ledger))

    @property
    def erasure_journal(self) -> Path:
        """Return the file that knows, outside the database, what was erased."""
        return self.seal_dir / "erasures"

    @property
    def seal_dir(self) -> Path:
        """Return the directory of the log's key and of what it signed last."""
        return self.state_dir / "seal" / self.ledger

    @property
    def external_database_url(self) -> str | None:
        """Return the URL of this ledger's database on a server that is not ours, if set."""
        if self.database_url is None:
            return None
        return self.database_url.get_secret_value().replace(
            PLACEHOLDER, self.ledger.replace("-", "_")
        )

    def part_passwords(self) -> dict[str, str]:
        """Return the passwords with which the parts log in, by part; none where none are set."""
        found = {part: getattr(self, name) for part, name in PART_PASSWORDS.items()}
        return {part: value.get_secret_value() for part, value in found.items() if value}

    @property
    def places(self) -> int:
        """Return how many commands may be under way at once on one stream; 0 is any number."""
        if self.stream_places is not None:
            return self.stream_places
        return 0 if self.temporal_address is None else STREAM_PLACES

    def keys(self) -> tuple[tuple[str, bytes], ...]:
        """Return the payload keys, the encrypting one first; empty when none are set."""
        return () if self.codec_keys is None else parse_keys(self.codec_keys.get_secret_value())

    def witness_list(self) -> tuple[tuple[str, VerifierKey], ...]:
        """Return the URL and the key of each witness that is asked."""
        return () if self.witnesses is None else parse_witnesses(self.witnesses)

    def for_ledger(self, name: str) -> Settings:
        """Return the same settings for another ledger.

        Raises `SettingsInvalid` when a setting names one database, namespace or evidence
        directory outright, so that two ledgers would share it.
        """
        if name == self.ledger:
            return self
        url = self.database_url.get_secret_value() if self.database_url else None
        for setting, value in (
            ("SIWEN_DATABASE_URL", url),
            ("TEMPORAL_NAMESPACE", self.temporal_namespace),
            ("SIWEN_EVIDENCE_DIR", str(self.evidence_dir) if self.evidence_dir else None),
            ("SIWEN_EVIDENCE_URL", self.evidence_url),
            ("SIWEN_PUBLISH_DIR", str(self.publish_dir) if self.publish_dir else None),
        ):
            if value is not None and PLACEHOLDER not in value:
                raise SettingsInvalid(
                    Text(
                        zh=f"{setting} 只给账本 {self.ledger} 用，要的却是 {name}",
                        en=f"{setting} serves the ledger {self.ledger} alone, and {name} was "
                        "asked for",
                    ),
                    Text(
                        zh=f"请在 {setting} 里该写账本名称的地方写 {PLACEHOLDER}",
                        en=f"Write {PLACEHOLDER} into {setting}, where the ledger's name goes",
                    ),
                )
        return load_settings(**{**self.model_dump(exclude_unset=True), "ledger": name})

    def child_environment(self) -> dict[str, str]:
        """Return the environment with which a child process reads these same settings."""
        environment = dict(os.environ)
        for name, value in self.model_dump(exclude_none=True).items():
            text = value.get_secret_value() if isinstance(value, SecretStr) else str(value)
            environment[variable(name)] = text
        return environment


def _unfit(zh: str, en: str) -> Unfit:
    """Return the error of a validator, in both languages."""
    return Unfit(zh=zh, en=en)


def variable(setting: str) -> str:
    """Return the environment variable that sets a setting."""
    shared_with_temporal = ("temporal_address", "temporal_namespace")
    return setting.upper() if setting in shared_with_temporal else f"SIWEN_{setting.upper()}"


def is_rehearsal(ledger: str) -> bool:
    """Return whether the ledger of a name is a rehearsal."""
    return ledger.startswith(REHEARSAL)


def database_name(ledger: str) -> str:
    """Return the database that holds a ledger on the embedded server."""
    return "siwen_" + ledger.replace("-", "_")


def parse_keys(text: str) -> tuple[tuple[str, bytes], ...]:
    """Read `id:base64,id:base64` into ids and keys of 32 bytes.

    Raises `ValueError` naming the entry that cannot be used.
    """
    keys: dict[str, bytes] = {}
    for number, entry in enumerate(text.split(","), start=1):
        key_id, _, encoded = entry.strip().partition(":")
        try:
            key = base64.b64decode(encoded, validate=True)
        except binascii.Error:
            key = b""
        if not key_id or key_id in keys or len(key) != 32:
            raise _unfit(
                f"第 {number} 项不是新的编号、冒号和 32 个字节的 base64",
                f"entry {number} is not a new id, a colon and 32 bytes in base64",
            )
        keys[key_id] = key
    return tuple(keys.items())


def parse_witnesses(text: str) -> tuple[tuple[str, VerifierKey], ...]:
    """Read `URL KEY, URL KEY` into addresses and verifier keys of witnesses.

    Raises `ValueError` naming the entry that cannot be used.
    """
    # Imported here: cryptography takes time that commands without witnesses need not spend.
    from ledger.errors import BadNote
    from ledger.log.note import Kind, VerifierKey

    found: dict[str, tuple[str, VerifierKey]] = {}
    for number, entry in enumerate(text.split(","), start=1):
        url, _, key_text = entry.strip().partition(" ")
        try:
            key = VerifierKey.parse(key_text.strip())
        except BadNote as error:
            raise _unfit(
                f"第 {number} 项不是网址、空格和公钥",
                f"entry {number} is not a URL, a space and a key: {error}",
            ) from None
        if key.kind is not Kind.COSIGNATURE:
            raise _unfit(
                f"第 {number} 项：{key.name} 是日志的公钥，不是见证人的",
                f"entry {number}: {key.name} is the key of a log, not of a witness",
            )
        if key.name in found:
            raise _unfit(
                f"第 {number} 项：已有见证人 {key.name}",
                f"entry {number}: there is another witness {key.name}",
            )
        if any(other.public == key.public for _, other in found.values()):
            raise _unfit(
                f"第 {number} 项：{key.name} 用的是另一见证人的公钥",
                f"entry {number}: {key.name} has the key of another witness",
            )
        found[key.name] = (http_url(url), key)
    return tuple(found.values())


def http_url(text: str) -> str:
    """Return an address that can be asked over HTTP.

    Raises `ValueError`.
    """
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise _unfit(
            f"不是 https://host/path 这样的地址：{text[:100]}",
            f"not an address of the form https://host/path: {text[:100]}",
        )
    return text


def parse_webhook_secret(text: str) -> bytes:
    """Read a webhook's secret.

    Raises `ValueError`.
    """
    try:
        secret = base64.b64decode(text.removeprefix("whsec_"), validate=True)
    except binascii.Error:
        secret = b""
    if not 24 <= len(secret) <= 64:
        raise _unfit(
            "通知的密钥是 whsec_ 加 24 至 64 个字节的 base64",
            "a webhook's secret is whsec_ and 24 to 64 bytes in base64",
        )
    return secret


def parse_log_key(text: str) -> bytes:
    """Read the log's private key.

    Raises `ValueError`.
    """
    try:
        key = base64.b64decode(text.strip(), validate=True)
    except binascii.Error:
        key = b""
    if len(key) != 32:
        raise _unfit("日志的密钥是 32 个字节的 base64", "the log's key is 32 bytes in base64")
    return key


def load_settings(**values: Any) -> Settings:
    """Read the settings; arguments go before the environment.

    Raises `SettingsInvalid` naming the first setting that cannot be used.
    """
    try:
        return Settings(**values)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        what = complaint(first)
        named = variable(str(first["loc"][0])) if first["loc"] else None
        raise SettingsInvalid(
            Text(
                zh=f"{named or '有一项设置'} 不能用：{what.zh}",
                en=f"{named or 'A setting'} cannot be used: {what.en}",
            ),
            Text(
                zh="请在环境变量或命令行中改正",
                en="Correct it in the environment or on the command line",
            ),
        ) from None

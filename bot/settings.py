"""Settings from the environment and `.env`: only what two deployments would set differently."""

import difflib
import os
import re
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, get_args

from dotenv import dotenv_values
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    ValidationInfo,
    model_validator,
)
from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from bot.secret_files import read_secrets
from models.vault import VaultError, parse_keys

ENV_FILE = Path(".env")

_PLACEHOLDER = re.compile(r"[…<>*]|\.{2,}|your[-_ ]|change[-_ ]?me|placeholder|[-=]x{4,}", re.IGNORECASE)
_SHORTEST_SECRET = 16
_NEARLY = 0.85
_PREFIXES = ("SLACK_", "CADENCE_", "DATABASE_", "HTTP_", "LOG_", "METRICS_", "HEARTBEAT_", "PUBLIC_", "KEEP_")


class SettingsError(Exception):
    """The settings do not work: `problems` holds one sentence for each thing to mend."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class Mode(StrEnum):
    """How Slack reaches us. `auto` = Socket Mode if there is an app token, else HTTP."""

    AUTO = "auto"
    SOCKET = "socket"
    HTTP = "http"


class LogFormat(StrEnum):
    """Lines for people, or one JSON object a line."""

    CONSOLE = "console"
    JSON = "json"


class LogLevel(StrEnum):
    """The least important line that is written."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


def _secret(starts_with: str) -> AfterValidator:
    def check(value: SecretStr | None) -> SecretStr | None:
        text = value.get_secret_value().strip() if value else ""
        if value is None or (not text and starts_with != "xoxb-"):
            return None
        if not text.startswith(starts_with) or _PLACEHOLDER.search(text):
            raise ValueError(f"is not a real token: it starts with {starts_with} and is copied from the app's page")
        return SecretStr(text)

    return AfterValidator(check)


def _signing(value: SecretStr | None) -> SecretStr | None:
    secrets = [part.strip() for part in value.get_secret_value().split(",")] if value else []
    secrets = [secret for secret in secrets if secret]
    if any(len(secret) < _SHORTEST_SECRET or _PLACEHOLDER.search(secret) for secret in secrets):
        raise ValueError("is not a real signing secret: copy it from Basic Information on the app's page")
    return SecretStr(",".join(secrets)) if secrets else None


def _client_secret(value: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
    text = value.get_secret_value().strip() if value else ""
    if not info.data.get("slack_client_id"):
        return None
    if info.data.get("slack_bot_token"):
        raise ValueError("cannot be: set SLACK_BOT_TOKEN (one workspace) or SLACK_CLIENT_ID (many), not both")
    if len(text) < _SHORTEST_SECRET or _PLACEHOLDER.search(text):
        raise ValueError("is not a real client secret: copy it from Basic Information on the app's page")
    return SecretStr(text)


def _public_url(value: str, info: ValidationInfo) -> str:
    if not info.data.get("slack_client_id"):
        return value.rstrip("/")
    if not re.fullmatch(r"https://[^\s/?#]+(/[^\s?#]*)?|http://(127\.0\.0\.1|localhost)(:\d+)?", value.rstrip("/")):
        raise ValueError("must be an https address such as https://cadence.example.com")
    return value.rstrip("/")


def _mode(value: Mode, info: ValidationInfo) -> Mode:
    if value is Mode.SOCKET and info.data.get("slack_app_token", ...) is None:
        raise ValueError("is socket, but SLACK_APP_TOKEN is not set")
    by_http = value is Mode.HTTP or (value is Mode.AUTO and info.data.get("slack_app_token", ...) is None)
    if by_http and info.data.get("slack_signing_secret", ...) is None:
        raise ValueError("cannot work: set SLACK_APP_TOKEN (Socket Mode) or SLACK_SIGNING_SECRET (HTTP)")
    return value


def _api_url(value: str) -> str:
    if not re.fullmatch(r"https?://[^\s/]+(/\S*)?", value):
        raise ValueError("must be an address such as https://slack.com/api/")
    return value if value.endswith("/") else value + "/"


def _database(value: SecretStr) -> SecretStr:
    try:
        backend = make_url(value.get_secret_value()).get_backend_name()
    except ArgumentError as error:
        raise ValueError("is not an address of a database") from error
    if backend not in {"sqlite", "postgres", "postgresql"}:
        raise ValueError("must begin with sqlite:/// or postgresql://")
    return value


def _heartbeat(value: SecretStr | None) -> SecretStr | None:
    if value is not None and not re.fullmatch(r"https?://[^\s/@]+(/\S*)?", value.get_secret_value()):
        raise ValueError("must be an address that begins with https:// or http://")
    return value


def _keys(value: SecretStr) -> SecretStr:
    try:
        parse_keys(value.get_secret_value())
    except VaultError as error:
        raise ValueError(f"cannot be used: {error}") from error
    return value


class Settings(BaseModel):
    """Every setting, in the order of `.env.example`. Built from the environment by `load`, or by hand for the demo."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    slack_bot_token: Annotated[SecretStr | None, _secret("xoxb-")] = Field(
        description="Bot token (xoxb-...): OAuth & Permissions on the app's page."
    )
    slack_app_token: Annotated[SecretStr | None, _secret("xapp-")] = Field(
        default=None, description="App-level token (xapp-...) with connections:write, for Socket Mode."
    )
    slack_signing_secret: Annotated[SecretStr | None, AfterValidator(_signing)] = Field(
        default=None, description="Signing secret, for HTTP. Several, separated by commas, while it is being changed."
    )
    slack_mode: Annotated[Mode, AfterValidator(_mode)] = Field(
        default=Mode.AUTO, validate_default=True, description="auto, socket or http. auto = socket with an app token."
    )
    slack_api_url: Annotated[str, AfterValidator(_api_url)] = Field(
        default="https://slack.com/api/", description="Where Slack's Web API is; other Slack-compatible servers work."
    )
    slack_client_id: str = Field(
        default="", description="Instead of SLACK_BOT_TOKEN, to serve many workspaces: Basic Information > Client ID."
    )
    slack_client_secret: Annotated[SecretStr | None, AfterValidator(_client_secret)] = Field(
        default=None, validate_default=True, description="Client Secret, beside the Client ID."
    )
    public_url: Annotated[str, AfterValidator(_public_url)] = Field(
        default="",
        validate_default=True,
        description="With a Client ID: where browsers reach us. The redirect URL is this plus /slack/oauth_redirect.",
    )
    database_url: Annotated[SecretStr, AfterValidator(_database)] = Field(
        default=SecretStr("sqlite:///cadence.db"),
        description="sqlite:///file.db or postgresql://user:password@host/name.",
    )
    cadence_keys: Annotated[SecretStr, AfterValidator(_keys)] = Field(
        description="Keys that seal what people write, name:key. The first seals, all open. Losing them loses the text."
    )
    http_host: str = Field(default="127.0.0.1", description="Address of the web server: health, and Slack over HTTP.")
    http_port: int = Field(default=3000, ge=0, le=65535, description="Its port; 0 takes any free one.")
    metrics_token: SecretStr | None = Field(
        default=None, description="Who may read /metrics from another machine sends it as a bearer token."
    )
    heartbeat_url: Annotated[SecretStr | None, AfterValidator(_heartbeat)] = Field(
        default=None,
        description="Address called after every clean look of the auditor: a dead man's switch.",
    )
    keep_deliveries_days: int = Field(
        default=30,
        ge=1,
        le=36_500,
        description="Days for which edits of messages and Homes are kept once they are done.",
    )
    keep_activity_days: int = Field(
        default=730, ge=30, le=36_500, description="Days for which the log of who changed what is kept."
    )
    log_format: LogFormat = Field(default=LogFormat.CONSOLE, description="console or json.")
    log_level: LogLevel = Field(default=LogLevel.INFO, description="debug, info, warning or error.")

    @model_validator(mode="before")
    @classmethod
    def _needs_no_token(cls, data: Any) -> Any:
        """Where workspaces install the app themselves there is no token to set."""
        if isinstance(data, dict) and data.get("slack_client_id"):
            return {"slack_bot_token": None} | data
        return data

    @property
    def uses_socket(self) -> bool:
        """Whether requests come by Socket Mode; otherwise they come signed over HTTP."""
        return self.slack_mode is Mode.SOCKET or (self.slack_mode is Mode.AUTO and self.slack_app_token is not None)

    @property
    def serves_many(self) -> bool:
        """Whether workspaces install the app themselves; otherwise it serves the one of the bot token."""
        return bool(self.slack_client_id)

    @property
    def signing_secrets(self) -> tuple[bytes, ...]:
        """The accepted signing secrets, newest first."""
        return tuple(part.encode() for part in _plain(self.slack_signing_secret).split(",") if part)


class _Environment(Settings, BaseSettings):
    """The same, filled from the environment first and `.env` second."""

    model_config = SettingsConfigDict(env_ignore_empty=True, extra="ignore", frozen=True, hide_input_in_errors=True)


def load(env_file: Path | None = ENV_FILE) -> Settings:
    """The settings of the environment and `env_file`. Raises SettingsError with everything that is wrong at once.

    A secret may stand in a file of its own, named by `NAME_FILE`.
    """
    secrets, problems = read_secrets(secret_names(), env_file)
    try:
        found = _Environment(_env_file=env_file, _env_file_encoding="utf-8", **secrets)
    except ValidationError as error:
        problems += [_sentence(problem) for problem in error.errors(include_input=False)]
    if problems:
        raise SettingsError(tuple(problems)) from None
    return found


def secret_names() -> tuple[str, ...]:
    """The settings whose value nobody else may see."""
    fields = Settings.model_fields.items()
    return tuple(name for name, field in fields if SecretStr in (field.annotation, *get_args(field.annotation)))


def unknown_keys(env_file: Path = ENV_FILE) -> tuple[str, ...]:
    """A sentence for every key of `env_file` that looks like a setting of ours but is none, with the nearest name.

    In the environment, which is full of others' names, only what is nearly one of ours is told.
    """
    known = [name.upper() for name in Settings.model_fields] + [f"{name.upper()}_FILE" for name in secret_names()]
    sentences = []
    for key in dotenv_values(env_file) if env_file.is_file() else {}:
        if key.upper() in known or not key.upper().startswith(_PREFIXES):
            continue
        near = difflib.get_close_matches(key.upper(), known, n=1)
        sentences.append(f"{key} in {env_file} is not a setting." + (f" Is {near[0]} meant?" if near else ""))
    for key in sorted(os.environ):
        near = difflib.get_close_matches(key.upper(), known, n=1, cutoff=_NEARLY)
        if near and key.upper() not in known and key.upper().startswith(_PREFIXES):
            sentences.append(f"{key} in the environment is not a setting. Is {near[0]} meant?")
    return tuple(sentences)


def _sentence(problem: Any) -> str:
    text = str(problem["msg"]).removeprefix("Value error, ")
    name = str(problem["loc"][0])
    meaning = Settings.model_fields[name].description if name in Settings.model_fields else ""
    if problem["type"] == "missing":
        text = "is not set"
    elif problem["type"] != "value_error":
        text = f"is wrong: {text[:1].lower()}{text[1:]}"
    hint = "" if text.endswith(".env.") else " `cadence init` writes one into .env." if name == "cadence_keys" else ""
    return f"{name.upper()} {text}{'' if text.endswith('.') else '.'} {meaning}{hint}".strip()


def _plain(secret: SecretStr | None) -> str:
    return secret.get_secret_value() if secret else ""

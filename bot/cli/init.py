"""`cadence init`."""

import os
import re
from pathlib import Path

import click
from dotenv import dotenv_values
from pydantic import SecretStr

from bot.cli.desk import Desk, pass_desk
from bot.manifest import manifest
from bot.settings import Settings, SettingsError, load
from models.vault import new_key

_NEXT = """
Next:
  1. Make the Slack app: api.slack.com/apps > Create New App > From a manifest, and paste
     what stands above between the lines.{tokens}
  2. Invite the bot into the shared channel (and the in-house one): /invite @cadence
  3. Describe the engagement in a file: start from examples/minimal.yaml, then
     cadence engagement apply FILE
     Or leave this out, and set it up in Slack once the bot runs: /cadence setup in the shared channel
  4. cadence doctor    says what is missing and how to mend it
  5. cadence run
Keep a copy of CADENCE_KEYS where backups are: without it nobody can read what people wrote."""

_TOKENS = """ Install it and put into {path}:
     SLACK_BOT_TOKEN  (xoxb-..., from OAuth & Permissions)
     SLACK_APP_TOKEN  (xapp-..., from Basic Information > App-Level Tokens, with connections:write)"""


@click.command(short_help="Write .env, and get the manifest of the Slack app.")
@click.option("--bot-token", envvar="SLACK_BOT_TOKEN", help="xoxb-..., if you have it already.")
@click.option("--app-token", envvar="SLACK_APP_TOKEN", help="xapp-..., for Socket Mode.")
@click.option("--signing-secret", envvar="SLACK_SIGNING_SECRET", help="For HTTP instead of Socket Mode.")
@click.option("--database-url", envvar="DATABASE_URL", help="Default: a SQLite file beside .env.")
@click.option("--non-interactive", is_flag=True, help="Ask nothing; what is not given stays empty.")
@click.option("--force", is_flag=True, help="Overwrite an existing file without asking. Its keys are kept.")
@pass_desk
def init(
    desk: Desk,
    bot_token: str | None,
    app_token: str | None,
    signing_secret: str | None,
    database_url: str | None,
    non_interactive: bool,
    force: bool,
) -> None:
    """Write .env with a new key, and print the manifest of the Slack app and what to do next.

    \b
    Examples:
      cadence init
      cadence init --non-interactive
      cadence --env-file /etc/cadence.env init
    """
    path = desk.env_file
    if path.exists() and not force:
        _ask_to_overwrite(path, may_ask=not non_interactive)
    kept = {name: value for name, value in dotenv_values(path).items() if value} if path.exists() else {}
    given = {
        "SLACK_BOT_TOKEN": bot_token,
        "SLACK_APP_TOKEN": app_token,
        "SLACK_SIGNING_SECRET": signing_secret,
        "DATABASE_URL": database_url,
    }
    values = kept | {name: value for name, value in given.items() if value}
    if not non_interactive:
        values |= _asked(values)
    values.setdefault("CADENCE_KEYS", f"k1:{new_key()}")
    _write(path, env_text(values))
    _report(path, kept)


def _ask_to_overwrite(path: Path, *, may_ask: bool) -> None:
    if not may_ask:
        raise click.UsageError(f"{path} exists. Use --force to overwrite it; its keys are kept.")
    click.confirm(f"{path} exists. Overwrite it? Its keys are kept.", abort=True)


def env_text(values: dict[str, str]) -> str:
    """The text of an `.env` with these values and the defaults, in the order of the settings."""
    parts = ["# Names in the environment win over this file. Keep it to yourself: it holds secrets."]
    for name, setting in Settings.model_fields.items():
        default = "" if setting.is_required() or setting.default is None else setting.default
        shown = default.get_secret_value() if isinstance(default, SecretStr) else str(default)
        parts.append(f"# {setting.description}\n{name.upper()}={_quoted(values.get(name.upper(), shown))}")
    return "\n\n".join(parts) + "\n"


def _quoted(value: str) -> str:
    """A value as `.env` files hold it: in quotes where a character would mean something else."""
    if not re.search(r"[\s#'\"$\\`]", value):
        return value
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def _asked(values: dict[str, str]) -> dict[str, str]:
    click.echo("Leave a token empty if you do not have it yet; put it into the file later.")
    found = {}
    for name, words in (("SLACK_BOT_TOKEN", "Bot token (xoxb-...)"), ("SLACK_APP_TOKEN", "App token (xapp-...)")):
        if name not in values:
            found[name] = click.prompt(words, default="", hide_input=True, show_default=False).strip()
    return {name: value for name, value in found.items() if value}


def _write(path: Path, text: str) -> None:
    """Readable by the owner alone from the first moment on; an existing file is replaced in one step."""
    fresh = path.with_name(f"{path.name}.new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
    fresh.replace(path)


def _report(path: Path, kept: dict[str, str]) -> None:
    line = "-" * 78
    click.echo(f"{line}\n{manifest()[0].rstrip()}\n{line}")
    key = "The keys that were there are kept" if "CADENCE_KEYS" in kept else "A new key was made"
    click.echo(f"{path} is written, readable by you alone. {key}.")
    try:
        load(path)
        tokens = ""
    except SettingsError:
        tokens = _TOKENS.format(path=path)
    click.echo(_NEXT.format(tokens=tokens))

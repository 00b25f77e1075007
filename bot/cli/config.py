"""`cadence config`: can the settings be used, and what are they?"""

import click
from pydantic import SecretStr
from sqlalchemy.engine import make_url

from bot.cli.desk import Desk, pass_desk
from bot.settings import Settings, unknown_keys


@click.group(short_help="Check and show the settings.")
def config() -> None:
    """Check and show the settings, from the environment and .env."""


@config.command()
@pass_desk
def check(desk: Desk) -> None:
    """Say whether the settings can be used; everything that is wrong at once. Nothing is opened.

    \b
    Example:
      cadence config check
    """
    desk.settings()
    for warning in unknown_keys(desk.env_file):
        click.echo(f"Warning: {warning}", err=True)
    click.echo("The settings can be used.")


@config.command()
@pass_desk
def show(desk: Desk) -> None:
    """Show every setting as it is in force. Secrets are masked.

    \b
    Example:
      cadence config show
    """
    settings = desk.settings()
    for name in Settings.model_fields:
        click.echo(f"{name.upper()}={_shown(name, getattr(settings, name))}")


def _shown(name: str, value: object) -> str:
    if name == "database_url" and isinstance(value, SecretStr):
        return make_url(value.get_secret_value()).render_as_string(hide_password=True)
    if isinstance(value, SecretStr):
        return "(set)" if value.get_secret_value() else ""
    return "" if value is None else str(value)

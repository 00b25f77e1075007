"""`cadence run`."""

import asyncio

import click

from bot.app import build
from bot.cli.desk import Desk, pass_desk
from bot.settings import unknown_keys


@click.command(epilog="Stop it with Ctrl-C or SIGTERM: what was begun is finished first.")
@pass_desk
def run(desk: Desk) -> None:
    """Run the bot: migrate, connect to Slack, keep the rhythm.

    Any number may run on one PostgreSQL; with SQLite run one.

    \b
    Example:
      cadence run
    """
    settings = desk.settings()
    for warning in unknown_keys(desk.env_file):
        click.echo(f"Warning: {warning}", err=True)
    asyncio.run(build(settings).run())

"""`cadence run`."""

import asyncio

import click

from bot.app import Roles, build
from bot.cli.desk import Desk, pass_desk
from bot.settings import unknown_keys


@click.command(epilog="Stop it with Ctrl-C or SIGTERM: what was begun is finished first.")
@click.option("--no-socket", is_flag=True, help="Take no requests of Slack, neither by Socket Mode nor over HTTP.")
@click.option("--no-scheduler", is_flag=True, help="Do not do what falls due.")
@click.option("--no-delivery", is_flag=True, help="Do not post what waits.")
@pass_desk
def run(desk: Desk, no_socket: bool, no_scheduler: bool, no_delivery: bool) -> None:
    """Run the bot: migrate, connect to Slack, keep the rhythm.

    Any number may run on one PostgreSQL; with SQLite run one. Each may leave something to the others.

    \b
    Example:
      cadence run
      cadence run --no-socket --no-delivery
    """
    settings = desk.settings()
    for warning in unknown_keys(desk.env_file):
        click.echo(f"Warning: {warning}", err=True)
    roles = Roles(takes_requests=not no_socket, advances=not no_scheduler, delivers=not no_delivery)
    asyncio.run(build(settings, roles=roles).run())

"""`cadence next` and `cadence tick`: look ahead, and the heartbeat by hand."""

import asyncio
import json
from contextlib import suppress

import click

from bot.cli.desk import Desk, pass_desk
from bot.delivery import messages
from bot.delivery.dispatcher import Dispatcher
from bot.line import Line
from bot.rounds import Rounds
from bot.served import served
from bot.settings import Settings
from bot.slack_errors import SlackFailure
from models.calendars.local_time import local_clock
from models.clock import SystemClock
from models.db import Database
from models.shared_clock import MOST
from scheduler.agenda import Item, agenda
from scheduler.due import DueQueue
from scheduler.steps import STEPS

_SHOWN = 100


@click.command("next", short_help="Show what happens next, and when.")
@click.option("--limit", type=click.IntRange(1, 1000), default=10, show_default=True, help="How many lines.")
@click.option("--json", "as_json", is_flag=True, help="As JSON, one list.")
@pass_desk
def next_(desk: Desk, limit: int, as_json: bool) -> None:
    """Show what happens next and when, in the people's own time and in UTC.

    \b
    Examples:
      cadence next
      cadence next --limit 50 --json
    """
    with desk.database() as db:
        items = agenda(db, DueQueue(db, STEPS), limit)
        now = db.clock.now()
    if as_json:
        click.echo(json.dumps([_plain(item) for item in items], indent=2, ensure_ascii=False))
        return
    if not items:
        click.echo("Nothing is due. Is an engagement set up, and does the bot run?")
    for item in items:
        local = local_clock(item.at, item.zone)
        late = "  overdue" if item.at < now else ""
        click.echo(f"{local:%a %d %b %H:%M} {item.zone}  ({item.at:%H:%M} UTC)  {item.engagement}: {item.what}{late}")
        if item.error:
            click.echo(f"    failed {item.failures} times: {item.error}")


@click.command(
    short_help="Do once what is due, and send what waits.",
    epilog="Harmless beside a running bot: each step and each message is taken by one of them.",
)
@pass_desk
def tick(desk: Desk) -> None:
    """Do once what the running bot does all the time: what is due, then what waits to be sent.

    For a machine where only cron may run, and for looking closely. Nothing is done while this machine's clock is more
    than ten minutes away from Slack's.

    \b
    Example:
      cadence tick
    """
    asyncio.run(_agree(desk.settings()))
    with desk.database() as db:
        queue = DueQueue(db, STEPS)
        for item in agenda(db, queue, _SHOWN):
            if item.at <= db.clock.now():
                click.echo(f"{item.engagement}: {item.what}")
        steps = queue.run()
        sent = asyncio.run(_deliver(desk.settings(), db))
    click.echo(f"{_counted(steps, 'step')} done, {_counted(sent, 'message')} sent.")


def _counted(number: int, thing: str) -> str:
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


async def _agree(settings: Settings) -> None:
    """With a clock that is days ahead, check-ins would close that nobody has answered yet. Raises ClickException."""
    line, told = Line(settings.slack_api_url), None
    with suppress(SlackFailure):
        told = await line.time()
    await line.close()
    if told is not None and abs(SystemClock().now() - told) > MOST:
        raise click.ClickException("This machine's clock is not Slack's: nothing was done. See `cadence doctor`.")


async def _deliver(settings: Settings, db: Database) -> int:
    async with served(settings, db, SystemClock()) as found:
        await Rounds(db, found.tenants, SystemClock(), found.only).run()
        dispatcher = Dispatcher(db, found.tenants.door, messages.render, SystemClock(), workspace_id=found.only)
        return await dispatcher.drain()


def _plain(item: Item) -> dict[str, object]:
    return {
        "at": item.at.isoformat(),
        "local": local_clock(item.at, item.zone).isoformat(),
        "zone": item.zone,
        "engagement": item.engagement,
        "what": item.what,
        "failures": item.failures,
        "error": item.error,
    }

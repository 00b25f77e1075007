"""`cadence next` and `cadence tick`: the heartbeat by hand."""

import json

import click

from bot.cli.desk import Desk, pass_desk
from models.calendars.local_time import local_clock
from scheduler.agenda import Item, agenda
from scheduler.due import DueQueue
from scheduler.steps import STEPS


@click.command("next")
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

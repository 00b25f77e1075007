"""`cadence export`."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import click

from bot.cli.desk import Desk, engagement_by_key, pass_desk
from models.access import SYSTEM, Side
from models.exports import files
from models.exports.files import Format
from models.exports.queries import COLUMNS, Table, records
from models.exports.rules import BEGINNING, END, Record, Wanted

_DAY = click.DateTime(["%Y-%m-%d"])
_REPORT_EVERY = 5000


@click.command(
    short_help="Write what was said as tables: CSV or JSON.",
    epilog="Texts that a spreadsheet might take for a formula get an apostrophe before them.",
)
@click.argument("key")
@click.option("--from", "first", type=_DAY, help="First local date (2026-11-01). Default: the beginning.")
@click.option("--to", "last", type=_DAY, help="Last local date, included. Default: the end.")
@click.option(
    "--what",
    type=click.Choice([*(table.value for table in Table), "all"]),
    default="all",
    show_default=True,
    help="Which table.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice([form.value for form in Format]),
    default="csv",
    show_default=True,
    help="How.",
)
@click.option("--side", type=click.Choice([side.value for side in Side]), help="Only this side.")
@click.option("--person", metavar="U…", help="Only this person, by Slack id.")
@click.option("--workspace", metavar="T…", help="Slack workspace, where there are several.")
@click.option(
    "-o",
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path(),
    show_default=True,
    help="Folder to write to; made if it is not there.",
)
@pass_desk
def export(
    desk: Desk,
    key: str,
    first: datetime | None,
    last: datetime | None,
    what: str,
    form: str,
    side: str | None,
    person: str | None,
    workspace: str | None,
    output: Path,
) -> None:
    """Write what was said, promised and in the way in the engagement KEY as tables.

    Responses are chosen by the check-in's date, commitments by the date first promised, blockers by the date
    they were raised, questions by the date they were asked. Files are named KEY-TABLE.csv and overwritten.

    \b
    Examples:
      cadence export acme-support
      cadence export acme-support --what commitments --from 2026-11-01 --to 2026-11-30 -o november
      cadence export acme-support --side vendor --format json
    """
    wanted = Wanted(
        first=first.date() if first else BEGINNING,
        last=last.date() if last else END,
        side=Side(side) if side else None,
        slack_user_id=person,
    )
    if wanted.last < wanted.first:
        raise click.UsageError("--to lies before --from.")
    output.mkdir(parents=True, exist_ok=True)
    tables = list(Table) if what == "all" else [Table(what)]
    with desk.database() as db, db.snapshot() as connection, db.within(connection, SYSTEM) as tx:
        engagement = engagement_by_key(tx, key, workspace)
        for table in tables:
            path = output / f"{engagement.key}-{table}.{form}"
            found = _reported(records(tx, table, engagement, wanted), table)
            count = files.write(path, Format(form), COLUMNS[table], found)
            click.echo(f"{path}: {count} {'record' if count == 1 else 'records'}")


def _reported(found: Iterator[Record], table: Table) -> Iterator[Record]:
    """The same, with a word on standard error from time to time."""
    for number, record in enumerate(found, 1):
        if number % _REPORT_EVERY == 0:
            click.echo(f"{table}: {number} so far …", err=True)
        yield record

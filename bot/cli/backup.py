"""`cadence backup` and `cadence restore`."""

from pathlib import Path

import click
from sqlalchemy.exc import DBAPIError

from bot.cli.desk import Desk, opened, pass_desk
from models import schema
from models.access import SYSTEM
from models.clock import SystemClock
from models.marks import service as marks
from models.upkeep import backups
from models.upkeep.backups import Content
from models.vault import Vault, parse_keys


@click.command(short_help="Write a sealed backup while everything runs.")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--quiet", is_flag=True, help="Do not tell how far it is.")
@pass_desk
def backup(desk: Desk, file: Path, quiet: bool) -> None:
    """Write a backup of the whole database into FILE, while the bot runs.

    It shows one moment, is sealed with the first key of CADENCE_KEYS, and is readable into SQLite and PostgreSQL.
    Keep CADENCE_KEYS somewhere else: without that key it is worth nothing.

    \b
    Examples:
      cadence backup cadence-$(date +%F).backup
      cadence restore --verify cadence-$(date +%F).backup
    """
    with desk.database() as db:
        content = backups.write(db, file, _told(quiet=quiet))
        with db.transaction(SYSTEM) as tx:
            marks.set_mark(tx, marks.BACKUP, rows=content.total, bytes=file.stat().st_size)
    click.echo(f"{file}: {content.total} rows, {file.stat().st_size // 1024 + 1} KB. {_meaning(content)}")


@click.command(short_help="Read a backup back, or only prove that it can be.")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--verify", is_flag=True, help="Only restore it into a database of its own, and throw that away.")
@click.option("--quiet", is_flag=True, help="Do not tell how far it is.")
@pass_desk
def restore(desk: Desk, file: Path, verify: bool, quiet: bool) -> None:
    """Bring a backup into the empty database that DATABASE_URL names; or prove with --verify that it could be.

    Every row is read back and compared. It all happens in one transaction: killed in the middle, it has not happened.
    What waited to be posted is looked for in Slack before it is sent.

    \b
    Examples:
      cadence restore --verify cadence-2026-11-27.backup
      DATABASE_URL=sqlite:///new.db cadence restore cadence-2026-11-27.backup
    """
    settings = desk.settings()
    if verify:
        vault = Vault(parse_keys(settings.cadence_keys.get_secret_value()))
        content = backups.verify(file, vault, SystemClock(), _told(quiet=quiet))
        _remember_drill(desk, content)
        click.echo(f"{file} can be restored: {content.total} rows. {_meaning(content)}")
        return
    with opened(settings) as db:
        content = backups.restore(db, file, _told(quiet=quiet))
    click.echo(f"Restored {content.total} rows. {_meaning(content)}")
    click.echo("Next: cadence doctor, then cadence run.")


def _told(*, quiet: bool) -> backups.Progress:
    def progress(table: str, rows: int) -> None:
        if not quiet:
            click.echo(f"  {table}: {rows}", err=True)

    return progress


def _remember_drill(desk: Desk, content: Content) -> None:
    """A drill on another machine, without the database, is as good: there is just nowhere to write it down."""
    try:
        with desk.database() as db, db.transaction(SYSTEM) as tx:
            marks.set_mark(tx, marks.DRILL, rows=content.total, made_at=content.made_at.isoformat())
    except (schema.SchemaError, DBAPIError):
        click.echo("There is no database here to remember it in.", err=True)


def _meaning(content: Content) -> str:
    return f"It shows {content.made_at:%a %d %b %Y %H:%M:%S} UTC, at revision {content.revision}."

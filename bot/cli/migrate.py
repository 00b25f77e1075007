"""`cadence migrate`."""

import click

from bot.cli.desk import Desk, opened, pass_desk
from models import schema
from models.db import Database


@click.command(epilog="`cadence run` does the same when it starts.")
@click.option("--check", is_flag=True, help="Only say whether there is something to do (then the exit code is 1).")
@click.option("--plan", is_flag=True, help="Only list the steps that would be done.")
@pass_desk
def migrate(desk: Desk, check: bool, plan: bool) -> None:
    """Bring the database to the present schema.

    Everything happens in one transaction and under a lock, so several may start at once. An existing SQLite
    file is copied first.

    \b
    Examples:
      cadence migrate
      cadence migrate --check
      cadence migrate --plan
    """
    with opened(desk.settings()) as db:
        if check:
            schema.require_current(db)
            click.echo(f"The database is at revision {schema.state(db).current}: nothing to do.")
            return
        if plan:
            _show_plan(db)
            return
        done = schema.upgrade(db)
    if done.before == done.after:
        click.echo(f"The database is at revision {done.after}: nothing to do.")
        return
    click.echo(f"The database went from {done.before or 'empty'} to revision {done.after}.")
    if done.backup:
        click.echo(f"The former state is kept in {done.backup}.")


def _show_plan(db: Database) -> None:
    steps = schema.plan(db)
    for revision, title in steps:
        click.echo(f"{revision}  {title}")
    if not steps:
        click.echo("Nothing to do.")
    elif db.is_sqlite and schema.state(db).current:
        click.echo("The file is copied first.")
    elif schema.state(db).current:
        click.echo("Make a backup first: cadence backup FILE, with the version that runs now.")

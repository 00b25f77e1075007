"""`cadence engagement apply | export | list`."""

from pathlib import Path

import click

from bot.cli.desk import Desk, engagement_by_key, pass_desk, workspace_of
from bot.settings import SettingsError
from models.access import SYSTEM
from models.engagements.queries import crew, engagements_of
from models.setup import service, stored
from models.setup.file import EngagementFile
from models.setup.plan import Plan
from models.setup.reading import read
from models.setup.writing import write

_WORKSPACE = click.option("--workspace", metavar="T…", help="Slack workspace, where there are several.")


@click.group(short_help="Set up who works with whom, from a file.")
def engagement() -> None:
    """Set up who works with whom: apply, export and list engagements.

    An engagement is described in one YAML file: the two sides, their people, holidays, cadences and questions.
    """


@engagement.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--check", is_flag=True, help="Check the file and show what would change; change nothing.")
@click.option("--yes", is_flag=True, help="Change it without asking.")
@pass_desk
def apply(desk: Desk, file: Path, check: bool, yes: bool) -> None:
    """Bring an engagement to what FILE says.

    Shows what would change, asks, and changes it in one transaction. Applying it again changes nothing. What a
    file no longer names rests: people leave the roster, cadences stop; what was said stays.

    \b
    Examples:
      cadence engagement apply examples/minimal.yaml --check
      cadence engagement apply acme.yaml
      cadence engagement apply acme.yaml --yes
    """
    wanted = read(file.read_bytes(), str(file))
    if check and not _has_settings(desk):
        click.echo(f"{file} is right. (Without settings it cannot be compared with what is stored.)")
        return
    workspace_id, plan = _plan(desk, wanted)
    click.echo("\n".join(plan.lines()))
    if plan.is_empty or check:
        return
    if not yes:
        click.confirm("Change it so?", abort=True)
    with desk.database() as db, db.transaction(SYSTEM) as tx:
        service.apply(tx, workspace_id, wanted, plan)
    click.echo("Done. The next check-ins are laid down within seconds while the bot runs.")


def _has_settings(desk: Desk) -> bool:
    try:
        desk.settings()
    except SettingsError:
        return False
    return True


def _plan(desk: Desk, wanted: EngagementFile) -> tuple[str, Plan]:
    with desk.database(may_create=True) as db, db.read(SYSTEM) as tx:
        workspace_id = workspace_of(tx, wanted.workspace, desk.settings())
        return workspace_id, service.plan(tx, workspace_id, wanted)


@engagement.command()
@click.argument("key")
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="Write to this file.")
@click.option("--force", is_flag=True, help="Overwrite the file if it exists.")
@_WORKSPACE
@pass_desk
def export(desk: Desk, key: str, output: Path | None, force: bool, workspace: str | None) -> None:
    """Write the engagement KEY as a file that `apply` reads back without loss.

    \b
    Examples:
      cadence engagement export acme-support
      cadence engagement export acme-support -o acme.yaml
    """
    with desk.database() as db, db.read(SYSTEM) as tx:
        text = write(stored.as_file(tx, engagement_by_key(tx, key, workspace)))
    if output is None:
        click.echo(text, nl=False)
        return
    if output.exists() and not force:
        raise click.UsageError(f"{output} exists. Use --force to overwrite it.")
    output.write_text(text, encoding="utf-8")
    click.echo(f"Written to {output}.")


@engagement.command("list")
@pass_desk
def list_(desk: Desk) -> None:
    """List the engagements: key, state, parties, people.

    \b
    Example:
      cadence engagement list
    """
    with desk.database() as db, db.read(SYSTEM) as tx:
        rows = [(row, len(crew(tx, row.workspace_id, row.id).active())) for row in engagements_of(tx)]
    if not rows:
        click.echo("There is no engagement yet. `cadence engagement apply FILE` makes one, or /cadence setup in Slack.")
    for row, people in rows:
        click.echo(f"{row.key}  {row.state}  {row.company} and {row.vendor}  {people} people  {row.workspace_id}")
        if row.trouble:
            click.echo(f"    {row.trouble}")

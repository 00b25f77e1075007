"""`cadence keys`: which keys seal what people write, and from one to the next."""

import click

from bot.cli.desk import Desk, pass_desk
from models.access import SYSTEM
from models.db import Database
from models.upkeep import keys as marks
from models.upkeep import rotation
from models.upkeep.sealed import sealed_columns
from models.vault import new_key, parse_keys

_SHOWN = 10


@click.group(short_help="Make, list and change the keys that seal what people write.")
def keys() -> None:
    """Make, list and change the keys that seal what people write.

    \b
    To change the key while everything runs:
      cadence keys new k2              then write it behind the present one: CADENCE_KEYS=k1:…,k2:…
                                       and restart every process, one after the other
                                       then put it first: CADENCE_KEYS=k2:…,k1:…, and restart each again
      cadence keys rotate              seals everything anew; may be stopped and run again
                                       then leave k1 out, but keep it as long as you keep backups made with it
    """


@keys.command()
@click.argument("name")
def new(name: str) -> None:
    """Print a new key, as it is written into CADENCE_KEYS. Nothing is changed.

    \b
    Example:
      cadence keys new k2
    """
    line = f"{name}:{new_key()}"
    parse_keys(line)
    click.echo(line)


@keys.command("list")
@pass_desk
def list_(desk: Desk) -> None:
    """List the keys: which one seals, and how many texts each has sealed.

    \b
    Example:
      cadence keys list
    """
    with desk.database() as db, db.read(SYSTEM) as tx:
        counts = rotation.cells_by_key(tx)
    for key_id in db.vault.key_ids:
        use = "seals what is new" if key_id == db.vault.key_id else "only opens"
        click.echo(f"{key_id}: {counts.pop(key_id, 0)} texts, {use}")
    for key_id, count in sorted(counts.items()):
        click.echo(f"{key_id}: {count} texts, which nobody can read: the key is not set")


@keys.command()
@pass_desk
@click.pass_context
def rotate(ctx: click.Context, desk: Desk) -> None:
    """Seal every text with the first key of CADENCE_KEYS, while the bot runs.

    May be stopped at any point and run again. Every process must seal with that key already.

    \b
    Example:
      cadence keys rotate
    """
    with desk.database() as db:
        unreadable = _rotated(db)
        with db.transaction(SYSTEM) as tx:
            left, others = rotation.left(tx, db.vault), marks.others_sealing(tx, db.vault)
            retired = marks.retire(tx, db.vault) if not left and not others else []
    for place in unreadable[:_SHOWN]:
        click.echo(f"No key opens {place}.", err=True)
    if left:
        click.echo(f"{left} texts are not sealed with {db.vault.key_id}. Put back the key that sealed them.", err=True)
        ctx.exit(1)
    if others:
        click.echo(
            f"Processes are running that seal with {', '.join(others)} still. Put {db.vault.key_id} first in their "
            "CADENCE_KEYS, restart them, and run this again.",
            err=True,
        )
        ctx.exit(1)
    click.echo(f"Every text is sealed with {db.vault.key_id}.")
    for key_id in retired:
        click.echo(f"The key {key_id} is needed no more, except for backups made with it.")


def _rotated(db: Database) -> list[str]:
    """Seal everything anew and say how far it is; the cells that cannot be opened."""
    unreadable: list[str] = []
    for one in sealed_columns():
        done, after, is_begun = 0, None, False
        while after is not None or not is_begun:
            is_begun = True
            with db.transaction(SYSTEM) as tx:
                turned = rotation.reseal(tx, db.vault, one, after)
            done, after = done + turned.resealed, turned.after
            unreadable += turned.unreadable
        if done:
            click.echo(f"{one.name}: {done} sealed anew")
    return unreadable

"""What commands have at hand: the settings, the database, the manifest. Everything is opened only when wanted."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import click

from bot.gateway import Gateway, Identity
from bot.served import bot_token
from bot.settings import Settings, load
from models import schema
from models.access import SYSTEM
from models.clock import SystemClock
from models.db import Database, Tx, select
from models.engagements.tables import Engagement, Workspace
from models.errors import Invalid, NotFound
from models.outbox import homes
from models.upkeep import keys
from models.vault import Vault, parse_keys


@dataclass(frozen=True, slots=True)
class Desk:
    """Handed to every command."""

    env_file: Path

    def settings(self) -> Settings:
        """The settings. Raises SettingsError with everything that is wrong."""
        return load(self.env_file)

    @contextmanager
    def database(self, *, may_create: bool = False) -> Iterator[Database]:
        """The database at the revision this code needs, else SchemaError; with its keys, else VaultError.

        `may_create` lays down an empty one.
        """
        with opened(self.settings()) as db:
            if may_create and schema.state(db).current is None:
                schema.upgrade(db)
            schema.require_current(db)
            with db.read(SYSTEM) as tx:
                keys.prove(tx, db.vault)
            yield db


pass_desk = click.make_pass_decorator(Desk)


@contextmanager
def opened(settings: Settings) -> Iterator[Database]:
    """The database of the settings, whatever its state."""
    vault = Vault(parse_keys(settings.cadence_keys.get_secret_value()))
    db = Database(settings.database_url.get_secret_value(), SystemClock(), vault)
    homes.watch(db)
    try:
        yield db
    finally:
        db.close()


def workspace_of(tx: Tx, given: str | None, settings: Settings) -> str:
    """The workspace meant: the one given, else the only one known, else the one the token belongs to."""
    if given:
        return given
    known = tx.session.exec(select(Workspace.workspace_id)).all()
    if len(known) > 1:
        raise Invalid({"workspace": f"There are several workspaces ({', '.join(sorted(known))}): name one."})
    if not known and settings.serves_many:
        raise Invalid({"workspace": "No workspace has installed the app yet: let one do so, or name it."})
    return known[0] if known else asyncio.run(_identity(settings)).team_id


def engagement_by_key(tx: Tx, key: str, workspace: str | None) -> Engagement:
    """The engagement with this key. Raises NotFound, or Invalid when two workspaces have one."""
    statement = select(Engagement).where(Engagement.key == key)
    found = tx.session.exec(statement.where(Engagement.workspace_id == workspace) if workspace else statement).all()
    if not found:
        raise NotFound(f"The engagement {key}")
    if len(found) > 1:
        raise Invalid({"workspace": f"Several workspaces have an engagement {key}: name one with --workspace."})
    return found[0]


async def _identity(settings: Settings) -> Identity:
    slack = Gateway(bot_token(settings), base_url=settings.slack_api_url)
    try:
        return await slack.auth_test()
    finally:
        await slack.close()

"""The one object handed to every listener: the database, Slack, and who we are there."""

from dataclasses import dataclass

from bot.gateway import Gateway, Identity
from models.clock import Clock
from models.db import Database


@dataclass(frozen=True, slots=True)
class Runtime:
    """What a request needs. Built once at start by `bot.app`."""

    db: Database
    slack: Gateway
    installed: Identity
    """The app as installed in the one workspace it serves, as `auth.test` told at start."""
    wall: Clock
    """The delivery's clock; the domain's is `db.clock`."""

"""The one object handed to every listener: the database, Slack, and who we are there."""

from dataclasses import dataclass

from bot.gateway import Gateway
from models.clock import Clock
from models.db import Database


@dataclass(frozen=True, slots=True)
class Installed:
    """The app as installed in one workspace, as Slack's `auth.test` tells it."""

    workspace_id: str
    name: str
    bot_user_id: str
    bot_id: str


@dataclass(frozen=True, slots=True)
class Runtime:
    """What a request needs. Built once at start by `bot.app`."""

    db: Database
    slack: Gateway
    installed: Installed
    wall: Clock
    """The delivery's clock; the domain's is `db.clock`."""

"""The one object handed to every listener: the database, the workspace's Slack, and who we are there."""

from dataclasses import dataclass

from bot.gateway import Gateway, Identity
from bot.tenants import Tenants
from models.clock import Clock
from models.db import Database


@dataclass(frozen=True, slots=True)
class Runtime:
    """What a request needs. Made by `bot.identity` for the workspace that the request came from."""

    db: Database
    slack: Gateway
    installed: Identity
    """The app as installed in that workspace."""
    wall: Clock
    """The delivery's clock; the domain's is `db.clock`."""
    tenants: Tenants
    """All workspaces that are served. Listeners have business with their own alone, except when it comes or goes."""

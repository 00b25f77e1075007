"""Which workspaces this process serves, by its settings: the one of the bot token, or all that install the app."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from bot.gateway import Gateway, Identity
from bot.installing import InstallDoor
from bot.line import Line
from bot.manifest import bot_scopes
from bot.renewal import Renewal
from bot.settings import Settings
from bot.tenants import OneTenant, StoredTenants, Tenant, Tenants
from models.access import SYSTEM
from models.clock import Clock
from models.db import Database
from models.installations import service


@dataclass(frozen=True, slots=True)
class Served:
    """The workspaces, and what belongs to their coming and going."""

    tenants: Tenants
    only: str | None = None
    """The one workspace that is served; none: all of them."""
    renewal: Renewal | None = None
    install: InstallDoor | None = None


async def open_served(settings: Settings, db: Database, line: Line, wall: Clock) -> Served:
    """Who is served. With a bot token that is what `auth.test` says; raises SlackFailure when it is refused."""
    if not settings.serves_many or settings.slack_client_secret is None:
        slack = Gateway(bot_token(settings), line=line)
        installed = await slack.auth_test()
        await db.run(SYSTEM, service.remember, *_names(installed), is_org_wide=installed.is_org_wide)
        return Served(OneTenant(Tenant(installed, slack)), only=installed.team_id)
    client = {
        "client_id": settings.slack_client_id,
        "client_secret": settings.slack_client_secret.get_secret_value(),
    }
    tenants = StoredTenants(db, line, wall)
    door = InstallDoor(
        db,
        wall,
        tenants,
        **client,
        scopes=bot_scopes(),
        public_url=settings.public_url,
        api_url=settings.slack_api_url,
        authorize_url=settings.slack_api_url.removesuffix("api/") + "oauth/v2/authorize",
    )
    return Served(tenants, renewal=Renewal(db, line, wall, tenants, **client), install=door)


@asynccontextmanager
async def served(settings: Settings, db: Database, wall: Clock) -> AsyncIterator[Served]:
    """The same for a command: the connections are closed afterwards."""
    line = Line(settings.slack_api_url)
    try:
        yield await open_served(settings, db, line, wall)
    finally:
        await line.close()


def bot_token(settings: Settings) -> str:
    """The bot token of the settings; empty where workspaces install the app themselves."""
    return settings.slack_bot_token.get_secret_value() if settings.slack_bot_token else ""


def _names(installed: Identity) -> tuple[str, str, str, str]:
    return installed.team_id, installed.team, installed.user_id, installed.bot_id

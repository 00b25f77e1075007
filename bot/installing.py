"""Installation from the browser: Bolt's OAuth flow, with our own sealed store and one-time states.

`/slack/install` shows a button to Slack; Slack sends the browser back to `/slack/oauth_redirect`. A state is good for
ten minutes, for the browser that got it, and once.
"""

import logging
import math
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from logging import Logger

import structlog
from aiohttp import web
from slack_bolt.async_app import AsyncBoltRequest
from slack_bolt.oauth.async_oauth_flow import AsyncOAuthFlow
from slack_bolt.oauth.async_oauth_settings import AsyncOAuthSettings
from slack_bolt.response import BoltResponse
from slack_sdk.oauth.installation_store import Installation
from slack_sdk.oauth.installation_store.async_installation_store import AsyncInstallationStore
from slack_sdk.oauth.state_store.async_state_store import AsyncOAuthStateStore
from slack_sdk.web.async_client import AsyncWebClient

from bot.tenants import Tenants
from bot.verifier import FloodGuard
from models.access import SYSTEM
from models.clock import Clock
from models.db import Database
from models.installations import service
from models.installations.service import STATE_LIFE, Grant

INSTALL_PATH = "/slack/install"
REDIRECT_PATH = "/slack/oauth_redirect"

Page = Callable[[AsyncBoltRequest], Awaitable[BoltResponse]]

_log = structlog.get_logger(__name__)


class _States(AsyncOAuthStateStore):
    """One-time states in the database, so that any replica may serve the way back."""

    def __init__(self, db: Database, wall: Clock) -> None:
        self._db = db
        self._wall = wall

    async def async_issue(self, *_: object, **__: object) -> str:
        return await self._db.run(SYSTEM, service.begin, self._wall.now())

    async def async_consume(self, state: str) -> bool:
        return await self._db.run(SYSTEM, service.consume, state, self._wall.now())


class _Installations(AsyncInstallationStore):
    """Keeps what Slack gave, sealed. Reading is the business of `bot.tenants` alone."""

    def __init__(self, db: Database, wall: Clock, tenants: Tenants) -> None:
        self._db = db
        self._wall = wall
        self._tenants = tenants
        self._quiet = logging.getLogger("slack_bolt")

    @property
    def logger(self) -> Logger:
        return self._quiet

    async def async_save(self, installation: Installation) -> None:
        grant = _grant(installation, self._wall.now())
        await self._db.run(SYSTEM, service.install, grant)
        self._tenants.forget(grant.workspace_id)
        _log.info("installed", workspace=grant.workspace_id, kind="organisation" if grant.is_org_wide else "workspace")


class InstallDoor:
    """The two pages of an installation. `public_url` is where browsers reach us; the way back is exactly below it."""

    def __init__(
        self,
        db: Database,
        wall: Clock,
        tenants: Tenants,
        *,
        client_id: str,
        client_secret: str,
        scopes: Sequence[str],
        public_url: str,
        api_url: str,
        authorize_url: str,
    ) -> None:
        settings = AsyncOAuthSettings(
            client_id=client_id,
            client_secret=client_secret,
            scopes=list(scopes),
            user_scopes=[],
            redirect_uri=public_url + REDIRECT_PATH,
            install_path=INSTALL_PATH,
            redirect_uri_path=REDIRECT_PATH,
            authorization_url=authorize_url,
            installation_store=_Installations(db, wall, tenants),
            state_store=_States(db, wall),
            state_expiration_seconds=int(STATE_LIFE.total_seconds()),
            logger=logging.getLogger("slack_bolt"),
        )
        client = AsyncWebClient(base_url=api_url, retry_handlers=[], timeout=10)
        self._guard = FloodGuard(now=lambda: wall.now().timestamp())
        self._flow = AsyncOAuthFlow(client=client, logger=logging.getLogger("slack_bolt"), settings=settings)

    def routes(self) -> list[web.RouteDef]:
        """What to add to the web application."""
        return [web.get(INSTALL_PATH, self._begin), web.get(REDIRECT_PATH, self._finish)]

    async def _begin(self, request: web.Request) -> web.Response:
        return await self._answer(request, self._flow.handle_installation)

    async def _finish(self, request: web.Request) -> web.Response:
        return await self._answer(request, self._flow.handle_callback)

    async def _answer(self, request: web.Request, page: Page) -> web.Response:
        """A page writes into the database, and anybody may ask for it: so few are served, whoever asks."""
        if not self._guard.lets_in(request.path):
            return web.Response(status=429, text="Please try again in a moment.", headers={"Retry-After": "10"})
        return _response(await page(_bolt_request(request)))


def _grant(installed: Installation, now: datetime) -> Grant:
    """What is kept of what Slack gave. An organisation that installed the app is one tenant, by its own id."""
    is_org_wide = bool(installed.is_enterprise_install)
    workspace_id = installed.enterprise_id if is_org_wide else installed.team_id
    if not workspace_id or not installed.bot_token:
        raise ValueError("Slack's answer names no workspace or holds no bot token.")
    lives = installed.bot_token_expires_at
    return Grant(
        workspace_id=workspace_id,
        name=(installed.enterprise_name if is_org_wide else installed.team_name) or "",
        bot_user_id=installed.bot_user_id or "",
        bot_id=installed.bot_id or "",
        bot_token=installed.bot_token,
        refresh_token=installed.bot_refresh_token or "",
        expires_at=None if lives is None else _expiry(installed, now),
        scopes=",".join(installed.bot_scopes or ()),
        app_id=installed.app_id or "",
        installed_by=installed.user_id or "",
        is_org_wide=is_org_wide,
    )


def _expiry(installed: Installation, now: datetime) -> datetime:
    """The SDK counted from the machine's clock; ours may be another."""
    ends = datetime.fromtimestamp(installed.bot_token_expires_at or 0, UTC)
    begun = datetime.fromtimestamp(installed.installed_at, UTC)
    return now + timedelta(seconds=max(math.ceil((ends - begun).total_seconds()), 0))


def _bolt_request(request: web.Request) -> AsyncBoltRequest:
    query: dict[str, Sequence[str]] = {name: request.query.getall(name) for name in request.query}
    return AsyncBoltRequest(body="", query=query, headers={"cookie": request.headers.get("Cookie", "")})


def _response(answer: BoltResponse) -> web.Response:
    response = web.Response(status=answer.status, text=answer.body)
    for name, values in answer.headers.items():
        if name == "content-type":
            response.headers["Content-Type"] = values[0]
        elif name != "content-length":
            response.headers.extend([(name, value) for value in values])
    response.headers["Referrer-Policy"] = "no-referrer"  # the address holds the code and the state
    return response

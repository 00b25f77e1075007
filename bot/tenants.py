"""The workspaces that are served: who we are in each, and the door to its Slack."""

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from bot.gateway import Gateway, Identity
from bot.line import Line
from bot.slack_errors import TokenRefused
from models.access import SYSTEM, system_in
from models.clock import Clock
from models.db import Database
from models.engagements import queries as engagements
from models.installations import queries
from models.installations.queries import Installed
from models.vault import VaultError

NOT_INSTALLED = "not_installed"
UNREADABLE = "token_unreadable"
"""No key of this process opens the stored token."""


@dataclass(frozen=True, slots=True)
class Tenant:
    """One workspace that has the app installed."""

    installed: Identity
    slack: Gateway


class Tenants(Protocol):
    """Finds the workspace a request or a message belongs to."""

    async def find(self, workspace_id: str) -> Tenant | None:
        """The workspace, or none that has the app installed now. Raises VaultError if no key opens its token."""
        ...

    async def concerned(self, workspace_id: str, channel_id: str) -> str:
        """Whom an event of a channel concerns, of which Slack says that this workspace sees it."""
        ...

    async def door(self, workspace_id: str) -> Gateway:
        """Its Slack. Raises TokenRefused when it does not have the app installed, or no key opens its token."""
        ...

    def forget(self, workspace_id: str) -> None:
        """It has changed: look it up anew."""
        ...


class OneTenant:
    """The only workspace of a process whose token stands in the settings."""

    def __init__(self, tenant: Tenant) -> None:
        self._tenant = tenant

    async def find(self, workspace_id: str) -> Tenant | None:
        """That workspace; none for any other."""
        return self._tenant if workspace_id == self._tenant.installed.team_id else None

    async def concerned(self, workspace_id: str, channel_id: str) -> str:
        """There is no other."""
        return workspace_id

    async def door(self, workspace_id: str) -> Gateway:
        """Its Slack. Raises TokenRefused for any other workspace."""
        tenant = await self.find(workspace_id)
        if tenant is None:
            raise TokenRefused(NOT_INSTALLED)
        return tenant.slack

    def forget(self, workspace_id: str) -> None:
        """Nothing is remembered: the settings say it all."""


FRESH = timedelta(seconds=30)
"""How long what the database says of an installation is believed without asking again."""
_MOST_KNOWN = 1000


@dataclass(frozen=True, slots=True)
class _Known:
    tenant: Tenant
    at: datetime


class StoredTenants:
    """The workspaces that have installed the app themselves; their tokens lie sealed in the database.

    A bounded number is remembered, and that for seconds: another process may have changed it. `wall` is the delivery's
    clock.
    """

    def __init__(self, db: Database, line: Line, wall: Clock) -> None:
        self._db = db
        self._line = line
        self._wall = wall
        self._known: OrderedDict[str, _Known] = OrderedDict()

    async def find(self, workspace_id: str) -> Tenant | None:
        """The workspace, or none that has the app installed now."""
        now = self._wall.now()
        known = self._known.get(workspace_id)
        if known is None or not timedelta(0) <= now - known.at < FRESH:
            found = await self._db.look(system_in(workspace_id), queries.find, workspace_id) if workspace_id else None
            if found is None:
                self.forget(workspace_id)
                return None
            known = self._known[workspace_id] = _Known(self._tenant(found), now)
        self._known.move_to_end(workspace_id)
        if len(self._known) > _MOST_KNOWN:
            self._known.popitem(last=False)
        return known.tenant

    async def concerned(self, workspace_id: str, channel_id: str) -> str:
        """Where several workspaces in a channel have the app, Slack tells an event once and names any one of them.

        It is for the one whose engagement is carried on there. Source: Slack's reference of `authorizations`.
        """
        own = await self._db.look(SYSTEM, engagements.workspaces_in_channel, channel_id)
        served = [one for one in own if one == workspace_id or await self.find(one)]
        return workspace_id if workspace_id in served or not served else served[0]

    async def door(self, workspace_id: str) -> Gateway:
        """Its Slack. Raises TokenRefused when it does not have the app installed, or no key opens its token."""
        try:
            tenant = await self.find(workspace_id)
        except VaultError:  # its own trouble: the other workspaces go on
            raise TokenRefused(UNREADABLE) from None
        if tenant is None:
            raise TokenRefused(NOT_INSTALLED)
        return tenant.slack

    def forget(self, workspace_id: str) -> None:
        """It has changed: look it up anew."""
        self._known.pop(workspace_id, None)

    def _tenant(self, found: Installed) -> Tenant:
        identity = Identity(
            team_id=found.workspace_id,
            team=found.name,
            user_id=found.bot_user_id,
            bot_id=found.bot_id,
            scopes=found.scopes,
            is_org_wide=found.is_org_wide,
        )
        return Tenant(
            identity, Gateway(_StoredToken(self._db, self, found), line=self._line, is_org_wide=found.is_org_wide)
        )


class _StoredToken:
    """The token of one installation as it was read; after a refusal it is looked up anew."""

    def __init__(self, db: Database, tenants: StoredTenants, found: Installed) -> None:
        self._db = db
        self._tenants = tenants
        self._found = found

    async def current(self) -> str:
        """As it was read: `bot.renewal` replaces it long before it expires."""
        return self._found.bot_token

    async def instead_of(self, refused: str, /) -> str | None:
        """The newest one, if that is another: somebody has renewed it or installed the app anew."""
        workspace_id = self._found.workspace_id
        self._tenants.forget(workspace_id)
        try:
            newest = await self._db.look(system_in(workspace_id), queries.find, workspace_id)
        except VaultError:
            raise TokenRefused(UNREADABLE) from None
        if newest is None or newest.bot_token == refused:
            return None
        self._found = newest
        return newest.bot_token

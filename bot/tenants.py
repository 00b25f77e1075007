"""The workspaces that are served: who we are in each, and the door to its Slack."""

from dataclasses import dataclass
from typing import Protocol

from bot.gateway import Gateway, Identity
from bot.slack_errors import TokenRefused

NOT_INSTALLED = "not_installed"


@dataclass(frozen=True, slots=True)
class Tenant:
    """One workspace that has the app installed."""

    installed: Identity
    slack: Gateway


class Tenants(Protocol):
    """Finds the workspace a request or a message belongs to."""

    async def find(self, workspace_id: str) -> Tenant | None:
        """The workspace, or none that has the app installed now."""
        ...

    async def door(self, workspace_id: str) -> Gateway:
        """Its Slack. Raises TokenRefused when it does not have the app installed."""
        ...


class OneTenant:
    """The only workspace of a process whose token stands in the settings."""

    def __init__(self, tenant: Tenant) -> None:
        self._tenant = tenant

    async def find(self, workspace_id: str) -> Tenant | None:
        """That workspace; none for any other."""
        return self._tenant if workspace_id == self._tenant.installed.team_id else None

    async def door(self, workspace_id: str) -> Gateway:
        """Its Slack. Raises TokenRefused for any other workspace."""
        tenant = await self.find(workspace_id)
        if tenant is None:
            raise TokenRefused(NOT_INSTALLED)
        return tenant.slack

"""Which workspaces have the app, and with which tokens: installing by OAuth, token rotation, and removal.

A `Workspace` made by hand has the app from the start, with its own `bot_token`; others get it through the browser.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from sandbox import events
from sandbox.errors import SlackError
from sandbox.state import Json
from sandbox.workspace import Workspace

ACCESS_SECONDS = 43_200
"""How long a rotating token lives. Source: Slack, "Using token rotation"."""
CODE_SECONDS = 600
GRACE_SECONDS = 60
"""How long a refresh token that was used once is taken again. Slack says "a short grace period"."""


@dataclass
class _Code:
    """What the browser brings back to the app, good for one exchange."""

    ws: Workspace
    redirect_uri: str
    made: float


@dataclass
class _Issued:
    """A token given out by an installation."""

    ws: Workspace
    made: float
    expires: float | None
    is_revoked: bool = False


@dataclass
class _Refresh:
    """What the next token is had for, once."""

    ws: Workspace
    used: float | None = None


class Installs:
    """The app of all these workspaces. `rotates` gives out tokens that expire, with refresh tokens.

    `redirect_urls` are those registered for the app: no other is taken.
    """

    def __init__(
        self,
        workspaces: Sequence[Workspace],
        *,
        client_id: str = "1111.2222",
        client_secret: str = "sandbox-client-secret",  # noqa: S107 (of this machine alone)
        rotates: bool = False,
    ) -> None:
        self.workspaces = list(workspaces)
        self.client_id = client_id
        self.client_secret = client_secret
        self.rotates = rotates
        self.redirect_urls: list[str] = []
        self._codes: dict[str, _Code] = {}
        self._issued: dict[str, _Issued] = {}
        self._refreshes: dict[str, _Refresh] = {}

    def workspace(self, team_id: str) -> Workspace:
        """A workspace by id. Raises `team_not_found`."""
        found = next((ws for ws in self.workspaces if ws.home.id == team_id), None)
        if found is None:
            raise SlackError("team_not_found")
        return found

    def of_token(self, token: str) -> Workspace | None:
        """Whose bot token this is. Raises `token_expired`, `token_revoked` or `account_inactive`; none if nobody's."""
        issued = self._issued.get(token)
        if issued is not None:
            if not issued.ws.is_installed:
                raise SlackError("account_inactive")
            if issued.is_revoked:
                raise SlackError("token_revoked")
            if issued.expires is not None and issued.expires <= self._now():
                raise SlackError("token_expired")
            return issued.ws
        found = next((ws for ws in self.workspaces if ws.app.bot_token == token), None)
        if found is not None and not found.is_installed:
            raise SlackError("account_inactive")
        return found

    # -- installing ---------------------------------------------------------------------------------------------

    def allow(self, team_id: str, redirect_uri: str) -> str:
        """Somebody of a workspace allows the app in: the code for it. Raises `bad_redirect_uri`."""
        self.check(self.client_id, redirect_uri)
        code = secrets.token_urlsafe(24)
        self._codes[code] = _Code(self.workspace(team_id), redirect_uri, self._now())
        return code

    def check(self, client_id: str, redirect_uri: str) -> None:
        """Refuse what the app was not registered with."""
        if client_id != self.client_id:
            raise SlackError("invalid_client_id")
        if redirect_uri not in self.redirect_urls:
            raise SlackError("bad_redirect_uri")

    def exchange(self, code: str, redirect_uri: str) -> Json:
        """The tokens for a code. Raises `invalid_code`, `bad_redirect_uri`."""
        found = self._codes.pop(code, None)
        if found is None or self._now() - found.made > CODE_SECONDS:
            raise SlackError("invalid_code")
        if found.redirect_uri != redirect_uri:
            raise SlackError("bad_redirect_uri")
        ws = found.ws
        ws.is_installed = True
        return self._grant(ws) | {"authed_user": {"id": next(iter(ws.users))}}

    def refresh(self, refresh_token: str) -> Json:
        """A new pair for a refresh token, which is good once. Raises `invalid_refresh_token`."""
        found = self._refreshes.get(refresh_token)
        if found is None or not found.ws.is_installed:
            raise SlackError("invalid_refresh_token")
        if found.used is not None and self._now() - found.used > GRACE_SECONDS:
            raise SlackError("invalid_refresh_token")
        found.used = found.used or self._now()
        return self._grant(found.ws)

    def _grant(self, ws: Workspace) -> Json:
        prefix = "xoxe.xoxb-1-" if self.rotates else "xoxb-"
        token = f"{prefix}{ws.home.id}-{secrets.token_hex(12)}"
        now = self._now()
        self._issued[token] = _Issued(ws, now, now + ACCESS_SECONDS if self.rotates else None)
        self._retire(ws)
        answer: Json = {
            "app_id": ws.app.id,
            "access_token": token,
            "token_type": "bot",
            "bot_user_id": ws.app.bot_user_id,
        }
        answer |= {"scope": ",".join(ws.app.scopes), "is_enterprise_install": ws.is_org_wide}
        answer["team"] = None if ws.is_org_wide else {"id": ws.home.id, "name": ws.home.name}
        organisation = ws.organisation
        answer["enterprise"] = organisation and {"id": organisation.id, "name": organisation.name}
        if self.rotates:
            refresh = f"xoxe-1-{secrets.token_hex(12)}"
            self._refreshes[refresh] = _Refresh(ws)
            answer |= {"refresh_token": refresh, "expires_in": ACCESS_SECONDS}
        return answer

    def _retire(self, ws: Workspace) -> None:
        """At most two tokens of an installation live at a time when they rotate; the older ones are dead."""
        live = [one for one in self._issued.values() if one.ws is ws and not one.is_revoked]
        for old in sorted(live, key=lambda one: one.made)[:-2] if self.rotates else ():
            old.is_revoked = True

    # -- removing -----------------------------------------------------------------------------------------------

    def revoke(self, token: str) -> None:
        """One token is given back; the app hears of it."""
        issued = self._issued.get(token)
        if issued is not None:
            issued.is_revoked = True
            self.tell(issued.ws, "tokens_revoked")

    def uninstall(self, team_id: str, tell: Sequence[str] = ("tokens_revoked", "app_uninstalled")) -> None:
        """Somebody removes the app from a workspace: its tokens are dead, and it leaves every channel.

        `tell` is which events the app gets, in which order: Slack promises none.
        """
        ws = self.workspace(team_id)
        ws.is_installed = False
        for issued in self._issued.values():
            issued.is_revoked = issued.is_revoked or issued.ws is ws
        for channel in ws.channels.values():
            if channel.kind != "im" and ws.app.bot_user_id in channel.members:
                channel.members.remove(ws.app.bot_user_id)
        for kind in tell:
            self.tell(ws, kind)

    def tell(self, ws: Workspace, kind: str, tokens: Json | None = None) -> None:
        """Let the app hear of its removal, or of `tokens` that were taken back: user ids by kind of token."""
        body: Json = {"type": kind}
        if kind == "tokens_revoked":
            body["tokens"] = tokens or {"oauth": [], "bot": [ws.app.bot_user_id]}
        if kind == "team_access_revoked":
            body["team_ids"] = [ws.home.id]
        events.app_event(ws, body)

    def _now(self) -> float:
        return self.workspaces[0].clock.now().timestamp()

"""What a workspace consists of: plain data, all of it JSON-able."""

from dataclasses import dataclass, field
from typing import Any, Literal

Json = dict[str, Any]
ChannelKind = Literal["channel", "private", "im", "mpim"]

ALL_SCOPES = [
    "app_mentions:read",
    "channels:history",
    "channels:join",
    "channels:manage",
    "channels:read",
    "chat:write",
    "chat:write.public",
    "commands",
    "files:read",
    "files:write",
    "groups:history",
    "groups:read",
    "groups:write",
    "im:history",
    "im:read",
    "im:write",
    "mpim:history",
    "mpim:read",
    "mpim:write",
    "pins:read",
    "pins:write",
    "reactions:read",
    "reactions:write",
    "team:read",
    "users:read",
    "users:read.email",
]


@dataclass(slots=True)
class Team:
    """One Slack workspace (organisation)."""

    id: str
    name: str
    domain: str


@dataclass(slots=True)
class User:
    """One person or bot. External means: `team_id` is not the home workspace.

    `post_only` is a Slack Connect invitation without apps: buttons do not work. `dm_error` is the code the
    Web API gives when the app tries to write to this person directly ("" lets it through).
    """

    id: str
    team_id: str
    name: str
    real_name: str
    tz: str = "UTC"
    title: str = ""
    email: str = ""
    color: str = "4a6785"
    is_bot: bool = False
    is_admin: bool = False
    is_owner: bool = False
    is_restricted: bool = False
    is_ultra_restricted: bool = False
    deleted: bool = False
    post_only: bool = False
    dm_error: str = ""


@dataclass(slots=True)
class Channel:
    """One conversation. `messages` is keyed by ts in ascending order, `threads` lists reply ts by root ts."""

    id: str
    name: str
    kind: ChannelKind
    members: list[str] = field(default_factory=list)
    shared_team_ids: list[str] = field(default_factory=list)
    pending_team_ids: list[str] = field(default_factory=list)
    creator: str = ""
    created: int = 0
    archived: bool = False
    frozen: bool = False
    topic: str = ""
    purpose: str = ""
    messages: dict[str, Json] = field(default_factory=dict)
    threads: dict[str, list[str]] = field(default_factory=dict)
    pins: dict[str, Json] = field(default_factory=dict)

    @property
    def is_ext_shared(self) -> bool:
        """Whether people of another workspace can be members (Slack Connect)."""
        return len(self.shared_team_ids) > 1


@dataclass(slots=True)
class Command:
    """A slash command of the app."""

    command: str
    description: str = ""
    usage_hint: str = ""


@dataclass(slots=True)
class Shortcut:
    """A shortcut of the app: `type` is "message" or "global"."""

    callback_id: str
    name: str
    type: Literal["message", "global"]
    description: str = ""


@dataclass(slots=True)
class App:
    """The one app installed in the home workspace.

    `events` are the subscribed bot events as a manifest names them (`message.channels`, `app_mention`, ...),
    None for all. `token_error` makes every call with the bot token fail with that code
    (`token_revoked`, `account_inactive`, `token_expired`).
    """

    id: str
    name: str
    bot_user_id: str
    bot_id: str
    bot_token: str
    app_token: str
    signing_secret: str
    scopes: list[str] = field(default_factory=lambda: list(ALL_SCOPES))
    commands: list[Command] = field(default_factory=list)
    shortcuts: list[Shortcut] = field(default_factory=list)
    events: list[str] | None = None
    token_error: str = ""
    home_tab_enabled: bool = True
    messages_tab_enabled: bool = True


@dataclass(slots=True)
class File:
    """An uploaded file. `content` is None until the bytes have arrived; `complete` once it has been shared."""

    id: str
    name: str
    length: int
    user: str
    created: int
    title: str = ""
    content: bytes | None = None
    complete: bool = False
    channels: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Trigger:
    """A trigger id: who acted and when (monotonic seconds)."""

    user: str
    made: float
    used: bool = False


@dataclass(slots=True)
class ResponseUrl:
    """Where an app may answer one interaction: at most five times within thirty minutes (monotonic seconds)."""

    user: str
    channel: str
    made: float
    message_ts: str = ""
    thread_ts: str = ""
    is_ephemeral: bool = False
    uses: int = 0


@dataclass(slots=True)
class Change:
    """Something a page has to redraw: for everyone in `channel`, or for `user` alone."""

    kind: str
    data: Json
    channel: str = ""
    user: str = ""

"""The only door to a workspace's Slack: few methods, short timeouts, no retry of anything that posts.

It never logs; failures carry codes, not text.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from bot.line import FixedToken, Json, Line, Token, moment
from bot.slack_errors import (
    ContentRefused,
    RateLimited,
    SlackFailure,
    TargetGone,
    TokenRefused,
    Transient,
    Unclear,
)
from bot.slack_facts import ChannelInfo, UserInfo, string, user_of

Blocks = Sequence[Mapping[str, Any]]

CALL_SECONDS = 10.0
"""Nothing takes longer; a lease must be at least that long when a call begins."""
VIEW_SECONDS = 2.0
"""A trigger lives for three seconds."""
_PAGE = 200
_MOST_PAGES = 10
_DIRECTORY_PAGE = 1000
_MOST_DIRECTORY_PAGES = 18
"""A little below the twenty calls a minute that Slack allows: who is not among so many is asked about alone."""
EVENT_TYPE = "cadence_post"
"""Metadata type of every post of ours; its payload holds nothing but the opaque key."""


@dataclass(frozen=True, slots=True)
class Found:
    """Posts of ours found by key, oldest first; `is_whole` if the window was read to its end."""

    posts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    is_whole: bool = True


@dataclass(frozen=True, slots=True)
class Identity:
    """Who the token is, and what it may do."""

    team_id: str
    team: str
    user_id: str
    bot_id: str
    scopes: frozenset[str]
    is_org_wide: bool = False
    """The app is installed in a whole organisation: `team_id` is the organisation's id."""
    answered_at: datetime | None = None
    """Slack's own clock when it said so, to the second; none where it does not tell."""


Doors = Callable[[str], Awaitable["Gateway"]]
"""The door of a workspace, by its id. Raises TokenRefused when there is none."""


class Gateway:
    """One workspace's Slack over HTTP. Close it when done.

    With a `line` it is one of many that share its connections; then closing does nothing.
    Every method raises one of the families of `bot.slack_errors`.
    """

    def __init__(
        self,
        token: str | Token,
        *,
        base_url: str = AsyncWebClient.BASE_URL,
        call_seconds: float = CALL_SECONDS,
        line: Line | None = None,
        is_org_wide: bool = False,
    ) -> None:
        self.is_org_wide = is_org_wide
        """The app is installed in a whole organisation: its workspaces are colleagues."""
        self._token = FixedToken(token) if isinstance(token, str) else token
        self._line = line or Line(base_url)
        self._is_own_line = line is None
        self._call_seconds = call_seconds

    async def close(self) -> None:
        """Let go of the connections."""
        if self._is_own_line:
            await self._line.close()

    async def post_message(
        self, channel_id: str, text: str, blocks: Blocks = (), *, key: str = "", thread_ts: str | None = None
    ) -> str:
        """Post a message, marked with the opaque `key` if one is given, and return its ts."""
        message = _message(channel_id, text, blocks, thread_ts)
        if key:
            message["metadata"] = {"event_type": EVENT_TYPE, "event_payload": {"k": key}}
        answer = await self._write("chat.postMessage", **message, unfurl_links=False, unfurl_media=False)
        return string(answer, "ts")

    async def update(self, channel_id: str, ts: str, text: str, blocks: Blocks) -> None:
        """Edit a message of ours in place. Its metadata stay."""
        content = _message(channel_id, text, blocks, None)
        await self._write("chat.update", **content, ts=ts, unfurl_links=False, unfurl_media=False)

    async def delete(self, channel_id: str, ts: str) -> None:
        """Remove a message of ours."""
        await self._write("chat.delete", channel=channel_id, ts=ts)

    async def post_ephemeral(
        self, channel_id: str, user_id: str, text: str, blocks: Blocks = (), *, thread_ts: str | None = None
    ) -> None:
        """Show something to one member of a channel only. Slack promises no delivery."""
        await self._write("chat.postEphemeral", **_message(channel_id, text, blocks, thread_ts), user=user_id)

    async def open_direct(self, user_id: str) -> str:
        """The direct message with a person: the same channel id every time."""
        answer = await self._write("conversations.open", users=user_id)
        return string(answer.get("channel"), "id")

    async def find_posts(self, channel_id: str, thread_ts: str | None, oldest: float, keys: frozenset[str]) -> Found:
        """Look for posts of ours by key, from `oldest` (seconds since 1970) on, in a channel or in one thread."""
        method = "conversations.replies" if thread_ts else "conversations.history"
        args: Json = {"channel": channel_id, "oldest": f"{oldest:.6f}", "limit": _PAGE, "inclusive": True}
        args |= {"include_all_metadata": True} | ({"ts": thread_ts} if thread_ts else {})
        found: dict[str, list[str]] = {}
        for _ in range(_MOST_PAGES):
            answer = await self._read(method, **args)
            for message in answer.get("messages") or ():
                key = _key_of(message)
                if key in keys and message["ts"] not in found.setdefault(key, []):
                    found[key].append(message["ts"])
            args["cursor"] = _next_cursor(answer)
            if not args["cursor"]:
                break
        return Found({key: tuple(sorted(stamps)) for key, stamps in found.items()}, is_whole=not args["cursor"])

    async def first_message(self, channel_id: str, thread_ts: str) -> tuple[str, str]:
        """Who wrote the first message of a thread, and its text (mrkdwn); empty where there is none."""
        answer = await self._read("conversations.replies", channel=channel_id, ts=thread_ts, limit=1)
        first: Json = next(iter(answer.get("messages") or ()), {})
        return str(first.get("user") or ""), str(first.get("text") or "")

    async def open_view(self, trigger_id: str, view: Json) -> str:
        """Open a modal for the click that gave `trigger_id`, and return its id."""
        answer = await self._write("views.open", seconds=VIEW_SECONDS, trigger_id=trigger_id, view=view)
        return string(answer.get("view"), "id")

    async def push_view(self, trigger_id: str, view: Json) -> str:
        """Open a modal on top of the one shown, and return its id."""
        answer = await self._write("views.push", seconds=VIEW_SECONDS, trigger_id=trigger_id, view=view)
        return string(answer.get("view"), "id")

    async def update_view(self, view_id: str, view: Json, view_hash: str | None = None) -> None:
        """Change a modal that is shown; with `view_hash` only if nobody changed it meanwhile."""
        only_if = {"hash": view_hash} if view_hash else {}
        await self._write("views.update", seconds=VIEW_SECONDS, view_id=view_id, view=view, **only_if)

    async def publish_view(self, user_id: str, view: Json, view_hash: str | None = None) -> str:
        """Show `view` on a person's Home tab, with `view_hash` only if nobody changed it meanwhile; its new hash."""
        only_if: Json = {"hash": view_hash} if view_hash else {}
        answer = await self._write("views.publish", user_id=user_id, view=view, **only_if)
        return str((answer.get("view") or {}).get("hash") or "")

    async def auth_test(self) -> Identity:
        """Who the token is."""
        answer, headers = await self._line.read("auth.test", self._token, {}, self._call_seconds)
        scopes = headers.get("x-oauth-scopes", "")
        is_org_wide = bool(answer.get("is_enterprise_install"))
        return Identity(
            team_id=string(answer, "enterprise_id" if is_org_wide else "team_id"),
            team=str(answer.get("team", "")),
            user_id=string(answer, "user_id"),
            bot_id=str(answer.get("bot_id", "")),
            scopes=frozenset(filter(None, (scope.strip() for scope in scopes.split(",")))),
            is_org_wide=is_org_wide,
            answered_at=moment(headers.get("date", "")),
        )

    async def user_info(self, user_id: str) -> UserInfo:
        """What Slack knows of a person of any workspace."""
        return user_of((await self._read("users.info", user=user_id)).get("user") or {})

    async def directory(self) -> AsyncIterator[tuple[UserInfo, ...]]:
        """The workspace's own people and guests, a page at a time; people of other workspaces are never among them."""
        args: Json = {"limit": _DIRECTORY_PAGE}
        for _ in range(_MOST_DIRECTORY_PAGES):
            answer = await self._read("users.list", **args)
            yield tuple(user_of(user) for user in answer.get("members") or ())
            args["cursor"] = _next_cursor(answer)
            if not args["cursor"]:
                return

    async def channel_info(self, channel_id: str) -> ChannelInfo:
        """What Slack knows of a channel. A missing flag counts as set where that is the safe side."""
        channel = (await self._read("conversations.info", channel=channel_id)).get("channel") or {}
        teams = {*(channel.get("shared_team_ids") or ()), *(channel.get("connected_team_ids") or ())}
        return ChannelInfo(
            channel_id=string(channel, "id"),
            is_member=bool(channel.get("is_member")),
            is_archived=bool(channel.get("is_archived")),
            is_ext_shared=bool(channel.get("is_ext_shared", True)),
            is_pending_ext_shared=bool(
                channel.get("is_pending_ext_shared") or channel.get("pending_connected_team_ids")
            ),
            shared_team_ids=tuple(sorted(teams)),
            name=str(channel.get("name") or ""),
        )

    async def channel_members(self, channel_id: str) -> tuple[str, ...]:
        """User ids of everybody in a channel, people of other workspaces included."""
        members: list[str] = []
        args: Json = {"channel": channel_id, "limit": _PAGE}
        while True:
            answer = await self._read("conversations.members", **args)
            members += answer.get("members") or ()
            args["cursor"] = _next_cursor(answer)
            if not args["cursor"]:
                return tuple(members)

    async def permalink(self, channel_id: str, ts: str) -> str:
        """The address of a message."""
        return string(await self._read("chat.getPermalink", channel=channel_id, message_ts=ts), "permalink")

    async def _write(self, method: str, *, seconds: float | None = None, **args: Any) -> Json:
        return await self._line.write(method, self._token, args, seconds or self._call_seconds)

    async def _read(self, method: str, **args: Any) -> Json:
        answer, _ = await self._line.read(method, self._token, args, self._call_seconds)
        return answer


def _message(channel_id: str, text: str, blocks: Blocks, thread_ts: str | None) -> Json:
    """What every message says about itself: nothing in it is to be parsed, linked or guessed."""
    message: Json = {"channel": channel_id, "text": text, "parse": "none", "link_names": False}
    if blocks:
        message["blocks"] = list(blocks)
    if thread_ts:
        message["thread_ts"] = thread_ts
    return message


def _next_cursor(answer: Json) -> str:
    return str((answer.get("response_metadata") or {}).get("next_cursor") or "")


def _key_of(message: Json) -> str:
    metadata = message.get("metadata") or {}
    payload = metadata.get("event_payload") or {}
    return str(payload.get("k", "")) if metadata.get("event_type") == EVENT_TYPE else ""


__all__ = [
    "CALL_SECONDS",
    "EVENT_TYPE",
    "VIEW_SECONDS",
    "ChannelInfo",
    "ContentRefused",
    "Doors",
    "Found",
    "Gateway",
    "Identity",
    "RateLimited",
    "SlackFailure",
    "TargetGone",
    "TokenRefused",
    "Transient",
    "Unclear",
    "UserInfo",
    "user_of",
]

"""What Slack says of channels and people, as facts."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.line import Json
from bot.slack_errors import Unclear
from models.engagements.rules import Belongs


@dataclass(frozen=True, slots=True)
class ChannelInfo:
    """What matters about a channel."""

    channel_id: str
    is_member: bool
    is_archived: bool
    is_ext_shared: bool
    is_pending_ext_shared: bool
    shared_team_ids: tuple[str, ...]
    name: str = ""


@dataclass(frozen=True, slots=True)
class UserInfo:
    """What matters about a Slack user."""

    user_id: str
    team_id: str
    is_guest: bool
    is_stranger: bool
    is_deleted: bool
    is_bot: bool
    name: str = ""
    zone: str = ""
    enterprise_id: str = ""
    """The organisation of the home workspace, if it belongs to one."""
    is_admin: bool = False


def belongs(workspace_id: str, user: UserInfo) -> Belongs:
    """Where somebody belongs, seen from the workspace (or organisation) that has the app."""
    if workspace_id not in (user.team_id, user.enterprise_id) or user.is_stranger:
        return Belongs.EXTERNAL
    return Belongs.GUEST if user.is_guest else Belongs.COLLEAGUE


def user_of(user: Json) -> UserInfo:
    """A person as Slack describes them. Raises Unclear where it does not even name them."""
    profile = user.get("profile") or {}
    return UserInfo(
        user_id=string(user, "id"),
        team_id=str(user.get("team_id") or profile.get("team") or ""),
        is_guest=bool(user.get("is_restricted") or user.get("is_ultra_restricted")),
        is_stranger=bool(user.get("is_stranger")),
        is_deleted=bool(user.get("deleted")),
        is_bot=bool(user.get("is_bot")),
        name=str(profile.get("real_name") or user.get("real_name") or user.get("name") or ""),
        zone=str(user.get("tz") or ""),
        enterprise_id=str((user.get("enterprise_user") or {}).get("enterprise_id") or ""),
        is_admin=bool(user.get("is_admin") or user.get("is_owner")),
    )


def string(data: Any, name: str) -> str:
    """A field that must be there: an answer without it tells nothing."""
    value = data.get(name) if isinstance(data, Mapping) else None
    if not isinstance(value, str) or not value:
        raise Unclear(f"no_{name}")
    return value

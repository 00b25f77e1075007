"""People as Slack describes them."""

from sandbox.state import Json, User
from sandbox.workspace import Workspace


def person(ws: Workspace, user: User) -> Json:
    """A person as `users.info` and events give them."""
    profile: Json = {"real_name": user.real_name, "display_name": user.name, "title": user.title, "team": user.team_id}
    if user.email and "users:read.email" in ws.app.scopes:
        profile["email"] = user.email
    shown: Json = {
        "id": user.id,
        "team_id": user.team_id,
        "name": user.name,
        "deleted": user.deleted,
        "color": user.color,
        "real_name": user.real_name,
        "tz": user.tz,
        "tz_label": user.tz,
        "tz_offset": ws.tz_offset(user),
        "profile": profile,
        "is_bot": user.is_bot,
        "is_app_user": False,
        "updated": 0,
    }
    if ws.is_external(user):
        return shown | {"is_stranger": ws.is_stranger(user)}
    roles: Json = {"is_admin": user.is_admin, "is_owner": user.is_owner, "is_primary_owner": False}
    guest = {"is_restricted": user.is_restricted, "is_ultra_restricted": user.is_ultra_restricted}
    return shown | roles | guest

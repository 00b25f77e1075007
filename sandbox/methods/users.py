"""users.*: the people of the workspace, and those of other workspaces one by one."""

from sandbox.errors import SlackError
from sandbox.methods.context import Context, Method
from sandbox.state import Json, User


def _info(call: Context) -> Json:
    user = call.ws.user(call.required("user"))
    if call.ws.is_stranger(user):
        raise SlackError("user_not_visible")
    return {"user": _described(call, user)}


def _list(call: Context) -> Json:
    # People of other workspaces are never listed, though users.info knows them.
    own = [u for u in call.ws.users.values() if not call.ws.is_external(u)]
    page, cursor = call.page(own, 200)
    members = [_described(call, u) for u in page]
    return {"members": members, "cache_ts": 0, "response_metadata": {"next_cursor": cursor}}


def _described(call: Context, user: User) -> Json:
    ws = call.ws
    profile: Json = {"real_name": user.real_name, "display_name": user.name, "title": user.title, "team": user.team_id}
    if user.email and "users:read.email" in ws.app.scopes:
        profile["email"] = user.email
    described: Json = {
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
        return described | {"is_stranger": ws.is_stranger(user)}
    roles: Json = {"is_admin": user.is_admin, "is_owner": user.is_owner, "is_primary_owner": False}
    guest = {"is_restricted": user.is_restricted, "is_ultra_restricted": user.is_ultra_restricted}
    return described | roles | guest | ({"locale": "en-US"} if call.flag("include_locale") else {})


METHODS = {
    "users.info": Method(_info, "users:read", tier=4),
    "users.list": Method(_list, "users:read", tier=2),
}

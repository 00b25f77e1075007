"""users.*: the people of the workspace, and those of other workspaces one by one."""

from sandbox import described
from sandbox.errors import SlackError
from sandbox.methods.context import Context, Method
from sandbox.state import Json, User


def _info(call: Context) -> Json:
    user = call.ws.user(call.required("user"))
    if call.ws.is_stranger(user):
        raise SlackError("user_not_visible")
    return {"user": _shown(call, user)}


def _list(call: Context) -> Json:
    # People of other workspaces are never listed, though users.info knows them.
    own = [u for u in call.ws.users.values() if not call.ws.is_external(u)]
    page, cursor = call.page(own, 200)
    members = [_shown(call, u) for u in page]
    return {"members": members, "cache_ts": 0, "response_metadata": {"next_cursor": cursor}}


def _shown(call: Context, user: User) -> Json:
    shown = described.person(call.ws, user)
    is_asked = call.flag("include_locale") and not call.ws.is_external(user)
    return shown | ({"locale": "en-US"} if is_asked else {})


METHODS = {
    "users.info": Method(_info, "users:read", tier=4),
    "users.list": Method(_list, "users:read", tier=2),
}

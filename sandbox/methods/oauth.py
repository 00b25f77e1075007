"""oauth.*, auth.revoke, apps.uninstall: how an app comes and goes."""

from sandbox.errors import SlackError
from sandbox.methods.context import Context, Method
from sandbox.state import Json


def _access(call: Context) -> Json:
    _client(call)
    if call.text("grant_type") == "refresh_token":
        return call.installs.refresh(call.text("refresh_token"))
    return call.installs.exchange(call.text("code"), call.text("redirect_uri"))


def _revoke(call: Context) -> Json:
    call.installs.revoke(call.token)
    return {"revoked": True}


def _uninstall(call: Context) -> Json:
    _client(call)
    call.installs.uninstall(call.ws.home.id)
    return {}


def _client(call: Context) -> None:
    if call.text("client_id") != call.installs.client_id:
        raise SlackError("invalid_client_id")
    if call.text("client_secret") != call.installs.client_secret:
        raise SlackError("bad_client_secret")


METHODS = {
    "oauth.v2.access": Method(_access, tier=4, needs="none"),
    "auth.revoke": Method(_revoke),
    "apps.uninstall": Method(_uninstall, tier=1),
}

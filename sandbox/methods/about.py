"""auth.*, api.*, apps.*, team.*, bots.*: who am I, where am I."""

from sandbox.errors import SlackError
from sandbox.methods.context import Context, Method
from sandbox.state import Json


def _auth_test(call: Context) -> Json:
    ws = call.ws
    bot = ws.user(ws.app.bot_user_id)
    answer: Json = {"url": f"https://{ws.home.domain}.slack.com/", "team": ws.home.name, "user": bot.name}
    answer |= {"team_id": ws.home.id, "user_id": bot.id, "bot_id": ws.app.bot_id, "app_id": ws.app.id}
    if ws.organisation is not None:
        answer["enterprise_id"] = ws.organisation.id
    if ws.is_org_wide and ws.organisation is not None:
        answer |= {"team_id": ws.organisation.id, "team": ws.organisation.name}
    return answer | {"is_enterprise_install": ws.is_org_wide}


def _api_test(call: Context) -> Json:
    if call.text("error"):
        raise SlackError(call.text("error"), args=call.args)
    return {"args": call.args}


def _connections_open(call: Context) -> Json:
    return {"url": call.socket_url()}


def _team_info(call: Context) -> Json:
    team = call.ws.teams.get(call.text("team") or call.ws.home.id)
    if team is None:
        raise SlackError("team_not_found")
    return {"team": {"id": team.id, "name": team.name, "domain": team.domain, "email_domain": "", "icon": {}}}


def _bots_info(call: Context) -> Json:
    app = call.ws.app
    if call.text("bot") not in ("", app.bot_id):
        raise SlackError("bot_not_found")
    bot: Json = {"id": app.bot_id, "deleted": False, "name": app.name, "updated": 0, "app_id": app.id}
    return {"bot": bot | {"user_id": app.bot_user_id, "icons": {}}}


METHODS = {
    "auth.test": Method(_auth_test),
    "api.test": Method(_api_test, needs="none"),
    "apps.connections.open": Method(_connections_open, tier=1, needs="app"),
    "team.info": Method(_team_info, "team:read"),
    "bots.info": Method(_bots_info, "users:read"),
}

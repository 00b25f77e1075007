"""The page on which somebody allows the app into a workspace, as `slack.com/oauth/v2/authorize` does."""

from html import escape
from urllib.parse import urlencode

from aiohttp import web

from sandbox.errors import SlackError
from sandbox.installs import Installs

PATH = "/oauth/v2/authorize"


class InstallPage:
    """Shows the workspaces, and sends the browser back to the app with a code, or with `access_denied`."""

    def __init__(self, installs: Installs) -> None:
        self._installs = installs

    def routes(self) -> list[web.RouteDef]:
        """What to add to a web application."""
        return [web.get(PATH, self.show), web.post(PATH, self.decide)]

    async def show(self, request: web.Request) -> web.Response:
        """A button a workspace."""
        query = request.query
        try:
            self._installs.check(query.get("client_id", ""), query.get("redirect_uri", ""))
        except SlackError as error:
            return web.Response(status=400, text=f"Something went wrong: {error.code}")
        names = [(ws.home.id, ws.home.name) for ws in self._installs.workspaces]
        hidden = "".join(
            f'<input type="hidden" name="{name}" value="{escape(query.get(name, ""))}">'
            for name in ("client_id", "redirect_uri", "state")
        )
        buttons = "".join(
            f'<button name="team" value="{escape(team_id)}">Allow in {escape(name)}</button> '
            for team_id, name in names
        )
        page = f'<form method="post">{hidden}{buttons}<button name="team" value="">Cancel</button></form>'
        return web.Response(text=page, content_type="text/html")

    async def decide(self, request: web.Request) -> web.Response:
        """Back to the app."""
        form = {name: str(value) for name, value in (await request.post()).items()}
        answer = {"state": form.get("state", "")}
        try:
            self._installs.check(form.get("client_id", ""), form.get("redirect_uri", ""))
            team_id = form.get("team", "")
            if team_id:
                answer["code"] = self._installs.allow(team_id, form["redirect_uri"])
            else:
                answer["error"] = "access_denied"
        except SlackError as error:
            return web.Response(status=400, text=f"Something went wrong: {error.code}")
        return web.Response(status=302, headers={"Location": f"{form['redirect_uri']}?{urlencode(answer)}"})

"""URLs the sandbox hands out: response URLs, uploads, file contents."""

import json
from collections.abc import Sequence

from aiohttp import web

from sandbox import replies
from sandbox.errors import SlackError
from sandbox.state import File, Json
from sandbox.workspace import Workspace


class Responses:
    """Serves what apps are given absolute URLs for."""

    def __init__(self, workspaces: Sequence[Workspace]) -> None:
        self._workspaces = workspaces

    def routes(self) -> list[web.RouteDef]:
        """What to add to a web application."""
        return [
            web.post("/{kind:actions|commands|app}/{token}", self.respond),
            web.route("*", "/upload/{file}", self.upload),
            web.get("/files/{file}", self.download),
            web.get("/page/files/{file}", self.show),
        ]

    async def respond(self, request: web.Request) -> web.Response:
        """An app answers an interaction: `ok`, or the reason why not."""
        try:
            body: Json = json.loads(await request.text() or "{}")
            token = request.match_info["token"]
            asked = next((ws for ws in self._workspaces if token in ws.responses), self._workspaces[0])
            replies.respond(asked, token, body)
        except json.JSONDecodeError:
            return web.json_response({"ok": False, "error": "invalid_payload"}, status=400)
        except SlackError as error:
            status = 404 if error.code in ("used_url", "expired_url") else 200
            return web.json_response(error.body(), status=status)
        return web.Response(text="ok")

    async def upload(self, request: web.Request) -> web.Response:
        """The bytes of a file, raw or as a form."""
        file = self._file(request)
        if file is None:
            return web.Response(status=404)
        if request.content_type == "multipart/form-data":
            form = await request.post()
            part = next((v for v in form.values() if isinstance(v, web.FileField)), None)
            file.content = part.file.read() if part is not None else b""
        else:
            file.content = await request.read()
        if len(file.content) != file.length:
            file.content = None
            return web.Response(status=400, text="length does not match")
        return web.Response(text=f"OK - {file.length}")

    async def download(self, request: web.Request) -> web.Response:
        """A file for the app: wants the bot token, as on Slack."""
        tokens = {f"Bearer {ws.app.bot_token}" for ws in self._workspaces}
        if request.headers.get("Authorization") not in tokens:
            return web.Response(status=401)
        return self._content(request)

    async def show(self, request: web.Request) -> web.Response:
        """A file for the people at the page."""
        return self._content(request)

    def _file(self, request: web.Request) -> File | None:
        file_id = request.match_info["file"]
        return next((ws.files[file_id] for ws in self._workspaces if file_id in ws.files), None)

    def _content(self, request: web.Request) -> web.Response:
        file = self._file(request)
        if file is None or file.content is None:
            return web.Response(status=404)
        headers = {"Content-Disposition": f'attachment; filename="{file.id}-{_plain(file.name)}"'}
        return web.Response(body=file.content, content_type="application/octet-stream", headers=headers)


def _plain(name: str) -> str:
    return "".join(c if c.isalnum() or c in ".-_" else "_" for c in name)

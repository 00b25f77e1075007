"""Keeps a whole workspace in one JSON file, written atomically, so that a demo can be taken up again."""

import base64
import json
import os
from dataclasses import asdict
from pathlib import Path

from sandbox.clock import Clock
from sandbox.limits import Limits
from sandbox.state import App, Channel, Command, File, Json, Shortcut, Team, User
from sandbox.workspace import Workspace

VERSION = 1


def save(ws: Workspace, path: Path) -> None:
    """Write the workspace to a file. Open modals are not kept: they belong to a screen."""
    write(dump(ws), path)


def write(text: str, path: Path) -> None:
    """Replace a file in one step: after a crash it is the old one or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(path.name + ".new")
    with fresh.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)


def dump(ws: Workspace) -> str:
    """The workspace as JSON."""
    content: Json = {
        "version": VERSION,
        "home": ws.home.id,
        "teams": [asdict(t) for t in ws.teams.values()],
        "app": asdict(ws.app),
        "users": [asdict(u) for u in ws.users.values()],
        "channels": [asdict(c) for c in ws.channels.values()],
        "homes": ws.homes,
        "ephemerals": ws.ephemerals,
        "files": [_file(f) for f in ws.files.values()],
        "undelivered": ws.undelivered,
        "guests_may_use_commands": ws.guests_may_use_commands,
        "last_ts": ws.stamp(),
    }
    return json.dumps(content, ensure_ascii=False)


def load(path: Path, *, clock: Clock | None = None, limits: Limits | None = None) -> Workspace:
    """Read a workspace from a file. Raises FileNotFoundError, or ValueError if it is none or of another version."""
    content = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(content, dict) or content.get("version") != VERSION:
        raise ValueError(f"{path} holds no workspace of version {VERSION}")
    teams = {t["id"]: Team(**t) for t in content["teams"]}
    ws = Workspace(teams[content["home"]], _app(content["app"]), clock=clock, limits=limits)
    ws.teams.update(teams)
    ws.users = {u["id"]: User(**u) for u in content["users"]}
    ws.channels = {c["id"]: Channel(**c) for c in content["channels"]}
    ws.homes = content["homes"]
    ws.ephemerals = content["ephemerals"]
    ws.files = {f["id"]: _read_file(f) for f in content["files"]}
    ws.undelivered = content["undelivered"]
    ws.guests_may_use_commands = content["guests_may_use_commands"]
    ws.not_before(content["last_ts"])
    return ws


def _app(fields: Json) -> App:
    commands = [Command(**c) for c in fields.pop("commands")]
    shortcuts = [Shortcut(**s) for s in fields.pop("shortcuts")]
    return App(**fields, commands=commands, shortcuts=shortcuts)


def _file(file: File) -> Json:
    data = None if file.content is None else base64.b64encode(file.content).decode()
    return {**asdict(file), "content": data}


def _read_file(fields: Json) -> File:
    data = fields["content"]
    return File(**{**fields, "content": None if data is None else base64.b64decode(data)})

"""What a method handler gets: the workspace and the arguments of one call, with readers that refuse bad ones."""

import base64
import binascii
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from sandbox.errors import SlackError
from sandbox.installs import Installs
from sandbox.state import Channel, Json
from sandbox.workspace import Workspace

TokenKind = Literal["bot", "app", "none"]

_PREFIX = {"channel": "channels", "private": "groups", "im": "im", "mpim": "mpim"}


@dataclass(frozen=True)
class Context:
    """One call: its workspace, its arguments as they came (strings from forms, values from JSON), and the socket URL.

    `socket_url` makes the address of a new Socket Mode connection.
    """

    ws: Workspace
    args: Json
    installs: Installs
    socket_url: Callable[[], str] = field(default=lambda: "")
    token: str = field(default="", repr=False)

    def text(self, name: str, default: str = "") -> str:
        """An optional string."""
        value = self.args.get(name)
        return default if value is None else str(value)

    def required(self, name: str) -> str:
        """A string that must be there. Raises `invalid_arguments`."""
        value = self.text(name)
        if not value:
            raise SlackError("invalid_arguments", messages=[f"[ERROR] missing required field: {name}"])
        return value

    def flag(self, name: str, default: bool = False) -> bool:
        """A boolean: true, 1, "1", "true"."""
        value = self.args.get(name)
        return default if value is None else str(value).lower() in ("1", "true")

    def number(self, name: str, default: int, *, most: int = 1000) -> int:
        """A whole number from 1 to `most`. Raises `invalid_limit`."""
        raw = self.args.get(name)
        if raw in (None, "", 0, "0"):
            return default
        try:
            value = int(str(raw))
        except ValueError:
            raise SlackError("invalid_limit") from None
        if not 1 <= value <= most:
            raise SlackError("invalid_limit")
        return value

    def structure(self, name: str) -> Any:
        """An object or list, which forms carry as a JSON string. Raises `invalid_arguments` for broken JSON."""
        value = self.args.get(name)
        if not isinstance(value, str) or not value.strip():
            return value
        try:
            return json.loads(value)
        except json.JSONDecodeError:
            raise SlackError("invalid_arguments", messages=[f"[ERROR] {name} is not valid JSON"]) from None

    def structures(self, *names: str) -> Json:
        """Arguments with these objects decoded."""
        return {**self.args, **{name: self.structure(name) for name in names if name in self.args}}

    def names(self, name: str) -> list[str]:
        """A list of strings: comma-joined or a JSON list."""
        value = self.args.get(name)
        items = value if isinstance(value, list) else str(value or "").split(",")
        return [str(item).strip() for item in items if str(item).strip()]

    def need(self, scope: str) -> None:
        """Raises `missing_scope` unless the app has the scope ("" needs none)."""
        if scope and scope not in self.ws.app.scopes:
            raise SlackError("missing_scope", needed=scope, provided=",".join(self.ws.app.scopes))

    def need_for(self, channel: Channel, verb: str) -> None:
        """Raises `missing_scope` unless the app may `verb` (read, history, write) this kind of conversation."""
        self.need(f"{_PREFIX[channel.kind]}:{verb}")

    def page(self, items: list[Any], default: int, *, most: int = 1000) -> tuple[list[Any], str]:
        """One page of a list and the cursor of the next ("" at the end). Raises `invalid_cursor`, `invalid_limit`."""
        start = self._start()
        end = start + self.number("limit", default, most=most)
        cursor = base64.b64encode(f"next:{end}".encode()).decode() if end < len(items) else ""
        return items[start:end], cursor

    def _start(self) -> int:
        cursor = self.text("cursor")
        if not cursor:
            return 0
        try:
            word, _, number = base64.b64decode(cursor, validate=True).decode().partition(":")
            if word != "next":
                raise SlackError("invalid_cursor")
            return int(number)
        except (binascii.Error, UnicodeDecodeError, ValueError):
            raise SlackError("invalid_cursor") from None


@dataclass(frozen=True, slots=True)
class Method:
    """One Web API method. `scope` "" needs none (or the handler asks by kind of conversation)."""

    handler: Callable[[Context], Json]
    scope: str = ""
    tier: int = 3
    needs: TokenKind = "bot"

"""What happened in the channels, to be read: one line each, with the local moment, who, where and what."""

import re
from datetime import datetime
from itertools import groupby
from typing import NamedTuple
from zoneinfo import ZoneInfo

from models.clock import Clock
from sandbox.state import Change, Channel, Json
from sandbox.workspace import Workspace

_DATE = re.compile(r"<!date\^\d+\^[^|]*\|([^>]*)>")
_MENTION = re.compile(r"<@(\w+)>")
_LINK = re.compile(r"<(https?://[^|>]+)(?:\|([^>]*))?>")


class Line(NamedTuple):
    """Something that happened: when, where, whether the bot did it, and the line that tells it."""

    moment: datetime
    where: str
    is_bot: bool
    text: str


class Transcript:
    """Listens to a sandbox workspace. Moments are local to whoever writes, or is written to; else to `zone`."""

    def __init__(self, workspace: Workspace, clock: Clock, zone: str) -> None:
        self._lines: list[Line] = []
        self._ws = workspace
        self._clock = clock
        self._zone = zone
        self._seen: dict[tuple[str, str], tuple[str, str, str]] = {}
        workspace.on_change.append(self._note)

    @property
    def lines(self) -> list[str]:
        """All of it, in the order in which it happened."""
        return [line.text for line in self._lines]

    def between(self, first: datetime, last: datetime) -> str:
        """A part of it as one text. What the bot says in several places at one moment is ordered by place."""
        told: list[Line] = []
        part = (line for line in self._lines if first <= line.moment < last)
        for (_, is_bot), found in groupby(
            part, key=lambda line: (line.moment.replace(second=0, microsecond=0), line.is_bot)
        ):
            lines = list(found)
            told += sorted(lines, key=lambda line: line.where) if is_bot else lines
        return "".join(f"{line.text}\n" for line in told)

    def _note(self, change: Change) -> None:
        match change.kind:
            case "message":
                self._said(change.channel, change.data["message"])
            case "message_changed":
                self._changed(change.channel, change.data["message"])
            case "message_deleted":
                self._removed(change.channel, change.data["ts"])
            case "ephemeral":
                self._whispered(change)
            case _:
                pass

    def _said(self, channel_id: str, message: Json) -> None:
        who, zone, where = self._place(channel_id, message)
        words = self._words(message)
        self._seen[channel_id, message["ts"]] = (who, where, words)
        self._write(zone, who, where, f"{who} {where}: {words}")

    def _changed(self, channel_id: str, message: Json) -> None:
        who, zone, where = self._place(channel_id, message)
        if message.get("subtype") == "tombstone":
            self._removed(channel_id, message["ts"])
            return
        words = self._words(message)
        if self._seen.get((channel_id, message["ts"]), ("", "", ""))[2] != words:  # otherwise only a reply was counted
            self._seen[channel_id, message["ts"]] = (who, where, words)
            self._write(zone, who, where, f"{who}, edited, {where}: {words}")

    def _removed(self, channel_id: str, ts: str) -> None:
        who, where, words = self._seen.pop((channel_id, ts), ("Somebody", "", ""))
        channel = self._ws.channels[channel_id]
        self._write(self._zone_in(channel), who, where, f"{who} removes, {where}: {words[:60]}")

    def _whispered(self, change: Change) -> None:
        message = change.data.get("message", change.data)
        user = self._ws.user(change.user)
        where = f"to {_first(user.real_name)} alone"
        self._write(user.tz, "Bot", where, f"Bot {where}: {self._words(message)}")

    def _place(self, channel_id: str, message: Json) -> tuple[str, str, str]:
        """Who, the zone to tell the moment in, and where."""
        channel = self._ws.channels[channel_id]
        is_bot = bool(message.get("bot_id"))
        author = self._ws.users.get(str(message.get("user", "")))
        who = "Bot" if is_bot or author is None else _first(author.real_name)
        zone = self._zone_in(channel) if is_bot or author is None else author.tz
        if channel.kind == "im":
            other = self._other(channel)
            return who, zone, f"to {other}" if is_bot else "to the bot"
        is_reply = message.get("thread_ts", message["ts"]) != message["ts"]
        return who, zone, "in the thread" if is_reply else f"in #{channel.name}"

    def _zone_in(self, channel: Channel) -> str:
        if channel.kind != "im":
            return self._zone
        return next(self._ws.user(one).tz for one in channel.members if not self._ws.user(one).is_bot)

    def _other(self, channel: Channel) -> str:
        return next(_first(self._ws.user(one).real_name) for one in channel.members if not self._ws.user(one).is_bot)

    def _words(self, message: Json) -> str:
        text = _DATE.sub(r"\1", str(message.get("text") or ""))
        text = _MENTION.sub(lambda found: f"@{self._name(found[1])}", text)
        return _LINK.sub(lambda found: found[2] or found[1], text).replace("\n", " / ")

    def _name(self, user_id: str) -> str:
        found = self._ws.users.get(user_id)
        return _first(found.real_name) if found else user_id

    def _write(self, zone: str, who: str, where: str, words: str) -> None:
        now = self._clock.now()
        moment, city = now.astimezone(ZoneInfo(zone)), zone.rpartition("/")[2].replace("_", " ")
        text = f"{moment:%a} {moment.day} {moment:%b %H:%M} {city} · {words}"
        self._lines.append(Line(now, where, who == "Bot", text))


def _first(name: str) -> str:
    return name.split()[0]


__all__ = ["Transcript"]

"""What Slack saw: every message of ours with who could read it at that moment, every edit, removal and call."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from models.clock import Clock
from sandbox.state import Change, Json
from sandbox.workspace import Workspace
from tests.support.posted import key_of

Spot = tuple[str, str]
"""Channel and ts."""


@dataclass(frozen=True, slots=True)
class Shown:
    """Something of ours that was shown: posted, edited, told to one person, or published on their Home tab."""

    moment: datetime
    how: str
    channel: str
    ts: str
    key: str
    """The opaque key in the metadata; "" where there is none."""
    text: str
    """All its words, the blocks' included."""
    readers: frozenset[str]


@dataclass
class History:
    """Everything of ours that was ever to be seen."""

    workspace: Workspace
    clock: Clock
    shown: list[Shown] = field(default_factory=list)
    standing: dict[Spot, str] = field(default_factory=dict)
    """Our messages that are there now, with their keys."""
    posted: Counter[str] = field(default_factory=Counter)
    """How often each key was posted."""
    _last: dict[Spot, str] = field(default_factory=dict)
    """What each of them says, all its words."""

    def __post_init__(self) -> None:
        self.workspace.on_change.append(self._note)

    def _note(self, change: Change) -> None:
        match change.kind:
            case "message" | "message_changed":
                self._said(change.kind, change.channel, change.data["message"])
            case "message_deleted":
                self.standing.pop((change.channel, change.data["ts"]), None)
            case "ephemeral":
                message = change.data.get("message", change.data)
                self._add("whispered", change.channel, str(message.get("ts", "")), "", message, {change.user})
            case "home":
                self._add("home", "", "", "", change.data["view"], {change.user})
            case "views":
                for view in change.data["views"]:
                    self._add("modal", "", "", "", view, {change.user})
            case _:
                pass

    def _said(self, how: str, channel: str, message: Json) -> None:
        spot = (channel, str(message["ts"]))
        if message.get("subtype") == "tombstone":
            self.standing.pop(spot, None)
            return
        if not message.get("bot_id"):
            return
        key = key_of(message)
        if how == "message":
            self.standing[spot] = key
            self.posted[key] += 1
        words = _all_words(message)
        if how == "message_changed" and self._last.get(spot) == words:
            return  # somebody replied below it: of ours nothing is shown that was not there before
        self._last[spot] = words
        self._add(how, *spot, key, message, set(self.workspace.channels[channel].members))

    def _add(self, how: str, channel: str, ts: str, key: str, content: Json, readers: set[str]) -> None:
        readers.discard(self.workspace.app.bot_user_id)
        self.shown.append(Shown(self.clock.now(), how, channel, ts, key, _all_words(content), frozenset(readers)))


_TOKEN = re.compile(r"\b(?:said|private)-\d+\b")


def tokens(text: str) -> frozenset[str]:
    """The marks by which the words of the simulated people are known again."""
    return frozenset(_TOKEN.findall(text))


def _all_words(content: Json) -> str:
    return "\n".join(_words({part: content.get(part) for part in ("text", "title", "blocks", "private_metadata")}))


def _words(content: object) -> Iterator[str]:
    """Every text in it, however deep."""
    match content:
        case str():
            yield content
        case dict():
            for part in content.values():
                yield from _words(part)
        case list():
            for part in content:
                yield from _words(part)
        case _:
            pass

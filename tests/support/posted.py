"""Our messages in Slack, known by the opaque key in their metadata."""

import json
from collections.abc import Iterator

from bot.gateway import EVENT_TYPE
from sandbox.state import Json
from sandbox.workspace import Workspace


def key_of(thing: Json) -> str:
    """The key of a message, or of a call that posts one; "" where there is none of ours."""
    given = thing.get("metadata") or {}
    metadata = json.loads(given) if isinstance(given, str) else given
    return str(metadata["event_payload"]["k"]) if metadata.get("event_type") == EVENT_TYPE else ""


def standing(workspace: Workspace) -> Iterator[tuple[str, str, str]]:
    """Channel, ts and key of everything of ours that is there now."""
    for channel in workspace.channels.values():
        for message in channel.messages.values():
            if key := key_of(message):
                yield channel.id, str(message["ts"]), key

"""Say something in Slack, in the transaction of the change that makes it true. Delivery happens elsewhere."""

from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import UUID

from models.base import new_id
from models.db import Tx
from models.engagements.tables import Engagement
from models.outbox import queries
from models.outbox.rules import Audience, Operation, OutboxState, Place
from models.outbox.tables import OutboxMessage


def post(
    tx: Tx,
    engagement: Engagement,
    kind: str,
    subject_id: UUID,
    *,
    key: str,
    place: Place = Place.CHANNEL,
    audience: Audience = Audience.JOINT,
    person_id: UUID | None = None,
    parent_key: str | None = None,
    channel_id: str | None = None,
    thread_ts: str | None = None,
    extra: dict[str, Any] | None = None,
) -> bool:
    """Post one message of `kind`, once for this `key` ever; false when that was said before.

    A direct message needs `person_id`; should it be impossible, the person is mentioned in the thread of
    `parent_key` instead. `channel_id` and `thread_ts` name a person's own message that is answered in its thread.
    """
    values = {
        "engagement_id": engagement.id,
        "key": key,
        "kind": kind,
        "operation": Operation.POST,
        "subject_id": subject_id,
        "place": place,
        "audience": audience,
        "person_id": person_id,
        "post_key": key,
        "parent_key": parent_key,
        "channel_id": channel_id,
        "thread_ts": thread_ts,
        "extra": extra or {},
        "lane": _lane(engagement, place, person_id, channel_id),
    }
    return tx.add_new(OutboxMessage, values | _fresh(tx, engagement.workspace_id))


class Direct(NamedTuple):
    """A direct message to be posted, with the thread of `parent_key` to fall back to."""

    workspace_id: str
    engagement_id: UUID
    kind: str
    subject_id: UUID
    key: str
    person_id: UUID
    parent_key: str


def post_all(tx: Tx, messages: Sequence[Direct]) -> None:
    """Post many direct messages at once. Their keys must be new: the caller's own state says so."""
    rows = [
        {
            "workspace_id": message.workspace_id,
            "id": new_id(),
            "engagement_id": message.engagement_id,
            "key": message.key,
            "kind": message.kind,
            "subject_id": message.subject_id,
            "person_id": message.person_id,
            "post_key": message.key,
            "parent_key": message.parent_key,
            "lane": f"direct:{message.person_id}",
        }
        for message in messages
    ]
    alike = {
        "operation": Operation.POST,
        "place": Place.DIRECT,
        "audience": Audience.JOINT,
        "state": OutboxState.READY,
        "extra": {},
        "attempts": 0,
        "not_before": tx.wall,
        "written_at": tx.now,
    }
    tx.add_many(OutboxMessage, rows, alike)


def refresh(tx: Tx, workspace_id: str, *post_keys: str) -> None:
    """Edit the posts with these keys to the present state. Edits that wait collapse into one."""
    _follow(tx, workspace_id, post_keys, Operation.REFRESH)


_LIVING = ("ask.", "blocker.", "checkin.", "escalation.")
"""Kinds of posts that are kept true; others, such as an answer to somebody's words, stay as they were said."""


def draw_again(tx: Tx, channel_id: str, ts: str) -> None:
    """Edit our message at this place in Slack to the present state: somebody pressed in it what was old."""
    post = queries.post_at(tx, tx.actor.workspace_id, channel_id, ts)
    if post is not None and post.kind.startswith(_LIVING):
        refresh(tx, post.workspace_id, post.key)


def delete(tx: Tx, workspace_id: str, *post_keys: str) -> None:
    """Remove the posts with these keys from Slack; drop those that were not sent yet."""
    _follow(tx, workspace_id, post_keys, Operation.DELETE)


def _follow(tx: Tx, workspace_id: str, post_keys: Sequence[str], operation: Operation) -> None:
    rows = [
        {**original, "operation": operation, "key": f"{operation}:{new_id()}", **_fresh(tx, workspace_id)}
        for original in queries.unfollowed(tx, workspace_id, post_keys, operation)
    ]
    tx.add_all(OutboxMessage, rows)


def _fresh(tx: Tx, workspace_id: str) -> dict[str, Any]:
    """What every message begins with."""
    return {
        "workspace_id": workspace_id,
        "id": new_id(),
        "state": OutboxState.READY,
        "attempts": 0,
        "not_before": tx.wall,
        "written_at": tx.now,
    }


def _lane(engagement: Engagement, place: Place, person_id: UUID | None, channel_id: str | None) -> str:
    match place:
        case Place.CHANNEL:
            return f"channel:{channel_id or engagement.channel_id}"
        case Place.INHOUSE:
            return f"channel:{engagement.inhouse_channel_id}"
        case Place.DIRECT:
            return f"direct:{person_id}"
        case Place.HOME:
            return f"home:{person_id}"

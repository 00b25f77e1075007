"""Say something in Slack, in the transaction of the change that makes it true. Delivery happens elsewhere."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import insert, literal_column

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
) -> None:
    """Post one message of `kind`, once for this `key` ever.

    A direct message needs `person_id`; should it be impossible, the person is mentioned in the thread of
    `parent_key` instead. `channel_id` and `thread_ts` name a person's own message that is answered in its thread.
    """
    if queries.by_key(tx, engagement.workspace_id, key) is not None:
        return
    tx.add(
        OutboxMessage(
            workspace_id=engagement.workspace_id,
            engagement_id=engagement.id,
            key=key,
            kind=kind,
            subject_id=subject_id,
            place=place,
            audience=audience,
            person_id=person_id,
            post_key=key,
            parent_key=parent_key,
            channel_id=channel_id,
            thread_ts=thread_ts,
            extra=extra or {},
            lane=_lane(engagement, place, person_id, channel_id),
            not_before=tx.now,
            written_at=tx.now,
        )
    )


@dataclass(frozen=True, slots=True)
class Direct:
    """A direct message to be posted, with the thread of `parent_key` to fall back to."""

    workspace_id: str
    engagement_id: UUID
    kind: str
    subject_id: UUID
    key: str
    person_id: UUID
    parent_key: str


_DIRECT = insert(OutboxMessage).values(
    operation=literal_column(f"'{Operation.POST}'"),  # in the text of the statement: not sent with each of the rows
    place=literal_column(f"'{Place.DIRECT}'"),
    audience=literal_column(f"'{Audience.JOINT}'"),
    state=literal_column(f"'{OutboxState.READY}'"),
    extra=literal_column("'{}'"),
    attempts=literal_column("0"),
)


def post_all(tx: Tx, messages: Sequence[Direct]) -> None:
    """Post many direct messages at once. Their keys must be new: the caller's own state says so."""
    if not messages:
        return
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
    tx.session.connection().execute(_DIRECT.values(not_before=tx.now, written_at=tx.now), rows)


def refresh(tx: Tx, workspace_id: str, post_key: str) -> None:
    """Edit the post with this key to the present state. Edits that wait collapse into one."""
    _follow(tx, workspace_id, post_key, Operation.REFRESH)


def delete(tx: Tx, workspace_id: str, post_key: str) -> None:
    """Remove the post with this key from Slack; drop it if it was not sent yet."""
    _follow(tx, workspace_id, post_key, Operation.DELETE)


def _follow(tx: Tx, workspace_id: str, post_key: str, operation: Operation) -> None:
    original = queries.by_key(tx, workspace_id, post_key)
    if original is None or queries.is_pending(tx, workspace_id, post_key, operation):
        return
    tx.add(
        OutboxMessage(
            workspace_id=workspace_id,
            engagement_id=original.engagement_id,
            key=f"{operation}:{new_id()}",
            kind=original.kind,
            operation=operation,
            subject_id=original.subject_id,
            place=original.place,
            audience=original.audience,
            person_id=original.person_id,
            post_key=post_key,
            parent_key=original.parent_key,
            channel_id=original.channel_id,
            thread_ts=original.thread_ts,
            extra=original.extra,
            lane=original.lane,
            not_before=tx.now,
            written_at=tx.now,
        )
    )


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

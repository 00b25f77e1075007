"""What cannot be reached: a direct message becomes a mention, a channel that refuses is told to the owners."""

from datetime import datetime

from models.db import Tx
from models.engagements.tables import Engagement, Person
from models.outbox import posts, service, trouble
from models.outbox.rules import MENTION, Audience, Operation, OutboxState, Place
from models.outbox.tables import OutboxMessage
from models.outbox.transitions import again, close

_THREAD_CODES = frozenset({"thread_not_found", "cannot_reply_to_message", "message_not_found"})
_MESSAGE_CODES = frozenset({"cant_update_message", "cant_delete_message", "edit_window_closed"})
"""One message stays as it is. It says nothing of the channel."""
_MESSAGE_GONE = "message_not_found"
_STALE_CHANNEL = "channel_not_found"


def gone(tx: Tx, row: OutboxMessage, code: str, channel_id: str, wall: datetime) -> None:
    """A post to a channel that cannot be reached is dead at once, and the engagement is marked.

    Neither held back nor repeated: when somebody mends the channel, yesterday's boards must not pour into it.
    Each later post tries anew, so nobody has to switch anything on again; the first that succeeds clears the mark.
    """
    if code == _MESSAGE_GONE and row.operation is not Operation.POST:
        close(row, OutboxState.SENT if row.operation is Operation.DELETE else OutboxState.DROPPED, code)
        posts.mark_deleted(tx, row.workspace_id, row.post_key)
    elif row.place is Place.DIRECT:
        _no_direct(tx, row, code, wall)
    elif code in _THREAD_CODES and row.parent_key:
        close(row, OutboxState.DEAD, code)
        posts.mark_deleted(tx, row.workspace_id, row.parent_key)
    elif code in _MESSAGE_CODES or (code in _THREAD_CODES and row.thread_ts):
        close(row, OutboxState.DEAD, code)  # a message of ours that stays as it is, or somebody's own that is gone
    else:
        close(row, OutboxState.DEAD, code)
        engagement = tx.one(Engagement, row.workspace_id, row.engagement_id)
        if channel_id == engagement.channel_id:
            trouble.found(tx, engagement, Place.CHANNEL, code)
        elif channel_id == engagement.inhouse_channel_id:
            trouble.found(tx, engagement, Place.INHOUSE, code)
        else:
            tell_owners(tx, row, code, channel_id)


def tell_owners(tx: Tx, row: OutboxMessage, code: str, channel_id: str) -> None:
    """Tell the in-house owners of what is no channel's trouble, once a day for each reason."""
    if row.kind != trouble.NOTICE and row.operation is Operation.POST:
        engagement = tx.one(Engagement, row.workspace_id, row.engagement_id)
        trouble.tell(tx, engagement, "", key=f"{code}:{tx.now.date()}", channel_id=channel_id, code=code)


def _no_direct(tx: Tx, row: OutboxMessage, code: str, wall: datetime) -> None:
    """A direct message cannot be delivered: mention the person in the thread instead, where there is one."""
    is_post = row.operation is Operation.POST
    person = tx.one(Person, row.workspace_id, row.person_id) if row.person_id else None
    if is_post and code == _STALE_CHANNEL and person and person.dm_channel_id:
        person.dm_channel_id = None
        again(row, wall, code)
        return
    close(row, OutboxState.DEAD, code)
    if is_post and row.parent_key and row.audience is Audience.JOINT:
        service.post(
            tx,
            tx.one(Engagement, row.workspace_id, row.engagement_id),
            row.kind,
            row.subject_id,
            key=row.key + MENTION,
            person_id=row.person_id,
            parent_key=row.parent_key,
            extra={**row.extra, "mention": True},
        )

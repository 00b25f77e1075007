"""What cannot be reached: a direct message becomes a mention, a channel that refuses is told to the owners."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlmodel import col, select

from models.access import Role, Side
from models.db import Tx
from models.engagements.tables import Engagement, Participant, Person
from models.outbox import posts, service
from models.outbox.rules import MENTION, Audience, Operation, OutboxState, Place
from models.outbox.tables import OutboxMessage
from models.outbox.transitions import again, close

NOTICE = "owner.notice"
_THREAD_CODES = frozenset({"thread_not_found", "cannot_reply_to_message", "message_not_found"})
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
    else:
        close(row, OutboxState.DEAD, code)
        engagement = tx.one(Engagement, row.workspace_id, row.engagement_id)
        if channel_id == engagement.channel_id:
            engagement.trouble = f"I cannot post in the shared channel. Slack says: {code}."
        tell_owners(tx, row, code, channel_id)


def tell_owners(tx: Tx, row: OutboxMessage, code: str, channel_id: str, notice: str = "") -> None:
    """Tell the in-house owners by direct message, once a day for each reason. `notice` names the words to use."""
    if row.kind == NOTICE or row.operation is not Operation.POST:
        return
    engagement = tx.one(Engagement, row.workspace_id, row.engagement_id)
    for person_id in _owners(tx, engagement):
        service.post(
            tx,
            engagement,
            NOTICE,
            engagement.id,
            key=f"notice:{engagement.id}:{code}:{tx.now.date()}:{person_id}",
            place=Place.DIRECT,
            audience=Audience.INHOUSE,
            person_id=person_id,
            extra={"code": code, "channel": channel_id, "engagement": f"{engagement.company} and {engagement.vendor}"}
            | ({"notice": notice} if notice else {}),
        )


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


def _owners(tx: Tx, engagement: Engagement) -> Sequence[UUID]:
    return tx.session.exec(
        select(Participant.person_id).where(
            Participant.workspace_id == engagement.workspace_id,
            Participant.engagement_id == engagement.id,
            Participant.side == Side.INHOUSE,
            Participant.role == Role.OWNER,
            col(Participant.is_active).is_(True),
        )
    ).all()

"""Reads of the outbox and of our posts."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam
from sqlmodel import col, select

from models.access import Side
from models.db import Tx
from models.engagements.tables import Engagement, Participant, Person
from models.outbox.conditions import is_looked_for
from models.outbox.rules import MENTION, Operation, OutboxState
from models.outbox.tables import OutboxMessage, Post
from models.prepared import at, is_at


def by_key(tx: Tx, workspace_id: str, key: str) -> OutboxMessage | None:
    """The message with this key, whatever became of it."""
    return tx.session.exec(
        select(OutboxMessage).where(OutboxMessage.workspace_id == workspace_id, OutboxMessage.key == key)
    ).one_or_none()


_FOLLOWED = (
    "engagement_id", "kind", "subject_id", "place", "audience", "person_id", "post_key", "parent_key", "channel_id",
    "thread_ts", "extra", "lane",
)  # fmt: skip
"""What a message that changes or removes another one has of it."""


def unfollowed(tx: Tx, workspace_id: str, post_keys: Sequence[str], operation: Operation) -> list[dict[str, Any]]:
    """What to send after the posts with these keys, in this order, where the same is not waiting already.

    One that waits and is not yet being rendered will show the latest state; for a refresh, the original post still
    waiting is enough. What waits is held until the commit, so that nobody begins to render it before this change is
    there to be seen; what somebody begins to render just now counts for nothing.
    """
    if not post_keys:
        return []
    operations = [operation, Operation.POST] if operation is Operation.REFRESH else [operation]
    values = {"workspace": workspace_id, "keys": list(post_keys), "operations": operations}
    found = {row.post_key: row._asdict() for row in tx.beside(_UNFOLLOWED, values)}
    return [found[key] for key in post_keys if key in found]


_WAITING = (
    select(OutboxMessage.post_key)
    .where(
        OutboxMessage.workspace_id == bindparam("workspace"),
        col(OutboxMessage.post_key).in_(bindparam("keys", expanding=True)),
        OutboxMessage.state == OutboxState.READY,
        OutboxMessage.attempts == 0,
        col(OutboxMessage.operation).in_(bindparam("operations", expanding=True)),
    )
    .with_for_update(read=True, skip_locked=True)
    .cte("waiting")
)
_UNFOLLOWED = select(*(getattr(OutboxMessage, column) for column in _FOLLOWED)).where(
    OutboxMessage.workspace_id == bindparam("workspace"),
    col(OutboxMessage.key).in_(bindparam("keys", expanding=True)),
    col(OutboxMessage.key).not_in(select(_WAITING.c.post_key)),
)


def post_by_key(tx: Tx, workspace_id: str, key: str) -> Post | None:
    """Our visible message with this key, if it is in Slack."""
    return tx.session.exec(_POST_BY_KEY, params=at(workspace_id, of=key)).one_or_none()


_POST_BY_KEY = select(Post).where(is_at(Post, Post.key, "of"))


def posts_by_keys(tx: Tx, workspace_id: str, keys: Sequence[str]) -> Sequence[Post]:
    """Those of our visible messages with these keys that are in Slack."""
    return tx.session.exec(select(Post).where(Post.workspace_id == workspace_id, col(Post.key).in_(keys))).all()


def post_at(tx: Tx, workspace_id: str, channel_id: str, ts: str) -> Post | None:
    """Our visible message at a place in Slack: how a thread reply finds its check-in."""
    return tx.session.exec(_POST_AT, params=at(workspace_id, channel=channel_id, ts=ts)).one_or_none()


_POST_AT = select(Post).where(is_at(Post, Post.channel_id, "channel"), Post.ts == bindparam("ts"))


def may_be_coming(tx: Tx, workspace_id: str, channel_id: str, ts: str) -> bool:
    """Whether a message at a place in Slack, which is ours, may be one that is not recorded yet.

    It is there before we hear so: another process may be sending it, or nobody knows yet what became of it. Of what
    nobody found for so long that its lane does not wait for it any more, none is expected.
    """
    if post_at(tx, workspace_id, channel_id, ts) is not None:
        return False
    return tx.beside(_COMING, at(workspace_id, tx.wall)).first() is not None


_COMING = select(OutboxMessage.id).where(is_looked_for(), OutboxMessage.operation == Operation.POST).limit(1)


def latest_board(tx: Tx, workspace_id: str, engagement_id: UUID) -> str | None:
    """Key of the engagement's newest check-in board, sent or waiting to be sent: the thread that is live."""
    return tx.session.exec(_LATEST_BOARD, params=at(workspace_id, engagement=engagement_id)).first()


_LATEST_BOARD = (
    select(OutboxMessage.key)
    .where(
        is_at(OutboxMessage, OutboxMessage.engagement_id, "engagement"),
        OutboxMessage.kind == "checkin.board",
        OutboxMessage.operation == Operation.POST,
        OutboxMessage.state != OutboxState.DEAD,
    )
    .order_by(col(OutboxMessage.id).desc())
    .limit(1)
)


def keys_about(
    tx: Tx, workspace_id: str, engagement_id: UUID, subject_id: UUID, kinds: Collection[str]
) -> tuple[str, ...]:
    """Keys of the posts of these kinds about one row, sent or waiting to be sent."""
    where = at(workspace_id, engagement=engagement_id, subject=subject_id, kinds=list(kinds))
    return tuple(tx.session.exec(_KEYS_ABOUT, params=where))


_KEYS_ABOUT = (
    select(OutboxMessage.key)
    .where(
        is_at(OutboxMessage, OutboxMessage.engagement_id, "engagement"),
        col(OutboxMessage.kind).in_(bindparam("kinds", expanding=True)),
        OutboxMessage.operation == Operation.POST,
        OutboxMessage.subject_id == bindparam("subject"),
        col(OutboxMessage.key).not_like(f"%{MENTION}"),
        OutboxMessage.state != OutboxState.DROPPED,
    )
    .order_by(col(OutboxMessage.id))
)


@dataclass(frozen=True, slots=True)
class Readers:
    """Who may read in-house matter of an engagement, and who for certain may not, by Slack user id."""

    inhouse: frozenset[str]
    vendors: frozenset[str]
    """On any engagement's roster for a provider, and not in-house on this one."""
    revision: int = 0
    """Counts what Slack told of who reads the in-house channel: what was seen at another count is not believed."""


def readers(tx: Tx, workspace_id: str, engagement_id: UUID) -> Readers:
    """The rosters as they are now."""
    rows = tx.session.exec(
        select(Person.slack_user_id, Participant.side, Participant.engagement_id)
        .join(Person, (col(Person.id) == Participant.person_id) & (col(Person.workspace_id) == workspace_id))
        .where(Participant.workspace_id == workspace_id, col(Participant.is_active).is_(True))
    ).all()
    inhouse = {user for user, side, where in rows if side is Side.INHOUSE and where == engagement_id}
    vendors = {user for user, side, _ in rows if side is Side.VENDOR}
    revision = tx.session.exec(
        select(Engagement.inhouse_revision).where(
            Engagement.workspace_id == workspace_id, Engagement.id == engagement_id
        )
    ).one()
    return Readers(frozenset(inhouse), frozenset(vendors - inhouse), revision)


def side_of(tx: Tx, workspace_id: str, engagement_id: UUID, person_id: UUID) -> Side | None:
    """The side a person serves in an engagement now; none if they are not on its roster."""
    where = at(workspace_id, engagement=engagement_id, of=person_id)
    found = tx.session.exec(_SIDE, params=where).one_or_none()
    return Side(found) if found else None


_SIDE = select(Participant.side).where(
    is_at(Participant, Participant.engagement_id, "engagement"),
    Participant.person_id == bindparam("of"),
    col(Participant.is_active).is_(True),
)

"""Our visible messages in Slack: writing down where they are, each key once."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import insert
from sqlmodel import SQLModel

from models.base import new_id
from models.db import Tx
from models.outbox import queries
from models.outbox.rules import MENTION, Operation, OutboxState
from models.outbox.tables import OutboxMessage
from models.outbox.transitions import close

_DOUBLE = "again:"
"""Begins the key of a second copy of a message, until it is removed."""


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a message is: channel, ts, and the thread it is in."""

    channel_id: str
    ts: str
    thread_ts: str | None = None


def add(tx: Tx, rows: Sequence[tuple[OutboxMessage, Spot]]) -> None:
    """Write down new posts."""
    if rows:
        _insert(tx, [_values(tx, row, row.post_key, spot) for row, spot in rows])


def adopt(tx: Tx, row: OutboxMessage, spots: Sequence[Spot]) -> None:
    """A message was found in Slack: it is sent. Found more than once, the oldest stays and the others go."""
    close(row, OutboxState.SENT)
    known = queries.post_by_key(tx, row.workspace_id, row.post_key)
    places = {spot.ts: spot for spot in spots}
    if known is not None:
        places[known.ts] = Spot(known.channel_id, known.ts, known.thread_ts)
    first, *more = [places[ts] for ts in sorted(places)]
    if known is None:
        add(tx, [(row, first)])
    elif known.ts != first.ts:
        known.ts = first.ts
        tx.session.flush()
    for spot in more:
        _remove_double(tx, row, spot)


def mark_deleted(tx: Tx, workspace_id: str, post_key: str) -> None:
    """The message (or the mention in its place) is not in Slack any more."""
    for key in (post_key, post_key + MENTION):
        post = queries.post_by_key(tx, workspace_id, key)
        if post is not None and key.startswith(_DOUBLE):
            tx.session.delete(post)  # it never meant anything, and nothing refers to it
        elif post is not None:
            post.is_deleted = True


def _remove_double(tx: Tx, row: OutboxMessage, spot: Spot) -> None:
    key = f"{_DOUBLE}{row.id}:{spot.ts}"
    if queries.post_by_key(tx, row.workspace_id, key) is not None:
        return
    _insert(tx, [_values(tx, row, key, spot)])
    tx.add(
        OutboxMessage(
            workspace_id=row.workspace_id,
            engagement_id=row.engagement_id,
            key=f"{Operation.DELETE}:{new_id()}",
            kind=row.kind,
            operation=Operation.DELETE,
            subject_id=row.subject_id,
            place=row.place,
            audience=row.audience,
            person_id=row.person_id,
            post_key=key,
            lane=row.lane,
            not_before=tx.wall,
            written_at=tx.now,
        )
    )


def _insert(tx: Tx, rows: list[dict[str, Any]]) -> None:
    """As a table: many rows are far cheaper than through the mapping."""
    tx.session.flush()
    tx.session.execute(insert(SQLModel.metadata.tables["post"]), rows)


def _values(tx: Tx, row: OutboxMessage, key: str, spot: Spot) -> dict[str, Any]:
    return {
        "id": new_id(),
        "workspace_id": row.workspace_id,
        "engagement_id": row.engagement_id,
        "key": key,
        "kind": row.kind,
        "subject_id": row.subject_id,
        "channel_id": spot.channel_id,
        "ts": spot.ts,
        "thread_ts": spot.thread_ts,
        "posted_at": tx.now,
        "is_deleted": False,
    }

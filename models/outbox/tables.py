"""Outbox message, post, Home tab, gate."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from models.base import Reach, Row, belongs_to, stored
from models.outbox.rules import Audience, Operation, OutboxState, Place

_OPEN = text("state IN ('ready', 'leased', 'unsure')")
_READY = text("state = 'ready'")
_HELD = text("state IN ('leased', 'unsure')")
_FAILED = text("state IN ('unsure', 'dead')")
_CLOSED = text("state IN ('sent', 'dropped', 'dead') AND operation <> 'post'")


class OutboxMessage(Row, table=True):
    """Something to be done in Slack: kind and ids, no text. It is rendered from the state at delivery."""

    reach = Reach.NOBODY
    __tablename__ = "outbox_message"
    __table_args__ = (
        UniqueConstraint("workspace_id", "key"),
        belongs_to("engagement", "engagement_id"),
        Index("ix_outbox_kind", "workspace_id", "engagement_id", "kind", "id"),
        Index("ix_outbox_post", "workspace_id", "post_key"),
        Index("ix_outbox_lane", "workspace_id", "lane", "id", sqlite_where=_OPEN, postgresql_where=_OPEN),
        Index("ix_outbox_ready", "workspace_id", "operation", "id", sqlite_where=_READY, postgresql_where=_READY),
        Index("ix_outbox_held", "workspace_id", "state", "lease_until", sqlite_where=_HELD, postgresql_where=_HELD),
        Index("ix_outbox_closed", "written_at", sqlite_where=_CLOSED, postgresql_where=_CLOSED),
        Index("ix_outbox_failed", "workspace_id", "engagement_id", sqlite_where=_FAILED, postgresql_where=_FAILED),
    )

    engagement_id: UUID = Field(description="Whom it is about; of a Home, one of the person's.")
    key: str = Field(max_length=200, description="Says the same thing only once: unique in the workspace.")
    kind: str = Field(max_length=64, description="Which renderer makes the message.")
    operation: Operation = Field(default=Operation.POST, sa_type=stored(Operation))
    subject_id: UUID = Field(description="The row the renderer starts from.")
    place: Place = Field(sa_type=stored(Place))
    audience: Audience = Field(default=Audience.JOINT, sa_type=stored(Audience))
    person_id: UUID | None = Field(default=None, description="Whose direct message, or whom a fallback mentions.")
    post_key: str = Field(max_length=200, description="Key of the post it makes, changes or removes.")
    parent_key: str | None = Field(default=None, max_length=200, description="Key of the post it answers in a thread.")
    thread_ts: str | None = Field(default=None, max_length=32, description="Thread of a person's message it answers.")
    channel_id: str | None = Field(default=None, max_length=32, description="Where, when `place` does not say it all.")
    extra: dict[str, Any] = Field(default_factory=dict, sa_type=JSON, description="More ids or words for the renderer.")
    lane: str = Field(max_length=80, description="One message at a time, in order, in each lane.")
    state: OutboxState = Field(default=OutboxState.READY, sa_type=stored(OutboxState))
    not_before: datetime = Field(description="UTC, delivery clock: when it was written, then of the next try.")
    lease_until: datetime | None = Field(
        default=None, description="UTC, delivery clock. Leased: the worker's time; unsure: how long its lane waits."
    )
    lease_by: str | None = Field(default=None, max_length=64)
    attempts: int = Field(default=0, description="Tries that came to nothing.")
    first_sent_at: datetime | None = Field(default=None, description="UTC, domain clock: where to look for it.")
    error: str | None = Field(default=None, max_length=300)
    written_at: datetime


class Post(Row, table=True):
    """What we have in Slack: one visible message of ours."""

    reach = Reach.NOBODY
    __table_args__ = (
        UniqueConstraint("workspace_id", "key"),
        UniqueConstraint("workspace_id", "channel_id", "ts"),
        belongs_to("engagement", "engagement_id"),
    )

    engagement_id: UUID
    key: str = Field(max_length=200)
    kind: str = Field(max_length=64)
    subject_id: UUID = Field(index=True)
    channel_id: str = Field(max_length=32)
    ts: str = Field(max_length=32)
    thread_ts: str | None = Field(default=None, max_length=32)
    posted_at: datetime
    is_deleted: bool = False


class Home(Row, table=True):
    """A person's Home tab that was opened at least once: from then on it is kept true."""

    reach = Reach.NOBODY
    __table_args__ = (UniqueConstraint("workspace_id", "person_id"), belongs_to("person", "person_id"))

    person_id: UUID
    opened_at: datetime = Field(description="The last time.")
    page: int = Field(default=0, description="Which page of the engagements is shown.")
    view_hash: str | None = Field(default=None, max_length=64, description="Slack's hash of the view it shows.")


class Gate(SQLModel, table=True):
    """When a channel or a workspace is free again: Slack's limits, kept for all replicas (GCRA)."""

    workspace_id: str = Field(primary_key=True, max_length=32)
    key: str = Field(primary_key=True, max_length=80, description="A lane, or one of `gates`.")
    free_at: datetime = Field(description="UTC, delivery clock.")

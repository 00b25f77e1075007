"""Blocker and its history."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Index, Text, UniqueConstraint
from sqlmodel import Field

from models.access import Side
from models.base import Due, Reach, Row, Sealed, belongs_to, stored
from models.blockers.rules import BlockerEvent, BlockerState
from models.escalations.ladders import Severity


class Blocker(Row, Due, table=True):
    """Something in the way, with the side and person who must act, since when, needed by.

    It is due when it must be escalated: at once, when it is too old, or when its date has passed.
    """

    __table_args__ = (
        UniqueConstraint("workspace_id", "engagement_id", "number"),
        UniqueConstraint("workspace_id", "source_key"),
        belongs_to("engagement", "engagement_id"),
        belongs_to("participant", "raised_by_id"),
        Index("ix_blocker_engagement_state", "workspace_id", "engagement_id", "state"),
    )

    engagement_id: UUID
    number: int = Field(description="Shown as B-7.")
    state: BlockerState = Field(default=BlockerState.OPEN, sa_type=stored(BlockerState))
    severity: Severity = Field(default=Severity.S3, sa_type=stored(Severity))
    what: Sealed = Field(sa_type=Text)
    raised_by_id: UUID = Field(description="Participant.")
    raised_side: Side = Field(sa_type=stored(Side, "raised_side"))
    raised_at: datetime
    acting_side: Side = Field(sa_type=stored(Side, "acting_side"), description="The side that must act.")
    acting_id: UUID | None = Field(default=None, description="Participant who must act, if one was named.")
    needed_by: date | None = None
    owner_id: UUID | None = Field(default=None, description="Participant who said 'mine'.")
    owned_at: datetime | None = None
    resolved_at: datetime | None = None
    resolved_by_id: UUID | None = None
    checkin_id: UUID | None = Field(default=None, description="The check-in whose thread carries its card.")
    prompt_id: UUID | None = Field(default=None, index=True, description="The answer that raised it.")
    source_key: str = Field(max_length=200, description="Natural key of what raised it.")
    watched_from: datetime | None = Field(default=None, description="Not escalated before a wait from here is over.")
    is_escalated: bool = Field(default=False, description="It has raised its escalation.")


class BlockerEntry(Row, table=True):
    """One line of a blocker's history."""

    reach = Reach.NOBODY
    __tablename__ = "blocker_entry"
    __table_args__ = (
        belongs_to("blocker", "blocker_id"),
        Index("ix_blocker_entry_blocker", "workspace_id", "blocker_id"),
    )

    engagement_id: UUID
    blocker_id: UUID
    event: BlockerEvent = Field(sa_type=stored(BlockerEvent))
    by_id: UUID = Field(description="Participant.")
    at: datetime
    note: Sealed | None = Field(default=None, sa_type=Text)

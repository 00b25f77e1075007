"""Commitment and its moves."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Index, Text, UniqueConstraint
from sqlmodel import Field

from models.access import Side
from models.base import Due, Reach, Row, Sealed, belongs_to, stored
from models.commitments.rules import CommitmentState, MoveCause


class Commitment(Row, Due, table=True):
    """Something one side promised by a date. The first promised date is never edited.

    It is due when it must be escalated: its date has passed and its owner has said nothing of it.
    """

    reach = Reach.PERSON
    __table_args__ = (
        UniqueConstraint("workspace_id", "engagement_id", "number"),
        belongs_to("engagement", "engagement_id"),
        belongs_to("participant", "participant_id"),
        Index("ix_commitment_open", "workspace_id", "participant_id", "state"),
        Index("ix_commitment_due", "workspace_id", "engagement_id", "promised_due"),
        Index("ix_commitment_checkin", "workspace_id", "checkin_id"),
        Index("ix_commitment_closed_in", "workspace_id", "closed_in_id"),
    )

    engagement_id: UUID
    number: int = Field(description="Shown as C-12.")
    side: Side = Field(sa_type=stored(Side))
    participant_id: UUID
    checkin_id: UUID | None = Field(default=None, description="The check-in it was promised in.")
    what: Sealed = Field(sa_type=Text)
    promised_due: date = Field(description="First promise, local date of the owner.")
    current_due: date
    state: CommitmentState = Field(default=CommitmentState.OPEN, sa_type=stored(CommitmentState))
    made_at: datetime
    closed_at: datetime | None = None
    closed_in_id: UUID | None = Field(default=None, description="The check-in whose answer closed it.")
    drop_reason: Sealed | None = Field(default=None, sa_type=Text)
    word_on: date | None = Field(default=None, description="Last local date on which its owner spoke of it.")
    watched_from: datetime | None = Field(default=None, description="Not escalated before a wait from here is over.")
    is_escalated: bool = Field(default=False, description="Its silence has raised an escalation.")
    closed_on: date | None = Field(default=None, description="Local date of the owner on which it was kept or dropped.")


class CommitmentMove(Row, table=True):
    """One new date for a commitment, with whose cause it has and why."""

    reach = Reach.NOBODY
    __tablename__ = "commitment_move"
    __table_args__ = (
        belongs_to("commitment", "commitment_id"),
        Index("ix_commitment_move_commitment", "workspace_id", "commitment_id"),
        Index("ix_commitment_move_checkin", "workspace_id", "checkin_id"),
        Index("ix_commitment_move_engagement", "workspace_id", "engagement_id", "moved_at"),
    )

    engagement_id: UUID
    commitment_id: UUID
    from_due: date
    to_due: date
    cause: MoveCause = Field(sa_type=stored(MoveCause))
    reason: Sealed = Field(sa_type=Text)
    moved_at: datetime
    moved_by_id: UUID = Field(description="Participant.")
    checkin_id: UUID | None = Field(default=None, description="The check-in whose answer moved it.")

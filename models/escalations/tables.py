"""Ladder version, escalation and its history."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, Index, Text, UniqueConstraint
from sqlmodel import Field

from models.access import Side
from models.base import Due, Reach, Row, Sealed, belongs_to, stored
from models.escalations.causes import Cause, EntryKind
from models.escalations.ladders import Severity
from models.escalations.rules import EscalationState


class LadderVersion(Row, table=True):
    """One version of an engagement's ladder. Never edited: a change is a new version."""

    reach = Reach.NOBODY
    __tablename__ = "ladder"
    __table_args__ = (
        UniqueConstraint("workspace_id", "engagement_id", "version"),
        belongs_to("engagement", "engagement_id"),
    )

    engagement_id: UUID
    version: int
    spec: dict[str, Any] = Field(default_factory=dict, sa_type=JSON, description="See `ladders.ladder_from`.")
    made_at: datetime
    made_by_id: UUID | None = Field(default=None, description="Person; none = the operator, or the default.")


class Escalation(Row, Due, table=True):
    """A matter that climbs until somebody owns it. It keeps the ladder version it started with."""

    __table_args__ = (
        UniqueConstraint("workspace_id", "engagement_id", "number"),
        UniqueConstraint("workspace_id", "open_key"),
        belongs_to("engagement", "engagement_id"),
        belongs_to("ladder", "ladder_id"),
        Index("ix_escalation_engagement", "workspace_id", "engagement_id", "state"),
        Index("ix_escalation_raised", "workspace_id", "engagement_id", "raised_at"),
        Index("ix_escalation_cause", "workspace_id", "cause_key"),
    )

    engagement_id: UUID
    number: int = Field(description="Shown as E-3.")
    state: EscalationState = Field(default=EscalationState.OPEN, sa_type=stored(EscalationState))
    severity: Severity = Field(sa_type=stored(Severity))
    against: Side = Field(sa_type=stored(Side, "against"), description="The side that must act.")
    cause: Cause = Field(sa_type=stored(Cause))
    cause_key: str = Field(max_length=200, description="Natural key of what raised it.")
    open_key: str | None = Field(default=None, max_length=200, description="`cause_key` until it is resolved.")
    cause_ref: str = Field(default="", max_length=100, description="What it is about, in our own words: B-7.")
    subject_id: UUID | None = Field(default=None, description="The row it is about.")
    what: Sealed = Field(sa_type=Text)
    raised_at: datetime
    raised_by_id: UUID | None = Field(default=None, description="Participant; none = it raised itself.")
    concerned_inhouse_id: UUID | None = Field(default=None, description="Participant concerned in-house.")
    concerned_vendor_id: UUID | None = Field(default=None, description="Participant concerned at the provider.")
    ladder_id: UUID
    run: int = Field(default=1, description="Counts how often it began at the bottom of its ladder.")
    level: int = Field(default=0, description="The last level told in this run; 0 = none yet.")
    since: datetime = Field(description="Where the present wait begins, UTC.")
    is_owned: bool = Field(default=False, description="Acknowledged by the side that must act.")
    asked_at: datetime | None = Field(default=None, description="When the owner was asked whether it is still stuck.")
    snoozed_until: datetime | None = None
    is_held: bool = Field(default=False, description="The engagement is paused: nothing becomes due.")
    inhouse_owner_id: UUID | None = Field(default=None, description="Participant who looks after it in-house.")
    vendor_owner_id: UUID | None = Field(default=None, description="Participant who looks after it at the provider.")
    acknowledged_at: datetime | None = Field(default=None, description="First time; figures count from `raised_at`.")
    last_word_at: datetime | None = None
    proposed_at: datetime | None = Field(default=None, description="The side that must act said that it is done.")
    proposed_by_id: UUID | None = None
    exhausted_at: datetime | None = Field(default=None, description="First time the ladder ended.")
    resolved_at: datetime | None = None
    resolved_by_id: UUID | None = Field(default=None, description="Participant; none = its cause is gone.")
    reopened_count: int = 0


class EscalationEntry(Row, table=True):
    """One line of an escalation's history."""

    reach = Reach.NOBODY
    __tablename__ = "escalation_entry"
    __table_args__ = (
        UniqueConstraint("workspace_id", "source_key"),
        belongs_to("escalation", "escalation_id"),
        Index("ix_escalation_entry_escalation", "workspace_id", "escalation_id"),
    )

    engagement_id: UUID
    escalation_id: UUID
    kind: EntryKind = Field(sa_type=stored(EntryKind))
    by_id: UUID | None = Field(default=None, description="Participant; none = it happened by itself.")
    at: datetime
    level: int = 0
    detail: dict[str, Any] = Field(default_factory=dict, sa_type=JSON, description="Ids, dates and words of ours.")
    note: Sealed | None = Field(default=None, sa_type=Text)
    is_private: bool = Field(default=False, description="For the in-house side alone.")
    source_key: str | None = Field(default=None, max_length=200, description="A message heard twice is one entry.")

"""Cadence and question set."""

from datetime import date, time
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, UniqueConstraint
from sqlmodel import Field

from models.base import Due, Reach, Row, belongs_to, stored
from models.cadences.rules import CadenceKind


class QuestionSet(Row, table=True):
    """One version of a list of questions. Never edited: a change is a new version."""

    reach = Reach.NOBODY
    __tablename__ = "question_set"
    __table_args__ = (
        UniqueConstraint("workspace_id", "engagement_id", "key", "version"),
        belongs_to("engagement", "engagement_id"),
    )

    engagement_id: UUID
    key: str = Field(max_length=64)
    version: int
    title: str = Field(max_length=100)
    questions: list[dict[str, Any]] = Field(default_factory=list, sa_type=JSON, description="See `rules.Question`.")


class Cadence(Row, Due, table=True):
    """What recurs: on which local dates, at which local time, who is asked what, and for how long.

    It is due when its next occurrence must be laid down: at once after a change, else when the last one opens.
    """

    __table_args__ = (
        UniqueConstraint("workspace_id", "engagement_id", "key"),
        belongs_to("engagement", "engagement_id"),
        belongs_to("question_set", "inhouse_questions_id"),
        belongs_to("question_set", "vendor_questions_id"),
    )

    engagement_id: UUID
    key: str = Field(max_length=64)
    kind: CadenceKind = Field(sa_type=stored(CadenceKind))
    title: str = Field(max_length=100)
    rule: str = Field(max_length=200, description="RFC 5545 recurrence, days only.")
    starts_on: date = Field(description="First local date it may fall on.")
    ends_on: date | None = None
    at: time = Field(description="Local wall-clock time.")
    zone: str | None = Field(default=None, max_length=64, description="IANA zone; none = each person's own.")
    window_minutes: int = Field(default=240, description="How long a person may answer in time.")
    reminder_minutes: int = Field(default=60, description="Before a person's deadline; 0 = no reminder.")
    escalate_after: int = Field(default=3, description="Check-ins a whole side may miss in a row; 0 = any number.")
    inhouse_questions_id: UUID | None = None
    vendor_questions_id: UUID | None = None
    is_active: bool = True
    is_idle: bool = Field(default=True, description="New or paused: it starts from now, not from its past.")

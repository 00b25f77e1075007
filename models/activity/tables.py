"""The activity log."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, Index
from sqlmodel import Field

from models.base import Reach, Row


class Activity(Row, table=True):
    """Who did what to which thing, with values before and after. No free text of people goes in here."""

    reach = Reach.NOBODY
    __table_args__ = (Index("ix_activity_subject", "workspace_id", "subject_kind", "subject_id"),)

    at: datetime = Field(index=True)
    by_person_id: UUID | None = Field(default=None, description="None = the system.")
    action: str = Field(max_length=64, description="thing.deed")
    subject_kind: str = Field(max_length=32)
    subject_id: UUID
    engagement_id: UUID | None = None
    before: dict[str, Any] | None = Field(default=None, sa_type=JSON)
    after: dict[str, Any] | None = Field(default=None, sa_type=JSON)

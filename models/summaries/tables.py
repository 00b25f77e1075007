"""Weekly summary."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Index, Text, UniqueConstraint
from sqlmodel import Field

from models.base import Due, Reach, Row, Sealed, belongs_to, stored
from models.summaries.rules import SummaryState


class WeeklySummary(Row, Due, table=True):
    """The facts of the days since the last summary, frozen when it is published."""

    reach = Reach.NOBODY
    __tablename__ = "weekly_summary"
    __table_args__ = (
        UniqueConstraint("workspace_id", "cadence_id", "local_date"),
        belongs_to("engagement", "engagement_id"),
        belongs_to("cadence", "cadence_id"),
        Index("ix_weekly_summary_engagement", "workspace_id", "engagement_id", "local_date"),
    )

    engagement_id: UUID
    cadence_id: UUID
    local_date: date
    state: SummaryState = Field(default=SummaryState.SCHEDULED, sa_type=stored(SummaryState))
    skip_reason: str | None = Field(default=None, max_length=200)
    publishes_at: datetime
    published_at: datetime | None = None
    first_day: date = Field(description="First local date reported.")
    last_day: date = Field(description="Last local date reported.")
    facts: Sealed | None = Field(default=None, sa_type=Text, description="JSON of `queries.Facts`, with row ids.")

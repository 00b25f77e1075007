"""The nightly look at an engagement's channels and people."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import UniqueConstraint
from sqlmodel import Field

from models.base import Due, Reach, Row, belongs_to


class ChannelLook(Row, Due, table=True):
    """One an engagement: falls due each night, is wanted from then on, and is done by whoever speaks with Slack."""

    reach = Reach.NOBODY
    __tablename__ = "channel_look"
    __table_args__ = (UniqueConstraint("workspace_id", "engagement_id"), belongs_to("engagement", "engagement_id"))

    engagement_id: UUID
    wanted_at: datetime | None = Field(
        default=None, index=True, description="UTC; since when it waits to be done. None: not before the next night."
    )
    asked_up_to: UUID | None = Field(
        default=None, description="The last person of the roster, by id, whose account was asked about in this look."
    )
    taken_until: datetime | None = Field(
        default=None, description="UTC, wall clock: nobody begins until then, whether somebody is at it or it failed."
    )
    attempts: int = Field(default=0, description="Tries of this look that came to nothing.")

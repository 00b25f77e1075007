"""What somebody is filling in: a set-up, or a change of one engagement."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Text, UniqueConstraint
from sqlmodel import Field

from models.base import Reach, Row, Sealed


class Draft(Row, table=True):
    """A form on its way, so that no form has to carry more than this row's id. Deleted once it is saved, or old."""

    reach = Reach.NOBODY
    __table_args__ = (UniqueConstraint("workspace_id", "slack_user_id", "channel_id"),)

    slack_user_id: str = Field(max_length=32, description="Who fills it in; nobody else may use it.")
    kind: str = Field(max_length=32, description="`setup`, or what is changed.")
    engagement_id: UUID | None = Field(default=None, description="What is changed; none = a set-up.")
    channel_id: str | None = Field(default=None, max_length=32, description="Where a set-up began: one a channel.")
    about: str = Field(default="", max_length=100, description="Which person, cadence … is changed.")
    payload: Sealed | None = Field(default=None, sa_type=Text, description="JSON: what was filled in, and on what.")
    invited_at: datetime | None = Field(default=None, description="When this person was asked to set up.")
    changed_at: datetime

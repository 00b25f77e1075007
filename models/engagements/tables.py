"""Workspace, person, engagement, participant, the holidays of a side, absence."""

from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, UniqueConstraint
from sqlmodel import Field, SQLModel

from models.access import Role, Side
from models.base import Reach, Row, belongs_to, stored
from models.engagements.rules import DEFAULT_ANSWER_MINUTES, Belongs, EngagementState


class Workspace(SQLModel, table=True):
    """One Slack workspace that installed the app: the tenant."""

    workspace_id: str = Field(primary_key=True, max_length=32, description="Slack team id, or the organisation's.")
    name: str = Field(default="", max_length=200)
    bot_user_id: str = Field(default="", max_length=32)
    bot_id: str = Field(default="", max_length=32)
    is_org_wide: bool | None = Field(default=None, description="The id is an organisation's, which installed the app.")
    stopped_at: datetime | None = Field(default=None, index=True, description="UTC; the app was removed then.")
    erase_at: datetime | None = Field(default=None, description="UTC; when what is kept of it will be erased.")


class Person(Row, table=True):
    """Somebody on a roster. Side and role belong to a participant: the same person may serve two engagements."""

    reach = Reach.PERSON
    __table_args__ = (UniqueConstraint("workspace_id", "slack_user_id"),)

    slack_user_id: str = Field(max_length=32)
    slack_team_id: str | None = Field(default=None, max_length=32, description="Home workspace, once it is known.")
    name: str = Field(max_length=100)
    zone: str = Field(max_length=64, description="IANA time zone.")
    workdays: str = Field(default="0123456", max_length=7, description="Digits, Monday = 0.")
    works_from: time = Field(default=time(9), description="Local wall-clock time.")
    works_to: time = Field(default=time(17), description="Local wall-clock time; at or before the start = next day.")
    belongs: Belongs | None = Field(
        default=None, sa_type=stored(Belongs), description="What Slack said of the account the last time."
    )
    dm_channel_id: str | None = Field(default=None, max_length=32, description="The direct message, once opened.")


class Engagement(Row, table=True):
    """One contract with a vendor, carried on in one shared channel, plus an optional in-house channel."""

    __table_args__ = (UniqueConstraint("workspace_id", "key"), UniqueConstraint("workspace_id", "channel_id"))

    key: str = Field(max_length=64, description="Short name in commands and files.")
    company: str = Field(max_length=100, description="The in-house side's name.")
    vendor: str = Field(max_length=100, description="The provider's name.")
    channel_id: str = Field(max_length=32, index=True)
    inhouse_channel_id: str | None = Field(default=None, max_length=32)
    zone: str = Field(max_length=64, description="IANA zone of cadences that do not name their own.")
    state: EngagementState = Field(default=EngagementState.ACTIVE, sa_type=stored(EngagementState))
    trouble: str | None = Field(default=None, max_length=300, description="Why nothing can be posted, if so.")
    trouble_code: str | None = Field(default=None, max_length=64, description="The same as Slack's code, or ours.")
    inhouse_trouble: str | None = Field(default=None, max_length=64, description="Why the in-house channel is closed.")
    inhouse_revision: int = Field(default=0, description="Counts what Slack told of who reads the in-house channel.")
    blocker_count: int = Field(default=0, description="Blockers so far: the last one's number.")
    answer_minutes: int = Field(
        default=DEFAULT_ANSWER_MINUTES,
        description="Working time within which a side answers the other's questions.",
    )
    ask_count: int = Field(default=0, description="Questions across the line so far: the last one's number.")
    escalation_count: int = Field(default=0, description="Escalations so far: the last one's number.")
    commitment_count: int = Field(default=0, description="Commitments so far: the last one's number.")


class Participant(Row, table=True):
    """A person on an engagement's roster, with side and role."""

    reach = Reach.PERSON
    __table_args__ = (
        UniqueConstraint("workspace_id", "engagement_id", "person_id"),
        belongs_to("engagement", "engagement_id"),
        belongs_to("person", "person_id"),
    )

    engagement_id: UUID
    person_id: UUID = Field(index=True)
    side: Side = Field(sa_type=stored(Side))
    role: Role = Field(sa_type=stored(Role))
    is_deputy: bool = Field(default=False, description="In-house: stands in for the owner.")
    is_active: bool = True
    lost_because: str | None = Field(
        default=None, max_length=32, description="Not active, though the roster names them: see `channels.rules.Loss`."
    )
    lost_at: datetime | None = None
    seen_in: str | None = Field(
        default=None,
        max_length=32,
        description="The shared channel they were last seen in: who was never there has not left it.",
    )


class SideHolidays(Row, table=True):
    """The holidays of one side: a country's, own days, and holidays that are worked."""

    __tablename__ = "side_holidays"
    __table_args__ = (
        UniqueConstraint("workspace_id", "engagement_id", "side"),
        belongs_to("engagement", "engagement_id"),
    )

    engagement_id: UUID
    side: Side = Field(sa_type=stored(Side))
    country: str | None = Field(default=None, max_length=8, description="ISO 3166 code.")
    subdivision: str | None = Field(default=None, max_length=16)
    own_days: dict[str, Any] = Field(default_factory=dict, sa_type=JSON, description="ISO date to name.")
    working_on: list[str] = Field(default_factory=list, sa_type=JSON, description="ISO dates worked all the same.")


class Absence(Row, table=True):
    """A range of local days on which a person is away: not asked, not counted, shown as away."""

    reach = Reach.PERSON
    __table_args__ = (belongs_to("person", "person_id"),)

    person_id: UUID = Field(index=True)
    first_day: date
    last_day: date = Field(description="Inclusive.")

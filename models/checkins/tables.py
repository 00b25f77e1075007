"""Check-in, prompt, response and reply."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Index, Text, UniqueConstraint
from sqlmodel import Field

from models.access import Side
from models.base import Due, Reach, Row, Sealed, belongs_to, stored
from models.checkins.rules import CheckInState, PromptState, Source


class CheckIn(Row, Due, table=True):
    """One occurrence of a cadence on one local date. All instants are UTC."""

    __tablename__ = "check_in"
    __table_args__ = (
        UniqueConstraint("workspace_id", "cadence_id", "local_date"),
        belongs_to("engagement", "engagement_id"),
        belongs_to("cadence", "cadence_id"),
        belongs_to("question_set", "inhouse_questions_id"),
        belongs_to("question_set", "vendor_questions_id"),
        Index("ix_check_in_engagement", "workspace_id", "engagement_id", "opens_at"),
    )

    engagement_id: UUID
    cadence_id: UUID
    local_date: date
    state: CheckInState = Field(default=CheckInState.SCHEDULED, sa_type=stored(CheckInState))
    skip_reason: str | None = Field(default=None, max_length=200, description="Plain words, when skipped.")
    opens_at: datetime
    closes_at: datetime = Field(description="The last participant's deadline.")
    opened_at: datetime | None = None
    closed_at: datetime | None = None
    inhouse_questions_id: UUID | None = Field(default=None, description="The version asked, frozen when scheduled.")
    vendor_questions_id: UUID | None = None


class Prompt(Row, Due, table=True):
    """One participant's invitation to one check-in. All instants are UTC; deadlines are the participant's own."""

    reach = Reach.PERSON
    __table_args__ = (
        UniqueConstraint("workspace_id", "checkin_id", "participant_id"),
        belongs_to("check_in", "checkin_id"),
        belongs_to("participant", "participant_id"),
        Index("ix_prompt_participant", "workspace_id", "participant_id", "ask_at"),
    )

    engagement_id: UUID
    checkin_id: UUID
    participant_id: UUID
    side: Side = Field(sa_type=stored(Side))
    state: PromptState = Field(default=PromptState.WAITING, sa_type=stored(PromptState))
    excuse: str | None = Field(default=None, max_length=200, description="A holiday's name, 'away until …', …")
    ask_at: datetime
    remind_at: datetime | None = None
    deadline_at: datetime
    asked_at: datetime | None = None
    reminded_at: datetime | None = None
    answered_at: datetime | None = Field(default=None, description="When the first version came in.")
    is_late: bool = Field(default=False, description="The first version came after the deadline.")
    skip_reason: Sealed | None = Field(default=None, sa_type=Text, description="In the participant's own words.")


class Response(Row, table=True):
    """One version of one participant's answers. The highest version counts; the others stay."""

    reach = Reach.NOBODY
    __table_args__ = (
        UniqueConstraint("workspace_id", "prompt_id", "version"),
        UniqueConstraint("workspace_id", "source_key"),
        belongs_to("prompt", "prompt_id"),
        belongs_to("check_in", "checkin_id"),
    )

    engagement_id: UUID
    checkin_id: UUID = Field(index=True)
    prompt_id: UUID
    version: int
    source: Source = Field(sa_type=stored(Source))
    source_key: str = Field(max_length=200, description="Natural key of the submission: a second delivery is the same.")
    given_at: datetime
    is_late: bool = False
    is_withdrawn: bool = Field(default=False, description="Its reply was deleted and nothing else was said.")
    answers: Sealed = Field(sa_type=Text, description="JSON: `form`, what the form said, and `said`, all together.")


class Reply(Row, table=True):
    """One message a participant wrote in a check-in's thread or direct message; edits and deletions are followed."""

    reach = Reach.NOBODY
    __table_args__ = (
        UniqueConstraint("workspace_id", "channel_id", "ts"),
        belongs_to("prompt", "prompt_id"),
    )

    engagement_id: UUID
    prompt_id: UUID = Field(index=True)
    channel_id: str = Field(max_length=32)
    ts: str = Field(max_length=32, description="Slack's message id.")
    revision: str = Field(default="", max_length=32, description="ts of the last edit followed.")
    is_deleted: bool = False
    text: Sealed = Field(sa_type=Text)

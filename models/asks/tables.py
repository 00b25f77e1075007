"""Question across the line, and what happened to it."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, Text, UniqueConstraint
from sqlmodel import Field

from models.access import Side
from models.asks.rules import AskEvent, AskState
from models.base import Due, Reach, Row, Sealed, belongs_to, stored


class Ask(Row, Due, table=True):
    """A question of one side to the other. State and times are what the fold over its events says."""

    __table_args__ = (
        UniqueConstraint("workspace_id", "engagement_id", "number"),
        UniqueConstraint("workspace_id", "source_key"),
        UniqueConstraint("workspace_id", "channel_id", "ts"),
        belongs_to("engagement", "engagement_id"),
        belongs_to("participant", "asker_id"),
        Index("ix_ask_engagement_state", "workspace_id", "engagement_id", "state"),
        Index("ix_ask_thread", "workspace_id", "channel_id", "thread_ts"),
    )

    engagement_id: UUID
    number: int = Field(description="Shown as Q-7.")
    state: AskState = Field(default=AskState.WAITING, sa_type=stored(AskState))
    what: Sealed = Field(sa_type=Text)
    asker_id: UUID = Field(description="Participant whose question it is.")
    marked_by_id: UUID = Field(description="Participant who marked it: the asker, or anybody else of either side.")
    asked_side: Side = Field(sa_type=stored(Side, "asked_side"), description="The side that must answer.")
    asked_id: UUID | None = Field(default=None, description="Participant of that side who is named in it, if any.")
    asked_at: datetime = Field(description="UTC. When it was marked: its first turn begins then.")
    since: datetime = Field(description="UTC. When the present state began.")
    until: datetime | None = Field(default=None, description="UTC. When the next word is due; none once it is closed.")
    closed_at: datetime | None = None
    channel_id: str = Field(max_length=32, description="The engagement's shared channel when it was asked.")
    ts: str | None = Field(default=None, max_length=32, description="The message that asks; none: asked in a form.")
    thread_ts: str | None = Field(
        default=None, max_length=32, description="Whose replies count; none: those in the thread of its own card."
    )
    checkin_id: UUID | None = Field(default=None, description="The check-in in which it was asked.")
    prompt_id: UUID | None = Field(default=None, index=True, description="The answer that asks it.")
    source_key: str = Field(max_length=200, description="Natural key of what asked it.")
    revision: str = Field(default="", max_length=32, description="ts of the last edit of the message that asks.")
    nudged_for: UUID | None = Field(default=None, description="The event whose turn has been nudged: once a turn.")
    watched_from: datetime | None = Field(default=None, description="Not escalated before a wait from here is over.")
    escalated_for: UUID | None = Field(default=None, description="The event whose turn is escalated: once a turn.")


class AskEntry(Row, table=True):
    """One thing that happened to a question. Of replies it keeps where they stand and what they count as, no text."""

    reach = Reach.NOBODY
    __tablename__ = "ask_entry"
    __table_args__ = (
        UniqueConstraint("workspace_id", "ask_id", "channel_id", "ts"),
        belongs_to("ask", "ask_id"),
        Index("ix_ask_entry_message", "workspace_id", "channel_id", "ts"),
    )

    engagement_id: UUID
    ask_id: UUID
    event: AskEvent = Field(sa_type=stored(AskEvent))
    at: datetime = Field(description="UTC. Of a message: when it was written.")
    until: datetime | None = Field(default=None, description="UTC. When the next word was due after it.")
    by_id: UUID | None = Field(default=None, description="Participant; none for what happened by itself.")
    channel_id: str | None = Field(default=None, max_length=32, description="The message, if it was one.")
    ts: str | None = Field(default=None, max_length=32)
    revision: str = Field(default="", max_length=32, description="ts of its last edit that was followed.")
    is_deleted: bool = False

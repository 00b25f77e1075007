"""Imports every feature's tables: complete metadata for migrations and tests."""

from sqlmodel import SQLModel

from models.activity.tables import Activity
from models.asks.tables import Ask, AskEntry
from models.blockers.tables import Blocker, BlockerEntry
from models.cadences.tables import Cadence, QuestionSet
from models.channels.tables import ChannelLook
from models.checkins.tables import CheckIn, Prompt, Reply, Response
from models.commitments.tables import Commitment, CommitmentMove
from models.engagements.tables import Absence, Engagement, Participant, Person, SideHolidays, Workspace
from models.escalations.tables import Escalation, EscalationEntry, LadderVersion
from models.installations.tables import Installation, InstallState
from models.marks.tables import UpkeepMark
from models.outbox.tables import Gate, Home, OutboxMessage, Post
from models.setup.tables import Draft
from models.summaries.tables import WeeklySummary

METADATA = SQLModel.metadata
MAPPED = SQLModel._sa_registry

__all__ = [
    "MAPPED",
    "METADATA",
    "Absence",
    "Activity",
    "Ask",
    "AskEntry",
    "Blocker",
    "BlockerEntry",
    "Cadence",
    "ChannelLook",
    "CheckIn",
    "Commitment",
    "CommitmentMove",
    "Draft",
    "Engagement",
    "Escalation",
    "EscalationEntry",
    "Gate",
    "Home",
    "InstallState",
    "Installation",
    "LadderVersion",
    "OutboxMessage",
    "Participant",
    "Person",
    "Post",
    "Prompt",
    "QuestionSet",
    "Reply",
    "Response",
    "SideHolidays",
    "UpkeepMark",
    "WeeklySummary",
    "Workspace",
]

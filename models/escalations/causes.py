"""What raises an escalation, and the words of its history. Pure."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from models.access import Side
from models.escalations.ladders import Severity


class Cause(StrEnum):
    """What an escalation is about."""

    BLOCKER = "blocker"
    COMMITMENT = "commitment"
    MISSED = "missed"
    """A whole side left check-ins in a row without an answer."""
    QUESTION = "question"
    PERSON = "person"
    """Somebody raised it in their own words."""


class EntryKind(StrEnum):
    """One line of the history."""

    RAISED = "raised"
    JOINED = "joined"
    """The same cause spoke up again."""
    TOLD = "told"
    OWNED = "owned"
    FOLLOWED = "followed"
    """Somebody of the other side looks after it too."""
    UPDATED = "updated"
    ASKED = "asked"
    LAPSED = "lapsed"
    SNOOZED = "snoozed"
    WOKEN = "woken"
    EXHAUSTED = "exhausted"
    REMINDED = "reminded"
    RERATED = "rerated"
    PROPOSED = "proposed"
    RESOLVED = "resolved"
    REOPENED = "reopened"
    NOTED = "noted"
    """A private note."""


@dataclass(frozen=True, slots=True)
class Matter:
    """What is to be escalated. One escalation is open for a `key`; a second trigger joins it."""

    cause: Cause
    key: str
    """Natural key, such as `blocker:<id>`."""
    what: str
    against: Side
    """The side that must act."""
    severity: Severity = Severity.S3
    ref: str = ""
    """In words of ours: B-7, C-12, "Daily stand-up"."""
    subject_id: UUID | None = None
    raised_by_id: UUID | None = None
    """Participant; none when it raised itself."""
    concerned: tuple[UUID, ...] = ()
    """Participants it concerns, on either side: the first level tells them."""
    source_key: str | None = None
    """The message that says so: heard twice, it is one entry."""
    why: str = ""
    """A word of whoever raised it, or of ours."""

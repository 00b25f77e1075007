"""Changes of one engagement: each takes the file as it is and what was filled in, and gives the file as it is to be.

Pure. Every edit has `initial`, what its form shows at first, and `edited`; filling in nothing new changes nothing.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from models.setup.edits import cadence, engagement, holidays, ladder, owner, person, question, state
from models.setup.edits.typed import Values
from models.setup.file import EngagementFile
from models.setup.found import Found


class Kind(StrEnum):
    """What can be changed by a form."""

    PERSON = "person"
    CADENCE = "cadence"
    STOP = "stop"
    QUESTION = "question"
    HOLIDAYS = "holidays"
    ENGAGEMENT = "engagement"
    OWNER = "owner"
    STATE = "state"
    LADDER = "ladder"


@dataclass(frozen=True, slots=True)
class Edit:
    """How one kind of change begins and what it does. `about` says of which person, cadence … it is."""

    initial: Callable[[EngagementFile, str, Found | None], Values]
    edited: Callable[[EngagementFile, str, Found | None, Values], EngagementFile]
    """Raises Invalid by field, NotFound for what is not there (any more)."""


EDITS: Mapping[Kind, Edit] = {
    Kind.PERSON: Edit(person.initial, person.edited),
    Kind.CADENCE: Edit(cadence.initial, cadence.edited),
    Kind.STOP: Edit(cadence.nothing, cadence.stopped),
    Kind.QUESTION: Edit(question.initial, question.edited),
    Kind.HOLIDAYS: Edit(holidays.initial, holidays.edited),
    Kind.ENGAGEMENT: Edit(engagement.initial, engagement.edited),
    Kind.OWNER: Edit(owner.initial, owner.edited),
    Kind.STATE: Edit(state.initial, state.edited),
    Kind.LADDER: Edit(ladder.initial, ladder.edited),
}

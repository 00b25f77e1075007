"""Read models of commitments."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from models.commitments.rules import CommitmentState, MoveCause
from models.engagements.views import Who


@dataclass(frozen=True, slots=True)
class CommitmentLine:
    """One commitment as shown in a list. Dates are the owner's local dates."""

    id: UUID
    number: int
    who: Who
    what: str
    promised_due: date
    current_due: date
    state: CommitmentState
    moves: int = 0
    last_cause: MoveCause | None = None
    last_reason: str = ""

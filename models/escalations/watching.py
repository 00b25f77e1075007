"""Looking at what will climb by itself when its time has come: a blocker, a promise, a question. The same for all."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Protocol, TypeVar
from uuid import UUID

from models.access import system_only
from models.db import Tx
from models.engagements import queries as engagements
from models.engagements.queries import Crew
from models.engagements.rules import EngagementState
from models.engagements.tables import Engagement
from models.escalations.rules import LATE


class Watched(Protocol):
    """A row that climbs at a time which its own rules give; not before a wait from `watched_from` is over."""

    workspace_id: str
    engagement_id: UUID
    watched_from: datetime | None
    due_at: datetime | None


W = TypeVar("W", bound=Watched)
Due = Callable[[Crew], datetime | None]
"""When the row climbs, by its rules; none when it does not."""


def look(tx: Tx, row: Watched, due: Due, climb: Callable[[Engagement, Crew], None]) -> None:
    """Let a row climb if its time has come. A look that comes late gives it a fresh wait instead."""
    system_only(tx)
    engagement = tx.one(Engagement, row.workspace_id, row.engagement_id)
    if engagement.state is not EngagementState.ACTIVE:
        row.due_at = None
        return
    crew = engagements.crew(tx, row.workspace_id, row.engagement_id)
    moment = due(crew)
    if moment is not None and tx.now - moment > LATE:
        row.watched_from = tx.now
        moment = due(crew)
    if moment is not None and moment <= tx.now:
        climb(engagement, crew)
        moment = due(crew)
    row.due_at = moment


def retime(tx: Tx, engagement: Engagement, rows: Iterable[W], due: Callable[[W, Crew], datetime | None]) -> None:
    """Bring the due times of rows to what the rules say, after a change of people, hours or state."""
    crew = engagements.crew(tx, engagement.workspace_id, engagement.id)
    for row in rows:
        row.due_at = due(row, crew) if engagement.state is EngagementState.ACTIVE else None

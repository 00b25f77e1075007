"""Questions to the other side as exported records, one a turn: the summary's figures can be computed from them."""

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

from sqlmodel import col, select

from models.asks import queries
from models.asks.rules import AskEvent, Turn
from models.asks.tables import Ask, AskEntry
from models.calendars.working_time import working_time_between
from models.db import Tx
from models.engagements.queries import Crew
from models.engagements.tables import Engagement
from models.exports.rules import Record, Wanted, midnight


def questions(tx: Tx, engagement: Engagement, crew: Crew, wanted: Wanted) -> Iterator[Record]:
    """By number, one record a turn; the dates are those (UTC) on which they were asked."""
    start, end = midnight(wanted.first), midnight(wanted.last + timedelta(days=1))
    rows = tx.session.exec(
        select(Ask)
        .where(
            Ask.workspace_id == engagement.workspace_id,
            Ask.engagement_id == engagement.id,
            Ask.asked_at >= start,
            Ask.asked_at < end,
        )
        .order_by(col(Ask.number))
    ).all()
    for row in rows:
        asker = crew.who(row.asker_id)
        if wanted.side in (None, asker.side) and wanted.slack_user_id in (None, asker.slack_user_id):
            yield from _turns(tx, engagement, crew, row)


def _turns(tx: Tx, engagement: Engagement, crew: Crew, row: Ask) -> Iterator[Record]:
    """The turns of the side that was asked. `in_time` is empty while that is undecided, or if it was taken back."""
    found = queries.entries(tx, row)
    asker, named = crew.who(row.asker_id), crew.maybe(row.asked_id)
    head: Record = {
        "engagement": engagement.key,
        "number": f"Q-{row.number}",
        "what": tx.unseal(row, "what"),
        "asker": asker.name,
        "asker_slack_id": asker.slack_user_id,
        "asked_side": row.asked_side.value,
        "asked": named.name if named else None,
        "asked_at": row.asked_at,
        "state": row.state.value,
        "closed_at": row.closed_at,
    }
    hours = crew.hours(row.asked_side)
    for number, turn in enumerate(queries.course(found).turns, 1):
        length = working_time_between(hours, turn.started_at, turn.ended_at or tx.now)
        replied_by = crew.maybe(_replier(found, turn))
        yield head | {
            "turn": number,
            "turn_began_at": turn.started_at,
            "due_at": turn.until,
            "answered_at": turn.ended_at,
            "answered_by": replied_by.name if replied_by else None,
            "working_minutes": None if turn.is_void else round(length.total_seconds() / 60),
            "in_time": turn.is_met(tx.now),
        }


def _replier(found: tuple[AskEntry, ...], turn: Turn) -> UUID | None:
    return next((item.by_id for item in found if item.event is AskEvent.REPLIED and item.at == turn.ended_at), None)

"""Where an engagement stands, for the status that anybody on its roster can ask for."""

from datetime import date, datetime
from uuid import UUID

from sqlmodel import col, select

from models.access import Membership
from models.asks import queries as asks
from models.blockers import queries as blockers
from models.cadences.rules import CadenceKind
from models.cadences.tables import Cadence
from models.calendars.local_time import local_date
from models.calendars.recurrence import Recurrence, describe
from models.checkins import boards, queries
from models.checkins.rules import CheckInState
from models.checkins.views import CadenceStatus, Status
from models.commitments import queries as commitments
from models.db import Tx
from models.engagements import queries as engagements
from models.escalations import queries as escalations
from models.summaries.rules import SummaryState
from models.summaries.tables import WeeklySummary


def status(tx: Tx, engagement_id: UUID) -> Status:
    """Where an engagement stands, with what concerns the actor. Raises NotFound for who is not on its roster."""
    engagement = engagements.viewable(tx, engagement_id)
    crew = engagements.crew(tx, engagement.workspace_id, engagement.id)
    place = tx.actor.membership(engagement_id)
    member = crew.members.get(place.participant_id) if place else None
    own = commitments.open_of(tx, engagement.workspace_id, place.participant_id) if place else ()
    cadences = tx.session.exec(
        select(Cadence)
        .where(
            Cadence.workspace_id == engagement.workspace_id,
            Cadence.engagement_id == engagement.id,
            col(Cadence.is_active).is_(True),
        )
        .order_by(col(Cadence.kind), col(Cadence.key))
    )
    open_rows = blockers.open_rows(tx, engagement.workspace_id, engagement.id)
    return Status(
        parties=engagements.parties(tx, engagement),
        state=engagement.state.value,
        trouble=engagement.trouble,
        cadences=tuple(_cadence(tx, cadence, place) for cadence in cadences),
        commitments=commitments.lines(tx, crew, own),
        blockers=blockers.pressing_first(blockers.lines(tx, crew, open_rows, tx.now)),
        asks=asks.open_lines(tx, crew, engagement.workspace_id, engagement.id),
        away_until=_away_until(member.hours.absences, local_date(tx.now, member.person.zone)) if member else None,
        escalations=escalations.open_lines(tx, engagement.id),
    )


def _cadence(tx: Tx, cadence: Cadence, place: Membership | None) -> CadenceStatus:
    current, own = None, None
    if cadence.kind is CadenceKind.SUMMARY:
        next_at = _publishes_at(tx, cadence)
    else:
        current = queries.latest(tx, cadence.workspace_id, cadence.id, CheckInState.OPEN)
        upcoming = queries.latest(tx, cadence.workspace_id, cadence.id, CheckInState.SCHEDULED)
        next_at = upcoming.opens_at if upcoming else None
        if current and place:
            prompt = queries.prompt_of(tx, current, place.participant_id)
            own = prompt.state if prompt else None
    return CadenceStatus(
        title=cadence.title,
        kind=cadence.kind,
        rule=describe(Recurrence(cadence.rule, cadence.starts_on)),
        current=boards.board(tx, current.workspace_id, current.id) if current else None,
        next_opens_at=next_at,
        your_state=own,
    )


def _publishes_at(tx: Tx, cadence: Cadence) -> datetime | None:
    return tx.session.exec(
        select(WeeklySummary.publishes_at)
        .where(
            WeeklySummary.workspace_id == cadence.workspace_id,
            WeeklySummary.cadence_id == cadence.id,
            WeeklySummary.state == SummaryState.SCHEDULED,
        )
        .order_by(col(WeeklySummary.publishes_at))
        .limit(1)
    ).first()


def _away_until(absences: tuple[tuple[date, date], ...], today: date) -> date | None:
    return max((last for first, last in absences if first <= today <= last), default=None)

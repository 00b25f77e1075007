"""Which check-in a person means when they name none."""

from datetime import datetime
from functools import cache

from sqlalchemy import bindparam
from sqlmodel import col, select
from sqlmodel.sql.expression import Select

from models.access import Permission
from models.cadences.tables import Cadence
from models.checkins import rules
from models.checkins.rules import CheckInState, PromptState
from models.checkins.tables import CheckIn, Prompt
from models.checkins.views import Answerable
from models.db import Tx
from models.engagements import queries as engagements
from models.engagements.tables import Engagement
from models.prepared import at, is_named

_MOST = 20
"""Entries offered to choose from."""
_LIVING = (CheckInState.SCHEDULED, CheckInState.OPEN)
_MISSED = (PromptState.MISSED, PromptState.SKIPPED)


def answerable(tx: Tx, moment: datetime | None = None) -> tuple[Answerable, ...]:
    """Check-ins the actor can answer now, or could at the `moment` something was said; what most wants it first.

    Open and unanswered; then answered but still open; then the next one, as soon as the last has closed;
    then closed without an answer of theirs.
    """
    moment = moment or tx.now
    places = [place for place in tx.actor.memberships if place.grants(Permission.CHECKIN_ANSWER)]
    if not places:
        return ()
    own = [place.participant_id for place in places]
    since = moment - rules.LATE_FOR * 2
    rows = tx.session.exec(_wanting(), params=at(tx.actor.workspace_id, named=own, since=since)).all()
    running = {row[1].cadence_id for row in rows if row[1].state is CheckInState.OPEN}
    found = []
    for prompt, checkin, cadence, engagement in rows:
        rank = _rank(moment, prompt, checkin, is_running=checkin.cadence_id in running)
        if rank is not None:
            entry = Answerable(
                checkin_id=checkin.id,
                parties=engagements.parties(tx, engagement),
                title=cadence.title,
                local_date=checkin.local_date,
                state=checkin.state,
                prompt_state=prompt.state,
                deadline_at=prompt.deadline_at,
            )
            found.append((rank, entry))
    found.sort(key=lambda item: item[0])
    return tuple(entry for _, entry in found[:_MOST])


@cache
def _wanting() -> Select[Prompt, CheckIn, Cadence, Engagement]:
    """Prompts of the participants named, asked `since` then, of check-ins that are not over, or were missed."""
    return (
        select(Prompt, CheckIn, Cadence, Engagement)
        .join(CheckIn, (col(CheckIn.id) == Prompt.checkin_id) & (col(CheckIn.workspace_id) == Prompt.workspace_id))
        .join(Cadence, (col(Cadence.id) == CheckIn.cadence_id) & (col(Cadence.workspace_id) == Prompt.workspace_id))
        .join(
            Engagement,
            (col(Engagement.id) == Prompt.engagement_id) & (col(Engagement.workspace_id) == Prompt.workspace_id),
        )
        .where(
            is_named(Prompt, Prompt.participant_id),
            Prompt.ask_at > bindparam("since"),
            col(CheckIn.state).in_(_LIVING)
            | ((col(CheckIn.state) == CheckInState.CLOSED) & col(Prompt.state).in_(_MISSED)),
        )
    )


def _rank(moment: datetime, prompt: Prompt, checkin: CheckIn, *, is_running: bool) -> tuple[int, float] | None:
    """How much a check-in wants an answer (lower = more); None when it takes none."""
    soonest = prompt.deadline_at.timestamp()
    match checkin.state:
        case CheckInState.OPEN:
            wanted = {PromptState.ASKED: 0, PromptState.WAITING: 0, PromptState.ANSWERED: 1, PromptState.SKIPPED: 1}
            return (wanted.get(prompt.state, 4), soonest)
        case CheckInState.SCHEDULED:
            return None if is_running or prompt.state is PromptState.EXCUSED else (2, soonest)
        case CheckInState.CLOSED:
            is_late = checkin.closed_at is not None and moment - checkin.closed_at <= rules.LATE_FOR
            return (3, -soonest) if is_late and prompt.state in _MISSED else None
        case CheckInState.SKIPPED:
            return None

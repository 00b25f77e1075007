"""Laying check-ins down: the next one of a cadence, and what an edit of cadence or roster does to it."""

from datetime import date, datetime, timedelta

from models.access import system_only
from models.cadences.tables import Cadence
from models.calendars.local_time import local_date
from models.calendars.recurrence import Recurrence, falls_on, next_date
from models.checkins import lifecycle, queries, rules
from models.checkins.rules import CheckInState, Hours, PromptState
from models.checkins.tables import CheckIn, Prompt
from models.db import Tx
from models.engagements import queries as engagements
from models.engagements.queries import Member
from models.engagements.rules import EngagementState
from models.engagements.tables import Engagement


def plan(tx: Tx, cadence: Cadence) -> None:
    """Lay down the next check-in of a cadence, or times anew for one that has not opened. Step of a due cadence."""
    system_only(tx)
    engagement = tx.one(Engagement, cadence.workspace_id, cadence.engagement_id)
    last = queries.latest(tx, cadence.workspace_id, cadence.id)
    upcoming = last if last and last.state is CheckInState.SCHEDULED and last.opens_at > tx.now else None
    if not cadence.is_active or engagement.state is not EngagementState.ACTIVE:
        if upcoming:
            _let_go(tx, upcoming, lifecycle.PAUSED)
        cadence.is_idle, cadence.due_at = True, None
        return
    people = [
        member for member in engagements.crew(tx, cadence.workspace_id, engagement.id).active() if member.is_asked
    ]
    if not people:
        cadence.is_idle, cadence.due_at = True, None
        return
    if upcoming and _is_misplaced(tx, cadence, upcoming, people):
        _let_go(tx, upcoming, "it was moved to a time that is over")
        upcoming, cadence.is_idle = None, True
        last = queries.latest(tx, cadence.workspace_id, cadence.id)
    checkin = _retimed(tx, cadence, upcoming, people) if upcoming else _next(tx, cadence, last, people)
    cadence.due_at, cadence.is_idle = checkin.opens_at if checkin else None, checkin is None


def _next(tx: Tx, cadence: Cadence, last: CheckIn | None, people: list[Member]) -> CheckIn | None:
    """The check-in after `last`; a cadence that starts, or starts again, begins with one still to open."""
    after = last.local_date if last else None
    if cadence.is_idle or after is None:
        day = _first_to_open(tx, cadence, after, people)
    else:
        day = _date_after(cadence, after)
    return _lay_down(tx, cadence, day, people) if day else None


def _first_to_open(tx: Tx, cadence: Cadence, after: date | None, people: list[Member]) -> date | None:
    """The first date later than `after` whose opening is still to come."""
    earliest = min(local_date(tx.now, _zone(cadence, member)) for member in people) - timedelta(days=1)
    day = _date_after(cadence, max(earliest, after or earliest))
    while day and _span(cadence, day, people)[0] < tx.now:
        day = _date_after(cadence, day)
    return day


def _date_after(cadence: Cadence, day: date) -> date | None:
    found = next_date(Recurrence(cadence.rule, cadence.starts_on), day)
    return None if found is None or (cadence.ends_on and found > cadence.ends_on) else found


def _lay_down(tx: Tx, cadence: Cadence, day: date, people: list[Member]) -> CheckIn:
    opens_at, closes_at = _span(cadence, day, people)
    checkin = tx.add(
        CheckIn(
            workspace_id=cadence.workspace_id,
            engagement_id=cadence.engagement_id,
            cadence_id=cadence.id,
            local_date=day,
            opens_at=opens_at,
            closes_at=closes_at,
            due_at=opens_at,
            inhouse_questions_id=cadence.inhouse_questions_id,
            vendor_questions_id=cadence.vendor_questions_id,
        )
    )
    for member in people:
        tx.add(_prompt(checkin, member, _hours(cadence, member, day)))
    return checkin


def _is_misplaced(tx: Tx, cadence: Cadence, checkin: CheckIn, people: list[Member]) -> bool:
    """Whether a check-in that has not opened lies on a date that the cadence, as it is now, would not give it.

    One that somebody has answered already stays where it is, unless its time is over.
    """
    day = checkin.local_date
    if _span(cadence, day, people)[1] <= tx.now:
        return True
    if queries.spoken_in(tx, checkin):
        return False
    if not falls_on(Recurrence(cadence.rule, cadence.starts_on), day) or (cadence.ends_on and day > cadence.ends_on):
        return True
    before = queries.latest(tx, cadence.workspace_id, cadence.id, before=day)
    first = _first_to_open(tx, cadence, before.local_date if before else None, people)
    return first is not None and first < day


def _let_go(tx: Tx, checkin: CheckIn, reason: str) -> None:
    """Remove a check-in that has not opened; one in which somebody has spoken already is skipped instead."""
    if queries.spoken_in(tx, checkin):
        lifecycle.skip(tx, checkin, reason)
        return
    for prompt in queries.prompts(tx, checkin):
        tx.session.delete(prompt)
    tx.session.delete(checkin)
    tx.session.flush()


def _retimed(tx: Tx, cadence: Cadence, checkin: CheckIn, people: list[Member]) -> CheckIn:
    """A check-in that has not opened, brought to the cadence's and the roster's present state."""
    given = {prompt.participant_id: prompt for prompt in queries.prompts(tx, checkin)}
    checkin.opens_at, checkin.closes_at = _span(cadence, checkin.local_date, people)
    checkin.due_at = rules.checkin_due(checkin.state, checkin.opens_at, checkin.closes_at)
    checkin.inhouse_questions_id = cadence.inhouse_questions_id
    checkin.vendor_questions_id = cadence.vendor_questions_id
    for member in people:
        times = _hours(cadence, member, checkin.local_date)
        known = given.pop(member.participant.id, None) or tx.add(_prompt(checkin, member, times))
        known.ask_at, known.remind_at, known.deadline_at = times.ask_at, times.remind_at, times.deadline_at
    spoken = queries.spoken_in(tx, checkin)
    for gone in given.values():
        if gone.id not in spoken:
            tx.session.delete(gone)
        elif gone.state in rules.PENDING:
            gone.state, gone.excuse = PromptState.EXCUSED, lifecycle.LEFT
    return checkin


def _prompt(checkin: CheckIn, member: Member, hours: Hours) -> Prompt:
    return Prompt(
        workspace_id=checkin.workspace_id,
        engagement_id=checkin.engagement_id,
        checkin_id=checkin.id,
        participant_id=member.participant.id,
        side=member.participant.side,
        ask_at=hours.ask_at,
        remind_at=hours.remind_at,
        deadline_at=hours.deadline_at,
    )


def _span(cadence: Cadence, day: date, people: list[Member]) -> tuple[datetime, datetime]:
    return rules.span(_hours(cadence, member, day) for member in people)


def _hours(cadence: Cadence, member: Member, day: date) -> Hours:
    return rules.personal_hours(
        day,
        cadence.at,
        _zone(cadence, member),
        timedelta(minutes=cadence.window_minutes),
        timedelta(minutes=cadence.reminder_minutes),
    )


def _zone(cadence: Cadence, member: Member) -> str:
    return cadence.zone or member.person.zone

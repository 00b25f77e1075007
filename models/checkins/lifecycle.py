"""The life of a check-in in time: laid down, opened, asked, reminded, closed or skipped. Steps of the due queue."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from models.access import system_only
from models.activity import service as activity
from models.cadences.tables import Cadence
from models.calendars.holidays import holiday_name
from models.calendars.local_time import local_date
from models.calendars.recurrence import Recurrence, falls_on, next_date
from models.checkins import queries, rules
from models.checkins.rules import CheckInState, Hours, Opening, PromptState
from models.checkins.tables import CheckIn, Prompt
from models.db import Tx
from models.engagements import queries as engagements
from models.engagements.queries import Crew, Member
from models.engagements.rules import EngagementState
from models.engagements.tables import Engagement, Participant
from models.outbox import service as outbox
from models.outbox.service import Direct


def plan(tx: Tx, cadence: Cadence) -> None:
    """Lay down the next check-in of a cadence, or times anew for one that has not opened. Step of a due cadence."""
    system_only(tx)
    engagement = tx.one(Engagement, cadence.workspace_id, cadence.engagement_id)
    last = queries.latest(tx, cadence.workspace_id, cadence.id)
    upcoming = last if last and last.state is CheckInState.SCHEDULED and last.opens_at > tx.now else None
    if not cadence.is_active or engagement.state is not EngagementState.ACTIVE:
        if upcoming:
            _skip(tx, upcoming, "the cadence was paused")
        cadence.is_idle, cadence.due_at = True, None
        return
    people = [
        member for member in engagements.crew(tx, cadence.workspace_id, engagement.id).active() if member.is_asked
    ]
    if not people:
        cadence.due_at = None
        return
    checkin = _retimed(tx, cadence, upcoming, people) if upcoming else _next(tx, cadence, last, people)
    cadence.due_at = checkin.opens_at if checkin else None
    cadence.is_idle = False


def advance(tx: Tx, checkin: CheckIn) -> None:
    """Open, close or skip a check-in that has come due. Step of a due check-in."""
    system_only(tx)
    if checkin.state is CheckInState.OPEN:
        _close(tx, checkin)
        return
    engagement = tx.one(Engagement, checkin.workspace_id, checkin.engagement_id)
    crew = engagements.crew(tx, checkin.workspace_id, engagement.id)
    present = _excuse_absent(tx, checkin, crew)
    if present and all(prompt.state is PromptState.WAITING for prompt in present):
        checkin.opens_at = min(prompt.ask_at for prompt in present)
    match rules.opening(tx.now, checkin.opens_at, checkin.closes_at, anybody=bool(present)):
        case Opening.OPEN:
            open_now(tx, checkin, engagement)
        case Opening.WAIT:
            checkin.due_at = checkin.opens_at
        case Opening.TOO_LATE:
            _skip(tx, checkin, "the bot was not running in its window")
        case Opening.NOBODY:
            _skip(tx, checkin, "everybody is away or has a holiday")


def ask(tx: Tx, prompts: Sequence[Prompt]) -> None:
    """Ask, or remind, the people whose prompts have come due. Step of due prompts, many at a time."""
    system_only(tx)
    checkins = tx.all(CheckIn, {(prompt.workspace_id, prompt.checkin_id) for prompt in prompts})
    people = tx.all(Participant, {(prompt.workspace_id, prompt.participant_id) for prompt in prompts})
    said = []
    for prompt in prompts:
        checkin = checkins[prompt.workspace_id, prompt.checkin_id]
        person_id = people[prompt.workspace_id, prompt.participant_id].person_id
        if checkin.state is CheckInState.OPEN and prompt.state is PromptState.WAITING:
            prompt.state, prompt.asked_at = PromptState.ASKED, tx.now
            said.append(_direct(prompt, person_id, "checkin.prompt", f"prompt:{prompt.id}"))
        elif checkin.state is CheckInState.OPEN and prompt.state is PromptState.ASKED and not prompt.reminded_at:
            prompt.reminded_at = tx.now
            said.append(_direct(prompt, person_id, "checkin.reminder", f"reminder:{prompt.id}"))
        set_prompt_due(prompt, checkin)
    tx.write(prompts, "state", "asked_at", "reminded_at", "due_at")
    outbox.post_all(tx, said)


def open_now(tx: Tx, checkin: CheckIn, engagement: Engagement) -> None:
    """Open a scheduled check-in at this moment and post its board."""
    checkin.state, checkin.opened_at = CheckInState.OPEN, tx.now
    checkin.due_at = rules.checkin_due(checkin.state, checkin.opens_at, checkin.closes_at)
    board = f"board:{checkin.id}"
    outbox.post(tx, engagement, "checkin.board", checkin.id, key=board)
    for prompt in queries.prompts(tx, checkin):
        if prompt.state is PromptState.WAITING:
            _catch_up(tx, prompt, checkin)
        elif prompt.state is PromptState.ANSWERED:
            outbox.post(tx, engagement, "checkin.answer", prompt.id, key=f"answer:{prompt.id}", parent_key=board)
        set_prompt_due(prompt, checkin)
    activity.record(tx, "checkin.opened", checkin, after={"local_date": checkin.local_date.isoformat()})


def set_prompt_due(prompt: Prompt, checkin: CheckIn) -> None:
    """Bring a prompt's due time to what the rules say."""
    hours = Hours(prompt.ask_at, prompt.remind_at, prompt.deadline_at)
    prompt.due_at = rules.prompt_due(checkin.state, prompt.state, hours, was_reminded=prompt.reminded_at is not None)


def _next(tx: Tx, cadence: Cadence, last: CheckIn | None, people: list[Member]) -> CheckIn | None:
    """The check-in after `last`; a cadence that starts, or starts again, begins with one still to open."""
    recurrence = Recurrence(cadence.rule, cadence.starts_on)
    earliest = min(local_date(tx.now, _zone(cadence, member)) for member in people) - timedelta(days=1)
    day = last.local_date if last and not cadence.is_idle else max(earliest, last.local_date if last else earliest)
    while True:
        found = next_date(recurrence, day)
        if found is None or (cadence.ends_on and found > cadence.ends_on):
            return None
        hours = {member.participant.id: _hours(cadence, member, found) for member in people}
        opens_at, closes_at = rules.span(hours.values())
        if not cadence.is_idle or opens_at >= tx.now:
            return _lay_down(tx, cadence, found, people, hours, opens_at, closes_at)
        day = found


def _lay_down(
    tx: Tx,
    cadence: Cadence,
    day: date,
    people: list[Member],
    hours: dict[UUID, Hours],
    opens_at: datetime,
    closes_at: datetime,
) -> CheckIn:
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
        tx.add(_prompt(checkin, member, hours[member.participant.id]))
    return checkin


def _retimed(tx: Tx, cadence: Cadence, checkin: CheckIn, people: list[Member]) -> CheckIn | None:
    """A check-in that has not opened, brought to the cadence's and the roster's present state."""
    given = {prompt.participant_id: prompt for prompt in queries.prompts(tx, checkin)}
    answered = any(prompt.state is PromptState.ANSWERED for prompt in given.values())
    if not answered and not falls_on(Recurrence(cadence.rule, cadence.starts_on), checkin.local_date):
        for prompt in given.values():
            tx.session.delete(prompt)
        tx.session.delete(checkin)
        tx.session.flush()
        cadence.is_idle = True
        return _next(tx, cadence, queries.latest(tx, cadence.workspace_id, cadence.id), people)
    hours = {member.participant.id: _hours(cadence, member, checkin.local_date) for member in people}
    checkin.opens_at, checkin.closes_at = rules.span(hours.values())
    checkin.due_at = checkin.opens_at
    checkin.inhouse_questions_id = cadence.inhouse_questions_id
    checkin.vendor_questions_id = cadence.vendor_questions_id
    for member in people:
        times = hours[member.participant.id]
        known = given.pop(member.participant.id, None) or tx.add(_prompt(checkin, member, times))
        known.ask_at, known.remind_at, known.deadline_at = times.ask_at, times.remind_at, times.deadline_at
    for gone in given.values():
        if gone.state is PromptState.WAITING:
            tx.session.delete(gone)
    return checkin


def _excuse_absent(tx: Tx, checkin: CheckIn, crew: Crew) -> list[Prompt]:
    """Excuse everybody who is away or has a holiday on the day; the prompts of the others."""
    present = []
    for prompt in queries.prompts(tx, checkin):
        member = crew.members[prompt.participant_id]
        if prompt.state in (PromptState.WAITING, PromptState.EXCUSED):
            prompt.excuse = excuse(member, checkin.local_date)
            prompt.state = PromptState.EXCUSED if prompt.excuse else PromptState.WAITING
        if prompt.state is not PromptState.EXCUSED:
            present.append(prompt)
    return present


def excuse(member: Member, day: date) -> str | None:
    """Why a participant is not asked on a local date, in words; None when they are."""
    if not member.is_asked:
        return "left the roster"
    away = next((last for first, last in member.hours.absences if first <= day <= last), None)
    if away:
        return f"away until {away:%a} {away.day} {away:%b}"
    if holiday := holiday_name(member.calendar, day):
        return holiday
    return None if day.weekday() in member.hours.weekdays else "not a working day"


def _catch_up(tx: Tx, prompt: Prompt, checkin: CheckIn) -> None:
    times = rules.caught_up(Hours(prompt.ask_at, prompt.remind_at, prompt.deadline_at), tx.now, checkin.closes_at)
    prompt.remind_at, prompt.deadline_at = times.remind_at, times.deadline_at


def _close(tx: Tx, checkin: CheckIn) -> None:
    checkin.state, checkin.closed_at, checkin.due_at = CheckInState.CLOSED, tx.now, None
    for prompt in queries.prompts(tx, checkin):
        if prompt.state in rules.PENDING:
            prompt.state = PromptState.MISSED
        if prompt.reminded_at:
            outbox.delete(tx, prompt.workspace_id, f"reminder:{prompt.id}")
        set_prompt_due(prompt, checkin)
    outbox.refresh(tx, checkin.workspace_id, f"board:{checkin.id}")
    activity.record(tx, "checkin.closed", checkin)


def _skip(tx: Tx, checkin: CheckIn, reason: str) -> None:
    checkin.state, checkin.skip_reason, checkin.due_at = CheckInState.SKIPPED, reason, None
    for prompt in queries.prompts(tx, checkin):
        if prompt.state in rules.PENDING:
            prompt.state, prompt.excuse = PromptState.EXCUSED, reason
        set_prompt_due(prompt, checkin)
    activity.record(tx, "checkin.skipped", checkin, after={"reason": reason})


def _direct(prompt: Prompt, person_id: UUID, kind: str, key: str) -> Direct:
    return Direct(
        workspace_id=prompt.workspace_id,
        engagement_id=prompt.engagement_id,
        kind=kind,
        subject_id=prompt.id,
        key=key,
        person_id=person_id,
        parent_key=f"board:{prompt.checkin_id}",
    )


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

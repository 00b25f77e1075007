"""The life of a check-in in time: opened, closed or skipped. Step of the due queue; `asking` is the one beside it."""

from datetime import date

from models.access import system_only
from models.activity import service as activity
from models.cadences.tables import Cadence
from models.calendars.holidays import holiday_name
from models.checkins import missed, queries, rules
from models.checkins.rules import CheckInState, Hours, Opening, PromptState
from models.checkins.tables import CheckIn, Prompt
from models.db import Tx
from models.engagements import queries as engagements
from models.engagements.queries import Member
from models.engagements.rules import EngagementState
from models.engagements.tables import Engagement
from models.outbox import service as outbox

PAUSED = "the cadence was paused"
LEFT = "left the roster"
_OUTAGE = "the bot was not running"


def advance(tx: Tx, checkin: CheckIn) -> None:
    """Open, close or skip a check-in that has come due. Step of a due check-in."""
    system_only(tx)
    if checkin.state is CheckInState.OPEN:
        _close(tx, checkin)
        return
    engagement = tx.one(Engagement, checkin.workspace_id, checkin.engagement_id)
    cadence = tx.one(Cadence, checkin.workspace_id, checkin.cadence_id)
    if not cadence.is_active or engagement.state is not EngagementState.ACTIVE:
        skip(tx, checkin, PAUSED)
        return
    present = present_at(tx, checkin)
    if present:
        checkin.opens_at = min(prompt.ask_at for prompt in present)
        checkin.closes_at = max(prompt.deadline_at for prompt in present)
    match rules.opening(tx.now, checkin.opens_at, checkin.closes_at, anybody=bool(present)):
        case Opening.OPEN:
            open_now(tx, checkin, engagement)
        case Opening.WAIT:
            checkin.due_at = rules.checkin_due(checkin.state, checkin.opens_at, checkin.closes_at)
        case Opening.TOO_LATE:
            skip(tx, checkin, f"{_OUTAGE} in its window")
        case Opening.NOBODY:
            skip(tx, checkin, "everybody is away or has a holiday")


def open_now(tx: Tx, checkin: CheckIn, engagement: Engagement) -> None:
    """Open a scheduled check-in at this moment and post its board."""
    checkin.state, checkin.opened_at = CheckInState.OPEN, tx.now
    checkin.due_at = rules.checkin_due(checkin.state, checkin.opens_at, checkin.closes_at)
    board = f"board:{checkin.id}"
    outbox.post(tx, engagement, "checkin.board", checkin.id, key=board)
    for prompt in queries.prompts(tx, checkin):
        if prompt.state is PromptState.ANSWERED:
            outbox.post(tx, engagement, "checkin.answer", prompt.id, key=f"answer:{prompt.id}", parent_key=board)
        set_prompt_due(prompt, checkin)
    activity.record(tx, "checkin.opened", checkin, after={"local_date": checkin.local_date.isoformat()})


def unanswered(prompt: Prompt) -> PromptState:
    """The state of a prompt without an answer in a check-in that has not closed."""
    if prompt.excuse:
        return PromptState.EXCUSED
    return PromptState.ASKED if prompt.asked_at else PromptState.WAITING


def set_prompt_due(prompt: Prompt, checkin: CheckIn) -> None:
    """Bring a prompt's due time to what the rules say."""
    hours = Hours(prompt.ask_at, prompt.remind_at, prompt.deadline_at)
    prompt.due_at = rules.prompt_due(checkin.state, prompt.state, hours, was_reminded=prompt.reminded_at is not None)


def present_at(tx: Tx, checkin: CheckIn) -> list[Prompt]:
    """Excuse everybody who is away or has a holiday on the day of a check-in; the prompts of the others."""
    crew = engagements.crew(tx, checkin.workspace_id, checkin.engagement_id)
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
        return LEFT
    away = next((last for first, last in member.hours.absences if first <= day <= last), None)
    if away:
        return f"away until {away:%a} {away.day} {away:%b}"
    if holiday := holiday_name(member.calendar, day):
        return holiday
    return None if day.weekday() in member.hours.weekdays else "not a working day"


def skip(tx: Tx, checkin: CheckIn, reason: str) -> None:
    """Skip a check-in that has not opened, and say why."""
    checkin.state, checkin.skip_reason, checkin.due_at = CheckInState.SKIPPED, reason, None
    for prompt in queries.prompts(tx, checkin):
        if prompt.state in rules.PENDING:
            prompt.state, prompt.excuse = PromptState.EXCUSED, reason
        set_prompt_due(prompt, checkin)
    activity.record(tx, "checkin.skipped", checkin, after={"reason": reason})


def _close(tx: Tx, checkin: CheckIn) -> None:
    """Close a check-in; not before the last deadline of somebody who was asked late, or has come back."""
    prompts = queries.prompts(tx, checkin)
    last = max((prompt.deadline_at for prompt in prompts if prompt.state in rules.PENDING), default=tx.now)
    if last > tx.now:
        checkin.closes_at = last
        checkin.due_at = rules.checkin_due(checkin.state, checkin.opens_at, checkin.closes_at)
        return
    checkin.state, checkin.closed_at, checkin.due_at = CheckInState.CLOSED, tx.now, None
    missed_by = [prompt for prompt in prompts if prompt.state is PromptState.ASKED]
    for prompt in prompts:
        if prompt.state is PromptState.ASKED:
            prompt.state = PromptState.MISSED
        elif prompt.state is PromptState.WAITING:
            prompt.state, prompt.excuse = PromptState.EXCUSED, f"{_OUTAGE} at their hour"
        set_prompt_due(prompt, checkin)
    missed.closed(tx, checkin, prompts)
    reminders = [f"reminder:{prompt.id}" for prompt in prompts if prompt.reminded_at]
    outbox.delete(tx, checkin.workspace_id, *reminders)
    questions = [f"prompt:{prompt.id}" for prompt in missed_by]
    outbox.refresh(tx, checkin.workspace_id, f"board:{checkin.id}", *questions)
    activity.record(tx, "checkin.closed", checkin)

"""What follows when a question waits past its time: one nudge, then it is escalated; and what a word ends of that."""

from datetime import datetime
from uuid import UUID

from models.access import Role, system_only
from models.activity import service as activity
from models.asks import cards, queries, rules
from models.asks.rules import AskState, Course
from models.asks.tables import Ask
from models.calendars.local_time import local_date
from models.calendars.working_time import is_open, is_working_day, next_opening
from models.db import Tx
from models.engagements import queries as engagements
from models.engagements.queries import Crew, Member
from models.engagements.tables import Engagement
from models.escalations import raising, watching
from models.escalations.causes import Cause, Matter
from models.outbox import service as outbox
from models.outbox.rules import Place

_ENDED = {
    AskState.WAITING: "Q-{} was asked anew.",
    AskState.REPLIED: "A reply to Q-{} has come.",
    AskState.ANSWERED: "Q-{} was answered.",
    AskState.WITHDRAWN: "Q-{} was taken back.",
}


def look(tx: Tx, engagement: Engagement, row: Ask) -> None:
    """Nudge, once a turn; when that was in vain, escalate, once a turn. Part of the step of a due question."""
    system_only(tx)
    now_is = queries.course(queries.entries(tx, row))
    if row.nudged_for == now_is.begun_by:
        watching.look(
            tx, row, lambda crew: _due(row, now_is, crew), lambda engagement, _: _climb(tx, engagement, row, now_is)
        )
    else:
        _nudge(tx, engagement, row, now_is)


def broken(tx: Tx, row: Ask, now_is: Course, by_id: UUID | None) -> None:
    """Take back what followed from a silence that is over: its nudge, and what climbs for it."""
    if row.nudged_for and row.nudged_for != now_is.begun_by:
        outbox.delete(tx, row.workspace_id, nudge_key(row.nudged_for))
    if row.escalated_for and row.escalated_for != now_is.begun_by:
        row.escalated_for = None
        raising.cause_gone(tx, row.workspace_id, cause_key(row), by_id, _ENDED[now_is.state].format(row.number))


def set_due(tx: Tx, row: Ask, now_is: Course) -> None:
    """Bring its due time to what the rules say."""
    row.due_at = _due(row, now_is, engagements.crew(tx, row.workspace_id, row.engagement_id))


def nudge_key(turn: UUID) -> str:
    """Key of the nudge about a turn, by the entry that began it."""
    return f"ask-nudge:{turn}"


def cause_key(row: Ask) -> str:
    """The natural key of its escalation."""
    return f"question:{row.id}"


def _due(row: Ask, now_is: Course, crew: Crew) -> datetime | None:
    base = row.watched_from or row.until
    is_climbing = row.escalated_for == now_is.begun_by
    climbs_at = rules.climbs_at(base, crew.hours(row.asked_side)) if base and not is_climbing else None
    return rules.next_due(now_is, row.nudged_for, climbs_at)


def _nudge(tx: Tx, engagement: Engagement, row: Ask, now_is: Course) -> None:
    """Tell one person of the side that was asked; not at night, should we come late."""
    crew = engagements.crew(tx, row.workspace_id, row.engagement_id)
    hours = crew.hours(row.asked_side)
    is_late = now_is.until is not None and tx.now - now_is.until > rules.PUNCTUAL
    if is_late and not is_open(hours, tx.now) and (opening := next_opening(hours, tx.now)) > tx.now:
        row.due_at = opening
        return
    row.nudged_for, row.watched_from = now_is.begun_by, tx.now
    row.due_at = _due(row, now_is, crew)
    person = _spokesperson(tx, crew, row)
    if person is not None:
        outbox.post(
            tx,
            engagement,
            "ask.nudge",
            row.id,
            key=nudge_key(now_is.begun_by),
            place=Place.DIRECT,
            person_id=person.person.id,
            parent_key=cards.card_key(row),
            extra={"turn": str(now_is.begun_by)},
        )
    cards.show(tx, row)
    activity.record(tx, "ask.nudged", row)


def _climb(tx: Tx, engagement: Engagement, row: Ask, now_is: Course) -> None:
    """Raise its escalation, against the side that was asked."""
    matter = Matter(
        Cause.QUESTION,
        cause_key(row),
        " ".join(tx.unseal(row, "what").split()),
        row.asked_side,
        ref=f"Q-{row.number}",
        subject_id=row.id,
        concerned=tuple(one for one in (row.asked_id, row.asker_id) if one),
    )
    if raising.raise_for(tx, engagement, matter) is not None:
        row.escalated_for = now_is.begun_by
        activity.record(tx, "ask.escalated", row)


def _spokesperson(tx: Tx, crew: Crew, row: Ask) -> Member | None:
    """Who is nudged: the person named, else the side's lead, its owner, a member; who is there before who is away."""
    ranks = {Role.LEAD: 1, Role.OWNER: 2, Role.MEMBER: 3}
    people = [item for item in crew.active() if item.participant.side is row.asked_side and item.is_asked]

    def order(item: Member) -> tuple[bool, int]:
        is_away = not is_working_day(item.hours, local_date(tx.now, item.person.zone))
        return is_away, 0 if item.participant.id == row.asked_id else ranks[item.participant.role]

    return min(people, key=order, default=None)

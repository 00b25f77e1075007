"""What people do with an escalation.

The side that must act owns it, says where it stands and proposes that it is done; the other side closes, snoozes and
rates it. What is not possible any more changes nothing and is answered with False: the caller shows how it stands.
"""

from datetime import date, time
from uuid import UUID

from sqlmodel import select

from models import access
from models.access import Membership, Permission, Side
from models.activity import service as activity
from models.calendars.local_time import instant, local_date
from models.calendars.working_time import next_opening
from models.db import Tx
from models.engagements import queries as engagements
from models.engagements.queries import Crew
from models.engagements.rules import EngagementState
from models.engagements.tables import Engagement
from models.errors import Conflict, Invalid, NotAllowed
from models.escalations import moves, raising, rules
from models.escalations.causes import Cause, EntryKind, Matter
from models.escalations.ladders import LONGEST_SNOOZE, Severity
from models.escalations.rules import EscalationState, Event
from models.escalations.tables import Escalation, EscalationEntry
from models.outbox import service as outbox

NOTE_LENGTH = 1000
WHAT_LENGTH = 300


def escalate(
    tx: Tx,
    engagement_id: UUID,
    what: str,
    severity: Severity,
    against: Side | None = None,
    *,
    source_key: str,
    why: str = "",
) -> Escalation:
    """Raise a matter in one's own words, once for each `source_key`; without a side, the other one must act.

    Raises NotFound, NotAllowed, Invalid, or Conflict while the engagement is paused.
    """
    place = access.place_of(tx, engagement_id, Permission.ESCALATION_RAISE)
    engagement = tx.one(Engagement, tx.actor.workspace_id, engagement_id)
    if engagement.state is not EngagementState.ACTIVE:
        raise Conflict("This engagement is paused: nothing can be escalated until its owner resumes it.")
    what = " ".join(what.split())
    if not what or len(what) > WHAT_LENGTH:
        raise Invalid({"what": f"Please say what is stuck, in at most {WHAT_LENGTH} characters."})
    if known := _raised_by(tx, engagement, source_key):
        return known
    matter = Matter(
        Cause.PERSON,
        source_key,
        what,
        against or place.side.other,
        severity,
        raised_by_id=place.participant_id,
        why=_checked(why, required=False),
    )
    row = raising.raise_for(tx, engagement, matter)
    assert row is not None  # noqa: S101 (the engagement is active)
    return row


def acknowledge(tx: Tx, escalation_id: UUID, source_key: str | None = None) -> bool:
    """Own it. For the side that must act this stops the climb; somebody of the other side looks after it there."""
    row, place, crew = _load(tx, escalation_id)
    if _is_heard(tx, row, source_key):
        return True
    if row.state is EscalationState.RESOLVED or moves.owner_id(row, place.side) == place.participant_id:
        return _overtaken(tx, row)
    if place.side is row.against:
        return raising.own(tx, row, crew, place.participant_id, source_key)
    moves.set_owner(row, place.side, place.participant_id)
    moves.write(tx, row, EntryKind.FOLLOWED, place.participant_id, source_key=source_key)
    moves.refresh(tx, row, with_directs=False)
    return True


def update(tx: Tx, escalation_id: UUID, note: str, source_key: str | None = None) -> bool:
    """Say where it stands. From the side that must act this is ownership and moves the clock; else it is a comment."""
    row, place, crew = _load(tx, escalation_id)
    if _is_heard(tx, row, source_key):
        return True
    note = _checked(note, required=True)
    if row.state is EscalationState.RESOLVED:
        return _overtaken(tx, row)
    moves.write(tx, row, EntryKind.UPDATED, place.participant_id, note, source_key=source_key)
    if place.side is not row.against:
        was_proposed = row.proposed_by_id is not None
        row.proposed_at, row.proposed_by_id = None, None  # answered: it is not taken for done
        moves.refresh(tx, row, with_directs=was_proposed)
        return True
    row.last_word_at = tx.now
    row.acknowledged_at = row.acknowledged_at or tx.now
    if not row.is_owned or moves.owner_id(row, place.side) is None:
        moves.set_owner(row, place.side, place.participant_id)
    return moves.happen(tx, row, Event.UPDATE, crew)


def finish(tx: Tx, escalation_id: UUID, note: str, source_key: str | None = None) -> bool:
    """Resolve it; from the side that must act, propose that it is done, so that the other side can close it."""
    row, place, crew = _load(tx, escalation_id)
    if _is_heard(tx, row, source_key):
        return True
    note = _checked(note, required=False)
    if row.state is EscalationState.RESOLVED:
        return _overtaken(tx, row)
    if may_close(row, place):
        return raising.end(tx, row, crew, place.participant_id, note, source_key)
    row.proposed_at, row.proposed_by_id, row.last_word_at = tx.now, place.participant_id, tx.now
    row.acknowledged_at = row.acknowledged_at or tx.now
    moves.set_owner(row, place.side, place.participant_id)
    entry = moves.write(tx, row, EntryKind.PROPOSED, place.participant_id, note, source_key=source_key)
    moves.ask_other_side(tx, row, crew, entry)
    return moves.happen(tx, row, Event.UPDATE, crew)


def snooze(tx: Tx, escalation_id: UUID, day: date, note: str, source_key: str | None = None) -> bool:
    """Let it rest until the person's work begins on a local date of theirs. For the side that does not have to act."""
    row, place, crew = _load(tx, escalation_id)
    if _is_heard(tx, row, source_key):
        return True
    _require_closer(tx, row, place, "let it rest")
    hours = crew.members[place.participant_id].hours
    until = next_opening(hours, instant(day, time(0), hours.zone))
    if not tx.now < until or day - local_date(tx.now, hours.zone) > LONGEST_SNOOZE:
        raise Invalid({"until": f"Please choose a day from tomorrow on, at most {LONGEST_SNOOZE.days} days ahead."})
    note = _checked(note, required=False)
    if row.state is EscalationState.RESOLVED:
        return _overtaken(tx, row)
    detail = {"until": until.isoformat()}
    moves.write(tx, row, EntryKind.SNOOZED, place.participant_id, note, detail=detail, source_key=source_key)
    return moves.happen(tx, row, Event.SNOOZE, crew, until=until)


def rerate(tx: Tx, escalation_id: UUID, severity: Severity, note: str, source_key: str | None = None) -> bool:
    """Give it another severity. Only for the side that does not have to act; the ladder of that severity starts."""
    row, place, crew = _load(tx, escalation_id)
    if _is_heard(tx, row, source_key):
        return True
    _require_closer(tx, row, place, "change its severity")
    note = _checked(note, required=False)
    if row.state is EscalationState.RESOLVED or row.severity is severity:
        return _overtaken(tx, row)
    detail = {"before": row.severity.value, "after": severity.value}
    before = {"severity": row.severity.value}
    row.severity = severity
    activity.record(tx, "escalation.rerated", row, before=before, after={"severity": severity.value})
    moves.write(tx, row, EntryKind.RERATED, place.participant_id, note, detail=detail, source_key=source_key)
    return moves.happen(tx, row, Event.RERATE, crew)


def reopen(tx: Tx, escalation_id: UUID, note: str, source_key: str | None = None) -> bool:
    """Open one again that has ended a short while ago. For both sides: it starts at the bottom of its ladder."""
    row, place, crew = _load(tx, escalation_id)
    if _is_heard(tx, row, source_key):
        return True
    note = _checked(note, required=False)
    if raising.standing_for(tx, row.workspace_id, row.cause_key) or not rules.may_reopen(moves.standing(row), tx.now):
        return _overtaken(tx, row)
    row.open_key, row.resolved_by_id, row.proposed_at, row.proposed_by_id = row.cause_key, None, None, None
    row.reopened_count += 1
    moves.set_owner(row, row.against, None)
    moves.write(tx, row, EntryKind.REOPENED, place.participant_id, note, source_key=source_key)
    return moves.happen(tx, row, Event.REOPEN, crew)


def is_possible(tx: Tx, escalation_id: UUID, event: Event | None) -> bool:
    """Whether the actor can do this now, so that no form opens in vain; without an event, write a private note.

    Raises NotFound, or NotAllowed as the deed itself does.
    """
    row = access.load(tx, Escalation, escalation_id, Permission.ESCALATION_ACT)
    place = access.place_of(tx, row.engagement_id, Permission.ESCALATION_ACT)
    match event:
        case None:
            _require_inhouse(tx, place)
            return True
        case Event.SNOOZE:
            _require_closer(tx, row, place, "let it rest")
        case Event.RERATE:
            _require_closer(tx, row, place, "change its severity")
        case _:
            pass
    return event in rules.legal(moves.standing(row), tx.now)


def note_privately(tx: Tx, escalation_id: UUID, note: str, source_key: str | None = None) -> bool:
    """A note that only the in-house side sees. Raises NotAllowed for anybody else."""
    row, place, _ = _load(tx, escalation_id)
    _require_inhouse(tx, place)
    if not _is_heard(tx, row, source_key):
        text = _checked(note, required=True)
        moves.write(tx, row, EntryKind.NOTED, place.participant_id, text, is_private=True, source_key=source_key)
        outbox.refresh(tx, row.workspace_id, moves.twin_key(row))
    return True


def look_again(tx: Tx, escalation_id: UUID) -> None:
    """Bring what is shown of it to the present state: somebody has pressed an old button."""
    row, _, _ = _load(tx, escalation_id)
    moves.refresh(tx, row)


def may_close(row: Escalation, place: Membership) -> bool:
    """Whether somebody may close, snooze or rate it: those of the side that does not have to act."""
    return place.side is not row.against


def _load(tx: Tx, escalation_id: UUID) -> tuple[Escalation, Membership, Crew]:
    row = access.load(tx, Escalation, escalation_id, Permission.ESCALATION_ACT, lock=True)
    place = access.place_of(tx, row.engagement_id, Permission.ESCALATION_ACT)
    return row, place, moves.crew_of(tx, row)


def _require_closer(tx: Tx, row: Escalation, place: Membership, deed: str) -> None:
    if not may_close(row, place):
        waits_for = engagements.side_name(tx, row.engagement_id, row.against)
        other = engagements.side_name(tx, row.engagement_id, row.against.other)
        raise NotAllowed(
            f"E-{row.number} waits for {waits_for}: only the people of {other} can {deed}. "
            "You can own it, say where it stands, or say that it is done."
        )


def _require_inhouse(tx: Tx, place: Membership) -> None:
    if place.side is not Side.INHOUSE:
        inhouse = engagements.side_name(tx, place.engagement_id, Side.INHOUSE)
        raise NotAllowed(f"Private notes are for the people of {inhouse} alone.")


def _overtaken(tx: Tx, row: Escalation) -> bool:
    """It happened already, or something else did: show how it stands."""
    moves.refresh(tx, row)
    return False


def _is_heard(tx: Tx, row: Escalation, source_key: str | None) -> bool:
    """Whether this message was heard before: Slack delivers some twice."""
    if source_key is None:
        return False
    found = tx.session.exec(
        select(EscalationEntry.id).where(
            EscalationEntry.workspace_id == row.workspace_id, EscalationEntry.source_key == source_key
        )
    )
    return found.first() is not None


def _raised_by(tx: Tx, engagement: Engagement, key: str) -> Escalation | None:
    return tx.session.exec(
        select(Escalation).where(Escalation.workspace_id == engagement.workspace_id, Escalation.cause_key == key)
    ).first()


def _checked(note: str, *, required: bool) -> str:
    note = note.strip()
    if required and not note:
        raise Invalid({"note": "Please write a word on where it stands."})
    if len(note) > NOTE_LENGTH:
        raise Invalid({"note": f"Please keep it to {NOTE_LENGTH} characters."})
    return note

"""Bring a roster to what an engagement file says."""

from collections.abc import Iterator
from typing import Any

from sqlmodel import col, select

from models.access import ASKED, GRANTS, Permission
from models.activity import service as activity
from models.blockers import service as blockers
from models.cadences.tables import Cadence
from models.checkins import attendance
from models.db import Tx
from models.engagements.queries import IS_THEIR_PLACE
from models.engagements.tables import Engagement, Participant, Person
from models.escalations import lifecycle as escalations
from models.setup import values
from models.setup.file import EngagementFile, PersonEntry

_UNTOLD = frozenset({"name"})


def bring(tx: Tx, engagement: Engagement, entries: tuple[PersonEntry, ...]) -> None:
    """Add, change and bring back the people of the file; the others leave, and what they said stays."""
    workspace_id = engagement.workspace_id
    ids = [entry.slack_id for entry in entries]
    known = {
        row.slack_user_id: row
        for row in tx.session.exec(
            select(Person).where(Person.workspace_id == workspace_id, col(Person.slack_user_id).in_(ids))
        )
    }
    places = {
        row.person_id: row
        for row in tx.session.exec(
            select(Participant).where(
                Participant.workspace_id == workspace_id, Participant.engagement_id == engagement.id
            )
        )
    }
    for entry in entries:
        person = _person(tx, workspace_id, entry, known.get(entry.slack_id))
        _place(tx, engagement, entry, person, places.pop(person.id, None))
    for gone in places.values():
        if gone.is_active or gone.lost_because:
            fields: dict[str, Any] = {"is_active": False, "is_deputy": False, "lost_because": None, "lost_at": None}
            activity.change(tx, "participant.removed", gone, fields)
            _release(tx, gone)


def elsewhere(tx: Tx, workspace_id: str, file: EngagementFile) -> Iterator[str]:
    """What the file changes for people of other engagements too, a sentence for each of them."""
    entries = {entry.slack_id: entry for entry in file.people}
    rows = tx.session.exec(
        select(Person, Engagement.key)
        .join(Participant, IS_THEIR_PLACE & col(Participant.is_active).is_(True))
        .join(
            Engagement,
            (col(Engagement.id) == Participant.engagement_id) & (col(Engagement.workspace_id) == Person.workspace_id),
        )
        .where(
            Person.workspace_id == workspace_id,
            col(Person.slack_user_id).in_(list(entries)),
            Engagement.key != file.key,
        )
        .order_by(Person.slack_user_id, Engagement.key)
    )
    places: dict[str, tuple[Person, list[str]]] = {}
    for person, key in rows:
        places.setdefault(person.slack_user_id, (person, []))[1].append(key)
    for slack_id, (person, keys) in places.items():
        if changed := _shared_changes(person, entries[slack_id]):
            yield f"{person.name} ({slack_id}): {changed} also in {', '.join(keys)}"


def _shared_changes(person: Person, entry: PersonEntry) -> str:
    """What belongs to the person, not to their place in one engagement, and is to change."""
    facts = (
        ("name", person.name, entry.name),
        ("zone", person.zone, entry.zone),
        (
            "hours",
            values.hours_text(person.works_from, person.works_to),
            values.hours_text(entry.works_from, entry.works_to),
        ),
        ("workdays", values.workdays_text(person.workdays), values.workdays_text(entry.workdays)),
    )
    return ", ".join(f"{name} {before} → {after}" for name, before, after in facts if before != after)


def _person(tx: Tx, workspace_id: str, entry: PersonEntry, row: Person | None) -> Person:
    fields: dict[str, Any] = {
        "name": entry.name,
        "zone": entry.zone,
        "works_from": entry.works_from,
        "works_to": entry.works_to,
        "workdays": entry.workdays,
    }
    if entry.team:
        fields["slack_team_id"] = entry.team
    if row is None:
        row = tx.add(Person(workspace_id=workspace_id, slack_user_id=entry.slack_id, **fields))
        activity.record(tx, "person.added", row, after=activity.facts(fields, _UNTOLD))
    elif activity.change(tx, "person.changed", row, fields, untold=_UNTOLD):
        _look_anew(tx, row)
    return row


def _place(tx: Tx, engagement: Engagement, entry: PersonEntry, person: Person, row: Participant | None) -> None:
    fields: dict[str, Any] = {
        "side": entry.side,
        "role": entry.role,
        "is_deputy": entry.is_deputy,
        "is_active": True,
    }
    if row is None:
        row = tx.add(
            Participant(
                workspace_id=engagement.workspace_id, engagement_id=engagement.id, person_id=person.id, **fields
            )
        )
        activity.record(tx, "participant.added", row, after=activity.facts(fields))
    else:
        if row.lost_because:
            fields.pop("is_active")  # named by the file, and still not there: they come back by themselves
        if activity.change(tx, "participant.changed", row, fields) and row.role not in ASKED:
            _release(tx, row)


def _release(tx: Tx, place: Participant) -> None:
    """Nobody waits for somebody who has left: what they could still answer is taken from them, what was theirs free."""
    attendance.judge_again(tx, place)
    blockers.let_go(tx, place)
    if not place.is_active or Permission.ESCALATION_ACT not in GRANTS[place.role]:
        escalations.let_go(tx, place)


def _look_anew(tx: Tx, person: Person) -> None:
    """The cadences of every engagement of a person, whose own time they may follow, are laid down anew."""
    places = select(Participant.engagement_id).where(
        Participant.workspace_id == person.workspace_id, Participant.person_id == person.id
    )
    rows = tx.session.exec(
        select(Cadence).where(
            Cadence.workspace_id == person.workspace_id,
            col(Cadence.engagement_id).in_(places),
            col(Cadence.is_active).is_(True),
        )
    )
    for row in rows:
        row.due_at = tx.now

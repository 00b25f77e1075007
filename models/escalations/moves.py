"""Bring an escalation's row to what the rules say, write its history, and say what is to be said."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from models.access import Side
from models.activity import service as activity
from models.db import Tx
from models.engagements import queries as engagements
from models.engagements.queries import Crew, Member
from models.engagements.tables import Engagement
from models.escalations import people, rules, versions
from models.escalations.causes import EntryKind
from models.escalations.rules import Course, Event, Notice, Outcome, Standing
from models.escalations.tables import Escalation, EscalationEntry
from models.outbox import queries as posts
from models.outbox import service as outbox
from models.outbox.rules import Audience, Place

CARD, TWIN, NOTE, PRIVATE = "escalation.card", "escalation.inhouse", "escalation.note", "escalation.private"
TOLD, ASKED, OWNERS = "escalation.told", "escalation.ask", "escalation.owners"
_DIRECT = (TOLD, ASKED, OWNERS)


def card_key(row: Escalation) -> str:
    """The key of the card's post."""
    return f"escalation:{row.id}"


def twin_key(row: Escalation) -> str:
    """The key of the card's in-house twin."""
    return f"escalation-in:{row.id}"


def standing(row: Escalation) -> Standing:
    """What decides about a row."""
    return Standing(
        state=row.state,
        level=row.level,
        since=row.since,
        is_owned=row.is_owned,
        asked_at=row.asked_at,
        snoozed_until=row.snoozed_until,
        resolved_at=row.resolved_at,
    )


def course(tx: Tx, row: Escalation, crew: Crew) -> Course:
    """The frozen levels of a row's severity, on the clock of whoever they wait for."""
    climb = versions.frozen(tx, row.workspace_id, row.ladder_id).climb(row.severity)
    return Course(climb, climb.hours({side: crew.hours(side) for side in Side}, row.against))


def happen(tx: Tx, row: Escalation, event: Event, crew: Crew, *, until: datetime | None = None) -> bool:
    """Let an event happen to a row, with all that follows by itself; False where it is not possible now."""
    way = course(tx, row, crew)
    outcome = rules.transition(standing(row), event, tx.now, way, until=until)
    if outcome is None:
        return False
    before, was_asked = row.state, row.asked_at is not None
    if outcome.standing.level < row.level or event is Event.REOPEN:
        row.run += 1
    settle(row, outcome)
    if row.state is not before:
        activity.record(
            tx, f"escalation.{row.state.value}", row, before={"state": before.value}, after={"level": row.level}
        )
    say(tx, row, crew, way, outcome.notices)
    refresh(tx, row, with_directs=row.state is not before or was_asked)
    return True


def settle(row: Escalation, outcome: Outcome) -> None:
    """Bring the row to the outcome; while the engagement is paused nothing becomes due."""
    now = outcome.standing
    row.state, row.level, row.since, row.is_owned = now.state, now.level, now.since, now.is_owned
    row.asked_at, row.snoozed_until, row.resolved_at = now.asked_at, now.snoozed_until, now.resolved_at
    row.due_at = None if row.is_held else outcome.due_at


def say(tx: Tx, row: Escalation, crew: Crew, way: Course, notices: Iterable[Notice]) -> None:
    """Say what the rules want said."""
    engagement = tx.one(Engagement, row.workspace_id, row.engagement_id)
    for notice in notices:
        match notice:
            case Notice.TELL:
                _tell_level(tx, row, crew, way, engagement)
            case Notice.LAPSED:
                write(tx, row, EntryKind.LAPSED, detail={"owner": _id(owner_id(row, row.against))})
                set_owner(row, row.against, None)
            case Notice.ASK:
                asked = people.concerned(crew, row, row.against)
                entry = write(tx, row, EntryKind.ASKED, detail=_ids(asked))
                _directly(tx, row, engagement, ASKED, asked, f"escalation-ask:{entry.id}")
            case Notice.WOKEN:
                write(tx, row, EntryKind.WOKEN)
            case Notice.EXHAUSTED | Notice.REMIND:
                row.exhausted_at = row.exhausted_at or tx.now
                kind = EntryKind.EXHAUSTED if notice is Notice.EXHAUSTED else EntryKind.REMINDED
                owners = [member for side in Side for member in people.speakers(crew, side)]
                entry = write(tx, row, kind, detail=_ids(owners))
                _directly(tx, row, engagement, OWNERS, owners, f"escalation-owners:{entry.id}")


def write(
    tx: Tx,
    row: Escalation,
    kind: EntryKind,
    by_id: UUID | None = None,
    note: str = "",
    *,
    detail: Mapping[str, Any] | None = None,
    is_private: bool = False,
    source_key: str | None = None,
) -> EscalationEntry:
    """Write one line of the history, and show it in the thread: of the in-house twin if it is private."""
    entry = EscalationEntry(
        workspace_id=row.workspace_id,
        engagement_id=row.engagement_id,
        escalation_id=row.id,
        kind=kind,
        by_id=by_id,
        at=tx.now,
        level=row.level,
        detail=dict(detail or {}),
        is_private=is_private,
        source_key=source_key,
    )
    entry.note = tx.seal(entry, "note", note) if note else None
    tx.add(entry)
    if note or kind is not EntryKind.RAISED:
        _show(tx, row, entry)
    return entry


def ask_other_side(tx: Tx, row: Escalation, crew: Crew, entry: EscalationEntry) -> None:
    """Ask the side that can close it whether it is done, as the other one says."""
    engagement = tx.one(Engagement, row.workspace_id, row.engagement_id)
    asked = people.concerned(crew, row, row.against.other)
    _directly(tx, row, engagement, ASKED, asked, f"escalation-ask:{entry.id}", is_proposal=True)


def announce(tx: Tx, row: Escalation, engagement: Engagement) -> None:
    """Post the card in the shared channel, and its twin in the in-house channel where there is one."""
    outbox.post(tx, engagement, CARD, row.id, key=card_key(row))
    if engagement.inhouse_channel_id:
        outbox.post(tx, engagement, TWIN, row.id, key=twin_key(row), place=Place.INHOUSE, audience=Audience.INHOUSE)


def refresh(tx: Tx, row: Escalation, *, with_directs: bool = True) -> None:
    """Bring the card, its twin and the direct messages about it to the present state."""
    kinds = (CARD, TWIN, *_DIRECT) if with_directs else (CARD, TWIN)
    keys = posts.keys_about(tx, row.workspace_id, row.engagement_id, row.id, kinds)
    outbox.refresh(tx, row.workspace_id, *keys)


def owner_id(row: Escalation, side: Side) -> UUID | None:
    """Who looks after it on a side."""
    return row.inhouse_owner_id if side is Side.INHOUSE else row.vendor_owner_id


def set_owner(row: Escalation, side: Side, participant_id: UUID | None) -> None:
    """Let somebody look after it on a side, or nobody."""
    if side is Side.INHOUSE:
        row.inhouse_owner_id = participant_id
    else:
        row.vendor_owner_id = participant_id


def crew_of(tx: Tx, row: Escalation) -> Crew:
    """The roster of a row's engagement."""
    return engagements.crew(tx, row.workspace_id, row.engagement_id)


def _tell_level(tx: Tx, row: Escalation, crew: Crew, way: Course, engagement: Engagement) -> None:
    """Each person of a level once in each run, directly, and the level's channel if it has one."""
    level = way.climb.levels[row.level - 1]
    is_first = row.level == 1 and row.run == 1  # whoever has just raised it knows
    told = [
        member
        for member in people.told(crew, row, level)
        if not (is_first and member.participant.id == row.raised_by_id)
    ]
    write(tx, row, EntryKind.TOLD, detail=_ids(told) | ({"channel": level.channel} if level.channel else {}))
    key = f"escalation-told:{row.id}:{row.run}:{row.level}"
    _directly(tx, row, engagement, TOLD, told, key, level=row.level)
    if level.channel:
        is_shared = level.channel == engagement.channel_id
        outbox.post(
            tx,
            engagement,
            TOLD,
            row.id,
            key=f"{key}:{level.channel}",
            # Elsewhere the provider has no place: whoever reads there must be in-house, checked when it is sent.
            audience=Audience.JOINT if is_shared else Audience.INHOUSE,
            channel_id=level.channel,
            extra={"level": row.level, "is_channel": True},
        )


def _directly(
    tx: Tx, row: Escalation, engagement: Engagement, kind: str, told: Iterable[Member], key: str, **extra: Any
) -> None:
    for member in told:
        outbox.post(
            tx,
            engagement,
            kind,
            row.id,
            key=f"{key}:{member.person.id}",
            place=Place.DIRECT,
            person_id=member.person.id,
            parent_key=card_key(row),
            extra={**extra, "person": str(member.participant.id)},
        )


def _show(tx: Tx, row: Escalation, entry: EscalationEntry) -> None:
    engagement = tx.one(Engagement, row.workspace_id, row.engagement_id)
    if not entry.is_private:
        key = f"escalation-note:{entry.id}"
        outbox.post(tx, engagement, NOTE, entry.id, key=key, parent_key=card_key(row))
    elif engagement.inhouse_channel_id and entry.source_key is None:
        outbox.post(
            tx,
            engagement,
            PRIVATE,
            entry.id,
            key=f"escalation-private:{entry.id}",
            place=Place.INHOUSE,
            audience=Audience.INHOUSE,
            parent_key=twin_key(row),
        )


def _ids(people_: Iterable[Member]) -> dict[str, Any]:
    return {"told": [str(member.participant.id) for member in people_]}


def _id(participant_id: UUID | None) -> str | None:
    return str(participant_id) if participant_id else None

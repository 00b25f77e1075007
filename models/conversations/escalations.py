"""Escalations by plain words: replies in an escalation's thread, and `escalate: …` anywhere in a channel of ours.

A message is heard once; editing or deleting it afterwards takes nothing back: what happened has happened.
"""

from datetime import date
from uuid import UUID

from sqlmodel import select

from models.access import Membership, Permission
from models.blockers import climbing
from models.blockers.tables import Blocker
from models.calendars.local_time import local_date
from models.checkins.reading import parse_day
from models.conversations import words
from models.conversations.words import Deed, Escalate, Said
from models.db import Tx
from models.engagements import queries as engagements
from models.engagements.tables import Person
from models.errors import Conflict
from models.escalations import moves, service
from models.escalations.ladders import Severity
from models.escalations.tables import EscalationEntry
from models.matters import service as matters
from models.outbox import queries as posts

_ABOUT = frozenset({moves.CARD, moves.TOLD, moves.ASKED, moves.OWNERS})
_BY_WORDS = Severity.S2


def heard(tx: Tx, *, channel_id: str, thread_ts: str | None, ts: str, text: str) -> bool:
    """Take a person's message if it is about an escalation; False when it is not, or comes from a stranger.

    Raises what the services raise: the person is told why it was not done.
    """
    key = f"message:{channel_id}:{ts}"
    if wanted := words.escalate(text):
        return _escalate(tx, channel_id, key, wanted)
    post = posts.post_at(tx, tx.actor.workspace_id, channel_id, thread_ts) if thread_ts else None
    if post is None:
        return False
    if post.kind == moves.TWIN:
        return _note(tx, post.engagement_id, post.subject_id, text, key)
    said = words.deed(text) if post.kind in _ABOUT else None
    if said is None or tx.actor.membership(post.engagement_id) is None:
        return False
    if not _do(tx, post.subject_id, said, key):
        raise Conflict("That came too late: it has moved on meanwhile. The card shows how it stands. Nothing changed.")
    return True


def _do(tx: Tx, escalation_id: UUID, said: Said, key: str) -> bool:
    match said.deed:
        case Deed.OWN:
            return service.acknowledge(tx, escalation_id, key)
        case Deed.UPDATE:
            return service.update(tx, escalation_id, said.note, key)
        case Deed.DONE:
            return matters.finish(tx, escalation_id, said.note, key)
        case Deed.REOPEN:
            return matters.reopen(tx, escalation_id, said.note, key)
        case Deed.RATE:
            return service.rerate(tx, escalation_id, said.severity or _BY_WORDS, said.note, key)
        case Deed.REST:
            today = _today(tx)
            day = parse_day(said.day, today)
            if day is None:
                raise Conflict("I did not understand the day. Say for example: rest until Friday, rest until 3 Dec.")
            return service.snooze(tx, escalation_id, day, said.note, key)


def _note(tx: Tx, engagement_id: UUID, escalation_id: UUID, text: str, key: str) -> bool:
    """What is written in the twin's thread is a private note."""
    place = tx.actor.membership(engagement_id)
    if place is None or not place.grants(Permission.INHOUSE_VIEW) or not place.grants(Permission.ESCALATION_ACT):
        return False
    return service.note_privately(tx, escalation_id, text[: service.NOTE_LENGTH], key)


def _escalate(tx: Tx, channel_id: str, key: str, wanted: Escalate) -> bool:
    place = _place(tx, channel_id)
    if place is None or _was_heard(tx, key):
        return place is not None
    if wanted.blocker is not None:
        blocker = _blocker(tx, place.engagement_id, wanted.blocker)
        if blocker is None:
            raise Conflict(f"There is no blocker B-{wanted.blocker} here. Nothing was escalated.")
        climbing.escalate(tx, blocker.id, wanted.severity or _BY_WORDS, wanted.what, key)
        return True
    short, long = wanted.what[: service.WHAT_LENGTH], wanted.what if len(wanted.what) > service.WHAT_LENGTH else ""
    severity = wanted.severity or _BY_WORDS
    service.escalate(tx, place.engagement_id, short, severity, source_key=key, why=long[: service.NOTE_LENGTH])
    return True


def _place(tx: Tx, channel_id: str) -> Membership | None:
    """The actor's place in the engagement of a channel; in a direct message, their only one.

    Raises Conflict where a channel serves several: what is meant for one provider never reaches another.
    """
    here = engagements.engagements_in_channel(tx, tx.actor.workspace_id, channel_id)
    places = [place for row in here if (place := tx.actor.membership(row.id))]
    if len(here) > 1 and places:
        names = ", ".join(row.vendor for row in here if tx.actor.membership(row.id))
        raise Conflict(
            f"This channel serves several engagements ({names}), so I do not know which one you mean. "
            "Please write it in the channel shared with that provider. Nothing was escalated."
        )
    if here:
        return places[0] if places else None
    return tx.actor.memberships[0] if len(tx.actor.memberships) == 1 and channel_id.startswith("D") else None


def _was_heard(tx: Tx, key: str) -> bool:
    found = tx.session.exec(
        select(EscalationEntry.id).where(
            EscalationEntry.workspace_id == tx.actor.workspace_id, EscalationEntry.source_key == key
        )
    )
    return found.first() is not None


def _blocker(tx: Tx, engagement_id: UUID, number: int) -> Blocker | None:
    return tx.session.exec(
        select(Blocker).where(
            Blocker.workspace_id == tx.actor.workspace_id,
            Blocker.engagement_id == engagement_id,
            Blocker.number == number,
        )
    ).one_or_none()


def _today(tx: Tx) -> date:
    person = tx.get(Person, tx.actor.workspace_id, tx.actor.person_id) if tx.actor.person_id else None
    return local_date(tx.now, person.zone if person else "UTC")

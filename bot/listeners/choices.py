"""Which engagement and which check-in a person means when they name none. Reads, called inside a transaction."""

from datetime import date
from uuid import UUID

from bot.listeners.words import week
from models.access import Permission
from models.calendars.local_time import local_date
from models.checkins import answers, choices, service
from models.checkins.rules import CheckInState
from models.checkins.views import Answerable, AnswerForm
from models.db import Tx
from models.engagements import queries as engagements
from models.engagements.tables import Engagement, Person
from models.errors import Conflict, NotFound

_WHICH_WEEK = "I did not understand which week. Name a day of it, for example: summary 13 Nov; or: summary last week."


def engagement(tx: Tx, channel_id: str) -> Engagement:
    """The engagement of this channel; elsewhere the actor's only one. Raises NotFound or Conflict."""
    here = engagements.engagement_in_channel(tx, tx.actor.workspace_id, channel_id)
    if here is not None and tx.actor.membership(here.id):
        return here
    own = engagements.engagements_of(tx)
    if not own:
        raise NotFound("Your place on a roster")
    if len(own) > 1:
        names = ", ".join(f"{row.company} and {row.vendor}" for row in own)
        raise Conflict(f"You are in several engagements ({names}). Please say it in the channel of the one you mean.")
    return own[0]


def administered(tx: Tx, channel_id: str) -> Engagement | None:
    """The engagement of this channel, if the actor may change it."""
    here = engagements.engagement_in_channel(tx, tx.actor.workspace_id, channel_id)
    place = tx.actor.membership(here.id) if here else None
    return here if place and place.grants(Permission.ENGAGEMENT_ADMIN) else None


def best(tx: Tx, channel_id: str, *states: CheckInState) -> Answerable:
    """The check-in that most wants the actor's answer, those of this channel first. Raises NotFound or Conflict."""
    found = [item for item in choices.answerable(tx) if not states or item.state in states]
    if not found and not tx.actor.memberships:
        raise NotFound("Your place on a roster")
    if not found:
        raise Conflict("There is no check-in for that just now. “/cadence status” shows when the next one opens.")
    here = engagements.engagement_in_channel(tx, tx.actor.workspace_id, channel_id)
    return next((item for item in found if here and item.parties.engagement_id == here.id), found[0])


def to_open(tx: Tx, channel_id: str) -> Answerable | None:
    """What an owner or lead means by "now": the next check-in, while none wants their own answer."""
    if not any(place.grants(Permission.CADENCE_NOW) for place in tx.actor.memberships):
        return None
    found = best(tx, channel_id)
    place = tx.actor.membership(found.parties.engagement_id)
    may_open = place is not None and place.grants(Permission.CADENCE_NOW)
    return found if found.state is CheckInState.SCHEDULED and may_open else None


def form(tx: Tx, checkin_id: UUID) -> tuple[AnswerForm, tuple[Answerable, ...]]:
    """The actor's form of a check-in, and what else wants their answer now."""
    shown = answers.answer_form(tx, checkin_id)
    return shown, tuple(other for other in choices.answerable(tx) if other.checkin_id != checkin_id and other.is_wanted)


def skip_form(tx: Tx, checkin_id: UUID) -> tuple[AnswerForm, tuple[Answerable, ...]]:
    """The same, for somebody who wants to skip. Raises as skipping would: no form is shown that is refused."""
    service.skippable(tx, checkin_id)
    return form(tx, checkin_id)


def best_form(tx: Tx, channel_id: str) -> tuple[AnswerForm, tuple[Answerable, ...]] | None:
    """The same for the check-in that most wants an answer; none when nothing does. Raises NotFound for a stranger."""
    if not choices.answerable(tx) and tx.actor.memberships:
        return None
    return form(tx, best(tx, channel_id).checkin_id)


def today(tx: Tx) -> date:
    """The actor's local date. Raises NotFound for who is on no roster."""
    person = tx.get(Person, tx.actor.workspace_id, tx.actor.person_id) if tx.actor.person_id else None
    if person is None:
        raise NotFound("Your place on a roster")
    return local_date(tx.now, person.zone)


def week_of(tx: Tx, text: str) -> date | None:
    """A day of the week whose summary is asked for; none for the latest. Raises Conflict for words that are no day."""
    if not text:
        return None
    day = week(text, today(tx))
    if day is None:
        raise Conflict(_WHICH_WEEK)
    return day

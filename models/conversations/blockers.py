"""Blockers by plain words said to the bot: what the form of the message shortcut does, for people who have no forms."""

from models.access import Permission
from models.blockers import queries
from models.blockers import service as blocking
from models.blockers.service import Thread
from models.calendars.local_time import local_date
from models.checkins.reading import Roll, read
from models.db import Tx
from models.engagements import queries as engagements


def heard(tx: Tx, *, channel_id: str, thread_ts: str | None, ts: str, text: str) -> bool:
    """Raise what the lines of a mention that begin with `blocked:` say; False when there are none, or for a stranger.

    Heard twice, it is raised once. Raises what the service raises: the person is told why it was not done.
    """
    engagement = engagements.engagement_in_channel(tx, tx.actor.workspace_id, channel_id)
    place = tx.actor.membership(engagement.id) if engagement else None
    if engagement is None or place is None or not place.grants(Permission.BLOCKER_RAISE):
        return False
    crew = engagements.crew(tx, engagement.workspace_id, engagement.id)
    today = local_date(tx.now, crew.who(place.participant_id).zone)
    people = {
        member.person.slack_user_id: (member.participant.id, member.participant.side, member.person.name)
        for member in crew.active()
    }
    found = read(text, today, Roll(place.side, people, {})).submission.blockers
    message = Thread(channel_id, ts, thread_ts or ts)
    for nth, new in enumerate(found):
        if queries.by_source(tx, engagement.workspace_id, message.key(nth)) is None:
            blocking.raise_from_message(tx, engagement.id, new, message, nth=nth)
    return bool(found)

"""Blockers by plain words: what buttons and forms do, for people who have none, or who just reply.

Said to the bot, `blocked: …` raises one. In the thread in which a card stands `B-3 mine` or `B-3 done: …` does what its
buttons do, and so does a bare `mine` or `done` where one card alone can be meant.
"""

import re

from models.access import Membership, Permission
from models.blockers import queries
from models.blockers import service as blocking
from models.blockers.service import Thread
from models.blockers.tables import Blocker
from models.calendars.local_time import local_date
from models.checkins.reading import Roll, read
from models.conversations import words
from models.conversations.words import Deed
from models.db import Tx
from models.engagements import queries as engagements
from models.engagements.tables import Engagement
from models.errors import Conflict, NotFound
from models.outbox import queries as posts
from models.outbox import service as outbox

NOTED = "reply.mention"
_NAMED = re.compile(r"^[\s>*_~]{0,12}B-?(?P<number>\d{1,6})\b[\s:,*_~–—-]{1,6}(?P<rest>\S[\s\S]{0,4000})$", re.I)
_CLAIMS = frozenset({Deed.OWN, Deed.UPDATE, Deed.DONE})


def acted(tx: Tx, *, channel_id: str, thread_ts: str, ts: str, text: str) -> bool:
    """Do what a reply says of a blocker whose card stands in its thread; False when it says nothing of one.

    Heard twice, it is done once. Raises Conflict where several can be meant, and what the services raise: the person is
    told why it was not done.
    """
    found = _NAMED.match(text)
    said = words.deed(found["rest"] if found else text)
    if said is None or said.deed not in _CLAIMS or not (found or _is_bare(said)):
        return False
    engagement = engagements.engagement_in_channel(tx, tx.actor.workspace_id, channel_id)
    place = tx.actor.membership(engagement.id) if engagement else None
    if engagement is None or place is None or not place.grants(Permission.BLOCKER_UPDATE):
        return False
    if has_acted(tx, channel_id=channel_id, ts=ts):
        return True
    here = _standing_in(tx, engagement, channel_id, thread_ts)
    rows = [row for row in here if row.number == int(found["number"])] if found else _meant(here, place, said.deed)
    if not rows:
        return False
    if len(rows) > 1:
        which = " or ".join(f"“B-{row.number} {text.strip()}”" for row in rows)
        raise Conflict(f"Which one do you mean? Please write {which}. Nothing was changed.")
    do(tx, rows[0], said.deed, said.note)
    outbox.post(
        tx,
        engagement,
        NOTED,
        engagement.id,
        key=_key(channel_id, ts),
        extra={"words": "noted", "user": tx.actor.slack_user_id},
        channel_id=channel_id,
        thread_ts=thread_ts,
    )
    return True


def has_acted(tx: Tx, *, channel_id: str, ts: str) -> bool:
    """Whether a message did something to a blocker: from then on it is no answer, whatever it is edited into."""
    return posts.by_key(tx, tx.actor.workspace_id, _key(channel_id, ts)) is not None


def numbered(tx: Tx, engagement: Engagement, number: int) -> Blocker:
    """The blocker people call B-`number`. Raises NotFound."""
    row = queries.numbered(tx, engagement.workspace_id, engagement.id, number)
    if row is None:
        raise NotFound(f"B-{number}")
    return row


def do(tx: Tx, row: Blocker, deed: Deed, note: str) -> None:
    """What the buttons of a blocker's card do. Raises what they raise."""
    match deed:
        case Deed.OWN:
            blocking.take(tx, row.id)
        case Deed.UPDATE:
            blocking.update(tx, row.id, note)
        case _:
            blocking.resolve(tx, row.id, note)


def _key(channel_id: str, ts: str) -> str:
    return f"blocker-said:{channel_id}:{ts}"


def _is_bare(said: words.Said) -> bool:
    """Just "mine" or "done": with more words it is more likely what somebody tells of their own work."""
    return said.deed is not Deed.UPDATE and not said.note


def _standing_in(tx: Tx, engagement: Engagement, channel_id: str, thread_ts: str) -> list[Blocker]:
    """The open blockers whose cards stand in a thread."""
    found = []
    for row in queries.open_rows(tx, engagement.workspace_id, engagement.id):
        card = posts.post_by_key(tx, engagement.workspace_id, f"blocker:{row.id}")
        if card is not None and card.channel_id == channel_id and thread_ts in (card.thread_ts, card.ts):
            found.append(row)
    return found


def _meant(here: list[Blocker], place: Membership, deed: Deed) -> list[Blocker]:
    """Those of which this person can say so."""
    if deed is Deed.OWN:
        return [row for row in here if row.acting_side is place.side and row.owner_id != place.participant_id]
    return [row for row in here if blocking.may_resolve(row, place)]


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

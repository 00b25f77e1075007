"""Blockers by plain words: what buttons and forms do, for people who have none, or who just reply.

Said to the bot, `blocked: …` raises one. In a thread `B-3 mine` or `B-3 done: …` does what the buttons of its card do,
and so does a bare `mine` or `done` where a card stands that alone can be meant.
"""

import re
from collections.abc import Sequence

from models.access import Membership, Permission
from models.asks import queries as asks
from models.asks.rules import OPEN
from models.blockers import queries
from models.blockers import service as blocking
from models.blockers.service import Thread
from models.blockers.tables import Blocker
from models.calendars.local_time import local_date
from models.checkins import queries as checkins
from models.checkins.reading import Roll, read
from models.conversations import words
from models.conversations.words import Deed
from models.db import Tx
from models.engagements import queries as engagements
from models.engagements.tables import Engagement
from models.errors import Conflict, NotFound
from models.outbox import queries as posts
from models.outbox import service as outbox

_NOTED = "reply.mention"
_BOARD = "checkin.board"
_NAMED = re.compile(r"^[ \t>*_~]{0,12}B-?(?P<number>\d{1,6})\b[ \t:,*_~–—-]{1,6}(?P<rest>\S.*)$", re.I)
_CLAIMS = frozenset({Deed.OWN, Deed.UPDATE, Deed.DONE})


def acted(tx: Tx, *, channel_id: str, thread_ts: str, ts: str, text: str) -> bool:
    """Do what a reply says of a blocker; False when it says nothing of one, or is something else already.

    One line alone: what goes on is an answer that mentions a blocker. Heard twice, it is done once. Raises Conflict
    where it cannot be told which is meant, and what the services raise: the person is told why it was not done.
    """
    line = text.strip()
    found = _NAMED.match(line)
    said = words.deed(found["rest"] if found else line)
    if "\n" in line or said is None or said.deed not in _CLAIMS or not (found or _is_bare(said)):
        return False
    engagement = engagements.engagement_in_channel(tx, tx.actor.workspace_id, channel_id)
    place = tx.actor.membership(engagement.id) if engagement else None
    if engagement is None or place is None or not place.grants(Permission.BLOCKER_UPDATE):
        return False
    if _is_known(tx, channel_id, ts):
        return has_acted(tx, channel_id=channel_id, ts=ts)
    row = (
        queries.numbered(tx, engagement.workspace_id, engagement.id, int(found["number"]))
        if found
        else _meant(tx, engagement, place, said.deed, channel_id, thread_ts)
    )
    if row is None:
        return False
    is_new = outbox.post(
        tx,
        engagement,
        _NOTED,
        engagement.id,
        key=_key(channel_id, ts),
        extra={"words": "noted", "user": tx.actor.slack_user_id},
        channel_id=channel_id,
        thread_ts=thread_ts,
    )
    if is_new:
        do(tx, row, said.deed, said.note)
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


def _is_known(tx: Tx, channel_id: str, ts: str) -> bool:
    """Whether a message was heard before, or deleted before it came: as an answer, for a question or as a deed."""
    where = (tx.actor.workspace_id, channel_id, ts)
    return (
        checkins.reply_at(tx, *where) is not None
        or bool(asks.entries_at(tx, *where))
        or has_acted(tx, channel_id=channel_id, ts=ts)
    )


def _is_bare(said: words.Said) -> bool:
    """Just "mine" or "done": with more words it is more likely what somebody tells of their own work."""
    return said.deed is not Deed.UPDATE and not said.note


def _meant(
    tx: Tx, engagement: Engagement, place: Membership, deed: Deed, channel_id: str, thread_ts: str
) -> Blocker | None:
    """The one that a bare word means, of those whose cards stand in the thread; None if it is about something else.

    "Done" in a stand-up's thread is an answer, unless who says it took the blocker or raised it. Where a question
    waits for its answer in the thread, the word is for that.
    """
    here = _standing_in(tx, engagement, channel_id, thread_ts)
    if not here or any(ask.state in OPEN for ask in asks.in_thread(tx, engagement.workspace_id, channel_id, thread_ts)):
        return None
    if deed is Deed.OWN:
        rows = [row for row in here if row.acting_side is place.side]
        rows = [row for row in rows if row.owner_id != place.participant_id] or rows
        if not rows:
            raise Conflict(
                f"{_listed(here)} cannot be taken by your side: the other one has to act. Nothing was changed."
            )
    else:
        root = posts.post_at(tx, engagement.workspace_id, channel_id, thread_ts)
        is_board = root is not None and root.kind == _BOARD
        own = [row for row in here if place.participant_id in (row.owner_id, row.raised_by_id)]
        rows = own if is_board else [row for row in here if blocking.may_resolve(row, place)]
    if len(rows) > 1:
        word = "mine" if deed is Deed.OWN else "done"
        which = " or ".join(f"“B-{row.number} {word}”" for row in rows)
        raise Conflict(f"Which one do you mean? Please write {which}. Nothing was changed.")
    return rows[0] if rows else None


def _listed(rows: Sequence[Blocker]) -> str:
    return " and ".join(f"B-{row.number}" for row in rows)


def _standing_in(tx: Tx, engagement: Engagement, channel_id: str, thread_ts: str) -> list[Blocker]:
    """The open blockers whose cards stand in a thread."""
    rows = queries.open_rows(tx, engagement.workspace_id, engagement.id)
    cards = posts.posts_by_keys(tx, engagement.workspace_id, [f"blocker:{row.id}" for row in rows])
    here = {
        card.subject_id for card in cards if card.channel_id == channel_id and thread_ts in (card.thread_ts, card.ts)
    }
    return [row for row in rows if row.id in here]


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

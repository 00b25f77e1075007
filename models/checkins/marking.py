"""A question in somebody's plain reply to a check-in: found, and made one that the other side answers, by a button."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlmodel import col, select

from models import access
from models.access import Permission
from models.asks import reading
from models.asks import service as asks
from models.asks.tables import Ask
from models.checkins import queries
from models.checkins.tables import Prompt, Reply
from models.db import Tx
from models.engagements import queries as engagements
from models.engagements.tables import Engagement
from models.outbox import queries as posts
from models.outbox import service as outbox


@dataclass(frozen=True, slots=True)
class Asking:
    """What one person's replies in a check-in's thread ask: what is marked already, and the next one that is not."""

    marked: tuple[Ask, ...] = ()
    reply: Reply | None = None
    words: str = ""


def asking(tx: Tx, prompt: Prompt) -> Asking:
    """Look through the replies that stand in the shared channel, the newest first."""
    engagement = tx.one(Engagement, prompt.workspace_id, prompt.engagement_id)
    replies = [row for row in queries.replies(tx, prompt) if row.channel_id == engagement.channel_id]
    if not replies:
        return Asking()
    marked = _marked(tx, replies)
    free = [row for row in reversed(replies) if row.ts not in {ask.ts for ask in marked}]
    found = ((row, reading.asking(tx.unseal(row, "text"))) for row in free)
    reply, words = next(((row, words) for row, words in found if words), (None, ""))
    return Asking(tuple(marked), reply, words)


def mark(tx: Tx, prompt_id: UUID) -> bool:
    """Make the question in a reply one that the other side answers; it is the question of whoever wrote the reply.

    False when there is none any more that is not asked already: then nothing changes but what the button's message
    shows. Raises NotFound or NotAllowed.
    """
    prompt = access.load(tx, Prompt, prompt_id, Permission.ASK_RAISE, lock=True)
    found = asking(tx, prompt)
    if found.reply is not None:
        board = posts.post_by_key(tx, prompt.workspace_id, f"board:{prompt.checkin_id}")
        author = engagements.crew(tx, prompt.workspace_id, prompt.engagement_id).who(prompt.participant_id)
        asks.mark(
            tx,
            prompt.engagement_id,
            channel_id=found.reply.channel_id,
            ts=found.reply.ts,
            thread_ts=board.ts if board else found.reply.ts,
            text=found.words,
            author=author.slack_user_id,
        )
    outbox.refresh(tx, prompt.workspace_id, f"answer:{prompt.id}")
    return found.reply is not None


def _marked(tx: Tx, replies: Sequence[Reply]) -> Sequence[Ask]:
    first = replies[0]
    return tx.session.exec(
        select(Ask)
        .where(
            Ask.workspace_id == first.workspace_id,
            Ask.channel_id == first.channel_id,
            col(Ask.ts).in_([row.ts for row in replies]),
        )
        .order_by(col(Ask.number))
    ).all()

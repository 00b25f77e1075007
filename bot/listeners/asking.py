"""Questions put to the bot by a mention: "needs an answer: …", "Q-7 answered"."""

from dataclasses import replace

from bot.listeners.hearing import Said
from bot.listeners.words import plain
from bot.runtime import Runtime
from models.access import Actor
from models.asks import reading, service, threads
from models.db import Tx
from models.engagements import queries as engagements


def concerns_a_question(text: str) -> bool:
    """Whether plain words after a mention ask the other side something, or speak of a question by its number."""
    return reading.asked(text) is not None or reading.named(text) is not None


async def taken(rt: Runtime, actor: Actor, said: Said) -> bool:
    """Whether a mention asked a question, or spoke of one. `said.text` is what follows the bot's name, plain.

    "Needs an answer" alone, in a thread, means the thread's first message.
    """
    text = reading.asked(said.text)
    if text is None:
        return reading.named(said.text) is not None and await rt.db.run(actor, _heard, said)
    author = ""
    if not text and said.thread_ts and actor.memberships:
        author, words = await rt.slack.first_message(said.channel_id, said.thread_ts)
        text, said = plain(words), replace(said, ts=said.thread_ts)
    return await rt.db.run(actor, _asked, said, text, author)


def _asked(tx: Tx, said: Said, text: str, author: str) -> bool:
    """False where no engagement answers: the mention's own reply says so."""
    engagement = engagements.engagement_in_channel(tx, tx.actor.workspace_id, said.channel_id)
    if engagement is None or not tx.actor.membership(engagement.id):
        return False
    service.mark(
        tx,
        engagement.id,
        channel_id=said.channel_id,
        ts=said.ts,
        thread_ts=said.thread_ts or said.ts,
        text=text,
        author=author,
    )
    return True


def _heard(tx: Tx, said: Said) -> bool:
    return threads.heard(tx, channel_id=said.channel_id, thread_ts=said.thread_ts, ts=said.ts, text=said.text)

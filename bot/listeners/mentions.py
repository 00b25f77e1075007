"""Words said to the bot in a channel: its commands for people who have none. Answered in the thread."""

from typing import Any
from uuid import UUID

from slack_bolt.async_app import AsyncAck, AsyncApp

from bot.listeners import asking, choices, hearing
from bot.listeners.hearing import Said
from bot.listeners.words import Words, absence, after_mention, on_blocker, plain, words
from bot.runtime import Runtime
from bot.whisper import notice, whisper
from models.access import Actor, Permission, require
from models.checkins import service
from models.checkins.choices import answerable
from models.conversations import blockers as on_blockers
from models.db import Tx
from models.engagements import queries as engagements
from models.engagements.tables import Engagement
from models.errors import Conflict
from models.outbox import queries as posts
from models.outbox import service as outbox
from models.outbox.rules import Place

Json = dict[str, Any]

ANSWERED = frozenset({"help", "home", "status", "summary", "answer", "standup", "questions"})
"""Words that are answered with what is stored."""
DONE = frozenset({"skip", "away", "now"})
"""Words that change something."""

_NO_ENGAGEMENT = (
    "This channel belongs to no engagement of mine, or you are not on its roster. The owner of the engagement can add "
    "you. To set up a channel that has none, somebody of the company that installed me types /cadence setup there."
)
_WHEN_AWAY = "I did not understand the days. Say for example: away tomorrow, away Monday to Friday, away until 3 Dec."


def register(app: AsyncApp) -> None:
    """Bind the handler of mentions."""
    app.event("app_mention")(on_mention)


async def on_mention(ack: AsyncAck, event: Json, actor: Actor, rt: Runtime) -> None:
    """Somebody spoke to the bot in a channel."""
    said = after_mention(str(event.get("text") or ""), rt.installed.user_id)
    spoken = words(said)
    channel, ts, thread_ts = str(event.get("channel", "")), str(event.get("ts", "")), event.get("thread_ts")
    if await asking.taken(rt, actor, Said(channel, thread_ts, ts, plain(said))):
        await ack()
        return
    if not is_command(said) and await rt.db.run(actor, hearing.hear_mention, Said(channel, thread_ts, ts, plain(said))):
        await ack()
        return
    if not await rt.db.run(actor, _answer, channel, ts, thread_ts or ts, spoken):
        await whisper(rt.slack, channel, actor.slack_user_id, notice(_NO_ENGAGEMENT), thread_ts=thread_ts)
    await ack()


def is_command(said: str) -> bool:
    """Whether words after a mention are carried out, so that they are no answer."""
    spoken = words(said)
    return spoken.verb in ANSWERED | DONE or on_blocker(spoken) is not None


async def reply_in_direct(rt: Runtime, actor: Actor, channel_id: str, ts: str) -> None:
    """A direct message answered nothing: say in one short reply what can be done here."""
    if not await rt.db.run(actor, _answer_directly, ts):
        await whisper(rt.slack, channel_id, actor.slack_user_id, notice(_NO_ENGAGEMENT))


def _answer(tx: Tx, channel_id: str, ts: str, thread_ts: str, spoken: Words) -> bool:
    """Do what was said and answer in the thread, once for this message. False where no engagement answers."""
    engagement = engagements.engagement_in_channel(tx, tx.actor.workspace_id, channel_id)
    if engagement is None or not tx.actor.membership(engagement.id):
        return False
    require(tx, engagement.id, Permission.ENGAGEMENT_VIEW)
    key = f"mention:{channel_id}:{ts}"
    if posts.by_key(tx, engagement.workspace_id, key):
        return True  # the same message, delivered again
    said = spoken.verb if spoken.verb in ANSWERED | DONE else "help"
    argument = _argument(tx, engagement.id, said, spoken.rest)
    if about := on_blocker(spoken):
        on_blockers.do(tx, on_blockers.numbered(tx, engagement, about.number), about.deed, about.note)
        said = "noted"
    elif said in DONE:
        said = _do(tx, engagement.id, channel_id, spoken) or said
    _post(tx, engagement, key, f"{said} {argument}", channel_id=channel_id, thread_ts=thread_ts)
    return True


def _argument(tx: Tx, engagement_id: UUID, said: str, rest: str) -> str:
    """What the answer depends on, in words of ours: what people typed is stored nowhere unsealed."""
    match said:
        case "summary":
            day = choices.week_of(tx, rest)
            return day.isoformat() if day else ""
        case "answer" | "standup" | "now":
            here = (item.checkin_id for item in answerable(tx) if item.parties.engagement_id == engagement_id)
            return str(next(here, ""))
        case _:
            return "back" if said == "away" and rest.lower() == "back" else ""


def _do(tx: Tx, engagement_id: UUID, channel_id: str, spoken: Words) -> str | None:
    """Change what was asked for. What is answered, where it is another word than the one that was said."""
    if spoken.verb == "now":
        found = choices.to_open(tx, channel_id)
        if found is None or found.parties.engagement_id != engagement_id:
            return "answer"
        service.start_now(tx, found.checkin_id)
    elif spoken.verb == "skip":
        found = choices.best(tx, channel_id)
        if found.parties.engagement_id != engagement_id:
            raise Conflict("There is no check-in of this channel to skip just now.")
        service.skip(tx, found.checkin_id, spoken.rest)
    elif spoken.rest.lower() == "back":
        service.back(tx)
    else:
        days = absence(spoken.rest, choices.today(tx))
        if days is None:
            raise Conflict(_WHEN_AWAY)
        service.away(tx, *days)
    return None


def _answer_directly(tx: Tx, ts: str) -> bool:
    """Put the help into the person's direct message."""
    own = engagements.engagements_of(tx)
    if not own:
        return False
    _post(tx, own[0], f"mention:direct:{ts}", "help", place=Place.DIRECT, person_id=tx.actor.person_id)
    return True


def _post(tx: Tx, engagement: Engagement, key: str, said: str, **where: Any) -> None:
    extra = {"words": said.strip(), "user": tx.actor.slack_user_id}
    outbox.post(tx, engagement, "reply.mention", engagement.id, key=key, extra=extra, **where)

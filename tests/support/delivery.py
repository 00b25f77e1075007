"""A dispatcher before a real sandbox Slack and a real database, all on one clock that is moved by hand."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlmodel import col, select

from bot.blocks.kit import Rendered
from bot.delivery.dispatcher import Dispatcher
from bot.gateway import Doors, Gateway
from models.access import SYSTEM
from models.base import new_id
from models.clock import ManualClock
from models.db import Database, Tx
from models.engagements.tables import Engagement, Person
from models.outbox import service
from models.outbox.rules import OutboxState
from models.outbox.tables import OutboxMessage, Post
from sandbox.seed import BOT_TOKEN, example_world
from sandbox.server import SandboxServer
from tests.support.posted import standing
from tests.support.world import CHANNEL, PEOPLE, WORKSPACE, World, build

CALL_SECONDS = 0.5
"""How long a call may take here: faults that hold the line are to be over soon."""


def rendered(_tx: Tx, message: OutboxMessage) -> Rendered | None:
    """What a message of these tests shows: the words it carries; nothing when it is no longer wanted."""
    words = message.extra.get("say", message.key)
    if words == "poison":
        raise ZeroDivisionError("a message that cannot be rendered")
    return None if words == "unwanted" else Rendered(str(words), [])


def always(slack: Gateway) -> Doors:
    """The same door for every workspace."""

    async def door(_workspace_id: str) -> Gateway:
        return slack

    return door


@dataclass
class Office:
    """The parts, and short ways to use them."""

    db: Database
    clock: ManualClock
    server: SandboxServer
    slack: Gateway
    dispatcher: Dispatcher
    world: World

    def another(self, **options: Any) -> Dispatcher:
        """One more worker on the same database and Slack."""
        settings = {"call_seconds": CALL_SECONDS, **options}
        return Dispatcher(self.db, always(settings.pop("slack", self.slack)), rendered, self.clock, **settings)

    def post(self, key: str, *, say: str = "", **options: Any) -> None:
        """Write a message into the outbox, as a use case does."""
        extra = {"say": say or key, **options.pop("extra", {})}
        if "to" in options:
            options["person_id"] = self.person(options.pop("to")).id
        with self.db.transaction(SYSTEM) as tx:
            engagement = tx.one(Engagement, WORKSPACE, self.world.engagement_id)
            service.post(tx, engagement, options.pop("kind", "test"), new_id(), key=key, extra=extra, **options)

    def refresh(self, key: str, say: str = "") -> None:
        """Ask for an edit of a post; `say` becomes what it shows."""
        with self.db.transaction(SYSTEM) as tx:
            service.refresh(tx, WORKSPACE, key)
            if say:
                self._rewrite(tx, key, say)

    def remove(self, key: str) -> None:
        """Ask for the deletion of a post."""
        with self.db.transaction(SYSTEM) as tx:
            service.delete(tx, WORKSPACE, key)

    def _rewrite(self, tx: Tx, key: str, say: str) -> None:
        tx.session.flush()
        for row in tx.session.exec(select(OutboxMessage).where(OutboxMessage.post_key == key)):
            row.extra = {**row.extra, "say": say}

    def person(self, name: str) -> Person:
        """Somebody of the world, by first name."""
        with self.db.read(SYSTEM) as tx:
            return tx.session.exec(select(Person).where(Person.slack_user_id == PEOPLE[name][0])).one()

    def forget_direct(self, name: str) -> None:
        """Let the next direct message to somebody be opened anew."""
        with self.db.transaction(SYSTEM) as tx:
            tx.one(Person, WORKSPACE, self.person(name).id).dm_channel_id = None

    def row(self, key: str) -> OutboxMessage:
        """A message of the outbox by key."""
        with self.db.read(SYSTEM) as tx:
            return tx.session.exec(select(OutboxMessage).where(OutboxMessage.key == key)).one()

    def state(self, key: str) -> OutboxState:
        """What became of a message."""
        return self.row(key).state

    def rows(self) -> list[OutboxMessage]:
        """All messages, oldest first."""
        with self.db.read(SYSTEM) as tx:
            return list(tx.session.exec(select(OutboxMessage).order_by(col(OutboxMessage.id))))

    def posts(self) -> list[Post]:
        """What we believe is in Slack."""
        with self.db.read(SYSTEM) as tx:
            return [post for post in tx.session.exec(select(Post).order_by(col(Post.ts))) if not post.is_deleted]

    def engagement(self) -> Engagement:
        """The one engagement."""
        with self.db.read(SYSTEM) as tx:
            return tx.one(Engagement, WORKSPACE, self.world.engagement_id)

    def shown(self, channel: str = CHANNEL) -> list[str]:
        """The texts in a channel, threads included, in the order of their posting."""
        messages = self.server.workspace.channels[channel].messages
        return [message["text"] for message in messages.values() if message.get("subtype") != "tombstone"]

    def direct(self, name: str) -> list[str]:
        """The texts in a person's direct message."""
        return [message["text"] for message in self.server.person(PEOPLE[name][0]).direct_messages()]

    def called(self, method: str) -> int:
        """How often a method of the Web API was called."""
        return sum(call.method == method for call in self.server.calls)

    async def settle(self, within: timedelta = timedelta(minutes=10), *others: Dispatcher) -> None:
        """Deliver, hopping from one thing to do to the next, until nothing is left to do within that time."""
        end = self.clock.now() + within
        while True:
            for dispatcher in (self.dispatcher, *others):
                await dispatcher.drain()
            wake = await self.dispatcher.next_wake()
            if wake is None or wake > end:
                return
            self.clock.set(max(wake, self.clock.now()))


def doubles(server: SandboxServer) -> dict[str, list[str]]:
    """Keys of ours that are visible more than once."""
    seen: dict[str, list[str]] = {}
    for _, ts, key in standing(server.workspace):
        seen.setdefault(key, []).append(ts)
    return {key: stamps for key, stamps in seen.items() if len(stamps) > 1}


@asynccontextmanager
async def office(db: Database, clock: ManualClock) -> AsyncIterator[Office]:
    """Opened and closed again."""
    server = SandboxServer(example_world(clock))
    await server.start()
    slack = Gateway(BOT_TOKEN, base_url=server.api_url, call_seconds=CALL_SECONDS)
    dispatcher = Dispatcher(db, always(slack), rendered, clock, call_seconds=CALL_SECONDS)
    try:
        yield Office(db, clock, server, slack, dispatcher, build(db, clock))
    finally:
        await slack.close()
        await server.stop()


def engagement_row(tx: Tx, engagement_id: UUID) -> Engagement:
    """The engagement, to be changed."""
    return tx.one(Engagement, WORKSPACE, engagement_id)


__all__: Sequence[str] = ["CALL_SECONDS", "Office", "doubles", "engagement_row", "office", "rendered"]

"""What breaks: faults of Slack and of the network on chosen calls, events delivered twice, the application away."""

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random

from sandbox import channels
from sandbox.faults import Fault, catalogue
from sandbox.seed import INES, INHOUSE, VERA
from tests.simulation.people import People
from tests.simulation.plans import Plan
from tests.support.stage import Stage

Deed = Callable[[], Awaitable[None]]
_METHODS = (
    *("chat.postMessage",) * 4,
    *("chat.update",) * 2,
    "chat.delete",
    "conversations.open",
    "conversations.history",
    "conversations.replies",
    "conversations.info",
    "conversations.members",
    "users.info",
    "views.open",
    "views.publish",
)
_SHORT = 0.02
"""Seconds for which a silent Slack holds the line here."""


class Trouble:
    """Whatever is not people's doing."""

    def __init__(self, stage: Stage, plan: Plan, people: People, rng: Random) -> None:
        self._stage = stage
        self._people = people
        self._plan = plan
        self._rng = rng

    def of(self, day: datetime) -> Iterator[tuple[datetime, Deed]]:
        """What breaks on a day."""
        if self._rng.random() < self._plan.trouble:
            for _ in range(self._rng.randrange(1, 4)):
                yield self._some_time(day), self._fault
        if self._rng.random() < self._plan.trouble / 4:
            yield self._some_time(day), self._delivered_twice
        if self._rng.random() < 0.05:
            yield self._some_time(day), self._stage.restart
        if self._rng.random() < 0.04:
            yield self._some_time(day), self._outage
        if self._rng.random() < 0.02:
            yield self._some_time(day), self._inhouse_channel_is_opened
        if self._rng.random() < 0.2:
            yield self._some_time(day), self._inhouse_channel_is_closed

    def _some_time(self, day: datetime) -> datetime:
        return day + timedelta(hours=self._rng.uniform(1, 20))

    async def _fault(self) -> None:
        method = self._rng.choice(_METHODS)
        fault: Fault = self._rng.choice(catalogue(method, self._rng.randrange(1, 4)))
        self._stage.sandbox.faults.add(replace(fault, seconds=_SHORT))

    async def _outage(self) -> None:
        """The application is away for hours; what people write meanwhile waits."""
        await self._stage.stop()
        hours = self._rng.choice((0.3, 2, 5, 30))
        for _ in range(self._rng.randrange(1, 3)):
            self._stage.clock.set(self._stage.clock.now() + timedelta(hours=hours / 3))
            who = self._rng.choice(self._plan.cast)
            await self._rng.choice((self._people.answers_in_thread, self._people.edits, self._people.deletes))(who)
        self._stage.clock.set(self._stage.clock.now() + timedelta(hours=hours / 3))
        await self._stage.restart()

    async def _inhouse_channel_is_opened(self) -> None:
        """Somebody brings the provider's lead into the in-house channel."""
        channels.join(self._stage.sandbox.workspace, INHOUSE, VERA, INES)

    async def _inhouse_channel_is_closed(self) -> None:
        """And notices."""
        if VERA in self._stage.sandbox.workspace.channel(INHOUSE).members:
            channels.leave(self._stage.sandbox.workspace, INHOUSE, VERA)

    async def _delivered_twice(self) -> None:
        """Slack brings an event again that was acknowledged long ago."""
        events = [one.payload for one in self._stage.sandbox.deliveries.log[-20:] if one.kind == "events_api"]
        if events:
            self._stage.sandbox.workspace.tell_app(self._rng.choice(events))

"""Brings events and interactions to the app and brings them again as Slack does, over whatever transport there is."""

import asyncio
import itertools
from dataclasses import dataclass
from typing import Literal, Protocol

from sandbox.errors import NotAnswered
from sandbox.state import Json
from sandbox.workspace import Workspace

Envelope = Literal["events_api", "interactive", "slash_commands"]

# Slack tries an event again at once, after one minute and after five.
RETRY_SECONDS = (0.0, 60.0, 300.0)


@dataclass(frozen=True, slots=True)
class Ack:
    """How a delivery ended: acknowledged with a payload, or not, and why (`timeout`, `http_error`, ...).

    `final` means: do not try again.
    """

    ok: bool
    payload: Json | None = None
    reason: str = ""
    final: bool = False


@dataclass(frozen=True, slots=True)
class Delivered:
    """One attempt, for the record."""

    kind: Envelope
    payload: Json
    attempt: int
    ack: Ack


class Transport(Protocol):
    """A way to the app: Socket Mode or signed HTTP."""

    async def ready(self) -> None:
        """Wait until there is somebody to deliver to."""
        ...

    def reachable(self) -> bool:
        """Whether there is somebody to deliver to now."""
        ...

    async def send(self, kind: Envelope, payload: Json, *, attempt: int, reason: str) -> Ack:
        """Deliver once and wait for the acknowledgement."""
        ...


class Deliveries:
    """Everything on its way to the app.

    Events are delivered again until acknowledged, `retry_seconds` apart, with the same event id; while nobody is
    connected they wait. Interactions and commands are delivered once: raises NotAnswered with Slack's words.
    """

    def __init__(
        self, ws: Workspace, transport: Transport, *, retry_seconds: tuple[float, ...] = RETRY_SECONDS
    ) -> None:
        self._ws = ws
        self._transport = transport
        self._retry_seconds = retry_seconds
        self._tasks: set[asyncio.Task[None]] = set()
        self._open: dict[int, str] = {}
        self._numbers = itertools.count()
        self._idle = asyncio.Event()
        self._idle.set()
        self.log: list[Delivered] = []

    def start(self) -> None:
        """Begin to deliver, with what was left undelivered first."""
        self._ws.on_event.append(self._on_event)
        for body in list(self._ws.undelivered.values()):
            self._on_event(body)

    async def stop(self) -> None:
        """Give up what is under way; unacknowledged events stay in the workspace for the next start."""
        self._ws.on_event.remove(self._on_event)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def interaction(self, payload: Json, words: str) -> Json | None:
        """Deliver an interaction; what the app answered. Raises NotAnswered with `words`."""
        return await self._once("interactive", payload, words)

    async def command(self, payload: Json) -> Json | None:
        """Deliver a slash command; what the app answered. Raises NotAnswered in Slackbot's words."""
        reachable = self._transport.reachable()
        error = "operation_timeout" if reachable else "dispatch_failed"
        words = f'{payload["command"]} failed with the error "{error}"'
        return await self._once("slash_commands", payload, words)

    async def settled(self, seconds: float = 5.0) -> None:
        """Wait until everything sent so far, and what followed from it, is acknowledged.

        Raises TimeoutError that names what is still open after so many seconds.
        """
        try:
            async with asyncio.timeout(seconds):
                await self._idle.wait()
        except TimeoutError:
            raise TimeoutError(f"not acknowledged: {list(self._open.values())}") from None

    def _on_event(self, body: Json) -> None:
        number = self._begin(f"{body['event']['type']} {body['event_id']}")
        task = asyncio.get_running_loop().create_task(self._until_acknowledged(body))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        task.add_done_callback(lambda _: self._end(number))

    async def _until_acknowledged(self, body: Json) -> None:
        reason = ""
        for attempt, delay in enumerate((0.0, *self._retry_seconds)):
            if delay:
                await asyncio.sleep(delay)
            await self._transport.ready()
            ack = await self._send("events_api", body, attempt, reason)
            if ack.ok or ack.final:
                break
            reason = ack.reason
        self._ws.undelivered.pop(body["event_id"], None)

    async def _once(self, kind: Envelope, payload: Json, words: str) -> Json | None:
        number = self._begin(str(payload.get("type") or payload.get("command")))
        try:
            ack = await self._send(kind, payload, 0, "")
        finally:
            self._end(number)
        if not ack.ok:
            raise NotAnswered(words)
        return ack.payload

    async def _send(self, kind: Envelope, payload: Json, attempt: int, reason: str) -> Ack:
        ack = await self._transport.send(kind, payload, attempt=attempt, reason=reason)
        self.log.append(Delivered(kind, payload, attempt, ack))
        return ack

    def _begin(self, what: str) -> int:
        number = next(self._numbers)
        self._open[number] = what
        self._idle.clear()
        return number

    def _end(self, number: int) -> None:
        del self._open[number]
        if not self._open:
            self._idle.set()

"""From the outbox to Slack: claim, send many at once, record; until nothing can be sent now."""

import asyncio
import os
import socket
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from secrets import token_hex
from types import MappingProxyType

import structlog

from bot import metrics
from bot.delivery.reconcile import Reconciler
from bot.delivery.sender import Render, Sender
from bot.delivery.turns import Rests, Turns
from bot.gateway import CALL_SECONDS, Doors
from models.access import SYSTEM, system_in
from models.clock import Clock
from models.db import Database
from models.outbox import delivery, gates, outcomes
from models.outbox.agenda import Agenda, agenda
from models.outbox.delivery import Claim
from models.outbox.gates import Pace
from models.outbox.outcomes import Report
from models.outbox.rules import Outcome

_log = structlog.get_logger(__name__)

IN_FLIGHT = 20
"""Messages sent at once by one worker."""
_LOOK_AGAIN_SECONDS = 0.25
"""While something is in flight, new work is looked for at least so often."""
_PATIENCE = timedelta(seconds=2)
_LONGEST_WATCH_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Drained:
    """How many messages were tried, and when there will be something to do; none if nothing is open."""

    tried: int
    wake: datetime | None


class Dispatcher:
    """One worker. Any number of them may work on one database, in one process or in many.

    With `workspace_id` it serves that workspace alone, as one token should; without it, all there are.
    `on_trouble(workspace_id, code)` is called once when a token begins to be refused. Raises ValueError for a `lease`
    that does not outlast a call of `call_seconds`.
    """

    def __init__(
        self,
        db: Database,
        doors: Doors,
        render: Render,
        wall: Clock,
        *,
        workspace_id: str | None = None,
        worker_id: str | None = None,
        pace: Pace = gates.SLACK,
        lease: timedelta = delivery.LEASE,
        call_seconds: float = CALL_SECONDS,
        in_flight: int = IN_FLIGHT,
        on_trouble: Callable[[str, str], None] | None = None,
    ) -> None:
        if lease <= timedelta(seconds=call_seconds):
            raise ValueError(f"A lease of {lease} is over before a call of {call_seconds:.0f} seconds is.")
        self._db = db
        self._wall = wall
        self._workspace_id = workspace_id
        self._worker_id = worker_id or f"{socket.gethostname()[:30]}:{os.getpid()}:{token_hex(4)}"
        self._pace = pace
        self._lease = lease
        self._in_flight = in_flight
        self._on_trouble = on_trouble
        self._sender = Sender(db, doors, render, wall, pace=pace, call_seconds=call_seconds)
        self._reconciler = Reconciler(db, doors, wall, pace=pace)
        self._troubled: set[str] = set()
        self._turn = asyncio.Lock()
        self._turns = Turns(in_flight)
        self._looks: dict[str, asyncio.Task[int]] = {}
        """Searches for posts in doubt that are under way, by workspace."""
        self._unrecorded: list[Report] = []
        """What became of messages, while the database could not be told."""
        self._is_stopping = False

    @property
    def is_refused(self) -> bool:
        """Whether a token is being refused at the moment."""
        return bool(self._troubled)

    async def drain(self) -> int:
        """Settle doubts, then send until nothing can be sent now. How many were tried."""
        return (await self.catch_up()).tried

    async def catch_up(self) -> Drained:
        """Drain, and say when there will be more."""
        async with self._turn:
            await self._record()
            return await self._drain(await self._agenda())

    async def keep_up(self) -> None:
        """Drain, and go on as long as the next message is due within seconds: Slack sets the rhythm, not our ticks."""
        loop = asyncio.get_running_loop()
        until = loop.time() + _LONGEST_WATCH_SECONDS
        while not self._is_stopping and loop.time() < until:
            next_wake = (await self.catch_up()).wake
            if next_wake is None or next_wake - self._wall.now() > _PATIENCE:
                return
            await asyncio.sleep(min(max((next_wake - self._wall.now()).total_seconds(), 0.01), _LOOK_AGAIN_SECONDS))

    async def next_wake(self) -> datetime | None:
        """When there will be something to do: in the past or now if there is already; none if nothing is open."""
        return (await self._agenda()).wake

    async def stop(self) -> None:
        """Claim nothing more, and wait for what is in flight."""
        self._is_stopping = True
        async with self._turn:
            pass

    async def _drain(self, plan: Agenda) -> Drained:
        """Looking is only a read: a writing transaction without need would wake those who wait for commits."""
        running: set[asyncio.Task[Report]] = set()
        tried = 0
        rests = Rests()
        try:
            while not self._is_stopping:
                is_due = plan.wake is not None and plan.wake <= self._wall.now()
                settled = self._look(plan.doubtful if is_due else ())
                free, busy = self._in_flight - len(running), Counter(task.get_name() for task in running)
                claims, moved = await self._claim(plan, free, busy) if is_due else ([], 0)
                begun = {self._begin(claim) for claim in claims}
                tried += len(claims)
                running |= begun
                if not running and not self._looks and not settled + moved:
                    break
                done = await self._record_done(running, self._looks.values())
                touched = {task.get_name() for task in begun | done} | set(self._looks)
                plan = await self._agenda(rests.after(plan.wakes, self._wall.now(), touched))
        finally:
            await self._stop_looking()
            await self._finish(running)
        return Drained(tried, plan.wake)

    def _look(self, doubtful: Iterable[str]) -> int:
        """Begin to settle doubts, beside the sending: a Slack that is slow to show what is there holds up nobody else.

        Of how many messages the searches that have ended moved the state on.
        """
        ended = [workspace_id for workspace_id, look in self._looks.items() if look.done()]
        settled = sum([self._looks.pop(workspace_id).result() for workspace_id in ended])
        for workspace_id in doubtful:
            if workspace_id not in self._looks:
                self._looks[workspace_id] = asyncio.create_task(self._reconciler.run(workspace_id))
        return settled

    async def _stop_looking(self) -> None:
        """Each search is held for a lease: whoever comes then begins it anew."""
        looks = [*self._looks.values()]
        self._looks.clear()
        for look in looks:
            look.cancel()
        await asyncio.gather(*looks, return_exceptions=True)

    async def _claim(self, plan: Agenda, limit: int, busy: Counter[str]) -> tuple[list[Claim], int]:
        """Claim; also how many messages were moved on without being sent.

        `busy` is what each workspace has in flight already.
        """
        claims: list[Claim] = []
        moved = 0
        waiting = self._turns.order(plan.due(self._wall.now()))
        resting = len(plan.wakes) - len(waiting)
        for number, workspace_id in enumerate(waiting):
            free, held = limit - len(claims), busy[workspace_id]
            share = self._turns.share(free, len(waiting) - number, held, busy.total() - held + resting)
            if share <= 0:
                continue
            batch = await self._db.run(
                system_in(workspace_id),
                delivery.claim,
                workspace_id,
                self._worker_id,
                self._wall.now(),
                limit=share,
                pace=self._pace,
                lease=self._lease,
            )
            if batch.claims:
                self._turns.served(workspace_id)
            claims += batch.claims
            moved += batch.moved
        return claims, moved

    def _begin(self, claim: Claim) -> asyncio.Task[Report]:
        return asyncio.create_task(self._sender.send(claim), name=claim.message.workspace_id)

    async def _record_done(
        self, running: set[asyncio.Task[Report]], looks: Iterable[asyncio.Task[int]] = ()
    ) -> set[asyncio.Task[Report]]:
        """Take out and record whatever is done, after a short wait for the first; a slow call holds up nobody else."""
        waiting = {*running, *looks}
        if not waiting:
            return set()
        await asyncio.wait(waiting, timeout=_LOOK_AGAIN_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        done = {task for task in running if task.done()}
        running -= done
        self._unrecorded += [task.result() for task in done]
        await self._record()
        return done

    async def _finish(self, running: set[asyncio.Task[Report]]) -> None:
        while running:
            await self._record_done(running)

    async def _record(self) -> None:
        """Tell the database. What it does not take stays, for the next turn: else it would be in doubt."""
        by_workspace: defaultdict[str, list[Report]] = defaultdict(list)
        for report in self._unrecorded:
            by_workspace[report.message.workspace_id].append(report)
        for workspace_id, own in by_workspace.items():
            actor = system_in(workspace_id)
            await self._db.run(actor, outcomes.record, self._worker_id, self._wall.now(), own, pace=self._pace)
            self._unrecorded = [it for it in self._unrecorded if it.message.workspace_id != workspace_id]
            for report in own:
                metrics.DELIVERIES.labels(report.outcome.value).inc()
                self._watch_token(report)

    def _watch_token(self, report: Report) -> None:
        """One alarm when a token begins to be refused, until something succeeds again."""
        workspace_id = report.message.workspace_id
        if report.outcome is Outcome.SENT:
            self._troubled.discard(workspace_id)
        elif report.outcome is Outcome.HALTED and workspace_id not in self._troubled:
            self._troubled.add(workspace_id)
            _log.error("token_refused", workspace=workspace_id, code=report.code)
            if self._on_trouble is not None:
                self._on_trouble(workspace_id, report.code)

    async def _agenda(self, known: Mapping[str, datetime] = MappingProxyType({})) -> Agenda:
        return await self._db.look(SYSTEM, agenda, self._wall.now(), self._workspace_id, known)

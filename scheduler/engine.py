"""The heartbeat: a handful of static jobs that look. The only module that knows APScheduler.

The jobs are held in memory and carry no state: what is due stands in the database. A watchdog on the monotonic clock
wakes the scheduler when its own clock was set back.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler

log = structlog.get_logger()

_WATCH_EVERY = 5.0
"""Seconds after which a silent scheduler is woken."""
_FINISH_SECONDS = 10.0
"""What is running at the stop gets so long to end."""


@dataclass(frozen=True, slots=True)
class Job:
    """Something to do every so many seconds; at once as well when `wake` is called, if `on_wake`."""

    name: str
    every: float
    run: Callable[[], Awaitable[object]]
    on_wake: bool = False


class Engine:
    """Runs the jobs, never two of a kind at a time, until it is stopped."""

    def __init__(self, jobs: tuple[Job, ...]) -> None:
        self._jobs = jobs
        self._scheduler = AsyncIOScheduler(timezone=UTC)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._busy = {job.name: asyncio.Lock() for job in jobs}
        self._again: set[str] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._watchdog: asyncio.Task[None] | None = None
        self._ticked = time.monotonic()

    @property
    def silent_for(self) -> float:
        """Seconds since the last tick, on the monotonic clock."""
        return time.monotonic() - self._ticked

    def start(self) -> None:
        """Begin to tick in the running event loop."""
        self._loop = asyncio.get_running_loop()
        for job in self._jobs:
            self._scheduler.add_job(
                self._nudge,
                "interval",
                seconds=job.every,
                args=[job],
                id=job.name,
                coalesce=True,
                max_instances=1,
                misfire_grace_time=None,
            )
        self._scheduler.start()
        self._watchdog = asyncio.create_task(self._watch())
        self.wake()

    def wake(self) -> None:
        """Run the jobs that wait for news, at once. May be called from any thread, any number of times."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._wake)

    async def stop(self) -> None:
        """Stop ticking and wait for what is running; what takes too long is let go, for the database knows the rest."""
        self._loop = None
        if self._watchdog is not None:
            self._watchdog.cancel()
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=_FINISH_SECONDS)
        late = list(self._tasks)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)

    def _wake(self) -> None:
        for job in self._jobs:
            if job.on_wake:
                self._begin(job)

    async def _nudge(self, job: Job) -> None:
        """APScheduler's tick. It must end at once: what still ran would be cancelled at the stop, with an error in the
        log, and each tick that comes meanwhile would be complained of."""
        self._begin(job)

    def _begin(self, job: Job) -> None:
        if self._loop is not None:
            task = self._loop.create_task(self._tick(job))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _tick(self, job: Job) -> None:
        """Run a job; if it runs already, once more when it has finished."""
        self._ticked = time.monotonic()
        lock = self._busy[job.name]
        if lock.locked():
            self._again.add(job.name)
            return
        async with lock:
            self._again.add(job.name)
            while job.name in self._again and self._loop is not None:
                self._again.discard(job.name)
                await self._run(job)

    async def _run(self, job: Job) -> None:
        try:
            await job.run()
        except Exception:  # a failed look is repeated at the next tick; rows have their own back-off
            log.exception("job_failed", job=job.name)

    async def _watch(self) -> None:
        """APScheduler waits by the wall clock; should that be set back, have it go on from now, at its own pace."""
        while True:
            await asyncio.sleep(_WATCH_EVERY)
            if self.silent_for > _WATCH_EVERY:
                log.warning("scheduler_woken", silent_for=round(self.silent_for, 1))
                for job in self._jobs:
                    self._scheduler.reschedule_job(job.name, trigger="interval", seconds=job.every)
                    self._begin(job)

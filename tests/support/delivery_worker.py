"""A dispatcher in a process of its own, that can be made to die or freeze at any of its commits."""

import asyncio
import multiprocessing
import os
import signal
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from multiprocessing.context import ForkServerContext, ForkServerProcess
from multiprocessing.sharedctypes import Synchronized
from typing import Any

from sqlalchemy import event

from bot.delivery.dispatcher import Dispatcher
from bot.gateway import Gateway
from models.clock import SystemClock
from models.db import Database
from models.outbox.gates import SLACK, Pace, Rate
from models.vault import Vault, parse_keys
from sandbox.seed import BOT_TOKEN
from tests.support.delivery import always, rendered

AT_ONCE = Pace(
    lane=timedelta(milliseconds=1), gates=dict.fromkeys(SLACK.gates, Rate(timedelta(milliseconds=1), burst=100))
)
"""No pace at all: these tests are about dying, not about limits."""
CALL_SECONDS = 1.0
LEASE = timedelta(seconds=5)


@dataclass(frozen=True)
class Orders:
    """What a worker does, and at which of its commits (0: none) it gets which signal."""

    url: str
    api_url: str
    keys: str
    signal: int = signal.SIGKILL
    commit: int = 0
    is_after: bool = False
    in_flight: int = 2
    """One, where it is to be frozen outside every transaction: else it may hold locks that others wait for."""


class ShiftedClock:
    """The machine's clock, moved on by seconds that the parent may change while the worker is frozen."""

    def __init__(self, seconds: "Synchronized[float]") -> None:
        self._seconds = seconds

    def now(self) -> datetime:
        return SystemClock().now() + timedelta(seconds=self._seconds.value)


def context(*preload: str) -> ForkServerContext:
    """Makes workers quickly: everything is imported once, with what else they need."""
    made = multiprocessing.get_context("forkserver")
    made.set_forkserver_preload([__name__, *preload])
    return made


def start(orders: Orders, shift: "Synchronized[float]") -> ForkServerProcess:
    """Start a worker."""
    process = context().Process(target=_work, args=(orders, shift), daemon=True)
    process.start()
    return process


def _work(orders: Orders, shift: "Synchronized[float]") -> None:
    asyncio.run(_drain(orders, shift))


async def _drain(orders: Orders, shift: "Synchronized[float]") -> None:
    db = Database(orders.url, SystemClock(), Vault(parse_keys(orders.keys)))
    _strike_at(db, orders)
    slack = Gateway(BOT_TOKEN, base_url=orders.api_url, call_seconds=CALL_SECONDS)
    clock = ShiftedClock(shift)
    worker = Dispatcher(
        db,
        always(slack),
        rendered,
        clock,
        pace=AT_ONCE,
        lease=LEASE,
        call_seconds=CALL_SECONDS,
        in_flight=orders.in_flight,
    )
    for _ in range(50):  # until nothing is left that could be done without waiting
        await worker.drain()
        wake = await worker.next_wake()
        if wake is None or wake > clock.now() + timedelta(seconds=0.5):
            break
        await asyncio.sleep(0.01)
    await slack.close()
    db.close()


def _strike_at(db: Database, orders: Orders) -> None:
    """Send ourselves the signal just before or just after the commit with this number."""
    count = 0

    def before(*_: Any) -> None:
        nonlocal count
        count += 1
        if count == orders.commit and not orders.is_after:
            os.kill(os.getpid(), orders.signal)

    def after() -> None:
        if count == orders.commit and orders.is_after:
            os.kill(os.getpid(), orders.signal)

    event.listen(db.engine, "commit", before)
    db.after_commit.append(after)


def strike_at_request(pid: int, number: int, when: str, sign: int, struck: asyncio.Event) -> Callable[..., None]:
    """A hook of the sandbox that sends the signal at the request with this number, before or after its effect."""
    count = 0

    def hook(_method: str, _args: dict[str, Any], moment: str) -> None:
        nonlocal count
        if moment == when:
            count += 1
            if count == number:
                os.kill(pid, sign)
                struck.set()

    return hook

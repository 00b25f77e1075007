"""What chance would decide: whose thread is first at the database, and which ids rows get."""

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from random import Random
from typing import Any
from uuid import UUID

from models import base
from models.db import Database

_FIRST_MS = 1_800_000_000_000
_VERSION = 7 << 76
_VARIANT = 0b10 << 62


class _OnTheLoop(Executor):
    """Does one job after another, in the order in which they came, in between whatever else the loop does."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
        """Have a job done soon. The future is the loop's own: nobody has to be woken from another thread."""
        loop = asyncio.get_running_loop()
        future = loop.create_future()
        loop.call_soon(_do, future, lambda: fn(*args, **kwargs))
        return future


def _do(future: "asyncio.Future[Any]", job: Callable[[], Any]) -> None:
    if future.cancelled():
        return
    try:
        result = job()
    except Exception as error:
        future.set_exception(error)
    else:
        future.set_result(result)


def without_threads(db: Database) -> None:
    """Let a database that is not in use yet do its work on the event loop."""
    executor = _OnTheLoop()
    db._readers = db._writers = executor  # type: ignore[assignment]
    if db._shared is not None:
        db._shared._writer = executor


@contextmanager
def ids_of(seed: int) -> Iterator[None]:
    """For as long as this lasts, the ids of new rows are the seed's: UUIDv7 still, and those made later sort later."""
    rng, number = Random(seed), _FIRST_MS

    def made() -> UUID:
        nonlocal number
        number += 1
        return UUID(int=(number << 80) | _VERSION | (rng.getrandbits(12) << 64) | _VARIANT | rng.getrandbits(62))

    names = vars(base)
    usual, names["uuid7"] = names["uuid7"], made
    try:
        yield
    finally:
        names["uuid7"] = usual

"""A worker dies or freezes at every step of its work; afterwards each message is in Slack exactly once."""

import asyncio
import itertools
import os
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import timedelta
from multiprocessing.context import ForkServerProcess
from pathlib import Path

import pytest
from _pytest.mark import ParameterSet

from bot.delivery.dispatcher import Dispatcher
from bot.gateway import Gateway
from models.clock import ManualClock, SystemClock
from models.db import Database
from models.outbox.rules import OutboxState, Place
from models.vault import Vault, parse_keys
from sandbox.clock import AdjustableClock
from sandbox.limits import Limits
from sandbox.seed import BOT_TOKEN, example_world
from sandbox.server import SandboxServer
from sandbox.web_api import Call
from tests.conftest import TEST_KEYS
from tests.support.databases import fresh_database
from tests.support.delivery import Office, always, rendered
from tests.support.delivery_worker import AT_ONCE, CALL_SECONDS, Orders, context, start, strike_at_request
from tests.support.turns import by_turns
from tests.support.world import build

pytestmark = [pytest.mark.kill, pytest.mark.slow]

STEPS = [("commit", "before"), ("commit", "after"), ("request", "before"), ("request", "after")]


def _cases(first: int) -> Iterator[ParameterSet]:
    """With `make test` each kind of step on one database, by turns; with `make soak` on the other one as well."""
    for turn, (kind, when) in enumerate(STEPS):
        for backend, marks in by_turns(turn + first):
            yield pytest.param(backend, kind, when, marks=marks)


_MOST_STEPS = 60
_PATIENCE = 20.0
_LATER = timedelta(minutes=10)


@asynccontextmanager
async def _office(url: str) -> AsyncIterator[Office]:
    """As everywhere, but messages get their time from the machine's clock, as in the worker's process."""
    limits = Limits(lambda: 0.0, enabled=False)
    server = SandboxServer(example_world(AdjustableClock(), limits=limits))
    await server.start()
    db = Database(url, SystemClock(), Vault(parse_keys(TEST_KEYS)))
    slack = Gateway(BOT_TOKEN, base_url=server.api_url, call_seconds=CALL_SECONDS)
    wall = ManualClock(SystemClock().now() - timedelta(seconds=2))
    cleaner = Dispatcher(db, always(slack), rendered, wall, pace=AT_ONCE, call_seconds=CALL_SECONDS)
    try:
        yield Office(db, wall, server, slack, cleaner, build(db, wall))
    finally:
        await slack.close()
        await server.stop()
        db.close()


async def _prepare(post: Office) -> None:
    """Something of every kind: two posts of before, one to edit and one to remove, and three new ones."""
    post.post("board:0", say="old")
    post.post("reminder:0", place=Place.DIRECT, to="vera")
    await post.settle()
    post.refresh("board:0", "new")
    post.remove("reminder:0")
    post.post("board:1")
    post.post("prompt:1", place=Place.DIRECT, to="olaf")
    post.post("answer:1", parent_key="board:1")


def _assert_all_once(post: Office, where: str) -> None:
    assert post.shown() == ["new", "board:1", "answer:1"], where
    assert (post.direct("vera"), post.direct("olaf")) == ([], ["prompt:1"]), where
    sent = [call.args["metadata"]["event_payload"]["k"] for call in post.server.calls if _is_post(call)]
    assert len(sent) == len(set(sent)), f"{where}: posted twice, if only for a moment"
    assert {row.state for row in post.rows()} == {OutboxState.SENT}, where
    assert len(post.posts()) == 4, where


def _is_post(call: Call) -> bool:
    return call.method == "chat.postMessage" and call.ok


@contextmanager
def _struck(post: Office, url: str, kind: str, when: str, number: int, sign: int) -> Iterator["_Victim"]:
    victim = _Victim(asyncio.Event())
    orders = Orders(
        url=url,
        api_url=post.server.api_url,
        keys=TEST_KEYS,
        signal=sign,
        commit=number if kind == "commit" else 0,
        is_after=when == "after",
        in_flight=1 if sign == signal.SIGSTOP else 2,
    )
    victim.process = start(orders, victim.shift)
    hook = strike_at_request(victim.pid, number, when, sign, victim.was_struck)
    if kind == "request":
        post.server.web_api.on_request.append(hook)
    try:
        yield victim
    finally:
        if kind == "request":
            post.server.web_api.on_request.remove(hook)
        victim.process.kill()
        victim.process.join()


class _Victim:
    """A worker that is to be struck, and what the parent knows of it."""

    process: ForkServerProcess

    def __init__(self, was_struck: asyncio.Event) -> None:
        self.was_struck = was_struck
        self.shift = context().Value("d", 0.0)

    @property
    def pid(self) -> int:
        return self.process.pid or 0

    async def ended(self) -> bool:
        """Wait for the end; whether it was a peaceful one."""
        await asyncio.to_thread(self.process.join, _PATIENCE)
        return self.process.exitcode == 0

    async def ended_or_frozen(self) -> bool:
        """Wait until it has ended (true) or stands still."""
        for _ in range(int(_PATIENCE / 0.005)):
            if not self.process.is_alive():
                return True
            if _is_frozen(self.pid):
                return False
            await asyncio.sleep(0.005)
        raise TimeoutError

    async def wake_late(self) -> None:
        """Let it go on, ten minutes later by its clock, to its end."""
        with self.shift.get_lock():
            self.shift.value = _LATER.total_seconds()
        os.kill(self.pid, signal.SIGCONT)
        await self.ended()


def _is_frozen(pid: int) -> bool:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):  # it has just ended, or ends while its state is read
        return False
    return stat.rpartition(")")[2].split()[0] == "T"


@pytest.mark.parametrize(("backend", "kind", "when"), list(_cases(0)))
async def test_killed_at_any_step_each_message_is_there_once(
    backend: str, kind: str, when: str, tmp_path: Path
) -> None:
    for number in itertools.count(1):
        assert number < _MOST_STEPS
        with fresh_database(backend, tmp_path) as url:
            async with _office(url) as post:
                await _prepare(post)
                with _struck(post, url, kind, when, number, signal.SIGKILL) as victim:
                    is_clean = await victim.ended()
                post.clock.advance(_LATER)

                await post.settle(timedelta(hours=1))

                _assert_all_once(post, f"killed {when} {kind} {number}")
        if is_clean:
            assert number > 3, "the worker did nothing"
            return


@pytest.mark.parametrize(("backend", "kind", "when"), list(_cases(1)))
async def test_frozen_past_its_lease_at_any_step_it_does_not_post_again(
    backend: str, kind: str, when: str, tmp_path: Path
) -> None:
    for number in itertools.count(1):
        assert number < _MOST_STEPS
        with fresh_database(backend, tmp_path) as url:
            async with _office(url) as post:
                await _prepare(post)
                with _struck(post, url, kind, when, number, signal.SIGSTOP) as victim:
                    is_clean = await victim.ended_or_frozen()
                    post.clock.advance(_LATER)
                    if not (kind == "commit" and when == "before"):  # else it holds locks that others wait for
                        await post.settle(timedelta(hours=1))
                    if not is_clean:
                        await victim.wake_late()

                await post.settle(timedelta(hours=1))

                _assert_all_once(post, f"frozen {when} {kind} {number}")
        if is_clean:
            assert number > 3, "the worker did nothing"
            return

"""Hosts of one's own whose cables are pulled: `benchmarks.cut_off` on a small scale, and what one connection does."""

import asyncio
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from models.outbox.transitions import WAIT
from tests.support import alike, hosts, morning, older
from tests.support.cable import Weather
from tests.support.cut_off import Cut, Plan, play
from tests.support.databases import own_postgres_at
from tests.support.hosts import DATABASE, SLACK, Host, NoHostsError
from tests.support.posted import standing

pytestmark = [pytest.mark.kill, pytest.mark.soak, pytest.mark.xdist_group("hosts")]

_NOTICED_WITHIN = 60
_TWO_CONNECTIONS = """
import sys, threading
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from models.engines import connect

def ask(connection, what):
    try:
        connection.execute(text(what))
    except OperationalError:
        print("lost", flush=True)

engine = connect(sys.argv[1])
with engine.connect() as waiting, engine.connect() as asking:
    ask(asking, "SELECT 1")
    thread = threading.Thread(target=ask, args=(waiting, "SELECT pg_sleep(600)"))
    thread.start()
    print("ready", flush=True)
    sys.stdin.readline()
    ask(asking, "SELECT 1")
    thread.join()
"""
"""One has asked and waits for an answer; one asks when nothing arrives any more."""

_TWO_POSTS = """
import asyncio, sys
from bot.gateway import Gateway
from bot.slack_errors import SlackFailure
from sandbox.seed import BOT_TOKEN

async def post():
    slack = Gateway(BOT_TOKEN, base_url=sys.argv[1])
    await slack.post_message(sys.argv[2], "One", key="first")
    print("ready", flush=True)
    sys.stdin.readline()
    try:
        await slack.post_message(sys.argv[2], "Two", key="second")
    except SlackFailure as failure:
        print(type(failure).__name__, flush=True)
    sys.stdin.readline()

asyncio.run(post())
"""


_HUNDRED_ROUNDS = """
import socket, sys, time

took = []
with socket.create_connection((sys.argv[1], int(sys.argv[2]))) as line:
    for _ in range(100):
        began = time.monotonic()
        line.sendall(b"x")
        line.recv(1)
        took.append(time.monotonic() - began)
print(min(took), max(took))
"""


@pytest.fixture
def host() -> Iterator[Host]:
    with where_hosts_are_made(), hosts.hosts(1) as (made,):
        yield made


def test_a_connection_that_is_gone_without_a_word_is_noticed(host: Host) -> None:
    with own_postgres_at(hosts.address(DATABASE)) as url:
        line = (*host.inside, sys.executable, "-c", _TWO_CONNECTIONS, url)
        process = subprocess.Popen(line, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        host.pull(DATABASE)
        try:
            said, _ = process.communicate("\n", timeout=_NOTICED_WITHIN)
        finally:
            process.kill()

    assert said == "lost\nlost\n"


async def test_a_post_that_was_given_up_does_not_arrive_when_the_network_is_back(host: Host) -> None:
    async with morning.slack(1, older.ROOT / "manifest.yaml", hosts.address(SLACK)) as sandbox:
        line = (*host.inside, sys.executable, "-c", _TWO_POSTS, sandbox.api_url, alike.channel(0))
        process = await asyncio.create_subprocess_exec(*line, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert process.stdin is not None
        assert process.stdout is not None
        assert await process.stdout.readline() == b"ready\n"
        host.pull(SLACK)
        process.stdin.write(b"\n")
        assert await process.stdout.readline() == b"Unclear\n"
        await asyncio.sleep(WAIT.total_seconds())
        host.plug(SLACK)
        process.stdin.write(b"\n")
        await process.wait()
        while host.is_sending():
            await asyncio.sleep(1)

        assert [key for _, _, key in standing(sandbox.workspace)] == ["first"]


def test_a_bad_cable_takes_its_time_and_loses_some() -> None:
    weather = Weather(0.2, 0.02, 0.03)
    with (
        where_hosts_are_made(),
        hosts.hosts(1, weather) as (host,),
        socket.create_server((hosts.address(SLACK), 0)) as door,
    ):
        line = (*host.inside, sys.executable, "-c", _HUNDRED_ROUNDS, *map(str, door.getsockname()))
        process = subprocess.Popen(line, stdout=subprocess.PIPE, text=True)
        caller, _ = door.accept()
        while said := caller.recv(1):
            caller.sendall(said)
        caller.close()
        fastest, slowest = map(float, process.communicate()[0].split())

    assert fastest >= 0.04
    assert slowest > 0.2, "what was lost is sent again after 200 ms at the earliest"


async def test_whoever_is_cut_off_nothing_is_lost_and_nothing_doubled() -> None:
    plan = Plan(4, (Cut((0,), (DATABASE,), 20), Cut((0, 1), (DATABASE, SLACK), 20)), hosts=2)
    await everything_happens_once(plan)


async def test_on_bad_cables_nothing_is_lost_and_nothing_doubled() -> None:
    plan = Plan(4, (Cut((0,), (SLACK,), 20), Cut((1,), (DATABASE,), 20)), hosts=2, weather=Weather(0.03, 0.01, 0.04))
    await everything_happens_once(plan)


async def everything_happens_once(plan: Plan) -> None:
    with where_hosts_are_made():
        found = await play(plan)

    assert found.wrong == []
    assert (found.opened, found.unclear) == (plan.engagements * len(plan.cuts), 0)


@contextmanager
def where_hosts_are_made() -> Iterator[None]:
    """Elsewhere the test is skipped."""
    try:
        yield
    except NoHostsError as error:
        pytest.skip(str(error))

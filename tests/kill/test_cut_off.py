"""Hosts of one's own whose cables are pulled: `benchmarks.cut_off` on a small scale, and what one connection does."""

import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.support import hosts
from tests.support.cut_off import Cut, Plan, play
from tests.support.databases import own_postgres_at
from tests.support.hosts import DATABASE, SLACK, Host, NoHostsError

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


@pytest.fixture
def host() -> Iterator[Host]:
    try:
        with hosts.hosts(1) as (made,):
            yield made
    except NoHostsError as error:
        pytest.skip(str(error))


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


async def test_whoever_is_cut_off_nothing_is_lost_and_nothing_doubled() -> None:
    plan = Plan(4, (Cut((0,), (DATABASE,), 20), Cut((0, 1), (DATABASE, SLACK), 20)), hosts=2)
    try:
        found = await play(plan)
    except NoHostsError as error:
        pytest.skip(str(error))

    assert found.wrong == []
    assert (found.opened, found.unclear) == (8, 0)

"""A machine's clock is minutes off, beside one that is right: nothing is there twice, and nothing waits for ever."""

from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import update
from sqlmodel import col

from bot.app import build as build_app
from bot.app import prepare
from bot.delivery.dispatcher import Dispatcher
from bot.gateway import Gateway
from models.access import SYSTEM
from models.clock import ManualClock, SystemClock
from models.db import Database
from models.outbox.rules import Audience, OutboxState, Place
from models.outbox.tables import OutboxMessage
from models.shared_clock import SharedClock
from models.vault import Vault, parse_keys
from sandbox import channels
from sandbox.clock import AdjustableClock
from sandbox.faults import Fault, Kind
from sandbox.limits import Limits
from sandbox.seed import BOT_TOKEN, example_world
from sandbox.server import SandboxServer
from tests.conftest import TEST_KEYS
from tests.support.clocks import Off
from tests.support.delivery import CALL_SECONDS, Office, always, office, rendered
from tests.support.many import settings_for
from tests.support.world import INHOUSE_CHANNEL, build


@pytest.fixture
async def there(database_address: str, db: Database, clock: ManualClock) -> AsyncIterator[Office]:
    async with office(db, clock) as found:
        yield found


@pytest.mark.parametrize("minutes", [-5, -2, 2, 5])
async def test_a_lost_answer_is_looked_for_where_slack_put_it(
    there: Office, database_address: str, vault: Vault, minutes: int
) -> None:
    clock = Off(timedelta(minutes=minutes), there.clock)
    db = Database(database_address, clock, vault)
    worker = Dispatcher(db, always(there.slack), rendered, clock, call_seconds=CALL_SECONDS)
    there.post("one")
    there.server.faults.add(Fault("chat.postMessage", 1, Kind.HTTP_500, after=True))

    for _ in range(40):
        await worker.drain()
        there.clock.advance(timedelta(seconds=5))

    assert there.shown() == ["one"]
    assert there.state("one") is OutboxState.SENT
    db.close()


async def test_a_start_ends_the_waits_that_a_clock_wrote_which_was_ahead(there: Office) -> None:
    """Else a channel would be silent until that time comes."""
    clock = Off(timedelta(days=400), there.clock)
    worker = Dispatcher(there.db, always(there.slack), rendered, clock, call_seconds=CALL_SECONDS)
    there.server.faults.add(Fault("chat.postMessage", 1, Kind.HTTP_500, after=True))
    there.post("there already")
    await worker.drain()  # its answer is lost: looked for later, by that clock
    there.server.faults.add(Fault("chat.postMessage", 1, Kind.RATE_LIMITED, retry_after=5))
    there.post("two", place=Place.DIRECT, to="ines")
    await worker.drain()
    there.post("three")
    await there.settle()
    assert there.shown() == ["there already"]

    prepare(there.db)
    await there.settle()

    assert there.shown() == ["there already", "three"]
    assert there.direct("ines") == ["two"]


async def test_a_lost_answer_is_looked_for_also_when_the_clock_was_a_year_ahead(
    there: Office, database_address: str, vault: Vault
) -> None:
    clock = Off(timedelta(days=400), there.clock)
    db = Database(database_address, clock, vault)
    worker = Dispatcher(db, always(there.slack), rendered, clock, call_seconds=CALL_SECONDS)
    there.server.faults.add(Fault("chat.postMessage", 1, Kind.HTTP_500, after=True))
    there.post("one")
    await worker.drain()
    db.close()
    assert there.state("one") is OutboxState.UNSURE

    prepare(there.db)
    there.clock.advance(timedelta(days=3))
    await there.settle()

    assert there.shown() == ["one"]
    assert there.state("one") is OutboxState.SENT


async def test_what_was_seen_by_a_clock_that_was_ahead_is_not_believed_for_longer(there: Office) -> None:
    """In-house matter would be posted where the other company reads it by now."""
    clock = Off(timedelta(minutes=9), there.clock)
    worker = Dispatcher(there.db, always(there.slack), rendered, clock, call_seconds=CALL_SECONDS)
    there.post("figures", say="old", place=Place.INHOUSE, audience=Audience.INHOUSE)
    await worker.drain()

    clock.by = timedelta(0)
    workspace = there.server.workspace
    channels.share(workspace, INHOUSE_CHANNEL, workspace.teams["T0BRIGHTLANE"])
    there.clock.advance(timedelta(seconds=61))
    there.refresh("figures", "new figures")
    await worker.drain()

    assert there.shown(INHOUSE_CHANNEL) == ["old"]


async def test_a_reply_that_sorts_before_what_it_answers_does_not_block_the_channel(there: Office) -> None:
    """Ids tell the time of who made them: the first one's clock was ahead, or was set back between the two."""
    there.post("board")
    there.post("line", parent_key="board")
    with there.db.transaction(SYSTEM) as tx:
        early = UUID(int=there.row("board").id.int - (300_000 << 80))
        tx.beside(update(OutboxMessage).where(col(OutboxMessage.key) == "line").values(id=early))

    await there.settle()

    assert there.shown() == ["board", "line"]


async def test_a_worker_whose_machine_is_ahead_does_not_take_what_another_one_is_sending(postgres_url: str) -> None:
    """Both have their time from the database: else a lease of the one would be long over for the other."""
    server = SandboxServer(example_world(AdjustableClock(), limits=Limits(lambda: 0.0, enabled=False)))
    await server.start()
    slack = Gateway(BOT_TOKEN, base_url=server.api_url, call_seconds=CALL_SECONDS)
    right, ahead = [_worker(postgres_url, slack, timedelta(minutes=by)) for by in (0, 3)]
    clock = ManualClock(SystemClock().now())
    parts = Office(right[0], clock, server, slack, right[1], build(right[0], clock))
    parts.post("one")
    begun: list[str] = []

    async def meanwhile(method: str, _args: object, when: str) -> None:
        if (method, when) == ("chat.postMessage", "before") and not begun:
            begun.append(method)
            for _ in range(3):
                await ahead[1].drain()

    server.web_api.on_request.append(meanwhile)
    await right[1].drain()

    assert abs(right[2].now() - ahead[2].now()) < timedelta(seconds=1)
    assert begun
    assert parts.shown() == ["one"]
    assert parts.called("chat.postMessage") == 1
    await slack.close()
    await server.stop()
    for db, *_ in (right, ahead):
        db.close()


def _worker(url: str, slack: Gateway, by: timedelta) -> tuple[Database, Dispatcher, SharedClock]:
    clock = SharedClock(Off(by))
    db = Database(url, clock, Vault(parse_keys(TEST_KEYS)))
    clock.ask(db)
    return db, Dispatcher(db, always(slack), rendered, clock, call_seconds=CALL_SECONDS), clock


def test_a_machine_whose_clock_is_set_keeps_the_time_of_the_database(postgres_url: str) -> None:
    machine = Off()
    clock = SharedClock(machine)
    db = Database(postgres_url, clock, Vault(parse_keys(TEST_KEYS)))
    clock.ask(db)
    before = clock.now()

    for by in (timedelta(hours=-1), timedelta(days=1)):
        machine.by = by
        assert timedelta(0) <= clock.now() - before < timedelta(seconds=10)
        clock.ask(db)
        assert abs(clock.now() - before) < timedelta(seconds=10)
    db.close()


@pytest.mark.parametrize("days", [-400, 1, 400])
def test_a_database_whose_clock_is_days_off_is_not_followed_when_slack_says_so(postgres_url: str, days: int) -> None:
    clock = SharedClock()
    db = Database(postgres_url, clock, Vault(parse_keys(TEST_KEYS)))
    slack = SystemClock().now() - timedelta(days=days)

    assert clock.ask(db), "Slack has not judged yet"
    clock.judge(slack)
    assert clock.ask(db), "they do not agree"
    clock.judge(slack)
    assert abs(clock.now() - slack) < timedelta(seconds=10)
    clock.go_on()
    assert abs(clock.now() - SystemClock().now()) < timedelta(seconds=10), "processes on one database go on alike"
    assert not clock.is_judged, "nothing falls due by it"

    clock.ask(db)
    clock.judge(SystemClock().now())
    assert not clock.ask(db)
    db.close()


async def test_the_processes_of_one_postgres_have_its_time(postgres_url: str) -> None:
    server = SandboxServer(example_world(AdjustableClock()), request_url="http://127.0.0.1:1/slack/events")
    await server.start()
    app = build_app(settings_for(server, postgres_url))
    await app.start(with_jobs=False)

    assert isinstance(app.db.clock, SharedClock)
    assert app.db.wall is app.db.clock
    assert app.db.clock.is_told
    await app.stop()
    await server.stop()

"""The database object: commits, roll-backs, sealed text, on SQLite and on PostgreSQL."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event

import pytest
from sqlalchemy import Connection, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import IntegrityError
from sqlmodel import select

from models import engines, schema
from models.access import SYSTEM, stranger
from models.base import new_id
from models.clock import ManualClock
from models.db import Database, Tx
from models.engagements.tables import Absence, Engagement, Person
from models.outbox import service as outbox
from models.vault import Vault, VaultError
from tests.support.databases import fresh_database
from tests.support.world import build

AT_ONCE = 16


def _ines(tx: Tx) -> Person:
    return tx.add(Person(workspace_id="T1", slack_user_id="U1", name="Ines", zone="Europe/Paris"))


async def test_a_transaction_is_committed_and_its_watchers_are_told(each_db: Database) -> None:
    told: list[str] = []
    each_db.after_commit.append(lambda: told.append("commit"))

    await each_db.run(SYSTEM, _ines)

    people = await each_db.look(SYSTEM, lambda tx: tx.session.exec(select(Person)).all())
    assert [person.name for person in people] == ["Ines"]
    assert told == ["commit"]


def test_a_row_with_a_unique_key_is_new_once_and_that_is_told(each_db: Database, clock: ManualClock) -> None:
    world = build(each_db, clock)
    said = []
    for keys in (("a", "a", "b"), ("a", "c")):
        with each_db.transaction(SYSTEM) as tx:
            engagement = tx.one(Engagement, world.workspace_id, world.engagement_id)
            said += [outbox.post(tx, engagement, "test", new_id(), key=key) for key in keys]

    assert said == [True, False, True, False, True]


def test_a_failing_transaction_changes_nothing(each_db: Database) -> None:
    with pytest.raises(RuntimeError), each_db.transaction(SYSTEM) as tx:
        _ines(tx)
        raise RuntimeError

    with each_db.read(SYSTEM) as tx:
        assert tx.session.exec(select(Person)).all() == []


def test_a_sealed_text_opens_only_in_its_own_row_and_column(db: Database) -> None:
    with db.transaction(SYSTEM) as tx:
        ines = _ines(tx)
        other = Person(workspace_id="T1", slack_user_id="U2", name="Olaf", zone="UTC")
        other.name = ines.name = tx.seal(ines, "name", "secret")

        assert tx.unseal(ines, "name") == "secret"
        with pytest.raises(VaultError):
            tx.unseal(other, "name")
        tx.session.rollback()


SOMEBODY = stranger("T1", "U0")


@pytest.fixture
def sqlite_db(tmp_path: Path, clock: ManualClock, vault: Vault) -> Iterator[Database]:
    with fresh_database("sqlite", tmp_path) as url:
        database = Database(url, clock, vault)
        yield database
        database.close()


def test_a_connection_that_only_read_begins_to_write_like_any_other(sqlite_db: Database) -> None:
    """A deferred beginning would fail as soon as somebody else writes meanwhile."""
    begun: list[str] = []
    with sqlite_db.read(SYSTEM) as tx:
        tx.session.connection().connection.dbapi_connection.set_trace_callback(begun.append)  # type: ignore[union-attr]
    with sqlite_db.read(SYSTEM):
        pass  # without a statement nothing begins
    with sqlite_db.transaction(SYSTEM) as tx:
        _ines(tx)
    with sqlite_db.read(SYSTEM) as tx:
        tx.session.exec(select(Person)).all()

    assert [line for line in begun if line.startswith("BEGIN")] == ["BEGIN IMMEDIATE", "BEGIN"]


def _named(name: str) -> Callable[[Tx], str]:
    def add(tx: Tx) -> str:
        tx.add(Person(workspace_id="T1", slack_user_id=name, name=name, zone="UTC"))
        if name == "bad":
            raise ValueError(name)
        return name

    return add


def _of_nobody(tx: Tx) -> None:
    """Its foreign key is judged at the commit."""
    person = Person(workspace_id="T1", slack_user_id="never stored", name="", zone="UTC")
    tx.add(Absence(workspace_id="T1", person_id=person.id, first_day=tx.now.date(), last_day=tx.now.date()))


@contextmanager
def _commits(db: Database) -> Iterator[list[int]]:
    """The commits made while this is open: for each, how many people were there."""
    seen: list[int] = []

    def note(connection: Connection) -> None:
        seen.append(connection.exec_driver_sql("SELECT count(*) FROM person").scalar_one())

    event.listen(db.engine, "commit", note)
    yield seen
    event.remove(db.engine, "commit", note)


async def _at_once(db: Database, *uses: Callable[[Tx], object]) -> list[object]:
    """What becomes of use cases that have all come while the writer was busy."""
    free = Event()
    busy = asyncio.create_task(db.work(free.wait))
    await asyncio.sleep(0)
    waiting = [asyncio.create_task(db.run(SOMEBODY, use)) for use in uses]
    await asyncio.sleep(0)
    free.set()
    await busy
    return await asyncio.gather(*waiting, return_exceptions=True)


async def _names(db: Database) -> list[str]:
    return await db.look(SYSTEM, lambda tx: sorted(tx.session.exec(select(Person.name))))


async def test_what_waits_for_the_writer_shares_a_commit(sqlite_db: Database) -> None:
    told: list[str] = []
    sqlite_db.after_commit.append(lambda: told.append("commit"))

    with _commits(sqlite_db) as commits:
        found = await _at_once(sqlite_db, _named("a"), _named("b"), _named("c"))

    assert found == ["a", "b", "c"]
    assert commits == [3]
    assert told == ["commit"]
    assert await _names(sqlite_db) == ["a", "b", "c"]


async def test_nobody_is_told_before_the_shared_commit(sqlite_db: Database) -> None:
    told: list[str] = []
    sqlite_db.after_commit.append(lambda: told.append("commit"))

    def fail(_: Connection) -> None:
        raise RuntimeError("the disk is full")

    event.listen(sqlite_db.engine, "commit", fail)
    found = await _at_once(sqlite_db, _named("a"), _named("b"))
    event.remove(sqlite_db.engine, "commit", fail)

    assert [str(error) for error in found] == ["the disk is full"] * 2
    assert told == []
    assert await _names(sqlite_db) == []


async def test_who_fails_in_a_shared_commit_fails_alone(sqlite_db: Database) -> None:
    first, failed, last = await _at_once(sqlite_db, _named("a"), _named("bad"), _named("c"))

    assert (first, last) == ("a", "c")
    assert isinstance(failed, ValueError)
    assert await _names(sqlite_db) == ["a", "c"]


async def test_who_fails_only_at_the_commit_fails_alone(sqlite_db: Database) -> None:
    first, failed, last = await _at_once(sqlite_db, _named("a"), _of_nobody, _named("c"))

    assert (first, last) == ("a", "c")
    assert isinstance(failed, IntegrityError)
    assert await _names(sqlite_db) == ["a", "c"]


async def test_what_somebody_does_is_seen_by_the_next_in_the_same_commit(sqlite_db: Database) -> None:
    def count(tx: Tx) -> int:
        return len(tx.session.exec(select(Person)).all())

    assert await _at_once(sqlite_db, _named("a"), count, _named("c"), count) == ["a", 1, "c", 2]


async def test_a_watcher_that_fails_has_nothing_done_twice(sqlite_db: Database) -> None:
    def fail() -> None:
        raise RuntimeError

    sqlite_db.after_commit.append(fail)

    assert await _at_once(sqlite_db, _named("a"), _named("b")) == ["a", "b"]
    assert await _names(sqlite_db) == ["a", "b"]


async def test_the_clocks_own_work_never_waits_for_more_than_two_commits_of_peoples(sqlite_db: Database) -> None:
    done = 0

    def take_a_moment(tx: Tx) -> None:
        tx.session.exec(select(Person)).all()

    async def somebody() -> None:
        nonlocal done
        for _ in range(100):
            await sqlite_db.run(SOMEBODY, take_a_moment)
            done += 1

    crowd = [asyncio.create_task(somebody()) for _ in range(AT_ONCE)]
    waited = []
    while done < 80 * AT_ONCE:
        before = done
        await sqlite_db.work(int)
        waited.append(done - before)
    await asyncio.gather(*crowd)

    assert max(waited) <= 3 * AT_ONCE


async def test_what_people_wait_for_is_done_before_the_database_closes(sqlite_db: Database) -> None:
    free = Event()
    busy = asyncio.create_task(sqlite_db.work(free.wait))
    await asyncio.sleep(0)
    waiting = [asyncio.create_task(sqlite_db.run(SOMEBODY, lambda _: 1)) for _ in range(3 * AT_ONCE)]
    await asyncio.sleep(0)
    closing = asyncio.create_task(asyncio.to_thread(sqlite_db.close))
    await asyncio.sleep(0)
    free.set()

    assert await asyncio.gather(*waiting) == [1] * 3 * AT_ONCE
    await asyncio.gather(busy, closing)
    for _ in range(2):
        with pytest.raises(RuntimeError):
            await sqlite_db.run(SOMEBODY, lambda _: 1)


def test_a_database_of_no_encoding_gives_back_what_was_written(
    tmp_path: Path, clock: ManualClock, vault: Vault
) -> None:
    """A server that was set up without a locale makes such ones, and the driver would return bytes from them."""
    with fresh_database("postgres", tmp_path) as url:
        name = f"bare_{new_id().hex[:12]}"
        server = engines.connect(url).execution_options(isolation_level="AUTOCOMMIT")
        with server.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name} ENCODING 'SQL_ASCII' LOCALE 'C' TEMPLATE template0"))
        db = Database(make_url(url).set(database=name).render_as_string(hide_password=False), clock, vault)
        schema.upgrade(db)
        with db.transaction(SYSTEM) as tx:
            tx.add(Person(workspace_id="T1", slack_user_id="U1", name="Inès Łukasz 李", zone="Europe/Paris"))
        with db.read(SYSTEM) as tx:
            assert [person.name for person in tx.session.exec(select(Person))] == ["Inès Łukasz 李"]
        db.close()
        with server.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
        server.dispose()


@pytest.mark.parametrize(
    ("given", "noticed"), [("", ("5", "10000")), ("connect_timeout=40&tcp_user_timeout=60000", ("40", "60000"))]
)
def test_a_network_that_loses_everything_is_noticed_unless_an_operator_waits_longer(
    tmp_path: Path, given: str, noticed: tuple[str, str]
) -> None:
    with fresh_database("postgres", tmp_path) as url:
        engine = engines.connect(f"{url}{'&' if '?' in url else '?'}{given}")
        with engine.connect() as connection:
            asked = connection.connection.driver_connection.info.get_parameters()  # type: ignore[union-attr]
            held = connection.scalar(text("SHOW idle_in_transaction_session_timeout"))
        engine.dispose()

    assert (asked["connect_timeout"], asked["tcp_user_timeout"]) == noticed
    assert (asked["keepalives_idle"], held) == ("5", "15s")
    assert f"-c tcp_user_timeout={noticed[1]} " in asked["options"], "the server waits as long"

"""On PostgreSQL the database itself shows a transaction no other workspace than its own, and nothing without one."""

import threading
from collections.abc import Iterator

import pytest
from sqlalchemy import delete, inspect, text, update
from sqlalchemy.exc import ProgrammingError
from sqlmodel import select

from bot.doctor import machine
from models import guard, schema
from models.access import SYSTEM, Actor, stranger, system_in
from models.clock import ManualClock
from models.db import Database
from models.engagements.tables import Engagement, Person
from models.vault import Vault
from tests.support.databases import bound_postgres, fresh_postgres
from tests.support.many import FIRST, SECOND, House, house
from tests.support.world import at

ACTORS = [Actor(workspace_id=FIRST), stranger(FIRST, "U0INES"), system_in(FIRST)]


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with bound_postgres() as url:
        yield url


@pytest.fixture
def db(address: str, clock: ManualClock, vault: Vault) -> Iterator[Database]:
    """One engagement with equal names in each of two workspaces."""
    database = Database(address, clock, vault)
    with database.transaction(SYSTEM) as tx:
        tx.session.exec(delete(Engagement))
        for tenant in (FIRST, SECOND):
            tx.add(engagement(tenant))
    yield database
    database.close()


def engagement(tenant: str) -> Engagement:
    return Engagement(
        workspace_id=tenant, key="same", company="Same", vendor="Same", channel_id="C0SHARED", zone="Europe/Paris"
    )


def seen(db: Database, actor: Actor) -> list[str]:
    with db.read(actor) as tx:
        return sorted(row.workspace_id for row in tx.session.exec(select(Engagement)))


def test_every_table_has_the_policy_and_the_role_is_bound_by_it(db: Database) -> None:
    with db.snapshot() as connection:
        assert guard.unguarded(connection) == ()
        assert not guard.passes_by(connection)
        assert len(inspect(connection).get_table_names()) > 20


@pytest.mark.parametrize("actor", ACTORS)
def test_whoever_acts_in_a_workspace_sees_no_other_even_without_a_condition(db: Database, actor: Actor) -> None:
    assert seen(db, actor) == [FIRST]
    assert seen(db, SYSTEM) == [FIRST, SECOND]


def test_who_acts_nowhere_sees_nothing(db: Database) -> None:
    assert seen(db, Actor()) == []
    with db.engine.connect() as connection:  # says nothing at all
        assert connection.execute(text("SELECT count(*) FROM engagement")).scalar_one() == 0


@pytest.mark.parametrize("actor", ACTORS)
def test_nobody_changes_removes_or_adds_a_row_of_another_workspace(db: Database, actor: Actor) -> None:
    with db.transaction(actor) as tx:
        changed = tx.session.exec(update(Engagement).values(company="Changed"))
        assert changed.rowcount == 1
    with db.transaction(actor) as tx:
        assert tx.session.exec(delete(Engagement)).rowcount == 1
    with pytest.raises(ProgrammingError, match="row-level security"), db.transaction(actor) as tx:
        tx.add(engagement(SECOND))
    with db.read(SYSTEM) as tx:
        (left,) = tx.session.exec(select(Engagement)).all()
    assert (left.workspace_id, left.company) == (SECOND, "Same")


def test_a_row_cannot_be_moved_into_another_workspace(db: Database) -> None:
    with pytest.raises(ProgrammingError, match="row-level security"), db.transaction(ACTORS[0]) as tx:
        tx.session.exec(update(Engagement).values(workspace_id=SECOND))


def test_a_pooled_connection_carries_nothing_on(db: Database) -> None:
    for actor in (SYSTEM, ACTORS[0], SYSTEM):
        assert seen(db, actor)
        with db.engine.connect() as connection:
            assert connection.execute(text("SELECT count(*) FROM engagement")).scalar_one() == 0
    with pytest.raises(ZeroDivisionError), db.transaction(SYSTEM) as tx:
        tx.session.exec(select(Engagement)).all()
        raise ZeroDivisionError
    assert seen(db, Actor()) == []


def test_a_system_transaction_can_narrow_itself_and_not_widen_again_by_a_rollback_point(db: Database) -> None:
    with db.transaction(SYSTEM) as tx:
        tx.narrow(SECOND)
        assert [row.workspace_id for row in tx.session.exec(select(Engagement))] == [SECOND]
        with tx.session.begin_nested():
            assert [row.workspace_id for row in tx.session.exec(select(Engagement))] == [SECOND]


def test_many_threads_of_many_workspaces_on_one_pool_see_their_own_alone(db: Database) -> None:
    wrong: list[list[str]] = []

    def look(tenant: str) -> None:
        for _ in range(60):
            found = seen(db, Actor(workspace_id=tenant))
            if found != [tenant]:
                wrong.append(found)

    threads = [threading.Thread(target=look, args=(tenant,)) for tenant in (FIRST, SECOND) * 8]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert wrong == []


def test_keys_of_other_rows_are_still_checked(db: Database) -> None:
    """Foreign keys hold whatever the policy shows: a row of another workspace cannot be named."""
    with db.read(SYSTEM) as tx:
        foreign = tx.session.exec(select(Engagement).where(Engagement.workspace_id == SECOND)).one()
    with db.transaction(ACTORS[0]) as tx:
        tx.add(Person(workspace_id=FIRST, slack_user_id=f"U{foreign.id.hex[:8]}", name="A", zone="UTC"))
        assert tx.get(Engagement, FIRST, foreign.id) is None


def test_going_back_to_an_older_version_takes_the_policies_off(clock: ManualClock, vault: Vault) -> None:
    with bound_postgres() as url:
        database = Database(url, clock, vault)
        schema.downgrade(database, "0007")
        with database.engine.connect() as connection:
            assert "engagement" in guard.unguarded(connection)
            assert connection.execute(text("SELECT count(*) FROM engagement")).scalar_one() == 0
        schema.upgrade(database)
        with database.engine.connect() as connection:
            assert guard.unguarded(connection) == ()
        database.close()


def test_a_superuser_passes_by_and_that_can_be_seen(clock: ManualClock, vault: Vault) -> None:
    with fresh_postgres() as url:
        database = Database(url, clock, vault)
        with database.engine.connect() as connection:
            assert guard.passes_by(connection)
        database.close()


def test_the_doctor_tells_whether_the_lock_binds(db: Database, clock: ManualClock, vault: Vault) -> None:
    def found(database: Database) -> list[tuple[str, str]]:
        return [(one.level.value, one.said) for one in machine.database(database) if one.what == "row security"]

    assert found(db) == [("pass", "Every table has its policy, and it binds this role.")]
    with fresh_postgres() as url:
        database = Database(url, clock, vault)
        assert found(database)[0][0] == "warn"
        with database.engine.begin() as connection:
            connection.execute(text("ALTER TABLE post DISABLE ROW LEVEL SECURITY"))
        assert found(database) == [("fail", "These tables lack the policy: post.")]
        database.close()


async def test_the_whole_application_runs_behind_the_lock() -> None:
    """Whatever the product does, it says whom it acts for: two days of two workspaces, answers included."""
    with bound_postgres() as address:
        async with house(address, at(23, 6)) as home:
            await two_days_of_two_workspaces(home)


async def two_days_of_two_workspaces(home: House) -> None:
    for tenant in (FIRST, SECOND):
        await home.install(tenant)
        await home.apply(tenant)
    await home.until(at(25, 6))
    said = await home.person("ines", FIRST).commands("/cadence status", "C0SHARED")
    assert "Brightlane" in said
    for tenant in (FIRST, SECOND):
        messages = home.workspace(tenant).channels["C0SHARED"].messages.values()
        assert any(message.get("bot_id") for message in messages)
    assert not [row for row in home.app.due.upcoming() if row.failures]

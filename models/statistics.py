"""What SQLite knows of its tables: without it, SQLite takes an index that leads to a whole workspace for a good one.

PostgreSQL looks after its own (autovacuum). The figures stay in the file, so that a fresh look is needed rarely.
"""

from models.db import Database

EVERY_SECONDS = 6 * 3600.0
_ROWS_READ = 1000
"""Of each index: enough to tell good from bad, and done in milliseconds however large it is."""


def take(db: Database) -> None:
    """Look at the tables afresh. Connections that are made from now on plan by what was found."""
    if not db.is_sqlite:
        return
    with db.engine.begin() as connection:
        connection.exec_driver_sql(f"PRAGMA analysis_limit = {_ROWS_READ}")
        connection.exec_driver_sql("ANALYZE")
    db.engine.dispose()

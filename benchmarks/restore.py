"""The restore drill: a backup is written, read back into a database of its own, and compared row by row.

    python -m benchmarks.restore [--engagements 80] [--days 40] [--database sqlite|postgres]

Eighty engagements of forty days are a hundred thousand rows. Bare is the same rows read, and written into SQLite,
without sealing, packing or comparing.
"""

import argparse
import os
import sqlite3
import tempfile
import time
from contextlib import closing
from pathlib import Path

from sqlalchemy import Engine

from models.clock import ManualClock
from models.db import Database
from models.tables import METADATA
from models.upkeep import backups
from models.vault import Vault, new_key, parse_keys
from tests.support.databases import fresh_database
from tests.support.estate.engagement import NOW
from tests.support.estate.layout import Size, lay_down


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.restore")
    parser.add_argument("--engagements", type=int, default=80)
    parser.add_argument("--days", type=int, default=40)
    parser.add_argument("--database", choices=["sqlite", "postgres"])
    given = parser.parse_args(argv)
    for backend in [given.database] if given.database else ["sqlite", "postgres"]:
        with tempfile.TemporaryDirectory() as folder, fresh_database(backend, Path(folder)) as url:
            db = Database(url, ManualClock(NOW), Vault(parse_keys(f"bench:{new_key()}")))
            rows = lay_down(db, Size(1, given.engagements, given.days))
            _drill(db, backend, rows, Path(folder))
            db.close()


def _drill(db: Database, backend: str, rows: int, folder: Path) -> None:
    bare_write, bare_read = _bare(db.engine, folder)
    began = time.perf_counter()
    backups.write(db, folder / "one.backup")
    wrote = time.perf_counter() - began
    began = time.perf_counter()
    content = backups.verify(folder / "one.backup", db.vault, db.clock)
    read = time.perf_counter() - began
    assert content.total == rows, f"{content.total} of {rows} rows came back"
    megabytes = (folder / "one.backup").stat().st_size / 1e6
    print(f"restore drill, {backend}: {rows:,} rows, {megabytes:.0f} MB; load {os.getloadavg()[0]:.1f}")
    print(f"  backup         {wrote:6.1f} s   rows read bare      {bare_write:5.1f} s   {wrote / bare_write:5.1f}")
    print(
        f"  verified       {read:6.1f} s   rows written bare   {bare_read:5.1f} s   {read / bare_read:5.1f}", flush=True
    )


def _bare(engine: Engine, folder: Path) -> tuple[float, float]:
    """Seconds to read every row as it is stored, and to write them into new tables of SQLite."""
    began = time.perf_counter()
    with engine.connect() as connection:
        found = {
            table.name: [tuple(map(str, row)) for row in connection.exec_driver_sql(f'SELECT * FROM "{table.name}"')]
            for table in METADATA.sorted_tables
        }
        connection.rollback()
    read = time.perf_counter() - began
    began = time.perf_counter()
    with closing(sqlite3.connect(folder / "bare.db")) as bare, bare:
        for name, rows in found.items():
            if rows:
                columns = ", ".join(f"c{number}" for number in range(len(rows[0])))
                bare.execute(f'CREATE TABLE "{name}" ({columns})')
                bare.executemany(f'INSERT INTO "{name}" VALUES ({", ".join("?" * len(rows[0]))})', rows)
    return read, time.perf_counter() - began


if __name__ == "__main__":
    main()

"""A disk that is full, two at once, a process that dies: a backup is whole or it is not there, and nobody is misled."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from models.access import SYSTEM
from models.clock import SystemClock
from models.db import Database
from models.engagements.tables import Workspace
from models.upkeep import backups
from models.upkeep.box import BackupError
from models.vault import Vault, parse_keys
from tests.conftest import TEST_KEYS
from tests.support.databases import fresh_database


@pytest.fixture
def lived(tmp_path: Path) -> Iterator[Database]:
    with fresh_database("sqlite", tmp_path) as url:
        db = _opened(url)
        with db.transaction(SYSTEM) as tx:
            for number in range(3000):
                tx.add(Workspace(workspace_id=f"W{number}", name=os.urandom(100).hex()))
        yield db
        db.close()


def _opened(url: str) -> Database:
    return Database(url, SystemClock(), Vault(parse_keys(TEST_KEYS)))


def test_a_full_disk_is_not_taken_for_a_bad_backup(lived: Database, tmp_path: Path) -> None:
    path = tmp_path / "good.backup"
    backups.write(lived, path)
    small = _opened(f"sqlite:///{tmp_path / 'small.db'}")
    event.listen(small.engine, "connect", lambda connection, _: connection.execute("PRAGMA max_page_count=260"))

    with pytest.raises(OperationalError, match="full"):
        backups.restore(small, path)

    small.close()


def test_of_two_backups_into_one_file_at_once_the_first_to_end_is_the_one(lived: Database, tmp_path: Path) -> None:
    """The night's backup took so long that the next one began, or two people chose one name."""
    path = tmp_path / "same.backup"

    def meanwhile(table: str, _rows: int) -> None:
        if table == "workspace":
            assert backups.write(lived, path).total == 3000

    with pytest.raises(BackupError, match="exists already"):
        backups.write(lived, path, meanwhile)

    assert backups.verify(path, lived.vault, lived.clock).total == 3000
    assert [one.name for one in tmp_path.iterdir() if "same" in one.name] == ["same.backup"]

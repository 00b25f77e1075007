"""A migration that is killed in the middle has not happened, and the next start does it."""

import subprocess
import sys
from pathlib import Path

import pytest

from models import schema
from models.clock import ManualClock
from models.db import Database
from models.vault import Vault
from tests.conftest import TEST_KEYS
from tests.support.databases import BACKENDS, empty_database

pytestmark = [pytest.mark.slow, pytest.mark.kill]

_MIGRATE = """
import os, signal, sys
from sqlalchemy import event
from models import schema
from models.clock import SystemClock
from models.db import Database
from models.vault import Vault, parse_keys

url, keys, last = sys.argv[1], sys.argv[2], int(sys.argv[3])
db = Database(url, SystemClock(), Vault(parse_keys(keys)))
done = 0

@event.listens_for(db.engine, "after_cursor_execute")
def count(conn, cursor, statement, *_):
    global done
    done += statement.lstrip().upper().startswith(("CREATE", "ALTER", "UPDATE", "INSERT"))
    if done == last:
        os.kill(os.getpid(), signal.SIGKILL)

schema.upgrade(db)
"""


@pytest.mark.parametrize("statement", [1, 12, 40])
@pytest.mark.parametrize("backend", BACKENDS)
def test_killed_at_a_statement(backend: str, statement: int, tmp_path: Path, clock: ManualClock, vault: Vault) -> None:
    with empty_database(backend, tmp_path) as url:
        command = [sys.executable, "-c", _MIGRATE, url, TEST_KEYS, str(statement)]
        killed = subprocess.run(command, check=False, timeout=60)
        assert killed.returncode == -9

        db = Database(url, clock, vault)
        assert schema.state(db).current is None
        assert schema.upgrade(db).before is None
        schema.require_current(db)
        db.close()

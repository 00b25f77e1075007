"""`cadence keys`, and what a wrong key does to every other command."""

import signal
import subprocess
import sys
from uuid import UUID

import pytest
from sqlalchemy import insert
from sqlmodel import col

from models.access import SYSTEM
from models.commitments.tables import Commitment
from models.db import Database, Tx, select
from models.engagements.tables import Participant
from models.marks import service as marks
from models.upkeep import keys, rotation
from models.vault import Vault, new_key, parse_keys
from tests.cli.conftest import Shell
from tests.conftest import TEST_KEYS

SECOND = f"second:{new_key()}"


@pytest.fixture
def written(shell: Shell) -> Shell:
    """An engagement with a few promises."""
    return _promised(shell, 3)


def _promised(shell: Shell, count: int) -> Shell:
    shell.apply()
    db = shell.database()
    with db.transaction(SYSTEM) as tx:
        keys.enrol(tx, db.vault)
        place = tx.session.exec(select(Participant)).all()[0]
        rows = [_promise(tx, place, number) for number in range(1, count + 1)]
        tx.session.connection().execute(insert(Commitment), [row.model_dump() for row in rows])
    db.close()
    return shell


def _promise(tx: Tx, place: Participant, number: int) -> Commitment:
    row = Commitment(
        workspace_id=place.workspace_id,
        engagement_id=place.engagement_id,
        number=number,
        side=place.side,
        participant_id=place.id,
        what="",
        promised_due=tx.now.date(),
        current_due=tx.now.date(),
        made_at=tx.now,
    )
    row.what = tx.seal(row, "what", f"promise {number}")
    return row


def _with_keys(shell: Shell, text: str) -> None:
    shell.set(**shell.settings(CADENCE_KEYS=text))


def _counts(shell: Shell) -> dict[str, int]:
    db = shell.database()
    with db.read(SYSTEM) as tx:
        found = rotation.cells_by_key(tx)
    db.close()
    return found


def _promises(db: Database, keys_text: str) -> dict[UUID, str]:
    vault = Vault(parse_keys(keys_text))
    with db.read(SYSTEM) as tx:
        rows = tx.session.exec(select(Commitment)).all()
    return {row.id: vault.open(row.what, f"{row.workspace_id}|commitment|what|{row.id}") for row in rows}


def test_a_new_key_is_printed_as_it_is_written_into_the_settings(shell: Shell) -> None:
    line = shell.ok("keys", "new", "k2").strip()

    assert list(parse_keys(line)) == ["k2"]
    assert shell.run("keys", "new", "k-2").exit_code == 1


def test_rotate_seals_everything_anew_and_says_what_may_go(written: Shell) -> None:
    _with_keys(written, f"{SECOND},{TEST_KEYS}")
    assert "test: 3 texts, only opens" in written.ok("keys", "list")

    said = written.ok("keys", "rotate")

    assert "commitment.what: 3 sealed anew" in said
    assert "Every text is sealed with second." in said
    _with_keys(written, SECOND)
    assert "second: 3 texts, seals what is new" in written.ok("keys", "list")
    assert written.ok("keys", "rotate").strip() == "Every text is sealed with second."


def test_a_key_with_which_a_process_seals_still_is_not_retired(written: Shell) -> None:
    """Somebody forgot to put the new key first in one process: what it writes would be lost with the former key."""
    db = written.database()
    with db.transaction(SYSTEM) as tx:
        keys.say_present(tx, db.vault, "forgotten")
    _with_keys(written, f"{SECOND},{TEST_KEYS}")

    refused = written.run("keys", "rotate")

    assert refused.exit_code == 1
    assert "Processes are running that seal with test still. Put second first" in refused.stderr
    _with_keys(written, SECOND)
    assert "sealed with the key 'test'" in written.run("keys", "list").stderr
    with db.transaction(SYSTEM) as tx:
        marks.leave(tx, "forgotten")
    db.close()
    _with_keys(written, f"{SECOND},{TEST_KEYS}")
    assert "The key test is needed no more" in written.ok("keys", "rotate")


def test_a_retired_key_with_which_a_process_seals_again_is_needed_again(written: Shell) -> None:
    """It was frozen while the keys were changed, and counted as gone."""
    _with_keys(written, f"{SECOND},{TEST_KEYS}")
    written.ok("keys", "rotate")
    db = written.database()
    with db.transaction(SYSTEM) as tx:
        keys.say_present(tx, db.vault, "frozen")
    db.close()

    _with_keys(written, SECOND)

    assert "sealed with the key 'test', which CADENCE_KEYS does not have" in written.run("keys", "list").stderr


def test_texts_whose_key_is_not_set_are_listed(written: Shell) -> None:
    _with_keys(written, f"{SECOND},{TEST_KEYS}")
    written.ok("keys", "rotate")
    db = written.database()
    with db.transaction(SYSTEM) as tx:
        row = tx.session.exec(select(Commitment).order_by(col(Commitment.id))).all()[1]
        row.what = tx.seal(row, "what", "sealed with the former key")
    db.close()
    _with_keys(written, SECOND)

    assert "test: 1 texts, which nobody can read: the key is not set" in written.ok("keys", "list")
    assert "FAIL  keys: 1 text cannot be read: their key is not set." in written.run("doctor", "--no-slack").output


DIES = """
import os, signal, sys
from sqlalchemy import event
from sqlalchemy.engine import Engine
from bot.__main__ import main

left = int(sys.argv.pop())

@event.listens_for(Engine, "before_cursor_execute")
def die(connection, cursor, statement, *_):
    global left
    left -= statement.startswith("UPDATE commitment")
    if not left:
        os.kill(os.getpid(), signal.SIGKILL)

main()
"""
"""`cadence` that dies when it is about to seal its n-th batch of promises."""


@pytest.mark.slow
@pytest.mark.kill
@pytest.mark.parametrize("batch", [1, 2, 3])
def test_rotate_may_be_killed_at_any_point_and_run_again(shell: Shell, batch: int) -> None:
    cells = 3 * rotation.BATCH
    written = _promised(shell, cells)
    db = written.database()
    before = _promises(db, TEST_KEYS)
    _with_keys(written, f"{SECOND},{TEST_KEYS}")

    command = [sys.executable, "-c", DIES, "keys", "rotate", str(batch)]
    died = subprocess.run(command, cwd=written.folder, capture_output=True, check=False)

    assert died.returncode == -signal.SIGKILL, died.stderr
    middle = _counts(written)
    assert middle.get("second", 0) == (batch - 1) * rotation.BATCH
    assert sum(middle.values()) == cells
    written.ok("keys", "rotate")
    assert _promises(db, SECOND) == before
    db.close()


@pytest.mark.parametrize(
    "command",
    [["engagement", "list"], ["next"], ["tick"], ["keys", "list"], ["keys", "rotate"], ["run"]],
    ids=" ".join,
)
@pytest.mark.parametrize("given", [f"test:{new_key()}", SECOND], ids=["another key", "a missing key"])
def test_no_command_touches_a_database_with_the_wrong_keys(written: Shell, command: list[str], given: str) -> None:
    before = _bytes_of(written)
    _with_keys(written, given)

    result = written.run(*command)

    assert result.exit_code == 1
    assert "CADENCE_KEYS" in result.output
    assert "Nothing was changed." in result.output
    assert _bytes_of(written) == before


def _bytes_of(shell: Shell) -> list[str]:
    db = shell.database()
    with db.engine.connect() as connection:
        dump = list(connection.connection.dbapi_connection.iterdump())  # type: ignore[union-attr]
    db.close()
    return dump

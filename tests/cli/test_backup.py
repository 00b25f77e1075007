"""`cadence backup` and `cadence restore`: beside a running program, and by hand."""

import signal
import sqlite3
import subprocess
import sys
from fcntl import LOCK_EX, flock
from pathlib import Path

import pytest

from models.access import SYSTEM
from models.db import select
from models.engagements.tables import Workspace
from models.marks import service as marks
from models.vault import new_key
from tests.cli.conftest import Shell

_KILLED = """
import os, signal
from bot.cli import backup
from bot.__main__ import cadence
backup._told = lambda quiet: lambda table, rows: os.kill(os.getpid(), signal.SIGKILL)
cadence(["backup", "a.backup"])
"""
"""A backup that is killed when its first table is in."""


@pytest.fixture
def lived(shell: Shell) -> Shell:
    shell.apply()
    return shell


def test_backup_verify_wipe_restore(lived: Shell) -> None:
    said = lived.run("backup", "a.backup")
    assert said.exit_code == 0
    assert "a.backup: " in said.stdout
    assert "  engagement: 1" in said.stderr
    assert "a.backup can be restored" in lived.ok("restore", "--verify", "a.backup", "--quiet")
    _wipe(lived)

    said = lived.ok("restore", "a.backup")

    assert "Next: cadence doctor, then cadence run." in said
    assert "northwind-brightlane" in lived.ok("engagement", "list")


def _wipe(shell: Shell) -> None:
    for path in shell.folder.glob("cadence.db*"):
        path.unlink()


def test_when_it_was_done_is_remembered(lived: Shell) -> None:
    lived.ok("backup", "a.backup")
    lived.ok("restore", "--verify", "a.backup")

    db = lived.database()
    with db.read(SYSTEM) as tx:
        found = [marks.mark(tx, name) for name in (marks.BACKUP, marks.DRILL)]
    db.close()

    assert all(one is not None and one.figures["rows"] > 0 for one in found)


def test_the_drill_needs_no_database(lived: Shell) -> None:
    lived.ok("backup", "a.backup")
    _wipe(lived)

    result = lived.run("restore", "--verify", "a.backup")

    assert result.exit_code == 0
    assert "no database here to remember it in" in result.stderr


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda shell, path: path.write_bytes(path.read_bytes()[:-9]), "ends too early"),
        (lambda shell, path: path.write_text("no backup"), "not a backup made by"),
        (
            lambda shell, path: shell.set(**shell.settings(CADENCE_KEYS=f"k:{new_key()}")),
            "add that key to CADENCE_KEYS",
        ),
    ],
    ids=["cut", "something else", "another key"],
)
@pytest.mark.parametrize("verify", [["--verify"], []], ids=["verify", "restore"])
def test_what_is_wrong_with_a_backup_is_said_in_one_sentence(
    lived: Shell, spoil: object, said: str, verify: list[str]
) -> None:
    lived.ok("backup", "a.backup")
    _wipe(lived)
    spoil(lived, lived.folder / "a.backup")  # type: ignore[operator]

    result = lived.run("restore", "a.backup", *verify, "--quiet")

    assert result.exit_code == 1
    assert said in result.stderr
    assert result.stderr.count("\n") == 1


def test_a_database_that_is_in_use_is_not_restored_over(lived: Shell) -> None:
    lived.ok("backup", "a.backup")

    result = lived.run("restore", "a.backup", "--quiet")

    assert (result.exit_code, result.stdout) == (1, "")
    assert "not empty" in result.stderr


@pytest.mark.slow
@pytest.mark.kill
def test_a_restore_that_is_killed_has_not_happened(lived: Shell) -> None:
    db = lived.database()
    with db.transaction(SYSTEM) as tx:
        tx.session.add_all([Workspace(workspace_id=f"W{number}") for number in range(5000)])
    db.close()
    before = _workspaces(lived)
    lived.ok("backup", "a.backup", "--quiet")
    _wipe(lived)
    command = [sys.executable, "-m", "bot", "restore", "a.backup"]

    process = subprocess.Popen(command, cwd=lived.folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    assert process.stderr is not None
    process.stderr.readline()  # the first table is in
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=30)

    with sqlite3.connect(lived.folder / "cadence.db") as found:
        assert found.execute("SELECT count(*) FROM sqlite_master").fetchone() == (0,)
    lived.ok("restore", "a.backup", "--quiet")
    assert _workspaces(lived) == before
    assert not list(Path(lived.folder).glob("*.part"))


@pytest.mark.slow
@pytest.mark.kill
def test_what_a_backup_left_that_was_killed_goes_with_the_next(lived: Shell) -> None:
    """Killed every night, they would fill the disk. What somebody else writes there, or is writing, stays."""
    killed = subprocess.run([sys.executable, "-c", _KILLED], cwd=lived.folder, check=False, capture_output=True)
    assert killed.returncode == -signal.SIGKILL
    assert not (lived.folder / "a.backup").exists()
    (left,) = lived.folder.glob("*.part")
    (lived.folder / "film.part").write_bytes(b"of somebody else")

    with left.open("rb") as held:
        flock(held, LOCK_EX)
        lived.ok("backup", "b.backup", "--quiet")
        assert left.exists()
    lived.ok("backup", "c.backup", "--quiet")

    assert [path.name for path in lived.folder.glob("*.part")] == ["film.part"]
    assert "can be restored" in lived.ok("restore", "--verify", "c.backup", "--quiet")


def _workspaces(shell: Shell) -> int:
    db = shell.database()
    with db.read(SYSTEM) as tx:
        found = len(tx.session.exec(select(Workspace)).all())
    db.close()
    return found

"""The code of an older revision of this repository, as git keeps it."""

import io
import subprocess
import tarfile
from pathlib import Path

from alembic.script import ScriptDirectory

from models import schema

ROOT = Path(__file__).resolve().parents[2]


class NoHistoryError(Exception):
    """There is no older revision to be had; the text says why."""


def before_newest_migration() -> str:
    """The commit before the one that brought the newest migration. Raises NoHistoryError."""
    directory = ScriptDirectory(str(schema.SCRIPTS))
    newest = directory.get_revision(str(directory.get_current_head())).path
    brought = _git("log", "-1", "--diff-filter=A", "--format=%H", "--", str(newest)).decode().strip()
    if not brought:
        raise NoHistoryError(f"git does not know the commit that brought {Path(newest).name}: was it committed?")
    return commit(f"{brought}^")


def commit(revision: str) -> str:
    """The commit that a revision names. Raises NoHistoryError."""
    return _git("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}").decode().strip()


def title(revision: str) -> str:
    """A commit's short name, day and subject."""
    return _git("log", "-1", "--date=short", "--format=%h of %ad: %s", revision).decode().strip()


def unpack(revision: str, folder: Path) -> None:
    """Write all files of a revision into a folder. Raises NoHistoryError."""
    with tarfile.open(fileobj=io.BytesIO(_git("archive", "--format=tar", revision))) as files:
        files.extractall(folder, filter="data")


def _git(*words: str) -> bytes:
    try:
        done = subprocess.run(("git", "-C", str(ROOT), *words), capture_output=True, check=False)
    except FileNotFoundError:
        raise NoHistoryError("git is needed for the older revision, and there is none.") from None
    if done.returncode:
        why = done.stderr.decode(errors="replace").strip() or "no such commit (a shallow clone has only the newest)"
        raise NoHistoryError(f"git {words[0]} {words[-1]}: {why}")
    return done.stdout

"""Releases that come after this one: its migrations, and one more."""

import shutil
from pathlib import Path

from alembic.script import ScriptDirectory

from models import schema


def head() -> str:
    """The newest revision of this release."""
    return str(ScriptDirectory(str(schema.SCRIPTS)).get_current_head())


def release(folder: Path, script: str) -> Path:
    """The migrations of a release that adds `script`, in which `HEAD` stands for the newest revision of this one."""
    scripts = folder / "migrations"
    shutil.copytree(schema.SCRIPTS, scripts, ignore=shutil.ignore_patterns("__pycache__"))
    (scripts / "versions" / "next_release.py").write_text(script.replace("HEAD", head()))
    return scripts

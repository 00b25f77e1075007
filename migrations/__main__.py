"""Write a new revision from the difference between the tables and the last one: `python -m migrations "Add snooze"`.

`python -m migrations --anew` writes the first revision again; only before the first release.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

from alembic import command

from models import schema
from models.clock import SystemClock
from models.db import Database
from models.vault import Vault, new_key, parse_keys

VERSIONS = Path(__file__).parent / "versions"


def main(words: list[str]) -> None:
    """Write the revision file and format it."""
    anew = words == ["--anew"]
    message = "Initial" if anew else " ".join(words)
    if not message:
        raise SystemExit(__doc__)
    if anew:
        for path in VERSIONS.glob("*.py"):
            path.unlink()
    number = f"{len(list(VERSIONS.glob('[0-9]*.py'))) + 1:04}"
    with tempfile.TemporaryDirectory() as folder:
        db = Database(f"sqlite:///{folder}/new.db", SystemClock(), Vault(parse_keys(f"new:{new_key()}")))
        if not anew:
            schema.upgrade(db)
        with db.engine.connect() as connection:
            config = schema.alembic_config(connection)
            command.revision(config, message, autogenerate=True, rev_id=number)
        db.close()
    _tidy(next(VERSIONS.glob(f"{number}_*.py")))


def _tidy(path: Path) -> None:
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join(line for line in lines if "# ###" not in line))
    for command_line in (["format", "-q"], ["check", "-q", "--fix"], ["format", "-q"]):
        subprocess.run([sys.executable, "-m", "ruff", *command_line, str(path)], check=True)  # noqa: S603


if __name__ == "__main__":
    main(sys.argv[1:])

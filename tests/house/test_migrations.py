"""The migrations are one line, whoever wrote them beside each other."""

from alembic.config import Config
from alembic.script import ScriptDirectory

from models.schema import SCRIPTS


def test_there_is_one_newest_migration() -> None:
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))

    assert len(ScriptDirectory.from_config(config).get_heads()) == 1

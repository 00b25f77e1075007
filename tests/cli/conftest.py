"""The command line as people use it, beside a Slack-alike that runs in a thread of its own."""

import asyncio
import shutil
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bot.__main__ import cadence
from bot.manifest import manifest
from bot.settings import Settings
from models.clock import SystemClock
from models.db import Database
from models.vault import Vault, parse_keys
from sandbox.seed import APP_TOKEN, BOT_TOKEN, example_world
from sandbox.server import SandboxServer
from sandbox.workspace import Workspace
from tests.conftest import TEST_KEYS
from tests.support.databases import sqlite_template

EXAMPLES = Path(__file__).parents[2] / "examples"
NORTHWIND = EXAMPLES / "northwind-brightlane.yaml"


@pytest.fixture(autouse=True)
def _no_settings_of_this_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.chdir(tmp_path)


@dataclass(frozen=True)
class Shell:
    """A folder with an `.env`, where commands are run."""

    folder: Path

    def run(self, *args: str, typed: str | None = None) -> Result:
        """Run `cadence` with these arguments; `typed` answers its questions."""
        return CliRunner().invoke(cadence, list(args), input=typed, prog_name="cadence")

    def ok(self, *args: str, typed: str | None = None) -> str:
        """The same, when it must succeed: its standard output."""
        result = self.run(*args, typed=typed)
        assert result.exit_code == 0, result.output
        return result.stdout

    def apply(self) -> None:
        """Have the example engagement, on a database that is laid down already."""
        shutil.copy(sqlite_template(), self.folder / "cadence.db")
        self.ok("engagement", "apply", str(NORTHWIND), "--yes")

    def set(self, **values: str) -> None:
        """Write the settings, in place of the former ones."""
        (self.folder / ".env").write_text("".join(f"{name}={value}\n" for name, value in values.items()))

    @property
    def database_url(self) -> str:
        """Address of the database."""
        return f"sqlite:///{self.folder / 'cadence.db'}"

    def database(self) -> Database:
        """The database, opened beside the commands."""
        return Database(self.database_url, SystemClock(), Vault(parse_keys(TEST_KEYS)))

    def settings(self, **more: str) -> dict[str, str]:
        """Settings that work, without a Slack that answers."""
        return {
            "SLACK_BOT_TOKEN": BOT_TOKEN,
            "SLACK_APP_TOKEN": APP_TOKEN,
            "SLACK_API_URL": "http://127.0.0.1:9/api/",
            "DATABASE_URL": self.database_url,
            "CADENCE_KEYS": TEST_KEYS,
        } | more


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    """A folder with settings that work; Slack does not answer."""
    made = Shell(tmp_path)
    made.set(**made.settings())
    return made


@dataclass(frozen=True)
class Slack:
    """The Slack-alike, to be changed before a command is run."""

    workspace: Workspace
    api_url: str


@pytest.fixture
def slack(shell: Shell) -> Iterator[Slack]:
    """A Slack-alike with the example world; the shell's settings lead to it."""
    world = example_world()
    world.app.scopes[:] = manifest()[1]["oauth_config"]["scopes"]["bot"]
    server = SandboxServer(world)
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    asyncio.run_coroutine_threadsafe(server.start("127.0.0.1", 0), loop).result(10)
    shell.set(**shell.settings(SLACK_API_URL=server.api_url))
    yield Slack(server.workspace, server.api_url)
    asyncio.run_coroutine_threadsafe(server.stop(), loop).result(10)
    loop.call_soon_threadsafe(loop.stop)
    thread.join(10)
    loop.close()

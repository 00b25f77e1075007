"""From nothing to a running rhythm: init, migrate, engagement apply, list, export, next, tick."""

import json
import re
import stat
from datetime import timedelta
from pathlib import Path

import pytest

from bot.settings import load
from models.access import SYSTEM
from models.clock import ManualClock, SystemClock
from models.db import select
from models.engagements.tables import Engagement
from tests.cli.conftest import EXAMPLES, NORTHWIND, Shell, Slack


def test_init_writes_an_env_that_works_and_prints_the_manifest(shell: Shell) -> None:
    env = shell.folder / ".env"
    env.unlink()

    said = shell.ok("init", typed="xoxb-1-2-abc\nxapp-1-A-2-def\n")

    assert "slash_commands:" in said
    assert "cadence doctor" in said
    assert "/cadence setup in the shared channel" in said
    assert "def" not in said.split("Next:")[1].replace("default", "")
    assert stat.S_IMODE(env.stat().st_mode) == 0o600
    settings = load(env)
    assert settings.uses_socket
    assert re.fullmatch(r"k1:[\w-]{43}=", settings.cadence_keys.get_secret_value())


def test_init_without_questions_says_which_tokens_to_put_in(shell: Shell) -> None:
    (shell.folder / ".env").unlink()

    said = shell.ok("init", "--non-interactive")

    assert "SLACK_BOT_TOKEN  (xoxb-" in said
    assert "SLACK_BOT_TOKEN=\n" in (shell.folder / ".env").read_text()


def test_init_never_overwrites_unasked_and_never_loses_a_key(shell: Shell) -> None:
    env = shell.folder / ".env"
    before, keys = env.read_text(), load(env).cadence_keys

    assert shell.run("init", "--non-interactive").exit_code == 2
    assert shell.run("init", typed="n\n").exit_code == 1
    assert env.read_text() == before
    shell.ok("init", "--non-interactive", "--force", "--bot-token", "xoxb-new", "--database-url", "sqlite:///my #1.db")

    settings = load(env)
    assert settings.cadence_keys == keys
    assert settings.slack_bot_token.get_secret_value() == "xoxb-new"
    assert settings.database_url.get_secret_value() == "sqlite:///my #1.db"


def test_migrate_says_what_it_did(shell: Shell) -> None:
    assert shell.run("migrate", "--check").exit_code == 1
    assert "from empty to revision" in shell.ok("migrate")
    assert "nothing to do" in shell.ok("migrate")
    assert "nothing to do" in shell.ok("migrate", "--check")


def test_an_engagement_is_planned_asked_for_and_applied_once(shell: Shell) -> None:
    checked = shell.ok("engagement", "apply", str(NORTHWIND), "--check")
    refused = shell.run("engagement", "apply", str(NORTHWIND), typed="n\n")
    applied = shell.ok("engagement", "apply", str(NORTHWIND), typed="y\n")
    again = shell.ok("engagement", "apply", str(NORTHWIND), "--yes")

    assert "+ Vera Iyer (U0VERA): provider, lead" in checked
    assert refused.exit_code == 1
    assert "Done." in applied
    assert again == "northwind-brightlane: nothing to change.\n"
    assert "northwind-brightlane  active  Northwind Retail and Brightlane Systems  6 people" in shell.ok(
        "engagement", "list"
    )


def test_a_file_can_be_checked_without_any_settings(shell: Shell) -> None:
    (shell.folder / ".env").unlink()

    assert "is right" in shell.ok("engagement", "apply", str(NORTHWIND), "--check")


def test_what_is_exported_changes_nothing_when_applied(shell: Shell, tmp_path: Path) -> None:
    shell.ok("engagement", "apply", str(NORTHWIND), "--yes")
    file = tmp_path / "out.yaml"

    shell.ok("engagement", "export", "northwind-brightlane", "-o", str(file))

    assert file.read_text() == shell.ok("engagement", "export", "northwind-brightlane")
    assert "nothing to change" in shell.ok("engagement", "apply", str(file))
    assert shell.run("engagement", "export", "northwind-brightlane", "-o", str(file)).exit_code == 2
    assert "is not here" in shell.run("engagement", "export", "unknown").stderr


def test_a_file_without_a_workspace_goes_to_the_one_of_the_token(shell: Shell, slack: Slack) -> None:
    shell.ok("engagement", "apply", str(EXAMPLES / "minimal.yaml"), "--yes")

    db = shell.database()
    with db.read(SYSTEM) as tx:
        assert tx.session.exec(select(Engagement.workspace_id)).all() == ["T0NORTHWIND"]
    db.close()


@pytest.mark.parametrize("days", [-400, 1])
def test_tick_does_nothing_by_a_clock_that_is_not_slacks(
    shell: Shell, slack: Slack, monkeypatch: pytest.MonkeyPatch, days: int
) -> None:
    shell.ok("engagement", "apply", str(NORTHWIND), "--yes")
    monkeypatch.setattr("bot.cli.due.SystemClock", lambda: ManualClock(SystemClock().now() + timedelta(days=days)))

    result = shell.run("tick")

    assert (result.exit_code, result.stdout) == (1, "")
    assert "clock is not Slack's: nothing was done" in result.stderr
    assert "Nothing is due" in shell.ok("next")


def test_tick_lays_down_what_comes_and_next_shows_it(shell: Shell, slack: Slack) -> None:
    shell.ok("engagement", "apply", str(NORTHWIND), "--yes")
    assert "Nothing is due" in shell.ok("next")

    done = shell.ok("tick")

    assert done == "3 steps done, 0 messages sent.\n"
    assert "Daily stand-up opens" in shell.ok("next")
    items = json.loads(shell.ok("next", "--json", "--limit", "2"))
    assert len(items) == 2
    assert items == sorted(items, key=lambda item: item["at"])
    assert set(items[0]) == {"at", "local", "zone", "engagement", "what", "failures", "error"}

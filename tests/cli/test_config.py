"""`cadence config`, secrets in files, `healthcheck`, `migrate --plan`."""

import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from bot.settings import SettingsError, load, secret_names
from sandbox.seed import APP_TOKEN, BOT_TOKEN
from tests.cli.conftest import Shell
from tests.conftest import TEST_KEYS


def test_settings_that_can_be_used(shell: Shell) -> None:
    assert shell.ok("config", "check").strip() == "The settings can be used."


def test_everything_that_is_wrong_is_told_at_once(shell: Shell) -> None:
    shell.set(SLACK_BOT_TOKEN="xoxb-your-token", CADENCE_KEYS="x", LOG_LEVEL="loud")

    result = shell.run("config", "check")

    assert result.exit_code == 1
    assert all(name in result.stderr for name in ("SLACK_BOT_TOKEN", "CADENCE_KEYS", "LOG_LEVEL", "SLACK_MODE"))


def test_a_misspelt_name_is_told_wherever_it_stands(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    shell.set(**shell.settings(LOG_LEVL="debug"))
    monkeypatch.setenv("SLACK_BOT_TOKN", "x")
    monkeypatch.setenv("SLACK_WEBHOOK_OF_SOMETHING_ELSE", "x")

    said = shell.run("config", "check").stderr

    assert "LOG_LEVL in .env is not a setting. Is LOG_LEVEL meant?" in said
    assert "SLACK_BOT_TOKN in the environment is not a setting. Is SLACK_BOT_TOKEN meant?" in said
    assert "SOMETHING_ELSE" not in said


def test_what_is_shown_holds_no_secret(shell: Shell) -> None:
    shell.set(**shell.settings(DATABASE_URL="postgresql://ines:hush@db/x", METRICS_TOKEN="tell-nobody"))

    said = shell.ok("config", "show")

    assert "DATABASE_URL=postgresql://ines:***@db/x" in said
    assert "SLACK_BOT_TOKEN=(set)" in said
    assert "SLACK_SIGNING_SECRET=\n" in said
    assert "LOG_LEVEL=info" in said
    assert [word for word in (BOT_TOKEN, APP_TOKEN, TEST_KEYS, "hush", "tell-nobody") if word in said] == []


def test_every_secret_may_stand_in_a_file_of_its_own(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    given = shell.settings(METRICS_TOKEN="a-long-enough-word", SLACK_SIGNING_SECRET="0123456789abcdef")
    for name in secret_names():
        if (key := name.upper()) in given:
            path = shell.folder / f"{name}.secret"
            path.write_text(given.pop(key) + "\n")
            given[f"{key}_FILE"] = str(path)
    monkeypatch.setenv("CADENCE_KEYS_FILE", given.pop("CADENCE_KEYS_FILE"))
    shell.set(**given)

    settings = load(shell.folder / ".env")

    assert settings.slack_bot_token.get_secret_value() == BOT_TOKEN
    assert settings.cadence_keys.get_secret_value() == TEST_KEYS
    assert settings.database_url.get_secret_value() == shell.database_url
    assert "Warning" not in shell.run("config", "check").output


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"SLACK_APP_TOKEN_FILE": "/nowhere/x"}, "SLACK_APP_TOKEN and SLACK_APP_TOKEN_FILE are both set"),
        ({"METRICS_TOKEN_FILE": "/nowhere/x"}, r"METRICS_TOKEN_FILE: /nowhere/x cannot be read"),
    ],
)
def test_a_secret_that_cannot_be_had_is_told(shell: Shell, more: dict[str, str], said: str) -> None:
    shell.set(**shell.settings(**more))

    with pytest.raises(SettingsError, match=said):
        load(shell.folder / ".env")


# -- healthcheck ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("status", "code"), [(200, 0), (503, 1)])
def test_healthcheck_asks_the_bot_on_this_machine(shell: Shell, status: int, code: int) -> None:
    class Bot(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.end_headers()
            self.wfile.write(b'{"problems": {"slack": "is not connected"}}' if status != 200 else b'{"status": "ok"}')

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Bot)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    everywhere = "0.0.0.0"  # noqa: S104 (what a container listens on)
    shell.set(**shell.settings(HTTP_HOST=everywhere, HTTP_PORT=str(server.server_port)))

    result = shell.run("healthcheck")

    server.shutdown()
    server.server_close()
    assert result.exit_code == code
    assert ("slack is not connected" in result.stderr) is bool(code)


def test_healthcheck_without_a_bot(shell: Shell) -> None:
    shell.set(**shell.settings(HTTP_PORT="9"))

    result = shell.run("healthcheck", "--live")

    assert result.exit_code == 1
    assert "Nobody answers at 127.0.0.1:9" in result.stderr


# -- migrate ----------------------------------------------------------------------------------------------------------


def test_the_plan_lists_the_steps_and_does_none(shell: Shell) -> None:
    said = shell.ok("migrate", "--plan")

    assert said.splitlines()[0] == "0001  Initial"
    assert "Upkeep" in said
    assert shell.run("migrate", "--check").exit_code == 1
    shell.ok("migrate")
    assert shell.ok("migrate", "--plan").strip() == "Nothing to do."
    assert Path(shell.folder / "cadence.db").is_file()

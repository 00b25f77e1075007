"""The command as a real program: what it prints, how it ends, and the bot that it runs."""

import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

import pytest

from tests.cli.conftest import NORTHWIND, Shell, Slack

pytestmark = pytest.mark.slow


def _start(shell: Shell, *args: str) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "bot", *args]
    return subprocess.Popen(command, cwd=shell.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def _ended(process: "subprocess.Popen[str]") -> tuple[int, str, str]:
    out, err = process.communicate(timeout=60)
    return process.returncode, out, err


def test_what_it_says_goes_out_and_what_is_wrong_goes_to_standard_error(shell: Shell) -> None:
    applied = _ended(_start(shell, "engagement", "apply", str(NORTHWIND), "--yes"))
    failed = _ended(_start(shell, "engagement", "export", "unknown"))

    assert (applied[0], applied[2]) == (0, "")
    assert applied[1].endswith("while the bot runs.\n")
    assert failed[:2] == (1, "")
    assert failed[2].startswith("Error: The engagement unknown is not here")


@pytest.mark.kill
def test_the_bot_runs_until_it_is_told_to_stop(shell: Shell, slack: Slack) -> None:
    port = _free_port()
    shell.set(**shell.settings(SLACK_API_URL=slack.api_url, HTTP_PORT=str(port), LOG_FORMAT="json"))

    bot = _start(shell, "run")
    try:
        _wait_until_ready(port, bot)
        _ended(_start(shell, "engagement", "apply", str(NORTHWIND), "--yes"))
        bot.send_signal(signal.SIGTERM)
        code, _, err = _ended(bot)
    finally:
        bot.kill()

    assert code == 0, err
    assert '"event": "stopped"' in err
    assert "Traceback" not in err


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_until_ready(port: int, bot: "subprocess.Popen[str]") -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        assert bot.poll() is None, bot.communicate()[1]
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=2) as answer:
                if answer.status == 200:
                    return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)  # another process starts at its own pace
    raise AssertionError("The bot did not become ready.")

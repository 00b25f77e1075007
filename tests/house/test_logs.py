"""What may stand in the log: ids and outcomes, never tokens, never text of people."""

import ast
import io
import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from bot import logs
from bot.settings import LogFormat, LogLevel
from tests.support.logging_state import restored

ROOT = Path(__file__).parents[2]
METHODS = {"debug", "info", "warning", "error", "exception", "critical"}


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """What is written with the log set up as in production, as JSON."""
    stream = io.StringIO()
    monkeypatch.setattr("sys.stderr", stream)
    with restored():
        logs.configure(LogFormat.JSON, LogLevel.INFO)
        yield stream


def test_a_line_is_json_in_utc_with_allowed_fields_only(written: io.StringIO) -> None:
    structlog.get_logger("bot.x").info("stored", row="r1", text="my secret plan", answers=["x"])

    line = json.loads(written.getvalue())
    assert line["event"] == "stored"
    assert line["row"] == "r1"
    assert line["timestamp"].endswith("Z")
    assert "secret plan" not in written.getvalue()


@pytest.mark.parametrize(
    "secret",
    [
        "xoxb-123-456-abcDEF",
        "xoxe.xoxb-1-Mi0yLTEyMw",
        "xapp-1-A111-222-abc",
        "https://hooks.slack.com/commands/T1/2/abc",
        "403, message='Invalid response status', url='wss://wss-primary.slack.com/link/?ticket=4f0c-abc&app_id=A1'",
        "-----BEGIN PRIVATE KEY-----\nabc\n-----END PRIVATE KEY-----",
    ],
)
def test_a_secret_that_slips_through_is_blotted_out(written: io.StringIO, secret: str) -> None:
    logging.getLogger("somebody.else").warning("failed with %s", secret)
    structlog.get_logger("bot.x").error("failed", reason=secret)

    assert "abc" not in written.getvalue()
    assert "Mi0y" not in written.getvalue()
    assert "[redacted]" in written.getvalue()


def test_the_password_of_a_database_is_blotted_out() -> None:
    assert logs.redacted("postgresql://me:hush@db/x") == "postgresql://[redacted]db/x"


def test_a_trace_shows_where_but_neither_text_nor_values(written: io.StringIO) -> None:
    def fails(text: str) -> None:
        raise ValueError(f"cannot read {text}")

    for logger in (logging.getLogger("slack_sdk.web"), structlog.get_logger("bot.x")):
        try:
            fails("my secret plan")
        except ValueError:
            logger.exception("job_failed")

    lines = [json.loads(line) for line in written.getvalue().splitlines()]
    assert [line["error"] for line in lines] == ["ValueError", "ValueError"]
    assert all("test_logs.py" in line["frames"][-1] for line in lines)
    assert "secret plan" not in written.getvalue()


def test_libraries_speak_up_only_when_something_is_wrong(written: io.StringIO) -> None:
    for name in ("slack_sdk.web", "slack_bolt.anything", "aiohttp.access", "apscheduler.scheduler"):
        logging.getLogger(name).info("every message, with its text")

    assert not written.getvalue()


def test_every_field_the_code_logs_is_allowed() -> None:
    for room in ("bot", "scheduler", "models"):
        for path in (ROOT / room).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
                    continue
                if node.func.attr in METHODS and ast.unparse(node.func.value) in ("log", "_log"):
                    unknown = {keyword.arg for keyword in node.keywords} - logs.ALLOWED
                    assert not unknown, f"{path.name}:{node.lineno}: {unknown}"

"""A day with everything logged at its loudest: no word of people and no secret stands in the log or in the metrics."""

import io
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import structlog

from bot import logs
from bot.settings import LogFormat, LogLevel
from sandbox.seed import APP_TOKEN, BOT_TOKEN, SIGNING_SECRET
from tests.support.logging_state import restored
from tests.support.stage import KEYS, stage

WEDNESDAY = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)
WORDS = ("zebraprogress", "quaggaplan", "okapiblocker", "tapirdirect", "gnuform", "koalaedit")
SECRETS = (BOT_TOKEN, APP_TOKEN, SIGNING_SECRET, KEYS.partition(":")[2])


@pytest.fixture
def loud(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """The log as in production, but at its loudest."""
    stream = io.StringIO()
    monkeypatch.setattr("sys.stderr", stream)
    with restored():
        logs.configure(LogFormat.JSON, LogLevel.DEBUG)
        yield stream


async def test_a_day_leaves_no_word_and_no_secret_in_the_log_and_the_metrics(
    database_address: str, loud: io.StringIO
) -> None:
    async with stage(database_address, WEDNESDAY) as day:
        await day.until(WEDNESDAY.replace(hour=4))
        said = f"{WORDS[0]}\nnext: {WORDS[1]}\nblocked: {WORDS[2]}"
        reply = await day.replies("vera", said)
        await day.writes("vikram", WORDS[3])
        await day.until(WEDNESDAY.replace(hour=9))
        await day.answers("ines", checked=WORDS[4], next=WORDS[4], blocked="no")
        await day.person("vera").edits(reply, f"{said} {WORDS[5]}")
        await day.settle()
        await day.commands("ada", f"/cadence {WORDS[3]}")
        await day.until(WEDNESDAY.replace(hour=23))
        figures = (await day.app.figures()).decode()
        stood = str(day.channel())
        structlog.get_logger("bot.x").error("failed", reason=f"token {BOT_TOKEN}")  # the last net is there

    written = loud.getvalue()
    assert "[redacted]" in written
    assert WORDS[0] in stood
    for text in (written, figures):
        assert [word for word in (*WORDS, *SECRETS) if word in text] == []

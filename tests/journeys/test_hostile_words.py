"""What people type can be anything. It pings nobody, breaks nothing, and cannot be read in the database."""

import io
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import inspect, text

from bot import logs
from bot.settings import LogFormat, LogLevel
from models.access import SYSTEM
from models.checkins.rules import PromptState
from models.checkins.tables import Prompt
from models.commitments.tables import Commitment
from models.outbox.rules import OutboxState
from models.outbox.tables import OutboxMessage
from tests.blocks.hostile import CORPUS
from tests.support.logging_state import restored
from tests.support.stage import EXAMPLE, INHOUSE, SHARED, Stage, stage

Json = dict[str, Any]

WEDNESDAY = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)
CANARY = "Zanzibar"
OURS = re.compile(r"<!date\^\d+\^\{[^|<>]*\|[^<>]*>")
CONTROL = re.compile(r"<[!@#]|<https?:|<mailto:|<tel:")
HIDDEN = re.compile("[\u202a-\u202e\u2066-\u2069\u200e\u200f\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
WEEK_ENDS_ON_WEDNESDAY = EXAMPLE.read_text().replace("repeats: Fridays", "repeats: Wednesdays")
LINES = [" ".join(f"{CANARY} {one} {CANARY}".split()) for one in CORPUS]


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """Everything the application and its libraries write down, at the finest level there is."""
    stream = io.StringIO()
    monkeypatch.setattr("sys.stderr", stream)
    with restored():
        logs.configure(LogFormat.JSON, LogLevel.DEBUG)
        yield stream


def at(hour: int, minute: int = 0) -> datetime:
    return WEDNESDAY.replace(hour=hour, minute=minute)


def said_by_the_bot(day: Stage) -> list[Json]:
    """Every message, whisper and form of the bot that anybody can see."""
    ws = day.sandbox.workspace
    messages = [item for channel in ws.channels.values() for item in channel.messages.values() if item.get("bot_id")]
    whispers = [item for found in ws.ephemerals.values() for item in found]
    forms = [view for views in ws.modals.values() for view in views]
    return [*messages, *whispers, *forms]


def strings(value: Any) -> Iterator[tuple[str, str]]:
    """Every text of a message with its kind: `mrkdwn` (Slack reads marks in it) or `plain_text` (it does not)."""
    if isinstance(value, dict):
        if value.get("type") in ("mrkdwn", "plain_text"):
            yield str(value["type"]), str(value.get("text", ""))
            return
        for key, part in value.items():
            if key == "text" and isinstance(part, str):
                yield "mrkdwn", part
            elif key in ("text", "blocks", "elements", "fields", "accessory", "label", "element", "hint", "title"):
                yield from strings(part)
    elif isinstance(value, list):
        for part in value:
            yield from strings(part)


def assert_harmless(day: Stage) -> None:
    for item in said_by_the_bot(day):
        for kind, words in strings(item):
            assert not HIDDEN.search(words), ascii(words)
            if kind == "mrkdwn":
                assert not CONTROL.search(OURS.sub("", words)), words


def assert_sealed(day: Stage, log: io.StringIO) -> None:
    """Nobody reads it in the tables, in the database's files, or in the log."""
    with day.app.db.read(SYSTEM) as tx:
        connection = tx.session.connection()
        for table in inspect(connection).get_table_names():
            rows = connection.execute(text(f'SELECT * FROM "{table}"')).all()  # noqa: S608 (our own tables)
            assert CANARY not in str(rows), table
    if day.app.db.is_sqlite:
        file = Path(str(day.app.db.engine.url.database))
        for found in file.parent.glob(f"{file.name}*"):
            assert CANARY.encode() not in found.read_bytes(), found
    assert CANARY not in log.getvalue()
    assert "delivery" in log.getvalue()


def assert_nothing_lost(day: Stage) -> None:
    stuck = [row for row in day.rows(OutboxMessage) if row.state not in (OutboxState.SENT, OutboxState.DROPPED)]
    assert not [(row.kind, row.state, row.error) for row in stuck]


async def test_whatever_is_typed_wherever_it_pings_nobody_and_stays_sealed(
    database_address: str, log: io.StringIO
) -> None:
    async with stage(database_address, WEDNESDAY, engagement=WEEK_ENDS_ON_WEDNESDAY) as day:
        await day.until(at(6))
        promises = "\n".join(f"next: {line}" for line in LINES[:25] if "@U0" not in line)
        reply = await day.replies("vera", f"{promises}\nblocked: {CANARY} <!channel> @here \u202e cannot\n{LINES[12]}")
        await day.writes("vikram", "\n".join([f"blocked: {CANARY} <!everyone> `wait`", *LINES]))
        await day.mentions("vikram", " ".join(LINES[:9]))
        await day.until(at(9))
        form: dict[str, Any] = {"blocked": "yes", "blocked__what": f"{CANARY} <!here|x> & <@U0VERA> \u2066"}
        await day.answers("ines", checked="\n".join(LINES)[:900], next="\n".join(LINES[:15]), **form)
        told = await day.commands("olaf", f"/cadence skip {LINES[0]} {LINES[5]} {LINES[47]}")
        assert "Skipped" in told
        card = day.card("cannot")
        for name, button in (("ada", "blocker.update.open"), ("vera", "blocker.resolve.open")):
            await day.person(name).clicks(card, button)
            errors = await day.person(name).submits(day.person(name).open_views[-1], {"note": "\n".join(LINES)[:900]})
            assert not errors
            await day.settle()
        await day.commands("ada", f"/cadence away {LINES[3]}")
        await day.commands("ada", f"/cadence {LINES[3]}")
        await day.mentions("tomas", f"skip {LINES[1]}")
        edited = "\n".join([*(f"C-{number} dropped: {LINES[number]}" for number in range(9)), *LINES[9:]])
        await day.person("vera").edits(reply, edited)
        await day.commands("ines", "/standup")  # the form opens with all of it filled in again

        await day.until(at(17))

        assert_harmless(day)
        assert_nothing_lost(day)
        assert_sealed(day, log)
        assert CANARY in str([item for item in day.channel(SHARED) if item.get("bot_id")])
        assert CANARY in str([item for item in day.channel(INHOUSE) if item.get("bot_id")])


async def test_the_longest_message_slack_lets_through_is_an_answer_like_any_other(database_address: str) -> None:
    long = f"next: {'word ' * 8000}"[:39_000] + "\nblocked: yes we are\n" + "😀" * 400
    async with stage(database_address, WEDNESDAY, engagement=WEEK_ENDS_ON_WEDNESDAY) as day:
        await day.until(at(7))

        await day.replies("vera", long)
        await day.writes("vikram", "x" * 40_000)
        await day.replies("tomas", "\n".join(f"next: promise {number}" for number in range(500)))
        assert "Please" in await day.commands("ines", f"/cadence skip {'why ' * 400}")

        assert "3 of 3 answered" in day.board()["text"]
        await day.until(at(17))
        assert_nothing_lost(day)
        assert {row.state for row in day.rows(Prompt) if row.answered_at} == {PromptState.ANSWERED}


async def test_names_typed_by_hand_ping_nobody_but_whom_the_blocker_names(database_address: str) -> None:
    async with stage(database_address, WEDNESDAY, engagement=WEEK_ENDS_ON_WEDNESDAY) as day:
        await day.until(at(7))

        await day.replies("vera", "next: Ask <@U0ADA> and <@U0MALLORY> about it\nblocked: No VPN, <@U0INES> knows")

        mentioned = [words for item in said_by_the_bot(day) for _, words in strings(item) if "<@" in words]
        assert {word for words in mentioned for word in re.findall(r"<@(\w+)>", words)} == {"U0INES"}
        assert day.unsealed(day.rows(Commitment)[0], "what") == "Ask @Ada Novak and @someone about it"
        assert "allory" not in str([item for item in day.channel() if item.get("bot_id")])

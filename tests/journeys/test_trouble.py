"""Slack refuses, Slack is away, Slack is in a hurry: it is late, it is told, and nothing is lost or said twice."""

from datetime import UTC, datetime

import pytest

from models.checkins.rules import PromptState
from models.checkins.tables import Prompt
from models.engagements.tables import Engagement
from models.outbox.rules import OutboxState
from models.outbox.tables import OutboxMessage
from sandbox import channels
from sandbox.faults import Fault, Kind
from sandbox.seed import BOT
from tests.support.stage import SHARED, Stage, stage

WEDNESDAY = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)
METHODS = ("chat.postMessage", "chat.update", "chat.delete", "conversations.open", "conversations.history")


def at(hour: int, minute: int = 0, day: int = 25) -> datetime:
    return WEDNESDAY.replace(day=day, hour=hour, minute=minute)


def notices(day: Stage, name: str = "ines") -> list[str]:
    return [words for words in day.directs(name) if "What to do" in words]


def assert_once(day: Stage) -> None:
    """Every message of ours stands there once, and none waits."""
    ws = day.sandbox.workspace
    ours = [one for room in ws.channels.values() for one in room.messages.values() if "metadata" in one]
    keys = [one["metadata"]["event_payload"]["k"] for one in ours]
    assert len(keys) == len(set(keys))
    waiting = {OutboxState.READY, OutboxState.LEASED, OutboxState.UNSURE}
    assert not [(row.kind, row.error) for row in day.rows(OutboxMessage) if row.state in waiting]


async def test_an_archived_channel_is_told_to_the_owner_once_and_used_again_when_it_is_back(
    database_address: str,
) -> None:
    async with stage(database_address, WEDNESDAY) as day:
        channels.archive(day.sandbox.workspace, SHARED, "U0INES")
        await day.until(at(9))

        assert not day.boards()
        assert len(notices(day)) == 1
        assert "The channel is archived, so I cannot post there." in notices(day)[0]
        assert "What to do: Unarchive the channel" in notices(day)[0]
        assert not notices(day, "olaf")
        assert not notices(day, "vera")
        assert "is_archived" in await day.commands("ines", "/cadence status", "C0GENERAL")
        await day.writes("ada", "no blockers")  # an answer is an answer, wherever it can be shown
        assert [row.state for row in day.rows(Prompt)].count(PromptState.ANSWERED) == 1

        await day.until(at(22))
        channels.archive(day.sandbox.workspace, SHARED, "U0INES", archived=False)
        await day.until(at(5, day=26))

        assert [item["text"][:23] for item in day.boards()] == ["Daily stand-up · Thu 26"]
        assert [row.trouble for row in day.rows(Engagement)] == [None]
        assert len(notices(day)) == 1
        assert_once(day)


async def test_a_bot_that_was_removed_from_the_channel_says_so_and_goes_on_once_invited(database_address: str) -> None:
    async with stage(database_address, WEDNESDAY) as day:
        await day.until(at(7))
        channels.leave(day.sandbox.workspace, SHARED, BOT)
        await day.until(at(5, day=26))

        assert len(notices(day)) >= 1
        assert "I am not in the channel any more" in notices(day)[0]
        assert "Invite me to the channel again." in notices(day)[0]
        assert len(notices(day)) == 1

        channels.join(day.sandbox.workspace, SHARED, BOT, "U0INES")
        await day.replies("vera", "no blockers", day.boards()[0])
        await day.until(at(5, day=27))

        assert "Fri 27 Nov" in day.board()["text"]
        assert_once(day)


async def test_while_the_token_is_refused_everything_waits_and_then_comes_once(database_address: str) -> None:
    async with stage(database_address, WEDNESDAY) as day:
        app = day.sandbox.workspace.app
        app.token_error = "token_revoked"
        await day.until(at(8, 45))
        assert not day.channel()

        app.token_error = ""
        await day.until(at(9, 30))

        assert "0 of 3 answered" in day.board()["text"]
        assert len(day.boards()) == 1
        for name in ("ines", "olaf", "ada"):
            assert len(day.directs(name)) == 1, name
        await day.replies("ines", "no blockers")
        assert "1 of 3 answered" in day.board()["text"]
        assert_once(day)


@pytest.mark.parametrize("kind", [Kind.HTTP_503, Kind.RESET])
async def test_three_hours_without_slack_over_the_deadline_the_report_comes_late_but_comes(
    database_address: str, kind: Kind
) -> None:
    async with stage(database_address, WEDNESDAY) as day:
        await day.until(at(9))
        await day.replies("ada", "no blockers")
        reminded = [words for words in day.directs("vera") if "Still open" in words]
        assert len(reminded) == 1
        day.sandbox.faults.add(*(Fault(method, 0, kind) for method in METHODS))

        await day.until(at(15))
        assert "Closed" not in day.board()["text"]
        assert reminded[0] in day.directs("vera")

        day.sandbox.faults.clear()
        await day.until(at(17))

        assert "Closed" in day.board()["text"]
        assert "1 of 3 answered, 2 without an answer" in day.board()["text"]
        assert len(day.boards()) == 1
        assert not [words for name in ("vera", "ines", "tomas") for words in day.directs(name) if "Still open" in words]
        assert_once(day)


async def test_answers_lost_on_the_way_back_from_slack_double_nothing(database_address: str) -> None:
    async with stage(database_address, WEDNESDAY) as day:
        lost = [Fault("chat.postMessage", number, Kind.CLOSE, after=True) for number in range(1, 9, 2)]
        day.sandbox.faults.add(*lost)

        await day.until(at(10))
        await day.replies("ada", "blocked: No licence key")
        await day.until(at(23))

        assert len(day.boards()) == 1
        assert "Closed" in day.board()["text"]
        assert len([item for item in day.thread(day.board()) if item["text"].startswith("🔴 Open")]) == 1
        assert_once(day)


async def test_a_storm_of_rate_limits_is_waited_out(database_address: str) -> None:
    async with stage(database_address, WEDNESDAY) as day:
        storm = [Fault("chat.postMessage", number, Kind.RATE_LIMITED, retry_after=40) for number in range(1, 9)]
        storm += [Fault("chat.update", number, Kind.RATE_LIMITED_BARE) for number in range(1, 5)]
        day.sandbox.faults.add(*storm)

        await day.until(at(10))
        await day.replies("ada", "no blockers")
        await day.until(at(11))

        assert "1 of 3 answered" in day.board()["text"]
        for name in ("ines", "olaf", "vera", "vikram"):
            assert "Daily stand-up" in day.directs(name)[0], name
        assert not notices(day)
        assert_once(day)

"""Who is not on the roster, or not any more, changes nothing by whatever they press, write or type."""

from datetime import UTC, datetime
from typing import Any

import pytest

from models.blockers.rules import BlockerState
from models.blockers.tables import Blocker, BlockerEntry
from models.checkins.tables import Prompt, Reply, Response
from models.commitments.tables import Commitment
from models.engagements.tables import Absence
from sandbox import channels
from tests.support.stage import EXAMPLE, INHOUSE, SHARED, Stage, stage

Json = dict[str, Any]

WEDNESDAY = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)
KEPT = (Absence, Blocker, BlockerEntry, Commitment, Prompt, Reply, Response)
NEUTRAL = "is not here any more, or it is not yours to see"
BUTTONS = ("checkin.answer.open", "blocker.mine.press", "blocker.update.open", "blocker.resolve.open")


def at(hour: int, minute: int = 0, day: int = 25) -> datetime:
    return WEDNESDAY.replace(day=day, hour=hour, minute=minute)


def kept(day: Stage) -> list[Any]:
    """All that is true, as rows."""
    return [row.model_dump() for table in KEPT for row in day.rows(table)]


def has(message: Json, action_id: str) -> bool:
    return f"'action_id': '{action_id}'" in str(message["blocks"])


async def press_everything(day: Stage, name: str, place: str = SHARED) -> int:
    """Press every button of ours in a channel; how many there were. Nothing may open."""
    pressed = 0
    someone = day.person(name)
    for message in day.channel(place):
        for action_id in BUTTONS:
            if message.get("bot_id") and has(message, action_id):
                await someone.clicks(message, action_id)
                pressed += 1
                assert not someone.open_views, action_id
    return pressed


async def test_a_colleague_on_nobodys_roster_changes_nothing_and_hears_neutral_words_alone(
    database_address: str,
) -> None:
    async with stage(database_address, WEDNESDAY) as day:
        await day.until(at(9))
        await day.replies("vera", "blocked: No licence key, needed by 3 Dec")
        before, said = kept(day), len(day.channel())

        pressed = await press_everything(day, "mallory")
        await day.replies("mallory", "no blockers\nnext: World domination by Friday")
        await day.replies("mallory", "C-1 done")
        await day.writes("mallory", "no blockers")

        assert pressed >= 4
        assert [NEUTRAL in words for words in day.whispers("mallory")[:pressed]] == [True] * pressed
        assert kept(day) == before
        assert len(day.channel()) == said + 2  # what she wrote herself; nothing of ours was added
        told_nothing_of_it(day)


async def test_neither_mentions_nor_commands_tell_a_stranger_anything_but_the_help(database_address: str) -> None:
    async with stage(database_address, WEDNESDAY) as day:
        await day.until(at(9))
        await day.replies("vera", "blocked: No licence key, needed by 3 Dec")
        before, said = kept(day), len(day.channel())

        for words in ("status", "summary", "answer", "skip bored", "away tomorrow", "hello"):
            await day.mentions("mallory", words)
        for line in ("/standup", "/cadence status", "/cadence now", "/cadence summary", "/cadence skip bored"):
            assert NEUTRAL in await day.commands("mallory", line), line
        assert "on no roster here yet" in await day.commands("mallory", "/cadence help")

        assert kept(day) == before
        assert not day.person("mallory").open_views
        assert len(day.channel()) == said + 6
        told_nothing_of_it(day)


def told_nothing_of_it(day: Stage) -> None:
    """A stranger learns nothing of the engagement, and nobody else learns of the stranger."""
    assert "allory" not in str([item for item in day.channel() if item.get("bot_id")])
    for words in (*day.whispers("mallory"), *day.directs("mallory")):
        assert not any(secret in words for secret in ("Northwind", "Brightlane", "licence", "Vera", "Ines")), words
    for name in ("ines", "olaf", "ada", "vera", "vikram", "tomas"):
        assert not day.whispers(name)


async def test_who_was_taken_off_the_roster_can_do_nothing_more_with_what_still_lies_there(
    database_address: str,
) -> None:
    async with stage(database_address, WEDNESDAY) as day:
        await day.until(at(9))
        await day.replies("vera", "blocked: No licence key")
        await day.person("ada").clicks(day.board(), "checkin.answer.open")
        form = day.person("ada").open_views[-1]
        asked = day.person("ada").direct_messages()[-1]
        yaml = EXAMPLE.read_text()

        await day.apply("\n".join(line for line in yaml.splitlines() if "U0ADA" not in line))
        await day.settle()
        before = kept(day)

        await day.person("ada").submits(form, {"answer.blocked": "no"})
        assert NEUTRAL in str(day.person("ada").open_views)
        await day.person("ada").closes(clear=True)
        await day.person("ada").clicks(asked, "checkin.answer.open")
        await press_everything(day, "ada")
        await day.replies("ada", "no blockers")
        await day.writes("ada", "no blockers")
        assert NEUTRAL in await day.commands("ada", "/cadence status")

        assert kept(day) == before
        assert "of 2 answered" in day.board()["text"]
        await day.until(at(23))
        assert "Ada Novak" not in day.board()["text"]
        await day.until(at(9, day=26))
        assert "0 of 2 answered" in day.board()["text"]
        assert "Thu 26 Nov" not in "".join(day.directs("ada"))


async def test_old_buttons_say_what_became_of_their_matter(database_address: str) -> None:
    async with stage(database_address, WEDNESDAY) as day:
        await day.until(at(9))
        board = day.board()
        await day.replies("vera", "blocked: No licence key")
        card = day.card("No licence key")
        ines, vera = day.person("ines"), day.person("vera")
        await vera.clicks(card, "blocker.resolve.open")
        await vera.submits(vera.open_views[-1], {"note": "It came by mail"})
        await day.settle()
        assert [row.state for row in day.rows(Blocker)] == [BlockerState.RESOLVED]
        assert not has(day.card("No licence key"), "blocker.mine.press")
        before = kept(day)

        # Both were still on somebody's screen when it happened.
        for action_id in ("blocker.mine.press", "blocker.update.open"):
            await old_press(day, "ines", card, action_id)
            assert not ines.open_views
        assert [("has been resolved already" in words) for words in day.whispers("ines")[-2:]] == [True, True]
        assert kept(day) == before

        await day.until(at(9, day=25).replace(month=12, day=4))
        await old_press(day, "ines", board, "checkin.answer.open")
        assert "takes no more answers" in day.whispers("ines")[-1]
        await day.replies("ines", "no blockers", board)
        assert not [row for row in day.rows(Reply) if day.unsealed(row, "text") == "no blockers"]


async def old_press(day: Stage, name: str, message: Json, action_id: str) -> None:
    """Press a button as it stood in an earlier version of a message."""
    someone = day.person(name)
    stands = day.sandbox.workspace.channel(message["channel"]).messages[message["ts"]]
    now = stands["blocks"]
    stands["blocks"] = message["blocks"]
    await someone.clicks(message, action_id)
    stands["blocks"] = now


async def test_every_event_and_press_delivered_twice_happens_once(database_address: str) -> None:
    async with stage(database_address, WEDNESDAY) as day:
        await day.until(at(7))
        await day.replies("vera", "next: Export by Friday\nblocked: No licence key")
        edited = await day.replies("vikram", "next: Tests by Friday")
        await day.person("vikram").edits(edited, "no blockers")
        await day.settle()
        gone = await day.writes("vikram", "next: Docs by Friday")
        await day.person("vikram").deletes(gone)
        await day.until(at(9))
        await day.answers("ines", blocked="no", next="Approve by Friday")
        await day.person("olaf").clicks(day.card("No licence key"), "blocker.mine.press")
        await day.mentions("tomas", "away tomorrow")
        await day.commands("ada", "/cadence skip Travelling")
        before, said = kept(day), [item["text"] for item in day.channel()]

        transport = day.sandbox.sockets
        for one in list(day.sandbox.deliveries.log):
            if one.kind != "slash_commands":  # Slack sends those once
                await transport.send(one.kind, one.payload, attempt=1, reason="http_timeout")
        await day.settle()

        assert [row for row in kept(day) if row not in before] == []
        assert kept(day) == before
        assert [item["text"] for item in day.channel()] == said


async def test_an_inhouse_note_never_reaches_a_channel_that_outsiders_have_entered(database_address: str) -> None:
    async with stage(database_address, WEDNESDAY) as day:
        await day.until(at(12, day=27))
        channels.join(day.sandbox.workspace, INHOUSE, "U0VERA")

        await day.until(at(17, day=27))

        assert "Weekly summary" in day.board("Weekly summary")["text"]
        assert not [item for item in day.channel(INHOUSE) if item.get("bot_id")]
        told = [words for words in day.directs("ines") if "held back" in words]
        assert len(told) == 1
        assert "nobody outside has seen it" in told[0]
        assert "What to do:" in told[0]
        for name in ("olaf", "ada", "vera", "vikram", "tomas"):
            assert not [words for words in day.directs(name) if "held back" in words]


@pytest.mark.parametrize("role", ["executive", "observer"])
async def test_who_only_reads_is_not_asked_and_cannot_answer(database_address: str, role: str) -> None:
    yaml = EXAMPLE.read_text().replace("slack: U0ADA,", f"slack: U0ADA, role: {role},")
    async with stage(database_address, WEDNESDAY, engagement=yaml) as day:
        await day.until(at(9))
        assert "0 of 2 answered" in day.board()["text"]
        assert not day.directs("ada")

        await day.replies("ada", "no blockers")
        await day.person("ada").clicks(day.board(), "checkin.answer.open")
        await day.commands("ada", "/cadence now")

        assert not day.person("ada").open_views
        assert "you can read this, but not do that" in day.whispers("ada")[0]
        assert not day.rows(Reply)
        assert "Status of" in await day.commands("ada", "/cadence status")


async def test_a_guest_invited_into_the_inhouse_channel_is_an_outsider_too(database_address: str) -> None:
    async with stage(database_address, WEDNESDAY) as day:
        await day.until(at(12, day=27))
        channels.join(day.sandbox.workspace, INHOUSE, "U0TOMAS")

        await day.until(at(17, day=27))

        assert not [item for item in day.channel(INHOUSE) if item.get("bot_id")]
        assert len([words for words in day.directs("ines") if "held back" in words]) == 1

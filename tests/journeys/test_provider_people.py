"""What the provider's people can do with the channel alone: no commands, perhaps no buttons or direct messages."""

from datetime import UTC, datetime

import pytest

from models.checkins.rules import PromptState, Source
from models.checkins.tables import Prompt, Reply, Response
from models.commitments.tables import Commitment
from models.engagements.tables import Absence, Participant, Person
from sandbox.errors import Refused
from tests.support.stage import SHARED, Stage, shown_in, stage

WEDNESDAY = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)


def at(hour: int, minute: int = 0) -> datetime:
    return WEDNESDAY.replace(hour=hour, minute=minute)


def prompt_of(day: Stage, name: str) -> Prompt:
    person = next(row for row in day.rows(Person) if row.slack_user_id == f"U0{name.upper()}")
    place = next(row for row in day.rows(Participant) if row.person_id == person.id)
    return next(row for row in day.rows(Prompt) if row.participant_id == place.id)


async def again(day: Stage, *, kind: str) -> None:
    """Slack delivers the last event of a kind once more, as if it had not seen the acknowledgement."""
    found = [one for one in day.sandbox.deliveries.log if one.payload.get("event", {}).get("type") == kind]
    transport = day.sandbox.http or day.sandbox.sockets
    ack = await transport.send("events_api", found[-1].payload, attempt=1, reason="http_timeout")
    assert ack.ok
    await day.settle()


@pytest.mark.parametrize("name", ["vera", "vikram"])
async def test_slack_itself_refuses_commands_of_people_from_elsewhere(database_address: str, name: str) -> None:
    async with stage(database_address, WEDNESDAY) as day:
        await day.until(at(4))

        for line in ("/standup", "/cadence status"):
            assert "is not a valid command" in await day.commands(name, line)


async def test_an_external_person_answers_by_the_button_on_the_board_and_in_the_direct_message(
    database_address: str,
) -> None:
    async with stage(database_address, WEDNESDAY) as day:
        await day.until(at(4, 30))
        await day.answers("vera", blocked="no", next="Export by Friday")
        await day.answers("vikram", day.person("vikram").direct_messages()[-1], blocked="no")

        assert [prompt_of(day, name).state for name in ("vera", "vikram")] == [PromptState.ANSWERED] * 2
        assert [row.source for row in day.rows(Response)] == [Source.MODAL] * 2
        assert "2 of 3 answered" in day.board()["text"]


async def test_whom_no_direct_message_reaches_is_mentioned_once_in_the_thread(database_address: str) -> None:
    async with stage(database_address, WEDNESDAY) as day:
        day.person("vera").user.dm_error = "cannot_dm_bot"
        await day.until(at(4, 30))

        asked = [item for item in day.thread(day.board()) if "<@U0VERA>" in shown_in(item)]
        assert len(asked) == 1
        assert "<@U0VIKRAM>" not in str(day.channel())
        assert not day.directs("ines")  # an ordinary thing in Slack Connect: nobody is troubled with it

        await day.answers("vera", asked[0], blocked="no")
        assert prompt_of(day, "vera").state is PromptState.ANSWERED
        assert "1 of 3 answered" in day.board()["text"]


async def test_who_was_mentioned_and_stays_silent_is_reminded_once_and_the_reminder_goes_with_the_report(
    database_address: str,
) -> None:
    async with stage(database_address, WEDNESDAY) as day:
        day.person("vera").user.dm_error = "cannot_dm_bot"
        await day.until(at(7, 30))
        asked = [item for item in day.thread(day.board()) if "<@U0VERA>" in shown_in(item)]
        assert len(asked) == 2, day.transcript

        await day.until(at(23))
        left = [item for item in day.thread(day.board()) if "<@U0VERA>" in shown_in(item)]
        assert len(left) <= 1, [item["text"] for item in left]


async def test_with_dead_buttons_a_reply_in_the_thread_is_a_full_answer(database_address: str) -> None:
    async with stage(database_address, WEDNESDAY) as day:
        vikram = day.person("vikram")
        vikram.user.post_only = True
        vikram.user.dm_error = "cannot_dm_bot"
        await day.until(at(4, 30))
        with pytest.raises(Refused):
            await vikram.clicks(day.board(), "checkin.answer.open")

        await day.replies("vikram", "Import runs.\nnext: Export by Friday\nblocked: No VPN for @Ines, needed by 3 Dec")

        assert prompt_of(day, "vikram").state is PromptState.ANSWERED
        assert [row.source for row in day.rows(Response)] == [Source.THREAD]
        assert len(day.rows(Commitment)) == 1
        texts = [item["text"] for item in day.thread(day.board())]
        assert any("Understood from Vikram Rao" in text for text in texts), texts
        assert any("B-1" in text and "No VPN" in text for text in texts), texts


async def test_a_guest_of_our_own_workspace_is_of_the_providers_side(database_address: str) -> None:
    async with stage(database_address, WEDNESDAY) as day:
        await day.until(at(13))
        assert "Northwind Retail" in await day.commands("tomas", "/cadence status")
        day.sandbox.workspace.guests_may_use_commands = False
        assert "is not a valid command" in await day.commands("tomas", "/standup")

        await day.writes("tomas", "Deployed.\nno blockers")

        assert prompt_of(day, "tomas").state is PromptState.ANSWERED
        assert "Brightlane Systems: 1 of 3 answered" in day.board()["text"]


@pytest.mark.parametrize(
    ("said", "answered"),
    [
        ("status", "Status of Northwind Retail and Brightlane Systems"),
        ("help", "answer"),
        ("", "answer"),
        ("summary", "There is no weekly summary"),
        ("answer", "is open until"),
        ("skip travelling to Pune", "Skipped."),
        ("away tomorrow", "Noted."),
        ("frobnicate the index", "answer"),
    ],
)
async def test_a_mention_is_answered_once_in_its_thread_even_when_it_is_delivered_twice(
    database_address: str, said: str, answered: str
) -> None:
    async with stage(database_address, WEDNESDAY) as day:
        await day.until(at(4, 30))

        asked = await day.mentions("vera", said)
        await again(day, kind="app_mention")

        replies = day.thread(asked)
        assert len(replies) == 1, [item["text"] for item in replies]
        assert answered.lower() in shown_in(replies[0]).lower()
        assert "<@" not in str(replies[0]["blocks"]).replace("<@U0CADENCE>", "")
        assert len(day.rows(Absence)) == (said == "away tomorrow")
        assert (prompt_of(day, "vera").state is PromptState.SKIPPED) == said.startswith("skip")
        assert not day.rows(Reply)


async def test_a_mention_that_cannot_be_done_is_told_to_that_person_alone(database_address: str) -> None:
    async with stage(database_address, WEDNESDAY) as day:
        await day.until(at(4, 30))
        before = len(day.channel())

        await day.mentions("vikram", "away sometime")
        await day.mentions("vikram", "skip")

        assert len(day.channel()) == before + 2  # what he said himself, and nothing of ours
        assert "away Monday to Friday" in day.whispers("vikram")[0]
        assert "reason" in day.whispers("vikram")[1]
        assert not day.whispers("vera")
        assert not day.rows(Absence)


async def test_an_answer_that_mentions_the_bot_in_the_thread_is_still_an_answer(database_address: str) -> None:
    async with stage(database_address, WEDNESDAY) as day:
        await day.until(at(4, 30))

        await day.mentions("vera", "Import runs. no blockers", parent=day.board())
        await again(day, kind="app_mention")
        await again(day, kind="message")

        assert prompt_of(day, "vera").state is PromptState.ANSWERED
        assert len(day.rows(Reply)) == len(day.rows(Response)) == 1


async def test_over_signed_http_the_providers_people_do_the_same(database_address: str) -> None:
    async with stage(database_address, WEDNESDAY, http=True) as day:
        await day.until(at(4, 30))

        await day.answers("vera", blocked="no")
        await day.replies("vikram", "no blockers")
        asked = await day.mentions("vikram", "status")

        assert "2 of 3 answered" in day.board("Daily")["text"]
        assert len(day.thread({**asked, "channel": SHARED})) == 1

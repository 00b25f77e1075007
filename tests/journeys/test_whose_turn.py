"""Two weeks of questions across the line: both sides ask, over a weekend and Christmas, and both see the same clock."""

from datetime import UTC, date, datetime
from typing import Any

from models.access import SYSTEM
from models.asks.rules import AskState
from models.asks.tables import Ask
from models.engagements.tables import Engagement
from models.escalations.causes import Cause
from models.escalations.rules import EscalationState
from models.escalations.tables import Escalation
from models.exports import queries as exports
from models.exports.rules import Wanted
from tests.support.stage import SHARED, Stage, shown_in, stage

Json = dict[str, Any]
MONDAY = datetime(2026, 12, 21, 3, 0, tzinfo=UTC)


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """A moment of December 2026, UTC. Kolkata works from 04:00 to 13:30, Stockholm from 08:00 to 16:00."""
    return datetime(2026, 12, day, hour, minute, tzinfo=UTC)


def card(play: Stage, number: int) -> Json:
    """The card of a question, as it stands in the channel."""
    ours = [item for item in play.channel() if item.get("bot_id") and f"*Q-{number}*" in shown_in(item)]
    return next(item for item in ours if "Asked by" in shown_in(item))


def short_answer(play: Stage) -> Json:
    """The newest word of ours in the stand-up's thread."""
    return play.thread(play.board("Daily stand-up"))[-1]


def states(play: Stage) -> list[AskState]:
    return [row.state for row in play.rows(Ask)]


def nudges(play: Stage, name: str) -> list[str]:
    return [text for text in play.directs(name) if "has waited for your side" in text]


async def the_first_week(play: Stage) -> Json:
    """Ines asks, is answered, asks on; Vera asks before Christmas. Her message."""
    await play.until(at(21, 9))
    asked = await play.mentions("ines", "needs an answer: which port does the import need?")
    assert "Brightlane Systems* to answer" in shown_in(card(play, 1))
    await play.until(at(22, 5))
    await play.replies("vera", "443", asked)
    await play.replies("ines", "Thanks!", asked)
    assert states(play) == [AskState.REPLIED]
    await play.until(at(22, 10))
    await play.replies("ines", "And on staging?", asked)
    assert states(play) == [AskState.WAITING]
    await play.until(at(23, 6))
    await play.replies("vikram", "The same", asked)
    assert "after 5 h 30 min of working time" in shown_in(card(play, 1))
    await play.until(at(23, 15))
    return await play.mentions("vera", "needs an answer: who signs the release?")


async def test_two_weeks_of_questions_between_two_sides(database_address: str) -> None:
    async with stage(database_address, MONDAY) as play:
        asked = await the_first_week(play)

        await play.until(at(25, 16))
        summary = play.board("Weekly summary")["text"]
        assert "Brightlane Systems: 2 of 2 · 100 % in time · first answer after 5 h 30 min (median of 1" in summary
        assert "next answers after 5 h 30 min" in summary
        assert "Northwind Retail: no data in time · first answer: no data · 1 waiting, the longest for 1 h" in summary

        # Christmas and the weekend of the in-house side do not count: an hour before them, seven after them.
        await play.until(at(28, 15))
        assert nudges(play, "olaf") == []
        assert "Overdue" not in shown_in(card(play, 2))
        await play.until(at(28, 15, 30))
        assert len(nudges(play, "olaf")) == 1
        assert "Overdue" in shown_in(card(play, 2))
        assert nudges(play, "vera") == nudges(play, "ines") == []

        await play.until(at(29, 8, 45))
        assert "Q-2, who signs the release?" in play.board("Daily stand-up")["text"]
        assert "1 question waits" in play.board("Daily stand-up")["text"]
        assert "who signs the release?" in await play.commands("ines", "/cadence questions")

        await play.until(at(29, 9))
        await play.replies("olaf", "I do", asked)
        assert nudges(play, "olaf") == []
        await play.person("vera").clicks(card(play, 2), "ask.answered.press")
        await play.settle()
        assert states(play)[1] is AskState.ANSWERED

        await play.until(datetime(2027, 1, 1, 16, tzinfo=UTC))
        summary = play.board("Weekly summary")["text"]
        assert "Northwind Retail: 0 of 1 · 0 % in time · first answer after 10 h (median of 1" in summary
        assert "Brightlane Systems: no data, it was asked nothing" in summary
        assert states(play) == [AskState.ANSWERED, AskState.ANSWERED], "nobody asked again for five working days"


async def test_whom_no_direct_message_reaches_is_mentioned_in_the_questions_thread(database_address: str) -> None:
    async with stage(database_address, MONDAY) as play:
        play.person("vera").user.dm_error = "cannot_dm_bot"
        await play.until(at(21, 9))
        asked = await play.mentions("ines", "needs an answer: which port does the import need?")

        await play.until(at(22, 8))

        told = [item for item in play.thread(asked | {"channel": SHARED}) if "<@U0VERA>" in shown_in(item)]
        assert len(told) == 1
        await play.replies("vera", "443", asked)
        assert states(play) == [AskState.REPLIED]


async def test_an_external_person_without_buttons_does_everything_in_the_thread(database_address: str) -> None:
    async with stage(database_address, MONDAY) as play:
        await play.until(at(21, 9))
        asked = await play.mentions("vera", "needs an answer: who signs the release?")
        await play.replies("olaf", "I do", asked)
        for words, state in [
            ("And who stands in?", AskState.WAITING),
            ("Q-1 answered", AskState.ANSWERED),
            ("Q-1 again", AskState.WAITING),
            ("Q-1 withdrawn", AskState.WITHDRAWN),
        ]:
            await play.replies("vera", words, asked)
            assert states(play) == [state], words


async def test_the_shortcut_in_the_menu_of_a_message_asks_for_its_writer(database_address: str) -> None:
    async with stage(database_address, MONDAY) as play:
        await play.until(at(21, 9))
        said = await play.person("vera").posts(SHARED, "Who signs the release?")

        await play.person("ines").uses_shortcut("ask.message.mark", said)
        await play.settle()

        assert "Northwind Retail* to answer" in shown_in(card(play, 1))
        assert card(play, 1)["thread_ts"] == said["ts"]


async def test_a_question_in_a_reply_to_a_check_in_becomes_one_by_the_button_under_it(database_address: str) -> None:
    async with stage(database_address, MONDAY) as play:
        await play.until(at(21, 8, 40))
        said = await play.replies("vera", "Import runs.\nnext: export\nWhich port does it need? We wait for that.")
        short = short_answer(play)
        assert "Understood from Vera Iyer" in short["text"]
        assert "Needs an answer" in shown_in(short)

        await play.person("vera").clicks(short, "ask.reply.mark")
        await play.settle()

        (asked,) = play.rows(Ask)
        assert play.unsealed(asked, "what") == "Which port does it need?"
        assert (asked.asked_side, asked.state) == ("inhouse", AskState.WAITING)
        assert "Northwind Retail* to answer" in shown_in(card(play, 1))
        now = short_answer(play)
        assert "asked Q-1" in now["text"]
        assert "Needs an answer" not in shown_in(now)

        await play.person("ines").clicks(short, "ask.reply.mark")
        await play.settle()
        assert len(play.rows(Ask)) == 1
        assert "moved on meanwhile" in play.whispers("ines")[-1]

        await play.person("vera").edits(said, "Import runs.\nnext: export\nWhich port does it need, and who opens it?")
        await play.settle()
        assert play.unsealed(play.rows(Ask)[0], "what") == "Which port does it need, and who opens it?"


async def test_a_question_of_the_reader_is_the_writers_and_what_asks_nothing_has_no_button(
    database_address: str,
) -> None:
    async with stage(database_address, MONDAY) as play:
        await play.until(at(21, 8, 40))
        await play.replies("vikram", "Import runs, see http://wiki/?page=3\nquestion: is the VPN back?")
        short = short_answer(play)
        assert "asked Q-1" in short["text"]
        assert "Needs an answer" not in shown_in(short)

        await play.replies("vera", "Who has the key?", play.board("Daily stand-up"))
        short = short_answer(play)
        await play.person("olaf").clicks(short, "ask.reply.mark")
        await play.settle()

        asked = play.rows(Ask)[-1]
        assert asked.asked_side == "inhouse"
        assert asked.marked_by_id != asked.asker_id


async def test_a_question_that_climbs_has_its_history_in_the_thread_and_its_line_in_the_summary_and_the_export(
    database_address: str,
) -> None:
    async with stage(database_address, MONDAY) as play:
        await play.until(at(21, 9))
        await play.mentions("ines", "needs an answer: which port does the import need?")
        await play.until(at(23, 13))

        def escalation() -> Escalation:
            return next(row for row in play.rows(Escalation) if row.cause is Cause.QUESTION)

        name = f"E-{escalation().number}"
        assert escalation().against == "vendor"
        parent = next(item for item in play.channel() if item.get("bot_id") and f"*{name}*" in shown_in(item))
        assert "which port does the import need?" in shown_in(parent)
        assert "Brightlane Systems" in shown_in(parent)

        await play.replies("vera", "I own it", parent)
        history = " ".join(item["text"] for item in play.thread(parent))
        assert "Vera Iyer" in history
        assert escalation().state is EscalationState.ACKNOWLEDGED

        await play.until(at(25, 16))
        detail = " ".join(shown_in(item) for item in play.thread(play.board("Weekly summary")))
        assert name in f"{shown_in(play.board('Weekly summary'))} {detail}"
        with play.app.db.read(SYSTEM) as tx:
            wanted = Wanted(date(2026, 12, 1), date(2026, 12, 31))
            (engagement,) = play.rows(Engagement)
            records = exports.records(tx, exports.Table.ESCALATIONS, engagement, wanted)
            exported = next(record for record in records if record["number"] == name)
        assert (exported["cause"], exported["about"], exported["against"]) == ("question", "Q-1", "vendor")
        assert exported["acknowledged_at"] is not None

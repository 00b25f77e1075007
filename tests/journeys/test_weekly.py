"""The weekly review and the weekly summary: what is asked, what is counted, who reads what; the words of commands."""

from datetime import UTC, datetime

from models.summaries.tables import WeeklySummary
from tests.support.stage import INHOUSE, Stage, shown_in, stage

WEDNESDAY = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)


def at(hour: int, minute: int = 0, day: int = 27) -> datetime:
    return WEDNESDAY.replace(day=day, hour=hour, minute=minute)


async def play_the_week(day: Stage) -> None:
    """Wednesday to Friday: one promise kept, one moved, one blocker for each side, one of the company silent."""
    await day.until(at(5, day=25))
    await day.replies(
        "vera", "next: Export by 2026-11-26\nnext: Import by 2026-11-26\nblocked: No key, needed by 26 Nov"
    )
    await day.until(at(9, day=25))
    await day.replies("ines", "no blockers\nnext: Sign the order by 2026-11-26")
    await day.replies("olaf", "blocked: Nobody answers the phone")
    await day.until(at(5, day=26))
    await day.replies("vera", "C-1 done\nC-2 moved to 2026-12-01: the order came late\nno blockers")
    await day.until(at(14))


async def test_a_week_ends_with_a_review_and_a_summary_in_its_three_places(database_address: str) -> None:
    async with stage(database_address, WEDNESDAY) as day:
        await play_the_week(day)
        review = day.board("Weekly review")
        assert "Fri 27 Nov" in review["text"]
        await day.answers(
            "ines",
            review,
            became="on_track",
            decided="We sign before Christmas.",
            pulse="4",
            pulse_why="Quick answers.",
        )
        await day.replies("vera", "All as planned.\nnext: Runbook by 2026-12-04", review)
        assert any("We sign before Christmas." in shown_in(item) for item in day.thread(review))
        assert "1 of 3 answered" in day.board("Weekly review")["text"]

        await day.until(at(17))
        summary = day.board("Weekly summary")

        assert "Answers: Northwind Retail 3 of 9 · 33 % (3 in time)." in summary["text"]
        assert "Brightlane Systems 3 of 9 · 33 % (3 in time)." in summary["text"]
        assert "Northwind Retail 0 of 1 · 0 % kept by the first promised date (0 moved, 0 dropped)" in summary["text"]
        assert (
            "Brightlane Systems 1 of 2 · 50 % kept by the first promised date (1 moved, 0 dropped)" in summary["text"]
        )
        assert "Blockers: 2 raised, 0 resolved, 2 still open" in summary["text"]
        assert "matters need a decision" in summary["text"]
        assert len(summary["blocks"]) < 15
        (detail,) = day.thread(summary)
        for words in ("C-1 Export", "C-2 Import", "the order came late", "B-1", "B-2", "C-3 Sign the order"):
            assert words in shown_in(detail), words
        for name in ("Olaf", "Ada", "Tomas", "Vikram"):
            assert f"Without an answer: {name}" not in str(day.channel())

        (note,) = [item for item in day.channel(INHOUSE) if "Without an answer:" in item["text"]]
        for name in ("Ada Novak (3 times)", "Olaf Lindqvist (2 times)", "Ines Moreau"):
            assert name in note["text"]
        assert not [name for name in ("Vikram", "Tomas") if name in note["text"]]
        assert "C-3 Sign the order" in shown_in(note)
        assert "No key" in shown_in(note)
        assert "Nobody answers the phone" not in shown_in(note)
        assert "Ada Novak (" not in str(day.channel())


async def test_the_summary_is_shown_again_on_request_and_stays_what_it_was(database_address: str) -> None:
    async with stage(database_address, WEDNESDAY) as day:
        assert "There is no weekly summary" in await day.commands("olaf", "/cadence summary")
        await play_the_week(day)
        await day.until(at(17))
        posted = day.board("Weekly summary")["text"]
        await day.answers("ada", day.board("Daily stand-up"), blocked="no")  # late: counts in no summary any more

        for words in ("/cadence summary", "/cadence summary 27 Nov", "/cadence summary week 2026-11-25"):
            told = await day.commands("olaf", words)
            assert told == posted, words
        assert "There is no weekly summary for that week" in await day.commands("olaf", "/cadence summary 13 Nov")
        asked = await day.mentions("vera", "summary")
        assert (
            "Brightlane Systems 1 of 2 · 50 %" in day.thread({**asked, "channel": day.board()["channel"]})[-1]["text"]
        )
        assert day.board("Weekly summary")["text"] == posted


async def test_the_status_tells_when_the_next_weekly_summary_comes(database_address: str) -> None:
    async with stage(database_address, WEDNESDAY) as day:
        await day.settle()
        (coming,) = day.rows(WeeklySummary)
        told = await day.commands("ines", "/cadence status")

        line = next(line for line in told.splitlines() if "Weekly summary" in line)
        assert f"<!date^{int(coming.publishes_at.timestamp())}^" in line


async def test_the_status_shows_what_is_open_and_what_is_ones_own(database_address: str) -> None:
    async with stage(database_address, WEDNESDAY) as day:
        await day.until(at(5, day=25))
        await day.replies("vera", "next: Export by Friday\nblocked: No key")
        await day.until(at(9, day=25))
        await day.replies("ines", "no blockers\nnext: Sign the order by Friday")

        told = await day.commands("ines", "/cadence status")

        for words in ("Daily stand-up", "every weekday", "Northwind Retail 1 of 3", "you have answered"):
            assert words in told, (words, told)
        for words in ("Weekly review", "Weekly summary", "Sign the order", "B-1, No key"):
            assert words in told, (words, told)
        assert "Export" not in told
        assert "you have not answered yet" in await day.commands("olaf", "/cadence status")


async def test_what_is_not_understood_gets_the_help(database_address: str) -> None:
    async with stage(database_address, WEDNESDAY) as day:
        for line in ("/cadence", "/cadence help", "/standup help"):
            told = await day.commands("ada", line)
            assert "/cadence away" in told, line
            assert "/standup" in told, line
        for line in ("/cadence frobnicate the index", "/standup please"):
            told = await day.commands("ada", line)
            assert line.split()[1] in told, line
            assert "/cadence" in told, line

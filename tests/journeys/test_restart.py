"""Stopped in the middle and started again, with the same database: it goes on as if nothing had been."""

from datetime import UTC, datetime
from pathlib import Path

from models.checkins.tables import CheckIn, Reply, Response
from tests.support.databases import chosen_backend, fresh_database
from tests.support.stage import Stage, stage

WEDNESDAY = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)


def at(hour: int, minute: int = 0) -> datetime:
    return WEDNESDAY.replace(hour=hour, minute=minute)


async def the_day(day: Stage, *, is_interrupted: bool) -> list[str]:
    """A day with answers of every kind; interrupted, the application starts again and again in between."""

    async def pause() -> None:
        if is_interrupted:
            await day.restart()

    await pause()
    await day.until(at(4))
    await pause()
    said = await day.replies("vera", "next: Export by Friday\nblocked: No licence key")
    await pause()
    await day.person("ines").clicks(day.board(), "checkin.answer.open")
    await pause()  # the form stays open on her screen
    await day.fills("ines", {"blocked": "no", "next": "Order the key by Friday"})
    await day.commands("ada", "/cadence skip Travelling")
    await day.person("vera").edits(said, "next: Export by Thursday\nblocked: No licence key, needed by 3 Dec")
    await pause()
    await day.until(at(7, 30))
    await pause()
    await day.person("olaf").clicks(day.card("No licence key"), "blocker.mine.press")
    await day.mentions("vikram", "away tomorrow")
    await pause()
    await day.until(at(23))
    return day.transcript


async def test_a_day_reads_the_same_with_restarts_and_over_http(tmp_path: Path) -> None:
    told = []
    for http, is_interrupted in ((False, False), (False, True), (True, False)):
        with fresh_database(chosen_backend(), tmp_path) as address:
            async with stage(address, WEDNESDAY, http=http) as day:
                told.append(sorted(await the_day(day, is_interrupted=is_interrupted)))

    calm, with_restarts, over_http = told  # sorted: what goes to several people at one moment has no order
    assert len(calm) > 25
    assert with_restarts == calm
    assert over_http == calm


async def test_what_people_write_while_the_bot_is_down_is_heard_afterwards(database_address: str) -> None:
    async with stage(database_address, WEDNESDAY) as day:
        await day.until(at(9))
        board = day.board()

        await day.stop()
        await day.person("ada").posts(board["channel"], "no blockers", thread_ts=board["ts"])
        await day.restart()
        await day.settle()

        assert len(day.rows(Reply)) == 1
        assert "1 of 3 answered" in day.board()["text"]
        assert any("Understood from Ada Novak" in item["text"] for item in day.thread(board))


async def test_an_outage_inside_the_window_asks_late_and_one_past_it_is_recorded_as_skipped(
    database_address: str,
) -> None:
    async with stage(database_address, WEDNESDAY) as day:
        await day.settle()
        await day.stop()
        day.clock.set(at(10))
        await day.restart()
        await day.settle()

        assert "opened later than planned" in str(day.board()["blocks"])
        assert "what is next?" in day.directs("ines")[-1]
        assert [row.state.value for row in day.rows(CheckIn) if row.local_date.day == 25] == ["open"]

        await day.until(at(23))
        await day.stop()
        day.clock.set(at(23).replace(day=26))
        await day.restart()
        await day.settle()

        thursday = next(row for row in day.rows(CheckIn) if row.local_date.day == 26)
        assert (thursday.state.value, thursday.skip_reason) == ("skipped", "the bot was not running in its window")
        assert "Thu 26 Nov" not in str([item["text"] for item in day.boards()])
        assert not day.rows(Response)
        await day.until(at(17).replace(day=27))
        assert "1 skipped" in str(day.board("Weekly summary")["blocks"])
        assert "the bot was not running in its window" in day.thread(day.board("Weekly summary"))[0]["text"]

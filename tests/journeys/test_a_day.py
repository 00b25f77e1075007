"""One day of one engagement, from the first board to the report, as both sides live it."""

from datetime import UTC, datetime

from tests.support.stage import SHARED, stage

WEDNESDAY = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)


def at(hour: int, minute: int = 0) -> datetime:
    return WEDNESDAY.replace(hour=hour, minute=minute)


async def test_a_day_from_the_first_board_to_the_report(database_address: str) -> None:
    async with stage(database_address, WEDNESDAY) as day:
        await day.until(at(4))
        board = day.board()
        assert "0 of 3 answered" in board["text"]
        vera = day.person("vera")
        assert "what happened since" in vera.direct_messages()[-1]["text"]

        await vera.posts(
            SHARED, "Import runs.\nnext: Export by Friday\nblocked: no VPN for @Ines", thread_ts=board["ts"]
        )
        await day.settle()
        texts = [reply["text"] for reply in day.thread(board)]
        assert any("Understood" in text for text in texts), texts
        assert "1 of 3 answered" in day.board()["text"]

        await day.until(at(23))
        assert "Closed" in day.board()["text"]
        assert "To act first: B-1" in day.board()["text"]

"""Two matters climb over Christmas, one on each side, each in the working time of the side that must act.

Stuck for more than two weeks: the in-house side rests on 24, 25 December and New Year's Day, the provider on none of
them. Both begin in the same minute, so every difference between them comes from the calendars.
"""

from datetime import UTC, datetime
from typing import Any

from models.access import Side
from models.escalations.rules import EscalationState
from models.escalations.tables import Escalation
from tests.support.stage import EXAMPLE, Stage, shown_in, stage

Json = dict[str, Any]
OPEN, OWNED, ENDED, RESOLVED = (
    EscalationState.OPEN,
    EscalationState.ACKNOWLEDGED,
    EscalationState.EXHAUSTED,
    EscalationState.RESOLVED,
)


def at(day: int, hour: int, minute: int = 0, *, month: int = 12) -> datetime:
    """A moment of December 2026 or January 2027, UTC."""
    return datetime(2026 if month == 12 else 2027, month, day, hour, minute, tzinfo=UTC)


def summaries_alone() -> str:
    """The example without its check-ins: nothing but what is said here happens."""
    head, _, rest = EXAMPLE.read_text().partition("  daily:")
    return f"{head}  summary:{rest.partition('  summary:')[2]}"


def card(play: Stage, number: int) -> Json:
    """The card of an escalation, as it stands in the shared channel."""
    ours = [item for item in play.channel() if item.get("bot_id") and f"*E-{number}*" in shown_in(item)]
    return next(item for item in ours if item.get("thread_ts", item["ts"]) == item["ts"])


def stands(play: Stage) -> list[tuple[EscalationState, int]]:
    """State and level of both."""
    return [(row.state, row.level) for row in play.rows(Escalation)]


def history(play: Stage, number: int) -> list[str]:
    """The lines of an escalation's thread."""
    return [item["text"] for item in play.thread(card(play, number)) if item.get("bot_id")]


def told(play: Stage, name: str, words: str) -> int:
    """How many direct messages of a person say this now."""
    return sum(words in text for text in play.directs(name))


async def the_climb(play: Stage) -> None:
    """Ines waits for the provider, Vera for the in-house side, from Monday 21 December on."""
    await play.until(at(21, 9))
    await play.mentions("ines", "escalate S3: the nightly import fails")
    await play.mentions("vera", "escalate S3: nobody signs the release")
    assert [row.against for row in play.rows(Escalation)] == [Side.VENDOR, Side.INHOUSE]
    assert stands(play) == [(OPEN, 1), (OPEN, 1)]
    assert (told(play, "vera", "E-1"), told(play, "ines", "E-1")) == (1, 0), "Ines raised it: she knows"

    await play.until(at(22, 10))
    assert stands(play) == [(OPEN, 2), (OPEN, 2)], "a working day later, on both sides"
    await play.until(at(24, 10))
    assert stands(play) == [(OPEN, 3), (OPEN, 2)], "Northwind is closed"
    await play.until(at(28, 8))
    assert stands(play) == [(OPEN, 3), (OPEN, 2)], "a weekend is one for both"
    await play.until(at(28, 10))
    assert stands(play) == [(OPEN, 4), (OPEN, 3)]
    assert "level 4 of 4" in shown_in(card(play, 1))
    last = "the owner and executive of Northwind Retail and the lead and executive of Brightlane Systems (level 4)"
    assert f"Next: {last}" in card(play, 2)["text"]
    assert "Wed 30 Dec 09:00 UTC> your time" in card(play, 2)["text"]


async def test_two_weeks_of_climbing_with_different_holidays_on_the_two_sides(database_address: str) -> None:
    async with stage(database_address, at(21, 3), engagement=summaries_alone()) as play:
        await the_climb(play)

        await play.replies("vera", "mine", card(play, 1))
        assert stands(play)[0] == (OWNED, 4)
        await play.until(at(29, 11))
        assert told(play, "vera", "Still stuck?") == 1
        await play.replies("vera", "update: the certificate has expired", card(play, 1))
        await play.until(at(30, 10))
        assert stands(play) == [(OWNED, 4), (OPEN, 4)], "an update moves the clock; nobody has owned the other one"
        await play.replies("vera", "done: a new certificate", card(play, 1))
        assert stands(play)[0] == (OWNED, 4), "only the side that waited closes it"
        await play.replies("ines", "done: it ran tonight", card(play, 1))
        assert stands(play)[0] == (RESOLVED, 4)
        assert history(play, 1)[-1] == "Resolved by Ines Moreau. it ran tonight"

        await play.until(at(1, 16, month=1))
        assert stands(play)[1] == (OPEN, 4), "New Year's Day is a holiday in-house"
        summary = play.board("Weekly summary")["text"]
        assert "2 raised" not in summary, "they were raised before this week"
        assert "E-2" in summary
        await play.until(at(4, 10, month=1))
        assert stands(play)[1] == (ENDED, 4)
        await play.until(at(5, 10, month=1))
        assert [told(play, name, "The ladder has ended") for name in ("ines", "vera", "olaf")] == [2, 2, 0]

        await play.replies("olaf", "I'm on it", card(play, 2))
        assert stands(play)[1] == (OWNED, 4)
        await play.until(at(6, 9, 30, month=1))
        assert told(play, "ines", "The ladder has ended") == 0, "nobody is told what is not so any more"
        await play.replies("vera", "done: signed", card(play, 2))
        assert stands(play)[1] == (RESOLVED, 4)

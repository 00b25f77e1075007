"""Twelve weeks of one engagement in its channel, told as a story; every Friday is counted again by hand."""

import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta

import pytest
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode

from models.checkins.rules import CheckInState, PromptState
from models.checkins.tables import CheckIn, Prompt
from models.outbox.rules import OutboxState
from models.outbox.tables import OutboxMessage, Post
from tests.support.stage import Stage, shown_in, stage

ENGAGEMENT = """
workspace: T0NORTHWIND
engagement: northwind-brightlane
company: Northwind Retail
vendor: Brightlane Systems
channel: C0SHARED
inhouse_channel: C0INHOUSE
zone: Europe/Paris
people:
  inhouse:
    - {name: Ines Moreau, slack: U0INES, role: owner}
    - {name: Ada Novak, slack: U0ADA, zone: Europe/Prague}
  vendor:
    - {name: Vera Iyer, slack: U0VERA, role: lead, zone: Asia/Kolkata, team: T0BRIGHTLANE}
holidays:
  inhouse: {country: FR}
  vendor: {country: IN, subdivision: KA}
cadences:
  daily: {title: Stand-up, repeats: "tue,wed", at: "09:30", window: 4h, reminder: 1h}
  summary: {title: Weekly summary, repeats: Fridays, at: "16:30"}
"""
MONDAY = date(2026, 10, 5)
WEEKS = 12
STAND_UPS = [MONDAY + timedelta(weeks=week, days=day) for week in range(WEEKS) for day in (1, 2)]
OUTAGE = (date(2026, 11, 17), date(2026, 11, 18))
LEAVE = (date(2026, 11, 3), date(2026, 11, 10))
HOLIDAYS = {"Northwind Retail": {date(2026, 11, 11)}, "Brightlane Systems": {date(2026, 10, 20), date(2026, 11, 24)}}
BLOCKED, TAKEN, FREED = date(2026, 10, 27), date(2026, 10, 28), date(2026, 11, 10)
SIDES = {"ines": "Northwind Retail", "ada": "Northwind Retail", "vera": "Brightlane Systems"}


@dataclass
class Promised:
    """A promise as the story knows it: what was said of it and when."""

    number: int
    side: str
    first_due: date
    due: date
    kept_on: date | None = None
    is_dropped: bool = False

    @property
    def is_open(self) -> bool:
        return self.kept_on is None and not self.is_dropped


@dataclass
class Story:
    """Who does what, and what that adds up to."""

    stage: Stage
    week: Counter[tuple[str, str]] = field(default_factory=Counter)
    promises: list[Promised] = field(default_factory=list)

    async def stand_up(self, number: int, day: date) -> None:
        """One stand-up. The provider is asked at 04:00 UTC, the company at 07:30 or 08:30."""
        there = [name for name, side in SIDES.items() if day not in HOLIDAYS[side]]
        if LEAVE[0] <= day <= LEAVE[1]:
            there.remove("ada")
        if "vera" in there:
            await self.vera(number, day)
        await self.stage.until(moment(day, 9))
        if "ines" in there:
            await self.ines(number, day)
        if "ada" in there:
            await self.ada(number)
        await self.stage.until(moment(day, 20))

    async def vera(self, number: int, day: date) -> None:
        """Tells in the thread what became of each promise, and promises the next part. Skips every seventh time."""
        await self.stage.until(moment(day, 5))
        if number % 7 == 5:
            await self.stage.replies("vera", "skip: all day at the customer's")
            self.counts("vera", "skipped")
            return
        lines = [self.becomes(promise, number, day) for promise in self.promises if promise.is_open]
        due = next((later for later in STAND_UPS if later > day), day + timedelta(days=6))
        self.promises.append(Promised(len(self.promises) + 1, SIDES["vera"], due, due))
        lines.append(f"next: Part {len(self.promises)} by {due}")
        lines.append("blocked: No VPN for the new team, needed by 2026-10-30" if day == BLOCKED else "no blockers")
        await self.stage.replies("vera", "\n".join(lines))
        self.counts("vera", "in time")
        if day == FREED:
            await self.settles("vera", "blocker.resolve.open", "It came by mail.")

    def becomes(self, promise: Promised, number: int, day: date) -> str:
        """Every fifth promise is moved once, every eighth dropped, all others are kept."""
        if promise.number % 8 == 0:
            promise.is_dropped = True
            return f"C-{promise.number} dropped: not needed any more"
        if promise.number % 5 == 0 and promise.due == promise.first_due:
            promise.due = next((later for later in STAND_UPS[number + 1 :] if later > day), day + timedelta(days=6))
            return f"C-{promise.number} moved to {promise.due}: the data came late"
        promise.kept_on = day
        return f"C-{promise.number} done"

    async def ines(self, number: int, day: date) -> None:
        """Fills in the form, but forgets every fifth stand-up; takes the blocker."""
        if day == TAKEN:
            await self.stage.person("ines").clicks(self.stage.card("No VPN"), "blocker.mine.press")
            await self.stage.settle()
        if number % 5 == 4:
            self.counts("ines", "missing")
            return
        await self.stage.answers("ines", blocked="no", checked="Read the report.", still="yes")
        self.counts("ines", "in time")

    async def ada(self, number: int) -> None:
        """Writes to the bot directly; every third time only in the evening."""
        is_late = number % 3 == 2
        if is_late:
            await self.stage.until(self.stage.clock.now() + timedelta(hours=9))
        await self.stage.writes("ada", "Tested what came.\nno blockers")
        self.counts("ada", "late" if is_late else "in time")

    async def settles(self, name: str, button: str, note: str) -> None:
        someone = self.stage.person(name)
        await someone.clicks(self.stage.card("No VPN"), button)
        assert not await someone.submits(someone.open_views[-1], {"note": note})
        await self.stage.settle()

    def counts(self, name: str, what: str) -> None:
        self.week[SIDES[name], what] += 1

    async def friday(self, day: date) -> None:
        """The summary must say what happened since the last one, and nothing else."""
        await self.stage.until(moment(day, 17))
        said = self.stage.board("Weekly summary")["text"]
        assert answers_in(said) == {side: self.answers_of(side) for side in HOLIDAYS}, (day, said)
        assert promises_in(said) == {side: self.promises_of(side, day) for side in HOLIDAYS}, (day, said)
        raised, resolved = BLOCKED + timedelta(days=3) == day, FREED + timedelta(days=3) == day
        is_open = BLOCKED < day < FREED
        assert f"Blockers: {raised:d} raised, {resolved:d} resolved, {is_open:d} still open" in said, (day, said)
        self.week.clear()

    def answers_of(self, side: str) -> tuple[int, int, int, int]:
        """Answered, expected, in time, skipped."""
        count = {what: self.week[side, what] for what in ("in time", "late", "skipped", "missing")}
        return count["in time"] + count["late"], sum(count.values()), count["in time"], count["skipped"]

    def promises_of(self, side: str, day: date) -> tuple[int, int, int, int]:
        """Kept by the first date, due, moved, dropped: of those first promised for the days since the last Friday."""
        due = [item for item in self.promises if item.side == side and day - timedelta(days=7) <= item.first_due < day]
        kept = sum(item.kept_on is not None and item.kept_on <= item.first_due for item in due)
        return kept, len(due), sum(item.due != item.first_due for item in due), sum(item.is_dropped for item in due)


def moment(day: date, hour: int) -> datetime:
    return datetime.combine(day, time(hour), UTC)


def answers_in(said: str) -> dict[str, tuple[int, ...]]:
    found = {}
    for side in HOLIDAYS:
        numbers = re.search(rf"{side} (\d+) of (\d+) · \d+ % \((\d+) in time(?:, (\d+) skipped)?", said)
        found[side] = tuple(int(number or 0) for number in numbers.groups()) if numbers else (0, 0, 0, 0)
    return found


def promises_in(said: str) -> dict[str, tuple[int, ...]]:
    found = {}
    for side in HOLIDAYS:
        numbers = re.search(rf"{side} (\d+) of (\d+) · \d+ % kept by the first promised date \((\d+) \w+, (\d+)", said)
        nothing = re.search(rf"{side}: (no data), none was due \(0 moved, 0 dropped\)", said)
        assert numbers or nothing, said
        found[side] = tuple(int(number) for number in numbers.groups()) if numbers else (0, 0, 0, 0)
    return found


class TextFile(SingleFileSnapshotExtension):
    """A text file, to be read in a review."""

    file_extension = "txt"
    _write_mode = WriteMode.TEXT


@pytest.fixture
def as_text(snapshot: SnapshotAssertion) -> SnapshotAssertion:
    return snapshot.use_extension(TextFile)


async def test_a_quarter_of_two_sides_reads_true_every_friday(
    database_address: str, as_text: SnapshotAssertion
) -> None:
    async with stage(database_address, moment(MONDAY, 0), engagement=ENGAGEMENT) as play:
        story = Story(play)
        for number, day in enumerate(STAND_UPS):
            if day == LEAVE[0]:
                await play.commands("ada", f"/cadence away {LEAVE[0]} to {LEAVE[1]}")
            if day == OUTAGE[0]:
                await play.stop()
            elif day == OUTAGE[1]:
                play.clock.set(moment(day + timedelta(days=1), 0))
                await play.restart()
            else:
                await story.stand_up(number, day)
            if day.weekday() == 2:
                await story.friday(day + timedelta(days=2))

        assert play.told.between(moment(date(2026, 10, 26), 0), moment(date(2026, 10, 31), 0)) == as_text
        assert_everybody_was_asked_in_their_morning(play)
        assert_nothing_is_missing_or_double(play)


def assert_everybody_was_asked_in_their_morning(play: Stage) -> None:
    """At half past nine of their own clock, before and after the clocks in Europe went back on 25 October."""
    asked = [line for line in play.transcript if "Bot to Ines: Stand-up" in line or "Bot to Vera: Stand-up" in line]
    assert len(asked) > 2 * (WEEKS - 3)
    assert not [line for line in asked if " 09:30 " not in line]


def assert_nothing_is_missing_or_double(play: Stage) -> None:
    checkins = play.rows(CheckIn)
    held = [row for row in checkins if row.state is CheckInState.CLOSED]
    skipped = {row.local_date: row.skip_reason for row in checkins if row.state is CheckInState.SKIPPED}
    assert sorted(skipped) == list(OUTAGE)
    assert len(held) == len(STAND_UPS) - len(OUTAGE)
    boards = play.boards("Stand-up")
    assert len(boards) == len({item["metadata"]["event_payload"]["k"] for item in boards}) == len(held)
    assert len(play.boards("Weekly summary")) == WEEKS
    answered = [row for row in play.rows(Prompt) if row.state is PromptState.ANSWERED]
    ours = [item for item in play.channel() if item.get("bot_id") and item.get("thread_ts", item["ts"]) != item["ts"]]
    cards, details = 1, WEEKS
    climbing = [row for row in play.rows(Post) if row.kind == "escalation.note"]
    assert climbing
    assert len(ours) == len(answered) + cards + details + len(climbing)
    left = Counter(row.state for row in play.rows(OutboxMessage))
    assert set(left) <= {OutboxState.SENT, OutboxState.DROPPED}
    reminders = [words for name in SIDES for words in play.directs(name) if words.startswith("Still open")]
    assert not reminders
    assert "No open blockers" in shown_in(boards[-1]) or "B-1" not in shown_in(boards[-1])

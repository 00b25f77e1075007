"""Twelve weeks of one engagement: what its people do, and whether every Friday's figures say just that."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from models.access import Side
from models.blockers import service as blocking
from models.blockers.rules import BlockerState, NewBlocker
from models.blockers.tables import Blocker
from models.checkins import service as checkins
from models.checkins.rules import CheckInState
from models.checkins.submissions import Outcome, Promise, Submission, Verdict
from models.checkins.tables import CheckIn, Prompt
from models.clock import ManualClock
from models.commitments.rules import MoveCause
from models.commitments.tables import Commitment
from models.db import Database
from models.outbox.rules import OPEN_STATES
from models.outbox.tables import OutboxMessage
from models.summaries import queries as summaries
from models.summaries.rules import SummaryState
from models.summaries.tables import WeeklySummary
from models.summaries.views import Facts
from tests.support.world import World, build

FIRST_MONDAY = date(2027, 1, 18)
WEEKS = 12
SIDES = {"ines": Side.INHOUSE, "olaf": Side.INHOUSE, "vera": Side.VENDOR, "vik": Side.VENDOR}
HOLIDAYS = {
    Side.INHOUSE: {date(2027, 3, 29)},  # Easter Monday, the day after the clocks went forward in Europe
    # Republic Day, Eid, Holi, Good Friday
    Side.VENDOR: {date(2027, 1, 26), date(2027, 3, 10), date(2027, 3, 22), date(2027, 3, 26)},
}
OUTAGE = {date(2027, 3, 2), date(2027, 3, 3)}
LEAVE = (date(2027, 2, 8), date(2027, 2, 12))
BLOCKED, FREED = date(2027, 2, 1), date(2027, 2, 15)
FREE = Submission(is_blocked=False, note="All as planned.")


@dataclass
class Story:
    """The people's doings, and what they add up to for the next summary."""

    world: World
    answers: Counter[tuple[Side, str]] = field(default_factory=Counter)
    promises: Counter[str] = field(default_factory=Counter)
    blockers: Counter[str] = field(default_factory=Counter)
    skipped: int = 0

    def until(self, day: date, hour: int) -> None:
        self.world.until(datetime.combine(day, time(hour), UTC))

    def day(self, day: date) -> None:
        """One working day; the provider's people are asked at 04:00 UTC, the company's at 07:30 or 08:30."""
        there = {name for name, side in SIDES.items() if day not in HOLIDAYS[side]}
        if LEAVE[0] <= day <= LEAVE[1]:
            there.discard("olaf")
        for name in SIDES.keys() - there:
            self.answers[SIDES[name], "excused"] += 1
        self.until(day, 5)
        if "vera" in there:
            self.vera(day)
        if "vik" in there and day.weekday() != 3:
            self.world.direct("vik", "Tests run.\nno blockers")
            self.answers[Side.VENDOR, "on_time"] += 1
        self.until(day, 9)
        if "ines" in there:
            self.ines(day)
        if "olaf" in there:
            self.olaf(day)
        self.until(day, 14)
        if "vik" in there and day.weekday() == 3:  # on Thursdays he comes to it when the report is out
            self.world.replies("vik", day, "no blockers")
            self.answers[Side.VENDOR, "late"] += 1

    def vera(self, day: date) -> None:
        """Promises on Mondays for Thursday; then keeps, moves or drops it in turn. What was moved she keeps."""
        week, open_one = (day - FIRST_MONDAY).days // 7, self.open_promise()
        said = FREE
        if day.weekday() == 0:
            kept = (Outcome(open_one.id, Verdict.KEPT),) if open_one else ()
            self.promises["kept"] += len(kept)
            promise = Promise(f"Part {week}", day + timedelta(days=3))
            said = Submission(is_blocked=False, outcomes=kept, promises=(promise,))
        elif day.weekday() == 3 and open_one:
            said = Submission(is_blocked=False, outcomes=(self.verdict(week, open_one, day),))
        if day == BLOCKED:
            said = Submission(said.answers, said.outcomes, said.promises, True, (self.no_access(),))
            self.blockers["raised"] += 1
        self.world.answers("vera", day, said)
        self.answers[Side.VENDOR, "on_time"] += 1

    def verdict(self, week: int, promise: Commitment, day: date) -> Outcome:
        self.promises["due"] += 1
        match week % 3:
            case 0:
                self.promises["moved"] += 1
                cause = MoveCause.INHOUSE
                return Outcome(promise.id, Verdict.MOVED, day + timedelta(days=4), cause, "the data came late")
            case 1:
                self.promises["kept"] += 1
                self.promises["kept_original"] += 1
                return Outcome(promise.id, Verdict.KEPT)
            case _:
                self.promises["dropped"] += 1
                return Outcome(promise.id, Verdict.DROPPED, reason="not needed any more")

    def open_promise(self) -> Commitment | None:
        found = [row for row in self.world.rows(Commitment) if row.closed_on is None]
        return min(found, key=lambda row: row.current_due, default=None)

    def no_access(self) -> NewBlocker:
        return NewBlocker("No access to the test database", Side.INHOUSE, self.world.place("ines"), FREED)

    def ines(self, day: date) -> None:
        """Answers every day in the form; she takes what blocks the provider, and frees it after two weeks."""
        self.world.answers("ines", day, FREE)
        self.answers[Side.INHOUSE, "on_time"] += 1
        if day == BLOCKED:
            self.world.does("ines", blocking.take, self.world.one(Blocker).id)
        if day == FREED:
            self.world.does("ines", blocking.resolve, self.world.one(Blocker).id, "Opened the firewall")
            self.blockers["resolved"] += 1

    def olaf(self, day: date) -> None:
        """Writes in the thread, forgets Wednesdays and skips every Tuesday."""
        match day.weekday():
            case 2:
                self.answers[Side.INHOUSE, "missing"] += 1
            case 1:
                self.world.replies("olaf", day, "skip: in the steering committee")
                self.answers[Side.INHOUSE, "skipped"] += 1
            case _:
                self.world.replies("olaf", day, "Read the report.\nno blockers")
                self.answers[Side.INHOUSE, "on_time"] += 1

    def outage(self) -> None:
        """Two days without a bot: nobody is asked, nobody is counted, nothing is made up for afterwards."""
        self.world.clock.set(datetime.combine(max(OUTAGE), time(22), UTC))
        self.world.advance()
        for day in OUTAGE:
            assert self.world.checkin(day).skip_reason == "the bot was not running in its window"
            self.skipped += 1
            for side in SIDES.values():
                self.answers[side, "excused"] += 1

    def friday(self, number: int) -> None:
        """The summary says what was done since the last one."""
        published = [row for row in self.world.rows(WeeklySummary) if row.state is SummaryState.PUBLISHED]
        assert len(published) == number
        last = published[-1]
        assert last.published_at == last.publishes_at
        facts = self.world.sees("system", summaries.summary, last.workspace_id, last.id).facts
        self.check_answers(facts)
        self.check_promises(facts)
        said = {"raised": len(facts.raised), "resolved": len(facts.resolved)}
        assert said == {key: self.blockers[key] for key in said}
        is_blocked = BLOCKED <= last.local_date < FREED
        assert len(facts.still_open) == is_blocked
        assert len(facts.skipped_checkins) == self.skipped
        assert facts.checkins == 5 - self.skipped
        self.answers, self.promises, self.blockers, self.skipped = Counter(), Counter(), Counter(), 0

    def check_answers(self, facts: Facts) -> None:
        for row in facts.participation:
            kinds = ("excused", "on_time", "late", "missing", "skipped")
            sides = [row.side] if row.side else list(Side)
            expected = {kind: sum(self.answers[side, kind] for side in sides) for kind in kinds}
            assert {kind: getattr(row, kind) for kind in kinds} == expected, (self.world.clock.now(), row.side)
            assert row.scheduled == sum(expected.values()) == 10 * len(sides)

    def check_promises(self, facts: Facts) -> None:
        vendor = next(row for row in facts.on_time if row.side is Side.VENDOR)
        company = next(row for row in facts.on_time if row.side is Side.INHOUSE)
        kinds = ("due", "kept_original", "moved", "dropped")
        assert {kind: getattr(vendor, kind) for kind in kinds} == {kind: self.promises[kind] for kind in kinds}
        assert [len(facts.kept), len(facts.moved), len(facts.dropped), len(facts.overdue)] == [
            *(self.promises[kind] for kind in ("kept", "moved", "dropped")),
            0,
        ]
        assert company.original is None  # the company promised nothing: no data, neither 0 % nor 100 %


def test_every_friday_tells_what_twelve_weeks_of_people_did(db: Database, clock: ManualClock) -> None:
    clock.set(datetime.combine(FIRST_MONDAY, time(0, 30), UTC))
    story = Story(build(db, clock))
    story.world.advance()
    story.world.does("olaf", checkins.away, *LEAVE)

    for week in range(WEEKS):
        days = [FIRST_MONDAY + timedelta(days=7 * week + number) for number in range(5)]
        for day in days:
            if day not in OUTAGE:
                story.day(day)
            elif day == max(OUTAGE):
                story.outage()
        story.until(days[-1], 16)
        story.friday(week + 1)

    everybody_was_asked_at_half_past_nine_by_their_own_clock(story.world)
    the_blocker_was_open_for_two_weeks(story.world)
    nothing_was_said_twice_and_nothing_is_left(story.world)


def everybody_was_asked_at_half_past_nine_by_their_own_clock(world: World) -> None:
    zones = {world.place(name): ZoneInfo(world.people[name][4]) for name in SIDES}
    prompts = world.rows(Prompt)
    assert {row.ask_at.astimezone(zones[row.participant_id]).time() for row in prompts} == {time(9, 30)}
    assert {row.ask_at.hour for row in prompts if row.side is Side.INHOUSE} == {7, 8}  # the clocks changed between
    late = {row.asked_at - row.ask_at for row in prompts if row.asked_at}
    assert late == {timedelta()}


def the_blocker_was_open_for_two_weeks(world: World) -> None:
    blocker = world.one(Blocker)
    assert blocker.state is BlockerState.RESOLVED
    assert blocker.resolved_at
    assert (blocker.raised_at.date(), blocker.resolved_at.date()) == (BLOCKED, FREED)


def nothing_was_said_twice_and_nothing_is_left(world: World) -> None:
    days = Counter(row.local_date for row in world.rows(CheckIn) if row.opened_at)
    assert len(days) == 5 * WEEKS - len(OUTAGE)
    opened = [row for row in world.rows(CheckIn) if row.opened_at]
    assert {row.state for row in opened} == {CheckInState.CLOSED}
    said = [row for row in world.said() if not row.kind.startswith("escalation.")]  # tells several people, again daily
    posted = Counter((row.kind, row.subject_id) for row in said)
    assert set(posted.values()) == {1}
    assert len({row.post_key for row in world.said()}) == len(world.said())
    boards = {subject for kind, subject in posted if kind == "checkin.board"}
    assert boards == {row.id for row in opened}
    asked = {subject for kind, subject in posted if kind == "checkin.prompt"}
    assert asked == {row.id for row in world.rows(Prompt) if row.asked_at}
    reminded = {subject for kind, subject in posted if kind == "checkin.reminder"}
    assert reminded == {row.id for row in world.rows(Prompt) if row.reminded_at}
    weekly = {subject for kind, subject in posted if kind == "summary.weekly"}
    assert weekly == {row.id for row in world.rows(WeeklySummary) if row.published_at}
    assert len(weekly) == WEEKS
    assert not [row for row in world.rows(OutboxMessage) if row.state in OPEN_STATES]

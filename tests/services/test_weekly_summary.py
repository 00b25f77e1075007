"""The weekly summary of real rows: right, complete, counted once, and frozen."""

import random
from contextlib import suppress
from datetime import date, time, timedelta
from uuid import UUID

import pytest

from models.access import SYSTEM, Role, Side
from models.blockers import service as blocking
from models.blockers.tables import Blocker
from models.cadences.tables import Cadence
from models.checkins import service as checkins
from models.checkins.rules import CheckInState
from models.checkins.submissions import NewBlocker, Outcome, Promise, Submission, Verdict
from models.checkins.tables import CheckIn, Prompt
from models.clock import ManualClock
from models.commitments.rules import CommitmentState
from models.commitments.tables import Commitment
from models.db import Database
from models.engagements.rules import EngagementState
from models.engagements.tables import Engagement, SideHolidays
from models.errors import Conflict
from models.escalations.tables import Escalation
from models.outbox.rules import Audience, Place
from models.summaries import queries
from models.summaries.rules import SummaryState
from models.summaries.tables import WeeklySummary
from models.summaries.views import Facts
from tests.support.world import World, at, build, nov

pytestmark = pytest.mark.slow

FRIDAY_EVENING = at(27, 15, 30)
"""16:30 in Paris."""


@pytest.fixture
def world(db: Database, clock: ManualClock) -> World:
    """Without public holidays: the tests set their own."""
    return build(db, clock, countries=(None, None))


def published(world: World) -> list[tuple[WeeklySummary, Facts]]:
    rows = sorted(world.rows(WeeklySummary), key=lambda row: row.local_date)
    with world.db.read(SYSTEM) as tx:
        return [
            (row, queries.FACTS.validate_json(tx.unseal(row, "facts")))
            for row in rows
            if row.state is SummaryState.PUBLISHED
        ]


def week(world: World) -> None:
    """The week of the definition: 13 answers in time, 2 late, 2 missing, 1 leave day, a provider's holiday."""
    world.change(SideHolidays, {"side": Side.VENDOR}, own_days={"2026-11-24": "Founders' Day"})
    world.does("ines", checkins.away, nov(26), nov(26))
    for day in range(23, 28):
        world.until(at(day, 8, 30))
        for name in ("ines", "olaf"):
            if (name, day) not in {("ines", 26), ("olaf", 25)}:
                world.answers(name, nov(day), Submission(note="x"))
        for name in ("vera", "vik"):
            if day == 24 or (name, day) == ("vik", 27):
                continue
            late = (name, day) in {("vera", 23), ("vik", 23)}
            moment = at(day, 9 if late else 8, 40 if late else 30)
            world.until(max(moment, world.clock.now()))
            world.answers(name, nov(day), Submission(note="x"))
    world.until(FRIDAY_EVENING)


def test_participation_of_the_worked_week(db: Database, clock: ManualClock) -> None:
    world = build(db, clock, countries=(None, None), window_minutes=285)
    week(world)

    _, facts = published(world)[0]

    figures = {
        item.side: (item.expected, round(100 * (item.response or 0), 2), round(100 * (item.timely or 0), 2))
        for item in facts.participation
    }
    assert figures == {
        Side.INHOUSE: (9, 88.89, 88.89),
        Side.VENDOR: (8, 87.50, 62.50),
        None: (17, 88.24, 76.47),
    }


def test_delivery_of_the_worked_period(world: World) -> None:
    """Five promises of Vera's: kept before, moved and kept, kept late, not kept, kept on the day."""
    world.change(Cadence, {"key": "summary"}, rule="FREQ=MONTHLY;BYMONTHDAY=7")
    world.until(at(23, 4, 30))
    due = {"C1": 25, "C2": 26, "C3": 27, "C4": 30, "C5": 31}
    dates = {name: nov(23) + timedelta(days=day - 23) for name, day in due.items()}
    world.answers("vera", nov(23), Submission(promises=tuple(Promise(name, day) for name, day in dates.items())))
    ids = dict(zip(due, [row.id for row in world.rows(Commitment)], strict=True))

    def says(day: date, *outcomes: Outcome) -> None:
        world.until(at(day.day, 4, 30, month=day.month))
        world.answers("vera", day, Submission(outcomes=outcomes))

    says(nov(24), Outcome(ids["C1"], Verdict.KEPT), Outcome(ids["C2"], Verdict.MOVED, nov(30), None, "client"))
    says(nov(30), Outcome(ids["C2"], Verdict.KEPT))
    says(date(2026, 12, 1), Outcome(ids["C3"], Verdict.KEPT), Outcome(ids["C5"], Verdict.KEPT))
    world.until(at(7, 16, month=12))

    vendor = published(world)[-1][1].on_time[1]
    assert (vendor.kept_original, vendor.due, vendor.kept_current, vendor.due_current) == (2, 5, 3, 5)


def test_without_data_there_is_no_figure(world: World) -> None:
    world.change(Cadence, {"key": "daily"}, is_active=False)
    world.until(FRIDAY_EVENING)

    facts = published(world)[0][1]
    assert [item.response for item in facts.participation] == [None] * 3
    assert [item.original for item in facts.on_time] == [None] * 3


def test_frozen_facts_do_not_change_afterwards(world: World) -> None:
    world.until(FRIDAY_EVENING)
    before = published(world)[0][1]

    world.answers("vera", nov(27), Submission(note="Late.", blockers=(NewBlocker("no VPN"),)))
    world.until(at(28, 12))

    assert published(world)[0][1] == before


def test_a_published_summary_is_posted_with_its_detail_in_the_thread(world: World) -> None:
    world.until(FRIDAY_EVENING)

    row = published(world)[0][0]
    weekly, detail = world.said("summary.weekly", "summary.detail")
    assert (weekly.key, detail.parent_key) == (f"summary:{row.id}", f"summary:{row.id}")


def test_the_in_house_part_goes_to_the_in_house_channel_alone(world: World) -> None:
    world.until(FRIDAY_EVENING)

    assert [(row.place, row.audience) for row in world.said("summary.inhouse")] == [(Place.INHOUSE, Audience.INHOUSE)]


def test_without_an_in_house_channel_there_is_no_in_house_part(db: Database, clock: ManualClock) -> None:
    world = build(db, clock, inhouse_channel=None)

    world.until(FRIDAY_EVENING)

    assert world.said("summary.inhouse") == []


def test_only_missing_people_of_the_in_house_side_are_named(world: World) -> None:
    world.until(FRIDAY_EVENING)

    assert {who.side for who in published(world)[0][1].missing_inhouse} == {Side.INHOUSE}


def test_an_outage_over_friday_evening_publishes_late(world: World) -> None:
    world.until(at(27, 14))
    world.clock.set(at(30, 1))

    world.advance()

    assert published(world)[0][0].published_at == at(30, 1)


def test_an_outage_over_days_skips_the_summary_and_says_why(world: World) -> None:
    world.until(at(27, 14))
    world.clock.set(at(1, 1, month=12))

    world.advance()

    skipped = world.one(WeeklySummary, state=SummaryState.SKIPPED)
    assert skipped.skip_reason == "the bot was not running at its time"


def test_the_summary_after_a_skipped_one_reports_its_days_too(world: World) -> None:
    world.until(FRIDAY_EVENING)
    world.until(at(3, 5, month=12))
    world.answers("vera", date(2026, 12, 3), Submission(promises=(Promise("A", date(2026, 12, 3)),)))
    world.clock.set(at(9, 0, month=12))
    world.until(at(11, 16, month=12))

    row, facts = published(world)[-1]
    assert (row.local_date, row.first_day) == (date(2026, 12, 11), nov(28))
    assert facts.on_time[1].due == 1


def test_a_summary_every_second_week_reports_both_weeks(db: Database, clock: ManualClock) -> None:
    world = build(db, clock, countries=(None, None))
    world.change(Cadence, {"key": "summary"}, rule="FREQ=WEEKLY;INTERVAL=2;BYDAY=FR", starts_on=nov(27))
    world.until(at(1, 5, month=12))
    world.answers("vera", date(2026, 12, 1), Submission(promises=(Promise("A", date(2026, 12, 2)),)))

    world.until(at(11, 16, month=12))

    assert published(world)[-1][1].on_time[1].due == 1


def test_a_promise_for_a_day_that_was_reported_already_is_counted_the_next_time(world: World) -> None:
    world.until(at(27, 16))
    world.answers("vera", nov(25), Submission(promises=(Promise("A", nov(26)),)))

    world.until(at(4, 16, month=12))

    assert [facts.on_time[1].due for _, facts in published(world)] == [0, 1]


def test_a_check_in_skipped_after_the_summary_is_named_in_the_next_one(db: Database, clock: ManualClock) -> None:
    world = build(db, clock, countries=(None, None), at=time(20), zone="Europe/Paris")
    world.until(at(27, 16))
    for name in ("ines", "olaf", "vera", "vik"):
        world.does(name, checkins.away, nov(27), nov(27))

    world.until(at(4, 16, month=12))

    assert [len(facts.skipped_checkins) for _, facts in published(world)] == [0, 1]


def test_a_paused_engagement_publishes_nothing(world: World) -> None:
    world.until(at(27, 14))
    world.change(Engagement, {}, state=EngagementState.PAUSED)

    world.until(at(27, 18))

    assert world.said("summary.weekly") == []


def test_a_summary_that_resumes_starts_from_now_and_never_bursts(world: World) -> None:
    world.change(Cadence, {"key": "daily"}, is_active=False)
    world.change(Cadence, {"key": "summary"}, ends_on=nov(27))
    world.until(at(1, 0, month=2, year=2027))

    world.change(Cadence, {"key": "summary"}, ends_on=None)
    world.advance()

    assert sorted(row.local_date for row in world.rows(WeeklySummary)) == [nov(27), date(2027, 2, 5)]


def test_a_new_hour_moves_the_summary(world: World) -> None:
    world.advance()
    world.change(Cadence, {"key": "summary"}, at=time(12))
    world.advance()

    assert [row.publishes_at for row in world.rows(WeeklySummary)] == [at(27, 11)]


@pytest.mark.parametrize("name", ["vera", "ada", "ines"])
def test_everybody_on_the_roster_may_read_it(world: World, name: str) -> None:
    world.until(FRIDAY_EVENING)

    found = world.sees(name, queries.published, world.engagement_id, nov(25))

    assert found is not None
    assert found.first_day == nov(21)


@pytest.mark.parametrize("seed", range(2))
def test_nothing_is_lost_or_counted_twice_over_random_weeks(world: World, seed: int) -> None:
    """Every prompt of a closed check-in, every skipped check-in and every due promise is in exactly one summary."""
    chance = random.Random(seed)
    history(world, chance)

    found = published(world)
    traces: dict[str, list[str]] = {}
    for _, facts in found:
        for figure, ids in facts.trace.items():
            traces.setdefault(figure, []).extend(ids)
    last = found[-1][0]
    assert last.published_at is not None
    over = [
        row
        for row in world.rows(CheckIn)
        if (row.closed_at and row.closed_at < last.published_at)
        or (row.state is CheckInState.SKIPPED and row.local_date <= last.last_day)
    ]
    prompts = [str(row.id) for row in world.rows(Prompt) if row.checkin_id in {item.id for item in over}]
    due = [
        str(row.id)
        for row in world.rows(Commitment)
        if row.promised_due < last.last_day and row.state is not CommitmentState.WITHDRAWN
        and row.made_at < last.published_at
    ]  # fmt: skip
    assert sorted(traces["check_ins"]) == sorted(str(row.id) for row in over)
    assert sorted(traces["participation"]) == sorted(prompts)
    assert sorted(traces["on_time"]) == sorted(due)


def history(world: World, chance: random.Random) -> None:
    """Two weeks of answers, some late, of promises for any day, of pauses and outages."""
    for day in range(14):
        morning = at(23, 4, 30) + timedelta(days=day)
        if chance.random() < 0.15:
            world.clock.set(morning + timedelta(hours=chance.choice([3, 9, 30])))  # an outage
        world.until(max(morning, world.clock.now()))
        for name in ("vera", "ines"):
            open_or_closed = [row for row in world.rows(CheckIn) if row.state in ("open", "closed")]
            if not open_or_closed or chance.random() < 0.3:
                continue
            checkin = chance.choice(open_or_closed[-3:])
            due = checkin.local_date + timedelta(days=chance.randint(-4, 9))
            said = Submission(promises=(Promise(f"{name} {day}", due),))
            with suppress(Conflict):
                world.answers(name, checkin.local_date, said)
        world.until(max(morning + timedelta(hours=chance.choice([1, 6, 12])), world.clock.now()))
    world.until(max(at(11, 16, month=12), world.clock.now()))


def test_every_traced_id_is_there(world: World) -> None:
    world.until(at(23, 4, 30))
    world.answers("vera", nov(23), Submission(promises=(Promise("A"),), blockers=(NewBlocker("no VPN"),)))
    world.until(FRIDAY_EVENING)

    tables = {"check_ins": CheckIn, "participation": Prompt, "on_time": Commitment, "commitments": Commitment,
              "blockers": Blocker, "escalations": Escalation}  # fmt: skip
    trace = published(world)[0][1].trace
    assert set(trace) == {*tables, "answers_given", "answers_due"}
    for figure, table in tables.items():
        assert trace[figure]
        assert {UUID(row_id) for row_id in trace[figure]} <= {row.id for row in world.rows(table)}  # type: ignore[type-var]


def test_blockers_of_the_week_are_told_apart(world: World) -> None:
    world.until(at(23, 4, 30))
    world.answers("vera", nov(23), Submission(blockers=(NewBlocker("A"), NewBlocker("B"))))
    world.does("vera", blocking.resolve, world.one(Blocker, number=1).id, "")
    world.until(FRIDAY_EVENING)

    facts = published(world)[0][1]
    assert [line.what for line in facts.raised] == ["A", "B"]
    assert [line.what for line in facts.resolved] == ["A"]
    assert [line.what for line in facts.still_open] == ["B"]


def test_a_promise_kept_in_one_week_is_listed_in_that_week_alone(world: World) -> None:
    world.until(at(23, 4, 30))
    world.answers("vera", nov(23), Submission(promises=(Promise("A", nov(25)),)))
    world.until(at(25, 4, 30))
    kept = Outcome(world.one(Commitment).id, Verdict.KEPT)
    world.answers("vera", nov(25), Submission(outcomes=(kept,)))
    world.until(at(30, 4, 30))

    world.answers("vera", nov(25), Submission(outcomes=(kept,), note="One more thing."))
    world.until(at(4, 16, month=12))

    assert [len(facts.kept) for _, facts in published(world)] == [1, 0]


def test_observers_are_in_no_figure(world: World) -> None:
    world.joins("eva", ("U0EVA", "Eva", Side.INHOUSE, Role.EXECUTIVE, "Europe/Paris"))
    world.until(FRIDAY_EVENING)

    assert published(world)[0][1].participation[0].scheduled == 10

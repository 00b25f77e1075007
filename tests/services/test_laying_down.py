"""Which check-ins are laid down, and when: recurrence, edits, pauses, zones, both clock changes."""

from datetime import UTC, date, datetime, time, timedelta

import pytest

from models.access import Role, Side
from models.cadences.tables import Cadence
from models.calendars.local_time import local_clock
from models.checkins import replies
from models.checkins.rules import CheckInState, PromptState, Source
from models.checkins.submissions import Submission
from models.checkins.tables import CheckIn, Prompt
from models.clock import ManualClock
from models.db import Database
from models.engagements.rules import EngagementState
from models.engagements.tables import Engagement, Participant, SideHolidays
from scheduler.due import DueQueue
from scheduler.steps import STEPS
from tests.support.world import World, at, build, nov


def dates(world: World) -> list[date]:
    return sorted(row.local_date for row in world.rows(CheckIn))


def daily(world: World, **values: object) -> None:
    world.change(Cadence, {"key": "daily"}, **values)
    world.advance()


def test_the_next_occurrence_is_laid_down_at_once(world: World) -> None:
    world.advance()

    assert dates(world) == [nov(23)]
    assert {prompt.state for prompt in world.rows(Prompt)} == {PromptState.WAITING}


def test_only_people_who_are_asked_get_an_invitation(world: World) -> None:
    world.advance()

    invited = {prompt.participant_id for prompt in world.rows(Prompt)}
    assert invited == {world.place(name) for name in ("ines", "olaf", "vera", "vik")}


def test_a_cadence_that_starts_after_the_hour_begins_with_the_next_day(world: World) -> None:
    world.clock.set(at(23, 4, 1))

    world.advance()

    assert dates(world) == [nov(24)]


def test_a_new_time_moves_the_check_in_that_has_not_opened(world: World) -> None:
    world.advance()

    daily(world, at=time(11, 0))

    assert world.checkin(nov(23)).opens_at == at(23, 5, 30)
    assert world.checkin(nov(23)).due_at == at(23, 5, 30)


def test_a_new_window_moves_deadlines_and_reminders(world: World) -> None:
    world.advance()

    daily(world, window_minutes=60, reminder_minutes=15)

    vera = world.prompt("vera", nov(23))
    assert (vera.remind_at, vera.deadline_at) == (at(23, 4, 45), at(23, 5))


def test_a_new_rule_replaces_a_date_it_does_not_fall_on(world: World) -> None:
    world.advance()

    daily(world, rule="FREQ=WEEKLY;BYDAY=TH")

    assert dates(world) == [nov(26)]


def test_a_new_rule_brings_a_nearer_date(db: Database, clock: ManualClock) -> None:
    world = build(db, clock, rule="FREQ=WEEKLY;BYDAY=FR")
    world.advance()

    daily(world, rule="FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR")

    assert dates(world) == [nov(23)]


def test_an_end_date_before_the_next_check_in_takes_it_away(world: World) -> None:
    world.until(at(23, 5))

    daily(world, ends_on=nov(23))

    assert dates(world) == [nov(23)]


def test_a_start_date_that_is_put_off_takes_the_next_check_in_along(world: World) -> None:
    world.advance()

    daily(world, starts_on=date(2026, 12, 1))

    assert dates(world) == [date(2026, 12, 1)]


def test_a_time_moved_to_earlier_today_opens_the_check_in_at_once(world: World) -> None:
    world.until(at(23, 3, 30))

    daily(world, at=time(8, 0))

    assert world.checkin(nov(23)).state is CheckInState.OPEN


def test_a_time_moved_to_a_window_that_is_over_begins_with_the_next_day(db: Database, clock: ManualClock) -> None:
    world = build(db, clock, at=time(20, 0))
    world.until(at(23, 14, 0))

    daily(world, at=time(6, 0))

    assert dates(world) == [nov(24)]


def test_an_early_answer_survives_a_new_rule(world: World) -> None:
    world.advance()
    world.answers("vera", nov(23), Submission(note="Early."))

    daily(world, rule="FREQ=WEEKLY;BYDAY=TH")

    assert world.prompt("vera", nov(23)).state is PromptState.ANSWERED


def test_an_early_skip_by_message_survives_a_new_rule(world: World) -> None:
    world.advance()
    world.direct("vera", "skip: at the dentist")

    daily(world, rule="FREQ=WEEKLY;BYDAY=TH")

    assert world.one(Cadence, key="daily").due_failures == 0
    assert world.prompt("vera", nov(23)).state is PromptState.SKIPPED


def test_somebody_who_leaves_after_taking_an_early_answer_back_does_not_stop_the_cadence(world: World) -> None:
    world.advance()
    ts = world.direct("vik", "next: the login page")
    world.does("vik", replies.deleted, channel_id="D0VIK", ts=ts)

    world.change(Participant, {"id": world.place("vik")}, is_active=False)
    world.advance()

    assert world.one(Cadence, key="daily").due_failures == 0


def test_a_new_colleague_is_invited_to_the_next_check_in(world: World) -> None:
    world.until(at(23, 5))

    world.joins("uma", ("U0UMA", "Uma Das", Side.VENDOR, Role.MEMBER, "Asia/Kolkata"))
    world.advance()

    assert world.prompt("uma", nov(24)).state is PromptState.WAITING
    assert len([prompt for prompt in world.rows(Prompt) if prompt.checkin_id == world.checkin(nov(23)).id]) == 4


def test_somebody_who_left_is_not_invited_to_the_next_check_in(world: World) -> None:
    world.until(at(23, 5))
    gone = world.place("vik")

    world.change(Participant, {"id": gone}, is_active=False)
    world.advance()

    assert gone not in {row.participant_id for row in world.rows(Prompt) if row.checkin_id == world.checkin(nov(24)).id}


def test_a_pause_leaves_nothing_to_open(world: World) -> None:
    world.advance()

    daily(world, is_active=False)
    world.until(at(27, 20))

    assert [row for row in world.said() if row.kind == "checkin.board"] == []


def test_a_pause_that_ends_at_once_loses_no_check_in(world: World) -> None:
    world.advance()
    daily(world, is_active=False)

    daily(world, is_active=True)

    assert world.checkin(nov(23)).state is CheckInState.SCHEDULED


def test_a_paused_cadence_does_not_open_what_waits_for_the_other_side(world: World) -> None:
    """The provider has a holiday: the check-in waits for the in-house hour, past its first opening."""
    world.change(SideHolidays, {"side": Side.VENDOR}, own_days={"2026-11-23": "Founders' Day"})
    world.until(at(23, 6))

    daily(world, is_active=False)
    world.until(at(23, 12))

    assert world.said("checkin.board") == []


def test_a_resumed_cadence_starts_from_now_and_never_bursts(world: World) -> None:
    world.until(at(23, 13))
    daily(world, is_active=False)
    world.clock.set(at(10, 0, month=12) + timedelta(hours=12))

    daily(world, is_active=True)

    assert [day for day in dates(world) if day > nov(24)] == [date(2026, 12, 11)]


def test_a_resumed_engagement_starts_from_now_and_never_bursts(world: World) -> None:
    world.until(at(23, 13))
    world.change(Engagement, {}, state=EngagementState.PAUSED)
    world.advance()
    world.clock.set(at(10, 12, month=12))

    world.change(Engagement, {}, state=EngagementState.ACTIVE)
    world.advance()

    assert [day for day in dates(world) if day > nov(24)] == [date(2026, 12, 11)]


def test_an_extended_end_starts_from_now_and_never_bursts(db: Database, clock: ManualClock) -> None:
    world = build(db, clock, ends_on=nov(24))
    world.until(at(14, 0, month=12))

    daily(world, ends_on=None)

    assert dates(world) == [nov(23), nov(24), date(2026, 12, 14)]


def test_a_roster_that_was_empty_starts_from_now_and_never_bursts(world: World) -> None:
    world.until(at(23, 13))
    everybody = [world.place(name) for name in ("ines", "olaf", "vera", "vik")]
    for place in everybody:
        world.change(Participant, {"id": place}, is_active=False)
    world.until(at(14, 0, month=12))

    for place in everybody:
        world.change(Participant, {"id": place}, is_active=True)
    world.advance()

    assert [day for day in dates(world) if day > nov(24)] == [date(2026, 12, 14)]


def test_a_cadence_ends_with_its_last_day(db: Database, clock: ManualClock) -> None:
    world = build(db, clock, ends_on=nov(25))

    world.until(at(30, 0))

    assert dates(world) == [nov(23), nov(24), nov(25)]
    assert world.one(Cadence, key="daily").due_at is None


def test_every_second_week_is_counted_from_the_start(db: Database, clock: ManualClock) -> None:
    world = build(db, clock, rule="FREQ=WEEKLY;INTERVAL=2;BYDAY=TU", starts_on=nov(3))

    world.until(at(20, 0, month=12))

    assert dates(world) == [date(2026, 12, 1), date(2026, 12, 15), date(2026, 12, 29)]


def test_the_first_monday_of_a_month(db: Database, clock: ManualClock) -> None:
    world = build(db, clock, rule="FREQ=MONTHLY;BYDAY=1MO")

    world.until(at(5, 0, month=1, year=2027))

    assert dates(world) == [date(2026, 12, 7), date(2027, 1, 4), date(2027, 2, 1)]


def test_a_date_has_one_check_in_whatever_runs_twice(world: World) -> None:
    other = DueQueue(world.db, STEPS)
    for day in range(23, 28):
        for hour in (3, 4, 4, 9, 13, 13):
            if at(day, hour) >= world.clock.now():
                world.clock.set(at(day, hour))
            world.change(Cadence, {"key": "daily"})
            world.advance()
            other.run()

    assert dates(world) == [nov(day) for day in (23, 24, 25, 26, 27, 30)]


ZONES = {
    "nell": ("U0NELL", "Nell", Side.INHOUSE, Role.OWNER, "America/New_York"),
    "lena": ("U0LENA", "Lena", Side.VENDOR, Role.LEAD, "Europe/Lisbon"),
}


@pytest.mark.parametrize(("first", "days"), [(date(2026, 10, 23), 12), (date(2026, 3, 6), 4), (date(2026, 3, 27), 4)])
def test_people_in_two_zones_are_asked_at_their_own_hour_through_both_clock_changes(
    db: Database, first: date, days: int
) -> None:
    start = ManualClock(datetime.combine(first, time(0), tzinfo=UTC))
    db.clock = start
    world = build(db, start, people=ZONES, workdays="0123456", countries=(None, None), rule="FREQ=DAILY",
                  starts_on=first)  # fmt: skip

    world.until(start.now() + timedelta(days=days))

    zones = {world.place(name): entry[4] for name, entry in ZONES.items()}
    asked = [local_clock(row.asked_at, zones[row.participant_id]) for row in world.rows(Prompt) if row.asked_at]
    assert {moment.time() for moment in asked} == {time(9, 30)}
    assert len(asked) == 2 * days
    assert len({(moment.date(), moment.tzinfo) for moment in asked}) == len(asked)


@pytest.mark.parametrize("hour", [time(0, 30), time(2, 30)])
def test_a_night_of_a_clock_change_has_one_check_in(db: Database, hour: time) -> None:
    start = ManualClock(datetime(2026, 3, 27, tzinfo=UTC))
    db.clock = start
    world = build(db, start, workdays="0123456", countries=(None, None), rule="FREQ=DAILY", at=hour,
                  zone="Europe/Paris", starts_on=date(2026, 3, 27))  # fmt: skip

    world.until(start.now() + timedelta(days=5))

    opened = [row.local_date for row in world.rows(CheckIn) if row.opened_at]
    assert opened == sorted(set(opened))
    assert date(2026, 3, 29) in opened


def test_a_window_may_cross_midnight(db: Database, clock: ManualClock) -> None:
    world = build(db, clock, at=time(23, 0), window_minutes=180, zone="Europe/Paris")

    world.until(at(24, 0, 30))
    world.answers("ines", nov(23), Submission(note="After midnight."))

    assert world.prompt("ines", nov(23)).is_late is False
    assert world.checkin(nov(23)).closes_at == at(24, 1)


FAR = {
    "hana": ("U0HANA", "Hana", Side.INHOUSE, Role.OWNER, "Pacific/Auckland"),
    "kai": ("U0KAI", "Kai", Side.VENDOR, Role.LEAD, "Pacific/Honolulu"),
}


def test_zones_whose_windows_reach_over_the_next_opening_are_each_asked_every_day(
    db: Database, clock: ManualClock
) -> None:
    world = build(db, clock, people=FAR, countries=(None, None))

    world.until(at(28, 12))

    asked: dict[object, list[date]] = {world.place(name): [] for name in FAR}
    for row in world.rows(Prompt):
        if row.asked_at:
            zone = next(entry[4] for name, entry in FAR.items() if world.place(name) == row.participant_id)
            asked[row.participant_id].append(local_clock(row.asked_at, zone).date())
    assert list(asked.values()) == [[nov(day) for day in (24, 25, 26, 27)], [nov(day) for day in (24, 25, 26, 27)]]


def test_two_check_ins_of_far_zones_can_both_be_answered(db: Database, clock: ManualClock) -> None:
    world = build(db, clock, people=FAR, countries=(None, None))
    world.until(at(24, 21))

    world.answers("hana", nov(25), Submission(note="Wednesday."))
    world.answers("kai", nov(24), Submission(note="Tuesday."), source=Source.THREAD)

    assert [world.prompt("hana", nov(25)).is_late, world.prompt("kai", nov(24)).is_late] == [False, False]


def test_a_person_without_the_day_is_excused(world: World) -> None:
    world.joins("uma", ("U0UMA", "Uma Das", Side.VENDOR, Role.MEMBER, "Asia/Kolkata"), workdays="1234")

    world.until(at(23, 4))

    uma = world.prompt("uma", nov(23))
    assert (uma.state, uma.excuse, uma.due_at) == (PromptState.EXCUSED, "not a working day", None)

"""A check-in in time: asked, reminded, closed; outages, holidays, absences."""

from datetime import date, time, timedelta

from models.access import Side
from models.checkins import service as checkins
from models.checkins.rules import CheckInState, PromptState
from models.checkins.submissions import Submission
from models.checkins.tables import CheckIn, Prompt
from models.clock import ManualClock
from models.db import Database
from models.engagements.tables import Absence, Participant, SideHolidays
from models.outbox.rules import Operation
from models.outbox.tables import OutboxMessage
from tests.support.world import World, at, build, nov


def outage(world: World, *, until: object) -> None:
    """Time goes by and nothing runs."""
    world.clock.set(until)  # type: ignore[arg-type]
    world.advance()


def holiday(world: World, side: Side, day: date, name: str) -> None:
    world.change(SideHolidays, {"side": side}, own_days={day.isoformat(): name})


def states(world: World, day: date) -> dict[str, PromptState]:
    return {name: world.prompt(name, day).state for name in ("ines", "olaf", "vera", "vik")}


def test_a_person_is_reminded_once_before_their_deadline(world: World) -> None:
    world.until(at(23, 7))
    world.until(at(23, 7, 59))

    reminded = [row.subject_id for row in world.said("checkin.reminder")]
    assert sorted(reminded) == sorted([world.prompt("vera", nov(23)).id, world.prompt("vik", nov(23)).id])


def test_who_has_answered_is_not_reminded(world: World) -> None:
    world.until(at(23, 5))
    world.answers("vera", nov(23), Submission(note="Done."))

    world.until(at(23, 12))

    assert world.prompt("vera", nov(23)).id not in {row.subject_id for row in world.said("checkin.reminder")}


def test_reminders_are_removed_when_the_report_is_out(world: World) -> None:
    world.until(at(23, 12, 30))

    removed = {row.post_key for row in world.rows(OutboxMessage) if row.operation is Operation.DELETE}
    assert removed == {row.key for row in world.said("checkin.reminder")}


def test_a_question_says_that_it_has_closed_once_the_report_is_out(world: World) -> None:
    world.until(at(23, 9))
    world.answers("vera", nov(23), Submission(note="Done."))
    world.sent()

    world.until(at(23, 12, 30))

    missed = {f"prompt:{world.prompt(name, nov(23)).id}" for name in ("vik", "ines", "olaf")}
    changed = [row for row in world.rows(OutboxMessage) if row.operation is Operation.REFRESH]
    after = {row.post_key for row in changed if row.kind == "checkin.prompt" and row.not_before >= at(23, 12)}
    assert after == missed


def test_a_late_opening_gives_everybody_an_hour(db: Database, clock: ManualClock) -> None:
    world = build(db, clock, zone="Europe/Paris")
    world.advance()

    outage(world, until=at(23, 12, 25))

    assert world.checkin(nov(23)).state is CheckInState.OPEN
    assert {row.deadline_at for row in world.rows(Prompt) if row.asked_at} == {at(23, 13, 25)}


def test_a_late_opening_leaves_whole_windows_alone(world: World) -> None:
    world.advance()

    outage(world, until=at(23, 5))

    assert world.prompt("vera", nov(23)).deadline_at == at(23, 8)
    assert world.prompt("ines", nov(23)).deadline_at == at(23, 12, 30)


def test_nobody_is_asked_and_reminded_in_one_breath(db: Database, clock: ManualClock) -> None:
    world = build(db, clock, reminder_minutes=120)
    world.advance()

    outage(world, until=at(23, 6, 30))

    assert [row.kind for row in world.said()] == ["checkin.board", "checkin.prompt", "checkin.prompt"]


def test_a_check_in_stays_open_for_who_was_asked_late(db: Database, clock: ManualClock) -> None:
    world = build(db, clock, zone="Europe/Paris")
    world.advance()
    outage(world, until=at(23, 12, 25))

    world.until(at(23, 13, 20))
    world.answers("ines", nov(23), Submission(note="In time."))

    assert world.prompt("ines", nov(23)).is_late is False


def test_an_outage_after_the_opening_gives_the_later_side_its_hour(world: World) -> None:
    world.until(at(23, 5))

    outage(world, until=at(23, 12, 20))
    world.until(at(23, 13, 10))

    assert world.checkin(nov(23)).state is CheckInState.OPEN
    assert world.prompt("ines", nov(23)).deadline_at == at(23, 13, 20)


def test_who_was_never_asked_has_not_missed_it(world: World) -> None:
    world.until(at(23, 5))

    outage(world, until=at(23, 15))

    assert states(world, nov(23)) == {
        "ines": PromptState.EXCUSED,
        "olaf": PromptState.EXCUSED,
        "vera": PromptState.MISSED,
        "vik": PromptState.MISSED,
    }


def test_a_reminder_after_the_deadline_is_not_sent(world: World) -> None:
    world.until(at(23, 6))

    outage(world, until=at(23, 8, 30))

    assert world.said("checkin.reminder") == []


def test_a_second_of_lateness_changes_no_deadline(db: Database, clock: ManualClock) -> None:
    world = build(db, clock, window_minutes=30, reminder_minutes=10)
    world.advance()

    outage(world, until=at(23, 4) + timedelta(seconds=5))

    vera = world.prompt("vera", nov(23))
    assert (vera.remind_at, vera.deadline_at) == (at(23, 4, 20), at(23, 4, 30))


def test_an_outage_past_the_window_skips_with_the_reason(world: World) -> None:
    world.advance()

    outage(world, until=at(23, 12, 30))

    monday = world.checkin(nov(23))
    assert (monday.state, monday.skip_reason) == (CheckInState.SKIPPED, "the bot was not running in its window")


def test_an_outage_past_the_window_blames_nobody(world: World) -> None:
    world.advance()

    outage(world, until=at(23, 12, 30))

    assert set(states(world, nov(23)).values()) == {PromptState.EXCUSED}


def test_a_week_of_outage_is_five_skipped_check_ins_and_then_normal_life(world: World) -> None:
    world.advance()

    outage(world, until=at(29, 12))
    world.until(at(30, 13))

    found = sorted(world.rows(CheckIn), key=lambda row: row.local_date)
    assert [row.state for row in found] == [CheckInState.SKIPPED] * 5 + [CheckInState.CLOSED, CheckInState.SCHEDULED]
    assert {row.kind for row in world.said()} >= {"checkin.board", "checkin.prompt"}
    assert len(world.said("checkin.board")) == 1


def test_a_holiday_on_one_side_asks_only_the_other(world: World) -> None:
    holiday(world, Side.VENDOR, nov(23), "Founders' Day")

    world.until(at(23, 13))

    assert world.prompt("vera", nov(23)).excuse == "Founders' Day"
    assert {row.subject_id for row in world.said("checkin.prompt")} == {
        world.prompt("ines", nov(23)).id,
        world.prompt("olaf", nov(23)).id,
    }


def test_a_holiday_on_the_early_side_opens_with_the_other(world: World) -> None:
    holiday(world, Side.VENDOR, nov(23), "Founders' Day")

    world.until(at(23, 13))

    assert world.checkin(nov(23)).opened_at == at(23, 8, 30)


def test_a_holiday_on_the_late_side_closes_with_the_other(world: World) -> None:
    holiday(world, Side.INHOUSE, nov(23), "Inventory")

    world.until(at(23, 13))

    assert world.checkin(nov(23)).closed_at == at(23, 8)


def test_a_holiday_of_a_country_counts_on_its_own_side_alone(world: World) -> None:
    world.clock.set(at(25, 0, month=12))

    world.until(at(25, 13, month=12))

    assert world.prompt("ines", date(2026, 12, 25)).excuse == "Christmas Day"


def test_a_holiday_on_both_sides_skips_the_check_in(world: World) -> None:
    holiday(world, Side.VENDOR, nov(23), "Founders' Day")
    holiday(world, Side.INHOUSE, nov(23), "Inventory")

    world.until(at(23, 13))

    assert world.checkin(nov(23)).skip_reason == "everybody is away or has a holiday"


def test_who_is_away_is_not_asked(world: World) -> None:
    world.does("vera", checkins.away, nov(23), nov(24))

    world.until(at(23, 13))

    assert world.prompt("vera", nov(23)).excuse == "away until Tue 24 Nov"


def test_everybody_away_skips_the_check_in(world: World) -> None:
    for name in ("ines", "olaf", "vera", "vik"):
        world.does(name, checkins.away, nov(23), nov(23))

    world.until(at(23, 13))

    assert world.checkin(nov(23)).state is CheckInState.SKIPPED
    assert world.said() == []


def test_who_goes_away_in_the_middle_is_excused(world: World) -> None:
    world.until(at(23, 5))

    world.does("vera", checkins.away, nov(23), nov(23))
    world.until(at(23, 13))

    assert world.prompt("vera", nov(23)).state is PromptState.EXCUSED


def test_who_comes_back_before_their_hour_is_asked_as_ever(world: World) -> None:
    world.does("ines", checkins.away, nov(20), nov(30))
    world.until(at(23, 5))

    world.does("ines", checkins.back)
    world.until(at(23, 9))

    assert world.prompt("ines", nov(23)).asked_at == at(23, 8, 30)


def test_who_comes_back_after_their_deadline_is_left_in_peace(world: World) -> None:
    world.does("vera", checkins.away, nov(20), nov(30))
    world.until(at(23, 8, 30))

    world.does("vera", checkins.back)
    world.until(at(23, 13))

    assert world.prompt("vera", nov(23)).state is PromptState.EXCUSED


def test_back_ends_a_running_absence_yesterday(world: World) -> None:
    world.does("vera", checkins.away, nov(20), nov(30))

    world.does("vera", checkins.back)

    assert [(row.first_day, row.last_day) for row in world.rows(Absence)] == [(nov(20), nov(22))]


def test_back_without_an_absence_says_so(world: World) -> None:
    assert world.does("vera", checkins.back) is False


def test_who_became_an_observer_is_not_asked(world: World) -> None:
    world.until(at(23, 5))

    with world.db.transaction(world.actor("system")) as tx:
        row = tx.get(Participant, "T0NORTHWIND", world.place("olaf"))
        assert row is not None
        row.is_active = False
    world.until(at(23, 13))

    assert [row.excuse for row in world.rows(Prompt) if row.excuse] == ["left the roster"]


def test_a_check_in_started_now_asks_everybody_who_is_there(world: World) -> None:
    holiday(world, Side.INHOUSE, nov(23), "Inventory")
    world.advance()

    world.does("vera", checkins.start_now, world.checkin(nov(23)).id)
    world.advance()

    asked = {row.participant_id for row in world.rows(Prompt) if row.asked_at}
    assert asked == {world.place("vera"), world.place("vik")}


def test_a_check_in_started_now_lays_down_the_next_one(world: World) -> None:
    world.advance()

    world.does("ines", checkins.start_now, world.checkin(nov(23)).id)
    world.advance()

    assert world.checkin(nov(24)).state is CheckInState.SCHEDULED


def test_a_check_in_started_now_is_asked_once(world: World) -> None:
    world.advance()
    world.does("ines", checkins.start_now, world.checkin(nov(23)).id)

    world.until(at(23, 13))

    assert len(world.said("checkin.prompt")) == 4


def test_a_late_evening_window_is_open_the_next_morning(db: Database, clock: ManualClock) -> None:
    world = build(db, clock, at=time(22, 0), zone="Asia/Kolkata", window_minutes=720)

    world.until(at(24, 4))

    assert world.checkin(nov(23)).state is CheckInState.OPEN

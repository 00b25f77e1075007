"""The life of an escalation: one table, tried with every kind of history."""

from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.access import Side
from models.calendars.holidays import SideCalendar
from models.calendars.working_time import ALWAYS, WorkingHours
from models.escalations import rules
from models.escalations.ladders import DEFAULT, Climb, Level, Severity, Wait, WaitsIn, ladder_from, ladder_to
from models.escalations.rules import Course, EscalationState, Event, Notice, Outcome, Standing

MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
OFFICE = WorkingHours("UTC", frozenset(range(5)), time(9), time(17))
HOUR, MINUTE, DAY = timedelta(hours=1), timedelta(minutes=1), timedelta(days=1)


def around_the_clock(*minutes: int, update: int = 60) -> Course:
    levels = tuple(Level(Wait(minutes=wait), {}) for wait in minutes)
    return Course(Climb(levels, Wait(minutes=update), around_the_clock=True), ALWAYS)


def in_the_office(severity: Severity) -> Course:
    return Course(DEFAULT.climb(severity), OFFICE)


def after(outcome: Outcome, event: Event, now: datetime, course: Course, until: datetime | None = None) -> Outcome:
    found = rules.transition(outcome.standing, event, now, course, until=until)
    assert found is not None, f"{event} is not possible in {outcome.standing.state}"
    return found


def due(outcome: Outcome) -> datetime:
    assert outcome.due_at is not None
    return outcome.due_at


def climbed(course: Course, minutes: int) -> int:
    """The level reached so many minutes after it was raised, when nobody says anything."""
    outcome = rules.raised(MONDAY, course)
    while outcome.due_at and outcome.due_at <= MONDAY + minutes * MINUTE:
        outcome = after(outcome, Event.DUE, outcome.due_at, course)
        if outcome.standing.state is EscalationState.EXHAUSTED:
            break
    return outcome.standing.level


@pytest.mark.parametrize(
    ("minutes", "level"), [(0, 1), (59, 1), (60, 2), (119, 2), (120, 3), (130, 3), (239, 3), (240, 4), (300, 4)]
)
def test_the_level_follows_from_the_time_since_it_was_raised(minutes: int, level: int) -> None:
    course = Course(Climb(DEFAULT.climb(Severity.S1).levels, Wait(minutes=60), around_the_clock=True), ALWAYS)

    assert climbed(course, minutes) == level


def test_the_default_levels_in_working_hours() -> None:
    """S2 at 0, 4, 8 and 16 working hours: of eight a day, from Monday 09:00."""
    course = in_the_office(Severity.S2)
    outcome, reached = rules.raised(MONDAY, course), [MONDAY]
    while outcome.standing.state is EscalationState.OPEN:
        moment = due(outcome)
        outcome = after(outcome, Event.DUE, moment, course)
        reached.append(moment)

    assert reached == [
        MONDAY,
        MONDAY + 4 * HOUR,
        MONDAY + 8 * HOUR,
        MONDAY + DAY + 8 * HOUR,
        MONDAY + 2 * DAY + 8 * HOUR,
    ]


def test_nothing_climbs_over_the_weekend() -> None:
    friday = MONDAY + 4 * DAY + 6 * HOUR
    course = in_the_office(Severity.S2)

    assert due(rules.raised(friday, course)) == MONDAY + 7 * DAY + 2 * HOUR


def test_an_acknowledgement_stops_the_climb_and_starts_the_update_timer() -> None:
    course = around_the_clock(60, 60, update=30)
    owned = after(rules.raised(MONDAY, course), Event.ACKNOWLEDGE, MONDAY + 20 * MINUTE, course)

    assert (owned.standing.state, owned.standing.level) == (EscalationState.ACKNOWLEDGED, 1)
    assert due(owned) == MONDAY + 50 * MINUTE


def test_a_promised_update_that_does_not_come_is_asked_for_and_then_the_ladder_goes_on() -> None:
    course = around_the_clock(60, 60, update=60)
    owned = after(rules.raised(MONDAY, course), Event.ACKNOWLEDGE, MONDAY, course)

    asked = after(owned, Event.DUE, due(owned), course)
    assert (asked.standing.state, asked.notices) == (EscalationState.ACKNOWLEDGED, (Notice.ASK,))
    assert due(asked) == MONDAY + 90 * MINUTE

    lapsed = after(asked, Event.DUE, due(asked), course)
    assert (lapsed.standing.state, lapsed.standing.level) == (EscalationState.OPEN, 2)
    assert (lapsed.standing.is_owned, lapsed.notices) == (False, (Notice.LAPSED, Notice.TELL))


def test_a_real_update_moves_the_clock() -> None:
    course = around_the_clock(60, update=60)
    owned = after(rules.raised(MONDAY, course), Event.ACKNOWLEDGE, MONDAY, course)
    asked = after(owned, Event.DUE, due(owned), course)

    told = after(asked, Event.UPDATE, MONDAY + 70 * MINUTE, course)

    assert due(told) == MONDAY + 130 * MINUTE
    assert told.standing.asked_at is None


def test_at_the_end_of_the_ladder_both_owners_are_told_every_working_day() -> None:
    course = in_the_office(Severity.S1)
    outcome = rules.raised(MONDAY + 4 * DAY, course)
    while outcome.standing.state is not EscalationState.EXHAUSTED:
        outcome = after(outcome, Event.DUE, due(outcome), course)
    assert outcome.notices == (Notice.EXHAUSTED,)
    spent_at = outcome.standing.since

    again = after(outcome, Event.DUE, due(outcome), course)

    assert (spent_at, due(outcome)) == (MONDAY + 4 * DAY + 6 * HOUR, MONDAY + 7 * DAY + 6 * HOUR)
    assert again.notices == (Notice.REMIND,)
    assert due(again) == MONDAY + 8 * DAY + 6 * HOUR


def test_after_an_outage_the_wait_starts_again_and_nothing_is_said() -> None:
    course = around_the_clock(60, 60, 60)
    raised = rules.raised(MONDAY, course)

    back = after(raised, Event.DUE, MONDAY + 3 * DAY, course)

    assert (back.standing.level, back.notices) == (1, ())
    assert due(back) == MONDAY + 3 * DAY + HOUR


def test_after_an_outage_the_owner_has_time_to_answer() -> None:
    course = around_the_clock(60, update=60)
    owned = after(rules.raised(MONDAY, course), Event.ACKNOWLEDGE, MONDAY, course)
    asked = after(owned, Event.DUE, MONDAY + DAY, course)
    assert asked.notices == (Notice.ASK,)

    late = after(asked, Event.DUE, MONDAY + 2 * DAY, course)

    assert (late.standing.state, late.notices) == (EscalationState.ACKNOWLEDGED, ())
    assert due(late) == MONDAY + 2 * DAY + 30 * MINUTE


def test_what_rests_is_asked_about_when_the_rest_is_over() -> None:
    course = around_the_clock(60, 60, update=60)
    until = MONDAY + DAY
    resting = after(rules.raised(MONDAY, course), Event.SNOOZE, MONDAY, course, until)
    assert due(resting) == until

    woken = after(resting, Event.DUE, until, course)
    assert (woken.standing.state, woken.notices) == (EscalationState.OPEN, (Notice.WOKEN,))
    assert due(woken) == until + HOUR

    owned = after(rules.raised(MONDAY, course), Event.ACKNOWLEDGE, MONDAY, course)
    woken = after(after(owned, Event.SNOOZE, MONDAY, course, until), Event.DUE, until, course)
    assert (woken.standing.state, woken.notices) == (EscalationState.ACKNOWLEDGED, (Notice.WOKEN, Notice.ASK))


def test_it_can_be_opened_again_for_a_week() -> None:
    course = around_the_clock(60, 60)
    ended = after(rules.raised(MONDAY, course), Event.RESOLVE, MONDAY + HOUR, course)
    assert ended.due_at is None

    last = MONDAY + HOUR + rules.REOPEN_WITHIN
    again = after(ended, Event.REOPEN, last, course)
    assert (again.standing.level, again.notices) == (1, (Notice.TELL,))
    assert rules.transition(ended.standing, Event.REOPEN, last + MINUTE, course) is None
    assert rules.legal(ended.standing, last) == {Event.REOPEN}
    assert rules.legal(ended.standing, last + MINUTE) == frozenset()


def test_a_nuisance_climbs_nowhere_but_is_asked_about_every_week() -> None:
    course = in_the_office(Severity.S4)
    raised = rules.raised(MONDAY, course)
    assert (raised.standing.level, raised.notices, due(raised)) == (0, (), MONDAY + 4 * DAY + 8 * HOUR)

    asked = after(raised, Event.DUE, due(raised), course)

    assert (asked.standing.state, asked.notices) == (EscalationState.OPEN, (Notice.ASK,))


def test_another_severity_starts_its_ladder_unless_somebody_owns_it() -> None:
    slow, fast = around_the_clock(600, 600), around_the_clock(30, 30)
    second = after(rules.raised(MONDAY, slow), Event.DUE, MONDAY + 600 * MINUTE, slow)

    worse = after(second, Event.RERATE, MONDAY + 610 * MINUTE, fast)
    assert (worse.standing.level, worse.notices, due(worse)) == (1, (Notice.TELL,), MONDAY + 640 * MINUTE)

    owned = after(second, Event.ACKNOWLEDGE, MONDAY + 605 * MINUTE, slow)
    assert after(owned, Event.RERATE, MONDAY + 610 * MINUTE, fast).notices == ()


@pytest.mark.parametrize("waits_in", list(WaitsIn))
@pytest.mark.parametrize("against", list(Side))
def test_waits_run_on_the_clock_that_was_agreed(waits_in: WaitsIn, against: Side) -> None:
    paris = WorkingHours("Europe/Paris", frozenset(range(5)), time(9), time(17))
    kolkata = WorkingHours("Asia/Kolkata", frozenset(range(5)), time(9), time(17))
    of = {Side.INHOUSE: paris, Side.VENDOR: kolkata}
    climb = Climb((), Wait(minutes=60), waits_in=waits_in)

    expected = {WaitsIn.MUST_ACT: of[against], WaitsIn.INHOUSE: paris, WaitsIn.VENDOR: kolkata}
    assert climb.hours(of, against) is expected[waits_in]
    assert Climb((), Wait(), around_the_clock=True, waits_in=waits_in).hours(of, against) is ALWAYS


def test_a_ladder_survives_being_stored() -> None:
    assert ladder_from(ladder_to(DEFAULT)) == DEFAULT


WAITS = st.builds(Wait, minutes=st.integers(15, 3000), days=st.just(0)) | st.builds(
    Wait, minutes=st.just(0), days=st.integers(1, 5)
)
CLOCKS = st.sampled_from(
    [
        ALWAYS,
        OFFICE,
        WorkingHours("Europe/Paris", frozenset(range(5)), time(9), time(17), SideCalendar("FR")),
        WorkingHours("Asia/Kolkata", frozenset(range(6)), time(22), time(6), SideCalendar("IN", "KA")),
    ]
)
COURSES = st.builds(
    Course,
    climb=st.builds(
        Climb,
        levels=st.lists(st.builds(Level, wait=WAITS, told=st.just({})), max_size=5).map(tuple),
        update=WAITS,
    ),
    hours=CLOCKS,
)
PEOPLE = st.sampled_from([event for event in Event if event is not Event.DUE])
DEEDS = st.lists(
    st.tuples(st.none() | PEOPLE, st.integers(1, 20_000), st.booleans(), st.integers(1, 40_000)), max_size=40
)
"""Who acts (none: its time comes), minutes later, whether we were away then, minutes of a rest."""


@settings(deadline=None, max_examples=300)
@given(COURSES, DEEDS)
def test_in_any_history(course: Course, deeds: list[tuple[Event | None, int, bool, int]]) -> None:
    """No climb after an acknowledgement; one notice a level in each run; the due time is always the rule's; nothing
    that is not resolved is ever without one; and an outage never makes a burst."""
    now = MONDAY
    outcome = rules.raised(now, course)
    told: list[int] = [outcome.standing.level] if Notice.TELL in outcome.notices else []
    for event, minutes, is_away, rest in deeds:
        before = outcome.standing
        if event is None:
            if outcome.due_at is None:
                continue
            now = max(now, outcome.due_at) + (rules.LATE + minutes * MINUTE if is_away else timedelta())
            event = Event.DUE
        else:
            now += minutes * MINUTE
        found = rules.transition(before, event, now, course, until=now + rest * MINUTE)
        if found is None:
            assert event not in rules.legal(before, now)
            continue
        outcome = found
        check_step(before, event, outcome, now, course, is_away=is_away)
        if event in (Event.REOPEN, Event.RERATE):
            told = []
        if Notice.TELL in outcome.notices:
            assert outcome.standing.level not in told
            told.append(outcome.standing.level)


def check_step(
    before: Standing, event: Event, outcome: Outcome, now: datetime, course: Course, *, is_away: bool
) -> None:
    after_ = outcome.standing
    assert outcome.due_at == rules.next_due(after_, course)
    if after_.state is EscalationState.RESOLVED:
        assert outcome.due_at is None
    else:
        assert outcome.due_at is not None
        is_rest_kept = after_.snoozed_until is not None and after_.snoozed_until == before.snoozed_until
        assert outcome.due_at > now or is_rest_kept  # whose time may come in this very minute
    assert outcome.notices.count(Notice.TELL) <= 1
    assert (Notice.TELL in outcome.notices) <= (event in (Event.DUE, Event.REOPEN, Event.RERATE))
    if after_.level > before.level and event is Event.DUE:
        assert after_.level == before.level + 1
        assert before.state is EscalationState.OPEN or (
            before.state is EscalationState.ACKNOWLEDGED and before.asked_at is not None
        )
        assert not is_away
    if event in (Event.ACKNOWLEDGE, Event.UPDATE, Event.SNOOZE, Event.RESOLVE):
        assert outcome.notices == ()
        assert after_.level == before.level

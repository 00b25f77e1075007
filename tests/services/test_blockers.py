"""Blockers: who may take, update and resolve them, their age, and what answers do to them."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier

import pytest

from models.access import SYSTEM, Side
from models.blockers import climbing
from models.blockers import queries as blockers
from models.blockers import service as blocking
from models.blockers.rules import BlockerEvent, BlockerState
from models.blockers.tables import Blocker, BlockerEntry
from models.blockers.views import BlockerLine
from models.checkins import replies
from models.checkins.submissions import NewBlocker, Still, Submission, from_json, to_json
from models.clock import ManualClock
from models.db import Database
from models.engagements.queries import crew, next_number
from models.engagements.tables import SideHolidays
from models.errors import Conflict, DomainError, Invalid, NotAllowed, NotFound
from models.escalations.ladders import Severity
from models.escalations.tables import Escalation
from tests.support.world import CHANNEL, WORKSPACE, World, at, build, nov


@pytest.fixture
def world(db: Database, clock: ManualClock) -> World:
    """Without public holidays: Tuesday would be one in India."""
    return build(db, clock, countries=(None, None))


@pytest.fixture
def blocked(world: World) -> World:
    """On Monday at 10:00 in Kolkata Vera says that the in-house side must give access."""
    world.until(at(23, 4, 30))
    world.answers("vera", nov(23), Submission(blockers=(NewBlocker("no VPN", needed_by=nov(25)),), is_blocked=True))
    return world


def only(world: World) -> Blocker:
    return world.one(Blocker, number=1)


def events(world: World) -> list[BlockerEvent]:
    return [row.event for row in world.rows(BlockerEntry) if row.blocker_id == only(world).id]


def line(world: World) -> BlockerLine:
    return world.sees("system", blockers.card, WORKSPACE, only(world).id).line


def test_a_blocker_waits_for_the_other_side_unless_told(blocked: World) -> None:
    assert (only(blocked).acting_side, only(blocked).raised_side) == (Side.INHOUSE, Side.VENDOR)


def test_its_card_is_posted_in_the_thread(blocked: World) -> None:
    assert [row.parent_key for row in blocked.said("blocker.card")] == [f"board:{blocked.checkin(nov(23)).id}"]


@pytest.mark.parametrize(
    ("name", "refusal"),
    [("ines", None), ("olaf", None), ("vera", NotAllowed), ("vik", NotAllowed), ("ada", NotAllowed),
     ("mallory", NotFound)],
)  # fmt: skip
def test_who_may_take_a_blocker(blocked: World, name: str, refusal: type[DomainError] | None) -> None:
    if refusal:
        with pytest.raises(refusal):
            blocked.does(name, blocking.take, only(blocked).id)
        return

    blocked.does(name, blocking.take, only(blocked).id)

    assert only(blocked).owner_id == blocked.place(name)


@pytest.mark.parametrize(
    ("name", "refusal"),
    [("ines", None), ("vera", None), ("vik", None), ("ada", NotAllowed), ("mallory", NotFound)],
)
def test_who_may_update_a_blocker(blocked: World, name: str, refusal: type[DomainError] | None) -> None:
    if refusal:
        with pytest.raises(refusal):
            blocked.does(name, blocking.update, only(blocked).id, "Asked the provider.")
        return

    blocked.does(name, blocking.update, only(blocked).id, "Asked the provider.")

    assert events(blocked) == [BlockerEvent.RAISED, BlockerEvent.UPDATED]


@pytest.mark.parametrize(
    ("name", "refusal"),
    [("vera", None), ("vik", None), ("olaf", None), ("ines", NotAllowed), ("ada", NotAllowed), ("mallory", NotFound)],
)
def test_who_may_resolve_a_blocker_that_olaf_took(blocked: World, name: str, refusal: type[DomainError] | None) -> None:
    blocked.does("olaf", blocking.take, only(blocked).id)
    if refusal:
        with pytest.raises(refusal):
            blocked.does(name, blocking.resolve, only(blocked).id, "")
        return

    blocked.does(name, blocking.resolve, only(blocked).id, "")

    assert only(blocked).state is BlockerState.RESOLVED


def test_a_colleague_may_take_it_over(blocked: World) -> None:
    blocked.does("olaf", blocking.take, only(blocked).id)

    blocked.does("ines", blocking.take, only(blocked).id)

    assert only(blocked).owner_id == blocked.place("ines")


def test_taking_it_twice_says_so(blocked: World) -> None:
    blocked.does("olaf", blocking.take, only(blocked).id)

    with pytest.raises(Conflict, match="B-1 is yours already"):
        blocked.does("olaf", blocking.take, only(blocked).id)


@pytest.mark.parametrize("press", ["take", "update", "resolve"])
def test_a_press_on_a_stale_card_says_so(blocked: World, press: str) -> None:
    blocked.does("vera", blocking.resolve, only(blocked).id, "")
    arguments = () if press == "take" else ("x",)

    with pytest.raises(Conflict, match="resolved already"):
        blocked.does("olaf", getattr(blocking, press), only(blocked).id, *arguments)


@pytest.mark.parametrize("note", ["", "  ", "x" * 1001])
def test_an_update_says_something_of_moderate_length(blocked: World, note: str) -> None:
    with pytest.raises(Invalid):
        blocked.does("vera", blocking.update, only(blocked).id, note)


def test_a_blocker_said_again_is_confirmed_and_not_raised_twice(blocked: World) -> None:
    blocked.until(at(24, 4, 30))

    blocked.answers("vera", nov(24), Submission(blockers=(NewBlocker("No VPN"),), is_blocked=True))

    assert (len(blocked.rows(Blocker)), events(blocked)[-1]) == (1, BlockerEvent.STILL_BLOCKED)


def test_a_confirmed_blocker_is_confirmed_once_a_check_in(blocked: World) -> None:
    blocked.until(at(24, 4, 30))

    for note in ("A", "B"):
        blocked.answers("vera", nov(24), Submission(blockers=(NewBlocker("no VPN"),), note=note))

    assert events(blocked).count(BlockerEvent.STILL_BLOCKED) == 1


def test_a_reply_that_says_s1_is_escalated_at_once(blocked: World) -> None:
    blocked.replies("vik", nov(23), "blocked S1: the tills are down")

    assert [(row.cause_ref, row.severity) for row in blocked.rows(Escalation)] == [("B-2", Severity.S1)]


def test_a_severity_stays_with_the_answer_through_all_its_versions(blocked: World) -> None:
    blocked.replies("vik", nov(23), "blocked: the export is late [S2]")
    blocked.replies("vik", nov(23), "next: the login page")

    assert blocked.one(Blocker, number=2).severity is Severity.S2


def test_what_is_said_to_be_worse_climbs_by_the_worse_ladder_and_never_by_a_milder_one(blocked: World) -> None:
    blocked.replies("vik", nov(23), "blocked: the tills are down [S2]")
    row = blocked.one(Blocker, number=2)
    blocked.does("vik", climbing.escalate, row.id, Severity.S2, "")

    def say(severity: str) -> None:
        said = Submission(blockers=(NewBlocker("the tills are down", severity=Severity(severity)),), is_blocked=True)
        blocked.answers("vik", nov(23), said)

    say("S1")
    assert blocked.one(Escalation).severity is Severity.S1
    say("S3")
    assert (blocked.one(Blocker, number=2).severity, blocked.one(Escalation).severity) == (Severity.S3, Severity.S1)


def test_a_known_blocker_that_has_got_worse_is_escalated_and_not_raised_twice(blocked: World) -> None:
    blocked.until(at(24, 4, 30))

    blocked.replies("vera", nov(24), "blocked: no VPN, S1")

    assert [row.cause_ref for row in blocked.rows(Escalation)] == ["B-1"]
    assert (only(blocked).severity, len(blocked.rows(Blocker))) == (Severity.S1, 1)


def edits(world: World, ts: str, text: str, revision: str = "2") -> None:
    world.does("vera", replies.edited, channel_id=CHANNEL, ts=ts, text=text, revision=revision)


def test_an_edited_reply_that_makes_a_known_blocker_worse_escalates_it(blocked: World) -> None:
    blocked.until(at(24, 4, 30))
    ts = blocked.replies("vera", nov(24), "blocked: no VPN")
    assert blocked.rows(Escalation) == []

    edits(blocked, ts, "blocked: no VPN, S1")

    assert [(row.cause_ref, row.severity) for row in blocked.rows(Escalation)] == [("B-1", Severity.S1)]
    assert (only(blocked).severity, len(blocked.rows(Blocker))) == (Severity.S1, 1)


def test_an_edited_reply_that_makes_a_known_blocker_worse_reaches_what_climbs_for_it(blocked: World) -> None:
    blocked.does("vera", climbing.escalate, only(blocked).id, Severity.S3, "")
    blocked.until(at(24, 4, 30))
    ts = blocked.replies("vera", nov(24), "blocked: no VPN")

    edits(blocked, ts, "blocked: no VPN, S2")

    assert (only(blocked).severity, blocked.one(Escalation).severity) == (Severity.S2, Severity.S2)


def test_an_edited_reply_with_an_earlier_date_escalates_a_known_blocker_earlier(blocked: World) -> None:
    blocked.until(at(23, 14))
    blocked.replies("vera", nov(23), "blocked: no keys")
    blocked.until(at(24, 4, 30))
    ts = blocked.replies("vera", nov(24), "blocked: no keys")
    before = blocked.one(Blocker, number=2).due_at

    edits(blocked, ts, "blocked: no keys by 2026-11-24")

    row = blocked.one(Blocker, number=2)
    assert (row.needed_by, len(blocked.rows(Blocker))) == (nov(24), 2)
    assert row.due_at
    assert before
    assert row.due_at < before


def test_an_edited_form_that_makes_a_known_blocker_worse_escalates_it(blocked: World) -> None:
    blocked.until(at(24, 4, 30))
    for severity in (Severity.S3, Severity.S1):
        said = NewBlocker("no VPN", severity=severity)
        blocked.answers("vera", nov(24), Submission(blockers=(said,), is_blocked=True))

    assert [(row.cause_ref, row.severity) for row in blocked.rows(Escalation)] == [("B-1", Severity.S1)]


def test_a_known_blocker_does_not_get_milder_or_later_by_an_edit_and_is_confirmed_once(blocked: World) -> None:
    blocked.until(at(24, 4, 30))
    ts = blocked.replies("vera", nov(24), "blocked: no VPN, S2")

    edits(blocked, ts, "blocked: no VPN by 2026-11-27")

    assert (only(blocked).severity, only(blocked).needed_by) == (Severity.S2, nov(25))
    assert events(blocked) == [BlockerEvent.RAISED, BlockerEvent.STILL_BLOCKED]


def test_answers_of_earlier_releases_have_no_severity() -> None:
    data = to_json(Submission(blockers=(NewBlocker("no VPN", severity=Severity.S2),)))
    assert from_json(data).blockers[0].severity is Severity.S2
    del data["blockers"][0]["severity"]

    assert from_json(data).blockers[0].severity is Severity.S3


def test_a_known_blocker_said_in_a_second_reply_is_confirmed(blocked: World) -> None:
    blocked.until(at(24, 4, 30))
    blocked.replies("vera", nov(24), "Working on the search page")

    blocked.replies("vera", nov(24), "blocked: no VPN")

    assert events(blocked)[-1] is BlockerEvent.STILL_BLOCKED


def test_a_blocker_nobody_mentions_stays_open(blocked: World) -> None:
    blocked.until(at(24, 4, 30))

    blocked.answers("vera", nov(24), Submission(is_blocked=False))

    assert only(blocked).state is BlockerState.OPEN


def test_still_blocked_is_noted(blocked: World) -> None:
    blocked.until(at(24, 4, 30))

    blocked.answers("vera", nov(24), Submission(still=(Still(only(blocked).id, True),)))

    assert events(blocked)[-1] is BlockerEvent.STILL_BLOCKED


def test_not_blocked_any_more_resolves_it(blocked: World) -> None:
    blocked.until(at(24, 4, 30))

    blocked.answers("vera", nov(24), Submission(still=(Still(only(blocked).id, False),)))

    assert only(blocked).state is BlockerState.RESOLVED


def test_the_acting_side_saying_it_is_done_tells_who_was_blocked(blocked: World) -> None:
    blocked.until(at(23, 9))

    blocked.answers("ines", nov(23), Submission(still=(Still(only(blocked).id, False),)))

    assert (only(blocked).state, events(blocked)[-1]) == (BlockerState.OPEN, BlockerEvent.UPDATED)


def test_an_edited_answer_corrects_the_wording(blocked: World) -> None:
    blocked.answers("vera", nov(23), Submission(blockers=(NewBlocker("no VPN to staging"),), is_blocked=True))

    assert (len(blocked.rows(Blocker)), line(blocked).what) == (1, "no VPN to staging")


def test_an_edited_answer_takes_a_blocker_back_with_a_word(blocked: World) -> None:
    blocked.answers("vera", nov(23), Submission(is_blocked=False))

    assert (only(blocked).state, events(blocked)[-1]) == (BlockerState.RESOLVED, BlockerEvent.RESOLVED)


def test_a_blocker_taken_back_and_said_again_is_reopened(blocked: World) -> None:
    blocked.answers("vera", nov(23), Submission(is_blocked=False))

    blocked.answers("vera", nov(23), Submission(blockers=(NewBlocker("no VPN"),), is_blocked=True))

    assert (only(blocked).state, len(blocked.rows(Blocker))) == (BlockerState.OPEN, 1)
    assert BlockerEvent.REOPENED in events(blocked)


def test_a_resolved_blocker_is_not_reopened_by_an_edit_of_something_else(blocked: World) -> None:
    blocked.does("vik", blocking.resolve, only(blocked).id, "It works.")

    blocked.answers(
        "vera", nov(23), Submission(blockers=(NewBlocker("no VPN", needed_by=nov(25)),), note="One more thing.")
    )

    assert only(blocked).state is BlockerState.RESOLVED


def test_a_confirmed_blocker_is_not_raised_again_by_an_edit_after_it_was_resolved(blocked: World) -> None:
    blocked.until(at(24, 4, 30))
    blocked.answers("vera", nov(24), Submission(blockers=(NewBlocker("no VPN"),)))
    blocked.does("vik", blocking.resolve, only(blocked).id, "It works.")

    blocked.answers("vera", nov(24), Submission(blockers=(NewBlocker("no VPN"),), note="One more thing."))

    assert len(blocked.rows(Blocker)) == 1


def test_a_reopened_blocker_is_nobodys(blocked: World) -> None:
    blocked.does("olaf", blocking.take, only(blocked).id)
    blocked.answers("vera", nov(23), Submission(is_blocked=False))

    blocked.answers("vera", nov(23), Submission(blockers=(NewBlocker("no VPN"),)))

    assert (only(blocked).state, only(blocked).owner_id) == (BlockerState.OPEN, None)


def test_a_blocker_that_turns_to_the_other_side_is_nobodys(blocked: World) -> None:
    blocked.does("olaf", blocking.take, only(blocked).id)

    blocked.answers("vera", nov(23), Submission(blockers=(NewBlocker("no VPN", Side.VENDOR),)))

    assert (only(blocked).state, only(blocked).owner_id, only(blocked).acting_side) == (
        BlockerState.OPEN,
        None,
        Side.VENDOR,
    )


def test_two_blockers_of_one_answer_get_their_own_numbers(world: World) -> None:
    world.until(at(23, 4, 30))

    world.answers("vera", nov(23), Submission(blockers=(NewBlocker("A"), NewBlocker("B"))))

    assert [row.number for row in world.rows(Blocker)] == [1, 2]


@pytest.mark.parametrize(
    ("day", "hour", "age"),
    [(23, 15, 0), (23, 16, 1), (24, 8, 1), (24, 16, 2), (27, 16, 5), (29, 12, 5), (30, 15, 5), (30, 16, 6)],
)
def test_a_blocker_ages_in_working_days_of_the_acting_side(blocked: World, day: int, hour: int, age: int) -> None:
    """Olaf leads the in-house side and works from 9 to 17 in Stockholm: 8 to 16 UTC."""
    blocked.clock.set(at(day, hour))

    assert line(blocked).age_days == age


def test_a_holiday_of_the_acting_side_does_not_age_it(blocked: World) -> None:
    blocked.change(SideHolidays, {"side": Side.INHOUSE}, own_days={"2026-11-24": "Inventory"})
    blocked.clock.set(at(25, 7))

    assert line(blocked).age_days == 1


@pytest.mark.parametrize(("day", "hour", "overdue"), [(25, 22, False), (25, 23, True), (26, 8, True)])
def test_a_blocker_is_overdue_when_its_day_is_over_where_one_must_act(
    blocked: World, day: int, hour: int, overdue: bool
) -> None:
    blocked.clock.set(at(day, hour))

    assert line(blocked).is_overdue is overdue


def test_a_resolved_blocker_is_not_overdue(blocked: World) -> None:
    blocked.does("vera", blocking.resolve, only(blocked).id, "")
    blocked.clock.set(at(30, 8))

    assert line(blocked).is_overdue is False


def test_the_overdue_come_first_then_nobodys_then_the_oldest(blocked: World) -> None:
    day: date = nov(24)
    blocked.until(at(24, 4, 30))
    blocked.answers("vera", day, Submission(blockers=(NewBlocker("B"), NewBlocker("C", needed_by=nov(24)))))
    blocked.does("olaf", blocking.take, only(blocked).id)
    blocked.clock.set(at(25, 4))

    with blocked.db.read(SYSTEM) as tx:
        rows = blockers.open_rows(tx, WORKSPACE, blocked.engagement_id)
        found = blockers.pressing_first(blockers.lines(tx, crew(tx, WORKSPACE, blocked.engagement_id), rows, tx.now))
    assert [item.what for item in found] == ["C", "B", "no VPN"]


def test_a_press_and_an_answer_at_once_do_not_lock_each_other_out(postgres_db: Database) -> None:
    """The press holds the blocker and at its commit needs the engagement; the answer has counted there already."""
    world = build(postgres_db, postgres_db.clock, countries=(None, None))  # type: ignore[arg-type]
    world.until(at(23, 4, 30))
    world.answers("vera", nov(23), Submission(blockers=(NewBlocker("no VPN"),)))
    row_id, both_hold = only(world).id, Barrier(2, timeout=20)

    def press() -> None:
        with world.db.transaction(world.actor("olaf")) as tx:
            blocking.take(tx, row_id)
            tx.session.flush()
            both_hold.wait()

    def answer() -> None:
        with world.db.transaction(world.actor("vera")) as tx:
            next_number(tx, WORKSPACE, world.engagement_id, "commitment_count")
            both_hold.wait()
            blocking.resolve(tx, row_id, "")

    with ThreadPoolExecutor(2) as pool:
        for outcome in [pool.submit(press), pool.submit(answer)]:
            outcome.result()

    assert only(world).state is BlockerState.RESOLVED

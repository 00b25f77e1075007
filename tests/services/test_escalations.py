"""Escalations: what raises them, who may do what, and how they climb until somebody owns them."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest

from models.access import SYSTEM, Side
from models.blockers import climbing
from models.blockers import service as blockers
from models.blockers.rules import BlockerState
from models.blockers.tables import Blocker
from models.cadences.tables import Cadence
from models.channels import people
from models.channels.rules import Loss
from models.checkins.submissions import NewBlocker, Outcome, Promise, Submission, Verdict
from models.clock import ManualClock
from models.commitments.tables import Commitment
from models.conversations import escalations as conversations
from models.db import Database, Tx
from models.engagements.rules import EngagementState
from models.engagements.tables import Engagement, Participant, SideHolidays
from models.errors import Conflict, NotAllowed
from models.escalations import lifecycle, moves, queries, rules, service
from models.escalations.causes import EntryKind
from models.escalations.ladders import Severity
from models.escalations.rules import EscalationState
from models.escalations.tables import Escalation, EscalationEntry
from models.escalations.views import Stake
from models.escalations.waiting import of_seats, open_in
from models.outbox.rules import Audience, Place
from models.outbox.tables import OutboxMessage, Post
from tests.support.world import CHANNEL, INHOUSE_CHANNEL, WORKSPACE, World, at, build, nov

BLOCKED = Submission(is_blocked=True, blockers=(NewBlocker("No access to staging"),))


@pytest.fixture
def world(db: Database, clock: ManualClock) -> World:
    """Without holidays, and without escalations for check-ins that nobody answers."""
    return build(db, clock, countries=(None, None))


@pytest.fixture(autouse=True)
def rules_hold(world: World) -> Iterator[None]:
    """After every test the due time of every escalation is the rule's, and each level was told once in each run."""
    yield
    with world.db.read(SYSTEM) as tx:
        for row in world.rows(Escalation):
            way = moves.course(tx, row, moves.crew_of(tx, row))
            expected = None if row.is_held else rules.next_due(moves.standing(row), way)
            assert row.due_at == expected, f"E-{row.number}"
    told = [row.key for row in world.said("escalation.told")]
    assert len(told) == len(set(told))


def raised(world: World, by: str = "ines", severity: Severity = Severity.S2, key: str = "view:1") -> Escalation:
    world.does(by, service.escalate, world.engagement_id, "The tills are down", severity, source_key=key)
    return current(world)


def current(world: World) -> Escalation:
    return world.rows(Escalation)[-1]


def told(world: World, kind: str = "escalation.told") -> list[tuple[int, str]]:
    """Level and first name of everybody told directly."""
    people = {str(world.place(name)): name for name in world.people}
    found = [row for row in world.said(kind) if row.place is Place.DIRECT]
    return [(row.extra.get("level", 0), people[row.extra["person"]]) for row in found]


def history(world: World) -> list[EntryKind]:
    return [row.kind for row in world.rows(EscalationEntry)]


def test_somebody_raises_it_and_both_sides_are_told_level_by_level(world: World) -> None:
    """S2 waits 4 + 4 + 8 working hours of Kolkata, where it must be solved: 03:30 to 11:30 UTC."""
    world.until(at(23, 4))
    row = raised(world)
    assert (row.state, row.against, row.level) == (EscalationState.OPEN, Side.VENDOR, 1)
    assert told(world) == [(1, "vera")]  # Ines raised it: she knows
    assert row.due_at == at(23, 8)

    world.until(at(23, 8))
    assert told(world)[1:] == [(2, "ines"), (2, "vera")]
    world.until(at(24, 4))
    assert told(world)[3:] == [(3, "ines"), (3, "olaf"), (3, "vera")]
    world.until(at(25, 4))
    assert told(world)[6:] == [(4, "ines"), (4, "vera")]

    world.until(at(26, 4))
    assert current(world).state is EscalationState.EXHAUSTED
    assert told(world, "escalation.owners") == [(0, "ines"), (0, "vera")]
    world.until(at(27, 4))
    assert len(told(world, "escalation.owners")) == 4
    world.until(at(29, 23))  # a weekend
    assert len(told(world, "escalation.owners")) == 4


def test_the_card_and_its_twin_are_posted_once_each(world: World) -> None:
    raised(world)

    (card,) = world.said("escalation.card")
    (twin,) = world.said("escalation.inhouse")
    assert (card.place, card.audience) == (Place.CHANNEL, Audience.JOINT)
    assert (twin.place, twin.audience) == (Place.INHOUSE, Audience.INHOUSE)
    assert all(row.parent_key == card.key for row in world.said("escalation.note", "escalation.told"))


def test_the_same_submission_raises_it_once(world: World) -> None:
    first = raised(world)

    assert raised(world).id == first.id


def test_owning_it_stops_the_climb_until_the_promised_update_does_not_come(world: World) -> None:
    world.until(at(23, 4))
    row = raised(world)
    world.until(at(23, 5))

    assert world.does("vera", service.acknowledge, row.id)
    row = current(world)
    assert (row.state, row.vendor_owner_id, row.due_at) == (
        EscalationState.ACKNOWLEDGED,
        world.place("vera"),
        at(23, 9),
    )

    world.until(at(23, 9))
    assert told(world, "escalation.ask") == [(0, "vera")]
    assert current(world).due_at == at(23, 11)
    world.until(at(23, 11))
    row = current(world)
    assert (row.state, row.level, row.vendor_owner_id) == (EscalationState.OPEN, 2, None)
    assert EntryKind.LAPSED in history(world)


def test_an_update_moves_the_clock(world: World) -> None:
    world.until(at(23, 4))
    row = raised(world)
    world.does("vik", service.acknowledge, row.id)
    world.until(at(23, 7))

    world.does("vik", service.update, row.id, "Restoring the backup")

    assert current(world).due_at == at(23, 11)
    world.until(at(23, 10))
    assert told(world) == [(1, "vera")]


def test_a_comment_of_the_other_side_moves_nothing(world: World) -> None:
    world.until(at(23, 4))
    row = raised(world)

    world.does("olaf", service.update, row.id, "The shops are closing")

    assert (current(world).state, current(world).due_at) == (EscalationState.OPEN, at(23, 8))
    assert current(world).inhouse_owner_id is None


def test_the_other_side_looks_after_it_without_stopping_the_climb(world: World) -> None:
    world.until(at(23, 4))
    row = raised(world)

    assert world.does("olaf", service.acknowledge, row.id)

    row = current(world)
    assert (row.state, row.inhouse_owner_id, row.acknowledged_at) == (
        EscalationState.OPEN,
        world.place("olaf"),
        None,
    )


@pytest.mark.parametrize(("against", "must_act", "closer"), [("vendor", "vera", "olaf"), ("inhouse", "olaf", "vera")])
def test_only_the_other_side_closes_rests_and_rates_it(world: World, against: str, must_act: str, closer: str) -> None:
    world.until(at(23, 5))
    args: tuple[Any, ...] = (world.engagement_id, "The tills are down", Severity.S2, Side(against))
    world.does("vik" if against == "inhouse" else "ines", service.escalate, *args, source_key="k")
    row = current(world)

    with pytest.raises(NotAllowed, match="only the"):
        world.does(must_act, service.snooze, row.id, nov(25), "")
    with pytest.raises(NotAllowed, match="only the"):
        world.does(must_act, service.rerate, row.id, Severity.S4, "")
    world.does(must_act, service.finish, row.id, "Fixed")
    assert current(world).state is EscalationState.ACKNOWLEDGED
    assert current(world).proposed_by_id == world.place(must_act)
    assert [name for _, name in told(world, "escalation.ask")] == ["ines" if against == "vendor" else "vik"]

    assert world.does(closer, service.rerate, row.id, Severity.S3, "")
    assert world.does(closer, service.snooze, row.id, nov(25), "")
    assert world.does(closer, service.finish, row.id, "Seen")
    row = current(world)
    assert (row.state, row.resolved_by_id, row.open_key) == (EscalationState.RESOLVED, world.place(closer), None)


def test_a_proposal_that_is_answered_is_none_any_more(world: World) -> None:
    row = raised(world)
    world.does("vera", service.finish, row.id, "Fixed")

    world.does("ines", service.update, row.id, "Not yet: the second till is still down")

    assert current(world).proposed_by_id is None
    assert current(world).state is EscalationState.ACKNOWLEDGED


def test_it_rests_until_the_work_begins_on_that_day(world: World) -> None:
    world.until(at(23, 9))
    row = raised(world)

    world.does("ines", service.snooze, row.id, nov(28), "Waiting for the part")  # a Saturday

    assert current(world).due_at == at(30, 8)  # Monday 09:00 in Paris
    world.until(at(30, 8))
    assert (current(world).state, current(world).level) == (EscalationState.OPEN, 1)
    assert EntryKind.WOKEN in history(world)


def test_it_can_be_opened_again_by_either_side_and_starts_at_the_bottom(world: World) -> None:
    world.until(at(23, 4))
    row = raised(world)
    world.does("vera", service.acknowledge, row.id)
    world.does("ines", service.finish, row.id, "")
    world.until(at(24, 4))

    assert world.does("vera", service.reopen, row.id, "It came back")

    row = current(world)
    assert (row.state, row.run, row.level, row.reopened_count) == (EscalationState.OPEN, 2, 1, 1)
    assert (row.vendor_owner_id, row.open_key) == (None, row.cause_key)
    assert told(world)[1:] == [(1, "ines"), (1, "vera")]


def test_after_a_week_it_cannot_be_opened_again(world: World) -> None:
    row = raised(world)
    world.does("ines", service.finish, row.id, "")
    world.until(at(30, 1))

    assert world.does("ines", service.reopen, row.id, "") is False
    assert current(world).state is EscalationState.RESOLVED


def test_what_comes_too_late_changes_nothing_and_draws_the_card_again(world: World) -> None:
    row = raised(world)
    world.does("ines", service.finish, row.id, "")
    world.advance()
    lines, sent = len(history(world)), len(world.rows(OutboxMessage))

    assert not world.does("vera", service.acknowledge, row.id)
    assert not world.does("vera", service.update, row.id, "On it")
    assert not world.does("ines", service.finish, row.id, "")
    assert not world.does("ines", service.snooze, row.id, nov(25), "")
    assert not world.does("ines", service.rerate, row.id, Severity.S4, "")

    assert len(history(world)) == lines
    refreshed = {message.post_key for message in world.rows(OutboxMessage)[sent:]}
    assert {moves.card_key(row), moves.twin_key(row)} <= refreshed


def test_private_notes_are_for_the_inhouse_side_alone(world: World) -> None:
    row = raised(world)
    with pytest.raises(NotAllowed):
        world.does("vera", service.note_privately, row.id, "Hm")

    world.does("ines", service.note_privately, row.id, "We could switch providers")

    (note,) = world.said("escalation.private")
    assert (note.place, note.audience, note.parent_key) == (Place.INHOUSE, Audience.INHOUSE, moves.twin_key(row))
    with world.db.read(SYSTEM) as tx:
        seen = queries.history(tx, row.workspace_id, row.id)
        assert all(item.kind is not EntryKind.NOTED for item in seen)
        assert queries.card(tx, row.workspace_id, row.id).private_notes == 1


# -- what raises one ------------------------------------------------------------------------------------------------


def blocked(world: World, **more: Any) -> Blocker:
    new = NewBlocker("No access to staging", **more)
    world.answers("vera", nov(23), Submission(is_blocked=True, blockers=(new,)))
    return world.rows(Blocker)[-1]


def test_a_blocker_climbs_when_it_is_two_working_days_old(world: World) -> None:
    """Raised on Monday 11:00 in Paris, whose side must act: on Wednesday at the same time."""
    world.until(at(23, 10))
    row = blocked(world)
    assert row.due_at == at(25, 10)

    world.until(at(25, 9, 59))
    assert world.rows(Escalation) == []
    world.until(at(25, 10))

    found = current(world)
    assert (found.against, found.cause_ref, found.severity) == (Side.INHOUSE, "B-1", Severity.S3)
    assert told(world) == [(1, "ines"), (1, "vera")]  # nobody was named in-house: the owner


def test_a_blocker_past_its_date_climbs_the_next_morning(world: World) -> None:
    world.until(at(23, 10))
    blocked(world, needed_by=nov(23))

    world.until(at(24, 8))

    assert current(world).raised_at == at(24, 8)


def test_a_blocker_of_severity_one_climbs_at_once(world: World) -> None:
    world.until(at(23, 10))

    row = blocked(world, severity=Severity.S1)

    assert (current(world).severity, current(world).raised_at, row.due_at) == (Severity.S1, at(23, 10), None)


def test_pressing_escalate_joins_what_climbs_already(world: World) -> None:
    world.until(at(23, 10))
    row = blocked(world)
    world.does("vera", climbing.escalate, row.id, Severity.S3, "We cannot go on")

    world.does("vik", climbing.escalate, row.id, Severity.S2, "Nor can I")

    (found,) = world.rows(Escalation)
    assert found.severity is Severity.S2
    assert history(world).count(EntryKind.JOINED) == 1
    world.until(at(27, 17))
    assert len(world.rows(Escalation)) == 1  # nor does its age raise a second one


def test_who_takes_a_blocker_owns_what_climbs_for_it(world: World) -> None:
    world.until(at(23, 10))
    row = blocked(world)
    world.does("vera", climbing.escalate, row.id, Severity.S2, "")

    world.does("olaf", blockers.take, row.id)

    found = current(world)
    assert (found.state, moves.owner_id(found, Side.INHOUSE)) == (EscalationState.ACKNOWLEDGED, world.place("olaf"))
    assert history(world).count(EntryKind.OWNED) == 1
    world.does("ines", blockers.take, row.id)
    assert moves.owner_id(current(world), Side.INHOUSE) == world.place("ines")


def test_what_climbs_ends_with_its_blocker(world: World) -> None:
    world.until(at(23, 10))
    row = blocked(world, severity=Severity.S1)

    world.does("vera", blockers.resolve, row.id, "Access came")

    assert current(world).state is EscalationState.RESOLVED
    assert world.rows(Blocker)[0].state is BlockerState.RESOLVED
    with pytest.raises(Conflict):
        world.does("vera", climbing.escalate, row.id, Severity.S1, "")


def test_a_promise_without_word_climbs_a_working_day_after_its_date(world: World) -> None:
    """Due on Tuesday in Kolkata: when Wednesday's work is over there, at 11:30 UTC."""
    world.until(at(23, 5))
    world.answers("vera", nov(23), Submission(promises=(Promise("Invoice export", nov(24)),), is_blocked=False))
    (promise,) = world.rows(Commitment)
    assert promise.due_at == at(25, 11, 30)

    world.until(at(25, 11, 30))

    found = current(world)
    assert (found.against, found.cause_ref) == (Side.VENDOR, "C-1")
    assert [name for level, name in told(world) if level == 1] == ["ines", "vera"]


def test_a_word_on_a_late_promise_gives_it_another_day(world: World) -> None:
    world.until(at(23, 5))
    world.answers("vera", nov(23), Submission(promises=(Promise("Invoice export", nov(24)),), is_blocked=False))
    (promise,) = world.rows(Commitment)
    world.until(at(25, 5))

    said = Submission(outcomes=(Outcome(promise.id, Verdict.ON_TRACK),), is_blocked=False)
    world.answers("vera", nov(25), said)

    assert world.rows(Commitment)[0].due_at == at(26, 11, 30)
    world.until(at(26, 11, 30))
    assert len(world.rows(Escalation)) == 1
    world.answers("vera", nov(26), Submission(outcomes=(Outcome(promise.id, Verdict.KEPT),), is_blocked=False))
    assert current(world).state is EscalationState.RESOLVED
    assert world.rows(Commitment)[0].due_at is None


def test_a_side_that_misses_three_check_ins_in_a_row_is_escalated(world: World) -> None:
    """In-house answers daily, the provider never: its third check-in closes on Wednesday."""
    world.change(Cadence, {"key": "daily"}, escalate_after=3)
    for day in (23, 24, 25):
        world.until(at(day, 9))
        world.answers("ines", nov(day), Submission(is_blocked=False))
        assert len(world.rows(Escalation)) == 0
        world.until(at(day, 22))

    (found,) = world.rows(Escalation)
    assert (found.against, found.cause_ref) == (Side.VENDOR, "Daily stand-up")
    world.until(at(26, 5))
    world.answers("vik", nov(26), Submission(is_blocked=False))
    assert current(world).state is EscalationState.RESOLVED


def test_a_holiday_neither_counts_nor_ends_the_row(world: World) -> None:
    """Tuesday the 24th is a holiday in India: Monday, Wednesday and Thursday are three in a row."""
    world.change(Cadence, {"key": "daily"}, escalate_after=3)
    world.change(SideHolidays, {"side": Side.VENDOR}, country="IN")
    for day in (23, 24, 25, 26):
        world.until(at(day, 9))
        world.answers("ines", nov(day), Submission(is_blocked=False))
        assert world.rows(Escalation) == []
        world.until(at(day, 22))

    (found,) = world.rows(Escalation)
    assert (found.against, found.raised_at.day) == (Side.VENDOR, 26)


# -- outages and pauses ---------------------------------------------------------------------------------------------


def test_after_an_outage_the_wait_starts_again_and_nothing_fires_in_a_burst(world: World) -> None:
    world.until(at(23, 4))
    raised(world)
    before = len(told(world))

    world.clock.set(at(26, 4))  # nothing ran for three days
    world.advance()

    row = current(world)
    assert (row.level, row.since, row.due_at) == (1, at(26, 4), at(26, 8))
    assert len(told(world)) == before


def test_a_blocker_whose_time_came_in_an_outage_gets_a_fresh_wait(world: World) -> None:
    world.until(at(23, 10))
    blocked(world)
    world.clock.set(at(26, 10))
    world.advance()
    assert world.rows(Escalation) == []
    assert world.rows(Blocker)[0].due_at == at(26, 14)

    world.until(at(26, 14))
    assert len(world.rows(Escalation)) == 1


def pause(tx: Tx, engagement_id: UUID, state: EngagementState) -> None:
    engagement = tx.one(Engagement, "T0NORTHWIND", engagement_id)
    engagement.state = state
    lifecycle.retime(tx, engagement)


def test_while_an_engagement_is_paused_nothing_climbs(world: World) -> None:
    world.until(at(23, 4))
    raised(world)
    world.does("system", pause, world.engagement_id, EngagementState.PAUSED)
    assert current(world).due_at is None
    with pytest.raises(Conflict, match="paused"):
        raised(world, key="view:2")
    world.clock.set(at(25, 4))

    world.does("system", pause, world.engagement_id, EngagementState.ACTIVE)

    assert (current(world).level, current(world).due_at) == (1, at(25, 8))


def test_who_has_left_is_told_nothing_and_somebody_speaks_for_their_side(world: World) -> None:
    world.until(at(23, 10))
    row = blocked(world, acting_id=world.place("olaf"))

    world.change(Participant, {"id": world.place("olaf")}, is_active=False)
    world.does("vera", climbing.escalate, row.id, Severity.S2, "")

    names = [message.extra["person"] for message in world.said("escalation.told")]
    assert str(row.acting_id) not in names


def test_what_somebody_owned_who_is_gone_is_nobodys_and_goes_on_climbing(world: World) -> None:
    row = raised(world)
    world.does("vik", service.acknowledge, row.id)
    before = len(world.said("escalation.ask"))

    with world.db.transaction(SYSTEM) as tx:
        place = tx.one(Participant, WORKSPACE, world.place("vik"))
        people.lose(tx, tx.one(Engagement, WORKSPACE, world.engagement_id), place, Loss.LEFT_CHANNEL)

    row = current(world)
    assert (row.state, row.is_owned, row.vendor_owner_id) == (EscalationState.OPEN, False, None)
    assert history(world)[-2:] == [EntryKind.LAPSED, EntryKind.ASKED]
    (asked,) = world.said("escalation.ask")[before:]
    assert asked.extra["person"] == str(world.place("vera"))
    level = row.level
    assert row.due_at is not None
    world.until(row.due_at)
    assert current(world).level == level + 1


def test_the_open_ones_that_wait_for_a_person(world: World) -> None:
    row = raised(world)

    def waiting(name: str) -> list[int]:
        seat = world.actor(name).membership(world.engagement_id)
        assert seat is not None
        with world.db.read(SYSTEM) as tx:
            crew = moves.crew_of(tx, row)
            own = {world.engagement_id: seat}, {world.engagement_id: crew}
            found = of_seats(tx, open_in(tx, row.workspace_id, [world.engagement_id]), *own)
        return [item.line.number for item in found if item.stake is not Stake.CONCERNS]

    assert (waiting("vera"), waiting("vik"), waiting("ines")) == ([1], [], [])
    world.does("vera", service.acknowledge, row.id)
    world.does("ines", service.acknowledge, row.id)
    assert (waiting("vera"), waiting("vik"), waiting("ines")) == ([1], [], [1])


# -- plain words ----------------------------------------------------------------------------------------------------


def says(
    world: World, name: str, text: str, thread: str | None = None, ts: str = "77.1", channel: str = CHANNEL
) -> bool:
    return world.does(name, conversations.heard, channel_id=channel, thread_ts=thread, ts=ts, text=text)


def card_ts(world: World, key: str = "") -> str:
    world.advance()
    return world.one(Post, key=key or moves.card_key(current(world))).ts


def test_people_without_buttons_do_everything_in_the_thread(world: World) -> None:
    world.until(at(23, 5))
    assert says(world, "olaf", "escalate S1: the tills are down", "1.1", "1.2")
    row = current(world)
    assert (row.severity, row.against, row.raised_by_id) == (Severity.S1, Side.VENDOR, world.place("olaf"))
    thread = card_ts(world)

    assert says(world, "vik", "mine", thread, "2.1")
    assert current(world).vendor_owner_id == world.place("vik")
    assert says(world, "vik", "update: restoring the backup", thread, "2.2")
    assert says(world, "vik", "done: restored", thread, "2.3")
    assert current(world).proposed_by_id == world.place("vik")
    with pytest.raises(NotAllowed):
        says(world, "vik", "rest until Friday", thread, "2.4")
    assert says(world, "ines", "done", thread, "2.5")
    assert current(world).state is EscalationState.RESOLVED
    assert says(world, "vik", "reopen: it came back", thread, "2.6")
    assert says(world, "ines", "S3: one till works", thread, "2.7")
    assert says(world, "ines", "rest until Friday: part on its way", thread, "2.8")
    assert (current(world).state, current(world).severity) == (EscalationState.SNOOZED, Severity.S3)
    assert not says(world, "vik", "thanks", thread, "2.9")


def test_a_message_that_is_delivered_twice_is_heard_once(world: World) -> None:
    for _ in range(2):
        assert says(world, "vera", "escalate: no answer from you", "1.1", "1.2")
    thread = card_ts(world)
    before = len(history(world))
    for _ in range(2):
        assert says(world, "ines", "update: on my way", thread, "2.1")

    assert len(world.rows(Escalation)) == 1
    assert len(history(world)) == before + 1


def test_words_that_come_too_late_are_refused_with_a_reason(world: World) -> None:
    row = raised(world)
    thread = card_ts(world)
    world.does("ines", service.finish, row.id, "")

    with pytest.raises(Conflict, match="too late"):
        says(world, "vera", "mine", thread)


def test_a_blocker_is_escalated_by_its_number(world: World) -> None:
    world.until(at(23, 10))
    blocked(world)

    assert says(world, "vik", "escalate B-1 S2: nobody answers", "1.1", "1.2")
    with pytest.raises(Conflict, match="no blocker B-9"):
        says(world, "vik", "escalate B-9: x", "1.1", "1.3")

    (found,) = world.rows(Escalation)
    assert (found.cause_ref, found.severity) == ("B-1", Severity.S2)


def test_what_is_written_in_a_channel_that_serves_two_providers_reaches_neither(world: World) -> None:
    """Nobody can know which of them is meant, and a card in the wrong channel could not be taken back."""
    with world.db.transaction(SYSTEM) as tx:
        first = tx.one(Engagement, WORKSPACE, world.engagement_id)
        olaf = tx.one(Participant, WORKSPACE, world.place("olaf"))
        values = {**first.model_dump(exclude={"id", "key", "vendor", "channel_id"}), "key": "a", "vendor": "Acme"}
        second = tx.add(Engagement(**values, channel_id="C0ACME"))
        tx.add(Participant(**olaf.model_dump(exclude={"id", "engagement_id"}), engagement_id=second.id))

    with pytest.raises(Conflict, match="Acme, Brightlane Systems"):
        says(world, "olaf", "escalate: they are late again", "1.1", "1.2", INHOUSE_CHANNEL)
    assert not says(world, "mallory", "escalate: look at me", "1.1", "1.3", INHOUSE_CHANNEL)
    assert world.rows(Escalation) == []
    assert says(world, "olaf", "escalate: they are late again", "1.1", "1.4")
    assert current(world).engagement_id == world.engagement_id


def test_replies_in_the_inhouse_thread_are_private_notes(world: World) -> None:
    row = raised(world)
    thread = card_ts(world, moves.twin_key(row))

    assert says(world, "olaf", "They said so last time too", thread, "3.1", INHOUSE_CHANNEL)
    assert not says(world, "vera", "Hello?", thread, "3.2", INHOUSE_CHANNEL)

    assert world.rows(EscalationEntry)[-1].is_private
    assert world.said("escalation.private") == []  # it stands there already


def test_strangers_and_observers_escalate_nothing(world: World) -> None:
    assert not says(world, "mallory", "escalate: look at me", "1.1")
    with pytest.raises(NotAllowed):
        says(world, "ada", "escalate: look at me", "1.1")
    assert world.rows(Escalation) == []

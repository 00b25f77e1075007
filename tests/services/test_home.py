"""Home tabs: what each person is shown, and that every change that concerns them publishes it anew."""

from collections.abc import Callable
from datetime import date, timedelta
from uuid import UUID

import pytest
from sqlalchemy import event
from sqlmodel import SQLModel

from models.access import SYSTEM, Role, Side
from models.asks import service as asking
from models.base import Reach, Row
from models.blockers import service as blocking
from models.blockers.tables import Blocker
from models.channels import people
from models.channels.rules import Loss
from models.checkins import service as checkins
from models.checkins.submissions import NewBlocker, Promise, Submission
from models.db import Database, Tx
from models.engagements.tables import Absence, Engagement, Participant, Person
from models.escalations import service as escalations
from models.escalations.ladders import Severity
from models.escalations.rules import Event
from models.escalations.tables import Escalation
from models.escalations.views import Stake
from models.home import queries
from models.home.rules import Colour, Rule
from models.home.views import HomeView
from models.outbox import delivery, homes
from models.outbox.rules import Operation, OutboxState, Place
from models.outbox.tables import Home, OutboxMessage
from tests.support.world import CHANNEL, PEOPLE, WORKSPACE, World, at, build, nov

EVERYBODY = set(PEOPLE)
OWNER = {"ines"}


def person(world: World, name: str) -> Person:
    return world.one(Person, slack_user_id=world.people[name][0])


def home(world: World, name: str) -> HomeView:
    view = world.sees("system", queries.home, WORKSPACE, person(world, name).id)
    assert view is not None
    return view


def open_all(world: World) -> None:
    for name in world.people:
        assert world.does(name, homes.opened, None)
    world.sent()


def waiting(world: World) -> set[str]:
    """Whose Home is about to be published."""
    names = {person(world, name).id: name for name in world.people}
    rows = [row for row in world.rows(OutboxMessage) if row.operation is Operation.PUBLISH]
    ready = [names[row.subject_id] for row in rows if row.state is OutboxState.READY]
    assert len(ready) == len(set(ready)), "published twice for one change"
    return set(ready)


@pytest.fixture
def open_day(world: World) -> World:
    """Wednesday 25 November, 08:45 UTC: the stand-up is open on both sides, and everybody has opened their Home."""
    world.until(at(25, 8, 45))
    open_all(world)
    return world


def test_a_home_that_nobody_opened_is_never_published(world: World) -> None:
    world.until(at(25, 8, 45))
    world.answers("vera", nov(25), Submission(is_blocked=False))

    assert not [row for row in world.rows(OutboxMessage) if row.place is Place.HOME]


def test_a_home_is_published_whenever_it_is_opened(world: World) -> None:
    world.does("vera", homes.opened, "1.a")
    assert waiting(world) == {"vera"}
    world.sent()

    world.does("vera", homes.opened, "1.b")

    assert waiting(world) == {"vera"}
    assert world.one(Home).view_hash == "1.b"


def test_whoever_no_roster_ever_named_has_no_home(world: World) -> None:
    assert world.does("mallory", homes.opened, None) is False
    assert world.rows(Home) == []


def raise_blocker(world: World) -> None:
    submission = Submission(is_blocked=True, blockers=(NewBlocker("No VPN", Side.INHOUSE),))
    world.answers("vera", nov(25), submission)


def escalate(world: World, engagement_id: UUID | None = None) -> None:
    key = f"view:{engagement_id}"
    place = engagement_id or world.engagement_id
    world.does("vera", escalations.escalate, place, "The tills are down", Severity.S2, source_key=key)


def promise(world: World) -> None:
    world.answers("vera", nov(25), Submission(promises=(Promise("Export", nov(27)),), is_blocked=False))


def skip(world: World) -> None:
    world.does("vik", checkins.skip, world.checkin(nov(25)).id, "In a workshop")


def go_away(world: World) -> None:
    world.does("vik", checkins.away, nov(26), nov(27))


def channel_trouble(world: World) -> None:
    world.change(Engagement, {}, trouble="I cannot post.")


def leave(world: World) -> None:
    with world.db.transaction(SYSTEM) as tx:
        tx.one(Participant, WORKSPACE, world.place("vik")).is_active = False


def rename(world: World) -> None:
    with world.db.transaction(SYSTEM) as tx:
        tx.one(Person, WORKSPACE, person(world, "vik").id).name = "Vikram R."


def direct_message_opened(world: World) -> None:
    with world.db.transaction(SYSTEM) as tx:
        tx.one(Person, WORKSPACE, person(world, "vik").id).dm_channel_id = "D0VIK"


def fail_a_message(world: World) -> None:
    with world.db.transaction(SYSTEM) as tx:
        row = tx.session.get(OutboxMessage, (WORKSPACE, world.said("checkin.board")[-1].id))
        assert row is not None
        row.state, row.error = OutboxState.DEAD, "is_archived"


@pytest.mark.parametrize(
    ("deed", "whose"),
    [
        (raise_blocker, EVERYBODY),
        (escalate, EVERYBODY),
        (promise, {"vera", "ines"}),
        (skip, {"vik", "ines"}),
        (go_away, {"vik", "ines"}),
        (channel_trouble, EVERYBODY),
        (leave, {"vik", "ines"}),
        (rename, {"vik"}),
        (direct_message_opened, set()),
        (fail_a_message, OWNER),
    ],
)
def test_a_change_publishes_the_homes_it_concerns(
    open_day: World, deed: Callable[[World], None], whose: set[str]
) -> None:
    deed(open_day)

    assert waiting(open_day) == whose


def test_many_changes_wait_as_one_publication(open_day: World) -> None:
    promise(open_day)
    skip(open_day)
    go_away(open_day)

    assert waiting(open_day) == {"vera", "vik", "ines"}


def test_a_failed_step_publishes_nothing(open_day: World) -> None:
    def break_off(tx: Tx) -> None:
        tx.one(Engagement, WORKSPACE, open_day.engagement_id).trouble = "x"
        tx.session.flush()
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        open_day.does("system", break_off)

    assert waiting(open_day) == set()


def test_the_clock_publishes_too(world: World) -> None:
    world.until(at(25, 3, 0))
    open_all(world)

    world.clock.set(at(25, 4, 0))
    world.queue.run()

    assert {"vera", "vik"} <= waiting(world)
    world.sent()
    assert [item.title for item in home(world, "vera").due] == ["Daily stand-up"]


def test_what_is_due_is_on_it_until_it_is_answered(open_day: World) -> None:
    assert [item.local_date for item in home(open_day, "vera").due] == [nov(25)]

    open_day.answers("vera", nov(25), Submission(promises=(Promise("Export", nov(27)),), is_blocked=False))

    view = home(open_day, "vera")
    assert view.due == ()
    assert [(item.line.number, item.line.current_due) for item in view.commitments] == [(1, nov(27))]
    assert home(open_day, "ines").commitments == ()


def test_a_missed_check_in_can_be_answered_late_from_it(open_day: World) -> None:
    open_day.until(at(25, 20))

    view = home(open_day, "vik")
    assert view.due == ()
    assert view.late[0].local_date == nov(25)


def test_a_blocker_waits_for_whoever_is_named_and_else_for_the_side(open_day: World) -> None:
    raise_blocker(open_day)
    assert [(item.line.number, item.is_own) for item in home(open_day, "olaf").blockers] == [(1, False)]
    assert home(open_day, "ada").blockers == ()
    assert home(open_day, "vera").blockers == ()

    open_day.does("olaf", blocking.take, open_day.one(Blocker).id)

    assert [(item.line.number, item.is_own) for item in home(open_day, "olaf").blockers] == [(1, True)]
    assert home(open_day, "ines").blockers == ()


def shown(world: World, name: str) -> list[Stake]:
    return [item.own.stake for item in home(world, name).escalations]


def test_an_escalation_waits_for_the_side_that_must_act_until_one_owns_it(open_day: World) -> None:
    escalate(open_day)
    assert (shown(open_day, "ines"), shown(open_day, "olaf")) == ([Stake.UNOWNED], [Stake.UNOWNED])
    assert (shown(open_day, "vera"), shown(open_day, "vik"), shown(open_day, "ada")) == ([Stake.CONCERNS], [], [])

    row_id = open_day.one(Escalation).id
    open_day.does("olaf", escalations.acknowledge, row_id)
    assert (shown(open_day, "ines"), shown(open_day, "olaf")) == ([Stake.CONCERNS], [Stake.OWN])

    open_day.does("olaf", escalations.finish, row_id, "Rebooted")
    assert shown(open_day, "vera") == [Stake.TO_CLOSE]

    open_day.does("vera", escalations.finish, row_id, "")
    assert [shown(open_day, name) for name in open_day.people] == [[]] * len(open_day.people)


def test_an_escalation_offers_each_person_what_they_may_do_with_it(open_day: World) -> None:
    escalate(open_day)

    def may(name: str) -> set[Event]:
        (item,) = home(open_day, name).escalations
        return set(item.own.legal)

    both = {Event.ACKNOWLEDGE, Event.UPDATE, Event.RESOLVE}
    assert may("olaf") == both
    assert may("vera") == both | {Event.SNOOZE, Event.RERATE}

    open_day.does("olaf", escalations.acknowledge, open_day.one(Escalation).id)
    assert may("olaf") == both - {Event.ACKNOWLEDGE}
    open_day.change(Participant, {"id": open_day.place("olaf")}, role=Role.OBSERVER)
    assert may("olaf") == set()


def test_every_change_of_an_escalation_publishes_the_homes_and_a_private_note_does_not(open_day: World) -> None:
    escalate(open_day)
    row_id = open_day.one(Escalation).id
    open_day.sent()

    open_day.does("ines", escalations.note_privately, row_id, "Ask legal")
    assert waiting(open_day) == set()

    open_day.does("ines", escalations.acknowledge, row_id)
    assert waiting(open_day) == EVERYBODY


def test_an_escalation_that_nobody_owns_gives_the_engagement_its_colour(open_day: World) -> None:
    escalate(open_day)
    (health,) = home(open_day, "ines").health
    assert (health.rule, health.colour) == (Rule.UNOWNED_ESCALATION, Colour.AMBER)

    open_day.change(Escalation, {}, level=3)
    (health,) = home(open_day, "ines").health
    assert (health.rule, health.colour, health.signs.stuck_escalations) == (Rule.STUCK_ESCALATION, Colour.RED, 1)

    open_day.does("ines", escalations.acknowledge, open_day.one(Escalation).id)
    (health,) = home(open_day, "ines").health
    assert health.rule not in (Rule.UNOWNED_ESCALATION, Rule.STUCK_ESCALATION)


def test_hours_and_absences_are_on_it(open_day: World) -> None:
    go_away(open_day)

    view = home(open_day, "vik")
    assert (view.hours.zone, sorted(view.hours.weekdays)) == ("Asia/Kolkata", [0, 1, 2, 3, 4])
    assert view.hours.absences == ((nov(26), nov(27)),)
    assert view.today == date(2026, 11, 25)


def test_only_an_owner_sees_how_the_engagement_is_and_what_failed(open_day: World) -> None:
    fail_a_message(open_day)
    open_day.until(at(26, 1))

    view = home(open_day, "ines")
    assert [(item.rule, item.colour) for item in view.health] == [(Rule.FEW_ANSWERS, Colour.AMBER)]
    assert [(item.kind, item.code, item.count) for item in view.failures] == [("checkin.board", "is_archived", 1)]
    for name in EVERYBODY - OWNER:
        assert (home(open_day, name).health, home(open_day, name).failures) == ((), ())


def test_a_failure_is_forgotten_after_a_week(open_day: World) -> None:
    fail_a_message(open_day)

    open_day.clock.advance(timedelta(days=8))

    assert home(open_day, "ines").failures == ()


def test_who_lost_access_is_shown_nothing(open_day: World) -> None:
    promise(open_day)
    leave_all = {"is_active": False}
    for name in ("vera", "ines"):
        open_day.change(Participant, {"id": open_day.place(name)}, **leave_all)

    for name in ("vera", "ines"):
        view = home(open_day, name)
        assert (view.seats, view.due, view.commitments, view.health, view.upcoming) == ((), (), (), (), ())


def test_a_question_waits_for_the_side_whose_turn_it_is(open_day: World) -> None:
    message = {"channel_id": CHANNEL, "ts": "9.1", "thread_ts": "9.1"}
    open_day.does("ines", asking.mark, open_day.engagement_id, text="Which version runs in production?", **message)

    assert [item.line.what for item in home(open_day, "vera").questions] == ["Which version runs in production?"]
    assert home(open_day, "ines").questions == ()


def test_promises_of_who_is_gone_are_shown_to_the_lead(open_day: World) -> None:
    open_day.answers("vik", nov(25), Submission(promises=(Promise("Runbook", nov(27)),), is_blocked=False))
    with open_day.db.transaction(SYSTEM) as tx:
        place = tx.one(Participant, WORKSPACE, open_day.place("vik"))
        people.lose(tx, tx.one(Engagement, WORKSPACE, open_day.engagement_id), place, Loss.LEFT_CHANNEL)

    assert [item.line.what for item in home(open_day, "vera").orphans] == ["Runbook"]
    assert home(open_day, "ines").orphans == ()


def many_engagements(world: World, count: int) -> None:
    """Ines owns so many more, with a roster, an open blocker and a promise of hers each."""
    with world.db.transaction(SYSTEM) as tx:
        vera = person(world, "vera").id
        for number in range(count):
            row = tx.add(
                Engagement(
                    workspace_id=WORKSPACE,
                    key=f"more-{number:02}",
                    company="Northwind Retail",
                    vendor=f"Vendor {number:02}",
                    channel_id=f"C0MORE{number}",
                    zone="Europe/Paris",
                )
            )
            places = [(person(world, "ines").id, Side.INHOUSE, Role.OWNER), (vera, Side.VENDOR, Role.LEAD)]
            for person_id, side, role in places:
                tx.add(
                    Participant(workspace_id=WORKSPACE, engagement_id=row.id, person_id=person_id, side=side, role=role)
                )


def statements(db: Database, work: Callable[[], object]) -> int:
    count = 0

    def note(*_: object) -> None:
        nonlocal count
        count += 1

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        work()
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    return count


def test_a_home_is_read_in_as_many_statements_for_one_engagement_as_for_thirty(open_day: World) -> None:
    raise_blocker(open_day)
    escalate(open_day)
    person_id = person(open_day, "ines").id

    def read() -> None:
        with open_day.db.read(SYSTEM) as tx:
            queries.home(tx, WORKSPACE, person_id)

    one = statements(open_day.db, read)
    many_engagements(open_day, 29)
    for row in open_day.rows(Engagement)[1:]:
        escalate(open_day, row.id)
    thirty = statements(open_day.db, read)

    assert thirty == one
    assert one <= 20


def test_an_owners_engagements_come_in_pages_the_worst_first(open_day: World) -> None:
    open_day.change(Engagement, {}, trouble="I cannot post.")
    many_engagements(open_day, 29)

    first = home(open_day, "ines")
    open_day.does("ines", homes.turn, 5)
    last = home(open_day, "ines")
    open_day.does("ines", homes.turn, -100)

    assert (first.page, first.pages, len(first.health)) == (0, 3, 12)
    assert first.health[0].colour is Colour.RED
    assert (last.page, len(last.health)) == (2, 6)
    assert home(open_day, "ines").page == 0


def test_a_change_costs_few_statements_however_many_homes_it_concerns(open_day: World) -> None:
    def trouble(text: str) -> None:
        with open_day.db.transaction(SYSTEM) as tx:
            tx.one(Engagement, WORKSPACE, open_day.engagement_id).trouble = text

    assert statements(open_day.db, lambda: trouble("x")) <= 7  # begin, read, update, homes, waiting, one insert


def test_every_table_says_whom_it_reaches_in_a_way_that_can_be_found() -> None:
    for table in Row.__subclasses__():
        names = set(table.model_fields)
        match table.reach:
            case Reach.ENGAGEMENT:
                assert table is Engagement or "engagement_id" in names, table
            case Reach.PERSON:
                assert table is Person or names & {"person_id", "participant_id"}, table
            case Reach.NOBODY:
                pass
    assert {Absence, Blocker, Participant} <= set(Row.__subclasses__())
    assert SQLModel.metadata.tables


def test_a_change_beside_a_publication_that_begins_is_published_after_it(postgres_db: Database) -> None:
    """What the dispatcher is just taking may be rendered before the change commits: it does not count as waiting."""
    world = build(postgres_db, postgres_db.clock)  # type: ignore[arg-type]
    world.does("ines", homes.opened, None)

    with postgres_db.transaction(SYSTEM) as taking:
        batch = delivery.claim(taking, WORKSPACE, "w", postgres_db.clock.now(), limit=5)
        assert [claim.message.operation for claim in batch.claims] == [Operation.PUBLISH]
        channel_trouble(world)

    states = sorted(row.state for row in world.rows(OutboxMessage) if row.operation is Operation.PUBLISH)
    assert states == [OutboxState.LEASED, OutboxState.READY]


def test_a_publication_is_not_taken_before_the_change_that_counts_on_it_is_stored(postgres_db: Database) -> None:
    world = build(postgres_db, postgres_db.clock)  # type: ignore[arg-type]
    world.does("ines", homes.opened, None)

    with postgres_db.transaction(SYSTEM) as changing:
        changing.one(Engagement, WORKSPACE, world.engagement_id).trouble = "x"
        changing.session.flush()
        homes.announce(changing)
        assert claimed(postgres_db) == []

    assert claimed(postgres_db) == [Operation.PUBLISH]


def claimed(db: Database) -> list[Operation]:
    with db.transaction(SYSTEM) as tx:
        batch = delivery.claim(tx, WORKSPACE, "w", db.clock.now(), limit=5)
    return [claim.message.operation for claim in batch.claims]

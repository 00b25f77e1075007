"""What will happen when, in words."""

import pytest

from models.access import Side
from models.blockers.rules import NewBlocker
from models.cadences.rules import CadenceKind
from models.checkins.submissions import Promise, Submission
from models.clock import ManualClock
from models.db import Database
from models.escalations import service as escalations
from models.escalations.ladders import Severity
from scheduler.agenda import agenda
from tests.support.world import World, add_cadence, at, build, nov


@pytest.fixture
def workdays(db: Database, clock: ManualClock) -> World:
    """Without holidays."""
    return build(db, clock, countries=(None, None))


def coming(world: World, limit: int = 20) -> list[str]:
    return [item.what for item in agenda(world.db, world.queue, limit)]


def test_the_agenda_tells_what_comes_next_in_words(world: World) -> None:
    world.advance()

    items = agenda(world.db, world.queue, 3)

    assert [item.what for item in items] == ["Daily stand-up opens", "Weekly summary is posted"]
    assert items[0].zone == "Europe/Paris"


def test_there_is_a_next_thing_however_many_come_first_that_are_laid_down_or_looked_at(workdays: World) -> None:
    workdays.until(at(24, 5))
    stuck = tuple(NewBlocker(f"Stuck on part {number}", Side.INHOUSE) for number in range(5))
    workdays.answers("vera", nov(24), Submission(is_blocked=True, blockers=stuck))
    for number in range(5):
        add_cadence(workdays, f"more-{number}", kind=CadenceKind.SUMMARY, recurrence="FREQ=DAILY")
    workdays.advance()

    for _ in range(12):
        (item,) = agenda(workdays.db, workdays.queue, 1)
        assert item.at > workdays.clock.now()
        workdays.until(item.at)


def test_what_climbs_and_what_waits_is_told_like_everything_else(workdays: World) -> None:
    workdays.until(at(24, 5))
    stuck = NewBlocker("No access to staging", Side.INHOUSE)
    said = Submission(promises=(Promise("Export"),), is_blocked=True, blockers=(stuck,), asks=("Which port?",))
    workdays.answers("vera", nov(24), said)
    workdays.does(
        "ines", escalations.escalate, workdays.engagement_id, "The tills are down", Severity.S2, source_key="view:1"
    )

    due = "C-1 is escalated unless its owner speaks of it"
    assert {"B-1 is escalated", due, "Q-1: somebody is nudged", "E-1 climbs"} <= set(coming(workdays))


def test_of_what_comes_at_once_the_one_that_everybody_sees_comes_first(workdays: World) -> None:
    """At 09:30 in Paris Ines is asked, and two more things happen there."""
    add_cadence(workdays, "morning", kind=CadenceKind.SUMMARY, rule="FREQ=DAILY")
    add_cadence(workdays, "review")
    workdays.until(at(24, 8))

    found = coming(workdays, 4)

    moments = [item.at for item in agenda(workdays.db, workdays.queue, 4)]
    assert moments[:3] == [at(24, 8, 30)] * 3
    assert "Morning is posted" in found[0]
    assert agenda(workdays.db, workdays.queue, 1)[0].what == "Morning is posted"

"""How both sides answer each other's questions: in the weekly facts, each turn counted once, and in the export."""

from datetime import timedelta

import pytest

from models.asks.views import AskFigures
from models.clock import ManualClock
from models.db import Database
from models.engagements.tables import Engagement
from models.exports.queries import Table, records
from models.exports.rules import Wanted
from tests.services.test_asks import asks, says
from tests.services.test_weekly_summary import published
from tests.support.world import World, at, build

pytestmark = pytest.mark.slow

_H = timedelta(hours=1)
FRIDAY, NEXT_FRIDAY = at(27, 16), at(4, 16, month=12)


@pytest.fixture
def world(db: Database, clock: ManualClock) -> World:
    return build(db, clock, countries=(None, None))


def figures(world: World, week: int = -1) -> tuple[AskFigures, AskFigures]:
    inhouse, vendor = published(world)[week][1].asks
    return inhouse, vendor


def test_both_sides_are_measured_in_their_own_working_time(world: World) -> None:
    """Paris asks at 11:00, Kolkata answers after two working hours, later after one; the other way in three."""
    ask = asks(world, "ines", moment=at(24, 10))
    says(world, "vera", ask, "443", at(25, 4))
    says(world, "ines", ask, "And staging?", at(25, 5))
    says(world, "vik", ask, "The same", at(25, 6))
    back = asks(world, "vera", "Who signs?", moment=at(25, 8))
    says(world, "olaf", back, "Ines", at(25, 11))
    world.until(FRIDAY)

    inhouse, vendor = figures(world)

    assert (vendor.first.count, vendor.first.median) == (1, 2 * _H), "until 17:00 and from 09:00: 1.5 and 0.5 hours"
    assert (vendor.later.count, vendor.later.mean) == (1, _H)
    assert (inhouse.first.count, inhouse.first.median) == (1, 3 * _H)
    assert (vendor.met, vendor.breached, inhouse.met) == (2, 0, 1)


def test_no_question_is_no_data(world: World) -> None:
    world.until(FRIDAY)

    for side in figures(world):
        assert (side.first.median, side.in_time, side.waiting, side.oldest) == (None, None, 0, None)


def test_an_open_question_past_its_time_is_a_breach_now_and_counted_once(world: World) -> None:
    ask = asks(world, "ines", moment=at(24, 10))
    world.until(FRIDAY)

    assert (figures(world)[1].met, figures(world)[1].breached, figures(world)[1].overdue) == (0, 1, 1)

    says(world, "vera", ask, "443", at(30, 6))
    world.until(NEXT_FRIDAY)
    vendor = figures(world)[1]
    assert (vendor.breached, vendor.first.count, vendor.overdue) == (0, 1, 0), "its deadline was counted last week"
    before = published(world)[-1][1].asks_before
    assert before[1].breached == 1


def test_a_question_that_is_not_due_yet_counts_when_its_deadline_lies(world: World) -> None:
    """Asked on Friday, answered within the hour, due on Monday."""
    ask = asks(world, "ines", moment=at(27, 8))
    says(world, "vera", ask, "443", at(27, 9))
    world.until(FRIDAY)
    assert (figures(world)[1].first.count, figures(world)[1].decided) == (1, 0)

    world.until(NEXT_FRIDAY)

    assert (figures(world)[1].first.count, figures(world)[1].met) == (0, 1)


def test_the_export_has_a_record_a_turn_from_which_the_figures_follow(world: World) -> None:
    ask = asks(world, "ines", moment=at(24, 10))
    says(world, "vera", ask, "443", at(25, 4))
    says(world, "ines", ask, "And staging?", at(25, 5))
    world.until(FRIDAY)

    engagement = world.one(Engagement)
    found = world.sees("system", lambda tx: list(records(tx, Table.QUESTIONS, engagement, Wanted())))

    assert [(row["turn"], row["working_minutes"], row["in_time"]) for row in found[:1]] == [(1, 120, True)]
    assert (found[0]["answered_by"], found[1]["answered_by"]) == ("Vera Iyer", None)
    assert (found[1]["turn"], found[1]["in_time"]) == (2, False)

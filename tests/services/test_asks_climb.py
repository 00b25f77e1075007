"""A question that nobody answers climbs, after one nudge, until somebody answers or owns it."""

from datetime import timedelta

import pytest

from models.access import Side
from models.asks import service, threads
from models.asks.rules import AskState
from models.clock import ManualClock
from models.db import Database
from models.engagements.rules import EngagementState
from models.engagements.tables import Engagement
from models.escalations import queries as escalation_queries
from models.escalations import service as escalations
from models.escalations.causes import Cause, EntryKind
from models.escalations.rules import EscalationState
from models.escalations.tables import Escalation, EscalationEntry
from models.outbox.rules import Place
from scheduler.agenda import agenda
from tests.services.test_asks import asks, now_is, says
from tests.support.world import World, at, build


@pytest.fixture
def world(db: Database, clock: ManualClock) -> World:
    """Without holidays. Kolkata works from 03:30 to 11:30 UTC: an answer to a question of Monday, 10:00 UTC, is due on
    Tuesday at 10:00, and its silence climbs after four more hours of work, on Wednesday at 06:01 and a half."""
    return build(db, clock, countries=(None, None))


def climbing(world: World) -> Escalation:
    return world.rows(Escalation)[-1]


def told(world: World) -> list[str]:
    people = {str(world.place(name)): name for name in world.people}
    return [people[row.extra["person"]] for row in world.said("escalation.told") if row.place is Place.DIRECT]


def test_silence_after_the_nudge_climbs_in_the_working_time_of_who_must_answer(world: World) -> None:
    ask = asks(world, text="Which *port* <https://x|do> you need?")
    world.until(at(25, 5))
    assert world.rows(Escalation) == [], "the nudge comes first, and then there is time to answer"

    world.until(at(25, 7))

    row = climbing(world)
    assert (row.cause, row.cause_ref, row.against, row.state) == (
        Cause.QUESTION, "Q-1", Side.VENDOR, EscalationState.OPEN,
    )  # fmt: skip
    assert sorted(told(world)) == ["ines", "vera"]
    assert now_is(world, ask).due_at is None
    view = world.sees("system", escalation_queries.card, row.workspace_id, row.id)
    assert view.line.what == "Which *port* <https://x|do> you need?"


def test_the_person_who_is_named_is_told_first(world: World) -> None:
    asks(world, text="@U0VIKRAM which port?")

    world.until(at(25, 7))

    assert sorted(told(world)) == ["ines", "vik"]


@pytest.mark.parametrize(
    ("name", "words", "state", "why"),
    [
        ("vik", "It is 443", AskState.REPLIED, "A reply to Q-1 has come."),
        ("ines", "Q-1 answered", AskState.ANSWERED, "Q-1 was answered."),
        ("olaf", "Q-1 withdrawn", AskState.WITHDRAWN, "Q-1 was taken back."),
    ],
)
def test_it_ends_when_the_question_is_answered_or_taken_back(
    world: World, name: str, words: str, state: AskState, why: str
) -> None:
    ask = asks(world)
    world.until(at(25, 7))

    says(world, name, ask, words)

    row = climbing(world)
    assert (now_is(world, ask).state, row.state) == (state, EscalationState.RESOLVED)
    assert row.resolved_by_id == world.place(name)
    last = world.rows(EscalationEntry)[-1]
    assert (last.kind, world.sees("system", lambda tx: tx.unseal(last, "note"))) == (EntryKind.RESOLVED, why)


def test_thanks_and_talk_end_nothing(world: World) -> None:
    ask = asks(world)
    world.until(at(25, 7))

    says(world, "vera", ask, "thanks 🙏")
    says(world, "olaf", ask, "I wonder too")

    assert climbing(world).state is EscalationState.OPEN


def test_a_turn_climbs_once_and_the_next_turn_climbs_anew(world: World) -> None:
    ask = asks(world)
    world.until(at(25, 7))
    world.does("ines", escalations.finish, climbing(world).id, "I asked on the phone")
    world.until(at(27, 12))
    assert len(world.rows(Escalation)) == 1, "who closed it by hand is not contradicted"

    says(world, "vik", ask, "It is 443")
    says(world, "ines", ask, "And on staging?")
    world.until(at(30, 23) + timedelta(days=2))

    assert [row.state for row in world.rows(Escalation)] == [EscalationState.RESOLVED, EscalationState.OPEN]
    assert len({row.cause_key for row in world.rows(Escalation)}) == 1


def test_a_reply_that_is_deleted_brings_the_silence_back_and_it_climbs_again(world: World) -> None:
    ask = asks(world)
    world.until(at(25, 7))
    ts = says(world, "vik", ask, "It is 443")
    where = {"channel_id": ask.channel_id, "thread_ts": ask.thread_ts, "ts": ts}
    world.does("vik", threads.deleted, **where)
    assert now_is(world, ask).state is AskState.WAITING
    assert climbing(world).state is EscalationState.RESOLVED

    world.until(at(26, 7))

    assert [row.state for row in world.rows(Escalation)] == [EscalationState.RESOLVED, EscalationState.OPEN]


def test_after_an_outage_of_ours_it_waits_again_and_nothing_comes_in_a_burst(world: World) -> None:
    """Nobody was there from the nudge on until Thursday morning: four more hours of work from then."""
    ask = asks(world)
    world.until(at(24, 11))
    world.clock.set(at(26, 4))

    world.advance()
    assert world.rows(Escalation) == []
    assert now_is(world, ask).due_at == at(26, 8)
    world.until(at(26, 8))

    assert len(world.rows(Escalation)) == 1


def test_a_paused_engagement_lets_nothing_climb(world: World) -> None:
    asks(world)
    world.until(at(24, 11))
    world.change(Engagement, {}, state=EngagementState.PAUSED)
    world.until(at(27, 12))
    assert world.rows(Escalation) == []

    world.change(Engagement, {}, state=EngagementState.ACTIVE)
    world.until(at(30, 12) + timedelta(days=1))

    assert len(world.rows(Escalation)) == 1


def test_each_side_is_escalated_alike(world: World) -> None:
    ask = asks(world, "vera", "Who decides?")

    world.until(at(25, 23))

    assert climbing(world).against is Side.INHOUSE
    world.does("vera", service.withdraw, ask.id)
    assert climbing(world).state is EscalationState.RESOLVED


def test_the_agenda_names_what_comes_of_a_question(world: World) -> None:
    ask = asks(world)

    def words() -> list[str]:
        return [item.what for item in agenda(world.db, world.queue, 100) if item.what[:2] in ("Q-", "E-")]

    assert words() == ["Q-1: somebody is nudged"]
    world.until(at(24, 11))
    assert words() == ["Q-1 is escalated"]
    world.until(at(25, 7))
    assert words() == ["E-1 climbs"]
    world.does("vera", escalations.acknowledge, climbing(world).id)
    assert words() == ["E-1: “still stuck?” is asked"]
    says(world, "vera", ask, "443")
    assert words() == ["Q-1 counts as answered"]

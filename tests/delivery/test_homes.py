"""Home tabs on their way to Slack: the state of now, once for many changes, at Slack's pace, no older one last."""

from datetime import timedelta

import pytest

from bot.delivery import messages
from bot.delivery.dispatcher import Dispatcher
from models.access import SYSTEM
from models.engagements.tables import Participant
from models.outbox import delivery, homes
from models.outbox.rules import Operation, OutboxState
from models.outbox.tables import Home
from sandbox.faults import Fault, Kind, catalogue
from tests.support.delivery import CALL_SECONDS, Office, always
from tests.support.world import PEOPLE, WORKSPACE


@pytest.fixture
def worker(post: Office) -> Dispatcher:
    """A dispatcher with the real messages."""
    post.dispatcher = Dispatcher(post.db, always(post.slack), messages.render, post.clock, call_seconds=CALL_SECONDS)
    return post.dispatcher


def opens(post: Office, name: str, view_hash: str | None = None) -> None:
    actor = post.world.actor(name)
    with post.db.transaction(actor) as tx:
        assert homes.opened(tx, view_hash)


def shown(post: Office, name: str) -> str:
    """What stands on somebody's Home tab."""
    return str(post.server.workspace.homes.get(PEOPLE[name][0], {}).get("blocks", ""))


def troubles(post: Office, text: str) -> None:
    with post.db.transaction(SYSTEM) as tx:
        tx.one(type(post.engagement()), WORKSPACE, post.world.engagement_id).trouble = text


def states(post: Office) -> list[OutboxState]:
    return [row.state for row in post.rows() if row.operation is Operation.PUBLISH]


async def test_a_home_shows_the_state_of_the_moment_it_is_sent(post: Office, worker: Dispatcher) -> None:
    opens(post, "ines")
    for number in range(5):
        troubles(post, f"Trouble number {number}.")

    await worker.drain()

    assert "Trouble number 4." in shown(post, "ines")
    assert post.called("views.publish") == 1
    assert states(post) == [OutboxState.SENT]


async def test_a_home_that_changes_while_it_is_sent_is_sent_again(post: Office, worker: Dispatcher) -> None:
    opens(post, "ines")
    with post.db.transaction(SYSTEM) as tx:
        (claim,) = delivery.claim(tx, WORKSPACE, "another", post.clock.now(), limit=1).claims
    assert claim.message.operation is Operation.PUBLISH
    troubles(post, "Meanwhile.")

    await post.settle()

    assert "Meanwhile." in shown(post, "ines")
    assert set(states(post)) <= {OutboxState.SENT, OutboxState.DROPPED}


async def test_homes_keep_slacks_pace(post: Office, worker: Dispatcher) -> None:
    for _ in range(60):
        for name in PEOPLE:
            opens(post, name)
        await worker.drain()
        post.clock.advance(timedelta(milliseconds=100))
    await post.settle()

    calls = [call for call in post.server.calls if call.method == "views.publish"]
    assert all(call.ok for call in calls)
    assert {*PEOPLE} == {name for name in PEOPLE if shown(post, name)}


async def test_one_that_somebody_froze_with_is_not_shown_over_a_newer_one(post: Office, worker: Dispatcher) -> None:
    """A worker that stood still after its last look sends an older state, with the hash of what it knew."""
    opens(post, "ines")
    await worker.drain()
    known = post.server.workspace.homes[PEOPLE["ines"][0]]["hash"]
    troubles(post, "The newer state.")
    await worker.drain()

    with pytest.raises(Exception, match="hash_conflict"):
        await post.slack.publish_view(PEOPLE["ines"][0], {"type": "home", "blocks": []}, known)

    assert "The newer state." in shown(post, "ines")


async def test_a_hash_that_is_not_true_any_more_holds_nothing_up(post: Office, worker: Dispatcher) -> None:
    opens(post, "ines")
    await worker.drain()
    opens(post, "ines", view_hash="1.gone")

    await post.settle()

    assert states(post) == [OutboxState.SENT, OutboxState.SENT]
    home = post.world.one(Home)
    assert home.view_hash == post.server.workspace.homes[PEOPLE["ines"][0]]["hash"]


@pytest.mark.parametrize("fault", catalogue("views.publish"), ids=str)
async def test_whatever_goes_wrong_on_the_way_the_home_is_true_in_the_end(
    post: Office, worker: Dispatcher, fault: Fault
) -> None:
    opens(post, "ines")
    troubles(post, "Trouble.")
    post.server.faults.add(fault)

    await post.settle(timedelta(hours=2))

    assert "Trouble." in shown(post, "ines")
    assert states(post) == [OutboxState.SENT]


async def test_where_the_home_tab_is_switched_off_nothing_more_is_tried(post: Office, worker: Dispatcher) -> None:
    opens(post, "ines")
    post.server.workspace.app.home_tab_enabled = False

    await post.settle()
    troubles(post, "Trouble.")
    await post.settle()

    assert states(post) == [OutboxState.DROPPED]
    assert post.world.rows(Home) == []
    assert post.called("views.publish") == 1


async def test_who_lost_access_is_shown_an_empty_home_at_once(post: Office, worker: Dispatcher) -> None:
    opens(post, "ines")
    await worker.drain()
    assert "Brightlane" in shown(post, "ines")

    with post.db.transaction(SYSTEM) as tx:
        tx.one(Participant, WORKSPACE, post.world.place("ines")).is_active = False
    await worker.drain()

    assert "Brightlane" not in shown(post, "ines")
    assert "Nothing for you here" in shown(post, "ines")


async def test_a_home_that_slack_refuses_is_not_tried_for_ever(post: Office, worker: Dispatcher) -> None:
    opens(post, "ines")
    post.server.faults.add(Fault("views.publish", 1, Kind.ERROR, code="invalid_arguments"))

    await post.settle()

    assert states(post) == [OutboxState.DEAD]
    opens(post, "ines")
    await post.settle()
    assert "Due now" in shown(post, "ines")

"""In-house matter never reaches anybody outside, whatever became of its channel since it was written."""

from datetime import timedelta

import pytest
from sqlmodel import select

from models.access import SYSTEM
from models.engagements.tables import Participant
from models.outbox.rules import Audience, OutboxState, Place
from sandbox import channels
from sandbox.faults import Fault, Kind
from sandbox.state import User
from tests.support.delivery import Office
from tests.support.world import INHOUSE_CHANNEL

INHOUSE = {"place": Place.INHOUSE, "audience": Audience.INHOUSE}


async def test_the_inhouse_channel_gets_inhouse_matter(post: Office) -> None:
    post.post("figures", **INHOUSE)

    await post.settle()

    assert post.shown(INHOUSE_CHANNEL) == ["figures"]


@pytest.mark.parametrize("who", ["U0VERA", "U0TOMAS", "U0FOREIGN"])
async def test_it_is_refused_once_an_outsider_is_in_the_channel(post: Office, who: str) -> None:
    workspace = post.server.workspace
    if who == "U0FOREIGN":
        workspace.add_user(User("U0FOREIGN", "T0BRIGHTLANE", "foreign", "Somebody Else"))
    workspace.channels[INHOUSE_CHANNEL].members.append(who)  # a guest, a vendor; not yet marked as shared
    post.post("figures", **INHOUSE)

    await post.settle()

    assert post.shown(INHOUSE_CHANNEL) == []
    assert post.state("figures") is OutboxState.DEAD
    (notice,) = [row for row in post.rows() if row.kind == "owner.notice"]
    assert notice.extra["notice"] == "shared_with_outsiders"
    assert post.direct("ines") == [notice.key]


async def test_it_is_refused_once_the_channel_is_shared(post: Office) -> None:
    workspace = post.server.workspace
    channels.share(workspace, INHOUSE_CHANNEL, workspace.teams["T0BRIGHTLANE"])
    post.post("figures", **INHOUSE)

    await post.settle()

    assert post.shown(INHOUSE_CHANNEL) == []
    assert post.row("figures").error == "channel_is_shared"


async def test_an_edit_is_refused_as_well(post: Office) -> None:
    post.post("figures", say="old", **INHOUSE)
    await post.settle()
    workspace = post.server.workspace
    channels.share(workspace, INHOUSE_CHANNEL, workspace.teams["T0BRIGHTLANE"])
    post.clock.advance(timedelta(seconds=61))
    post.refresh("figures", "new figures")

    await post.settle()

    assert post.shown(INHOUSE_CHANNEL) == ["old"]


async def test_a_colleague_on_nobodys_roster_may_be_there(post: Office) -> None:
    post.server.workspace.channels[INHOUSE_CHANNEL].members.append("U0MALLORY")
    post.post("figures", **INHOUSE)

    await post.settle()

    assert post.shown(INHOUSE_CHANNEL) == ["figures"]


async def test_what_was_seen_is_believed_for_a_minute_at_most(post: Office) -> None:
    post.post("one", **INHOUSE)
    await post.settle()
    post.clock.advance(timedelta(seconds=30))
    post.post("two", **INHOUSE)
    await post.settle()
    assert post.called("conversations.info") == 1
    post.server.workspace.channels[INHOUSE_CHANNEL].members.append("U0VERA")
    post.clock.advance(timedelta(seconds=60))
    post.post("three", **INHOUSE)

    await post.settle()

    assert post.shown(INHOUSE_CHANNEL) == ["one", "two"]


@pytest.mark.parametrize("method", ["conversations.info", "conversations.members", "users.info"])
@pytest.mark.parametrize("kind", [Kind.HTTP_500, Kind.RESET, Kind.RATE_LIMITED, Kind.INVALID_JSON])
async def test_while_it_cannot_be_checked_nothing_is_sent(post: Office, method: str, kind: Kind) -> None:
    post.server.workspace.channels[INHOUSE_CHANNEL].members.append("U0MALLORY")
    post.server.faults.add(Fault(method, 0, kind))
    post.post("figures", **INHOUSE)
    await post.settle(timedelta(minutes=2))
    assert post.shown(INHOUSE_CHANNEL) == []

    post.server.faults.clear()
    await post.settle()

    assert post.shown(INHOUSE_CHANNEL) == ["figures"]


async def test_without_the_right_to_look_it_is_refused(post: Office) -> None:
    post.server.workspace.app.scopes.remove("groups:read")
    post.post("figures", **INHOUSE)
    post.post("board:1")

    await post.settle()

    assert (post.state("figures"), post.row("figures").error) == (OutboxState.DEAD, "channel_cannot_be_checked")
    assert post.shown() == ["board:1"], "everything else goes on"


async def test_inhouse_matter_is_not_told_to_the_vendors_people(post: Office) -> None:
    post.post("private", place=Place.DIRECT, audience=Audience.INHOUSE, to="vera")
    post.post("open", place=Place.DIRECT, to="vera")

    await post.settle()

    assert post.direct("vera") == ["open"]
    assert post.row("private").error == "person_is_not_inhouse"


async def test_who_left_the_roster_is_not_written_to(post: Office) -> None:
    vera = post.person("vera")
    with post.db.transaction(SYSTEM) as tx:
        tx.session.exec(select(Participant).where(Participant.person_id == vera.id)).one().is_active = False
    post.post("prompt:1", place=Place.DIRECT, to="vera")

    await post.settle()

    assert post.state("prompt:1") is OutboxState.DROPPED
    assert post.server.calls == []


async def test_a_large_channel_of_colleagues_passes_in_few_calls_and_one_outsider_among_them_does_not(
    post: Office,
) -> None:
    workspace = post.server.workspace
    members = workspace.channels[INHOUSE_CHANNEL].members
    for number in range(1600):
        workspace.add_user(User(f"U0CROWD{number}", workspace.home.id, f"c{number}", f"C {number}"))
        members.append(f"U0CROWD{number}")
    post.post("figures", **INHOUSE)
    await post.settle()

    asked = [call.method for call in post.server.calls if call.method.startswith("users.")]
    assert post.shown(INHOUSE_CHANNEL) == ["figures"]
    assert len(asked) <= 4, asked

    workspace.add_user(User("U0FOREIGN", "T0BRIGHTLANE", "foreign", "Somebody Else"))
    members.append("U0FOREIGN")
    post.clock.advance(timedelta(seconds=61))
    post.post("more figures", **INHOUSE)
    await post.settle()
    assert post.shown(INHOUSE_CHANNEL) == ["figures"]

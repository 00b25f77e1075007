"""What happens to channels and people: the owner hears of it once, with what to do, and nothing reaches outsiders."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import pytest

from models.blockers.rules import BlockerState
from models.blockers.tables import Blocker
from models.checkins.rules import PromptState
from models.checkins.tables import Prompt
from models.engagements.tables import Engagement, Participant, Person
from models.escalations.tables import LadderVersion
from models.outbox.rules import OutboxState, Place
from models.outbox.tables import OutboxMessage, Post
from sandbox import channels, events, life
from sandbox.seed import VENDOR
from tests.support.stage import EXAMPLE, INHOUSE, SHARED, Stage, stage

WEDNESDAY = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)
FRIDAY_NIGHT = datetime(2026, 11, 27, 23, 0, tzinfo=UTC)


def at(hour: int, minute: int = 0, day: int = 25) -> datetime:
    return WEDNESDAY.replace(day=day, hour=hour, minute=minute)


def notices(day: Stage, name: str = "ines") -> list[str]:
    """What somebody was told of troubles."""
    return [text for text in day.directs(name) if "What to do:" in text]


def engagement(day: Stage) -> Engagement:
    (found,) = day.rows(Engagement)
    return found


def place(day: Stage, name: str) -> Participant:
    person = next(row for row in day.rows(Person) if row.slack_user_id == day.person(name).id)
    return next(row for row in day.rows(Participant) if row.person_id == person.id)


def home(day: Stage, name: str) -> str:
    return str((day.person(name).home() or {}).get("blocks", ""))


async def test_an_archived_channel_is_told_once_and_goes_on_after_it_is_brought_back(database_address: str) -> None:
    async with stage(database_address, WEDNESDAY) as day:
        await day.until(at(4))
        channels.archive(day.sandbox.workspace, SHARED, "U0INES")
        await day.settle()
        assert engagement(day).trouble_code == "is_archived"

        await day.until(FRIDAY_NIGHT)
        assert len(notices(day)) == 1, "once, however many posts fail and however many days it lasts"
        assert "archived" in notices(day)[0]
        assert "Unarchive the channel" in notices(day)[0]

        channels.archive(day.sandbox.workspace, SHARED, "U0INES", archived=False)
        await day.settle()
        assert engagement(day).trouble is None
        channels.archive(day.sandbox.workspace, SHARED, "U0INES")
        await day.settle()
        assert len(notices(day)) == 2, "the next time is news again"


async def test_a_renamed_channel_changes_nothing(database_address: str) -> None:
    async with stage(database_address, WEDNESDAY) as day:
        channels.rename(day.sandbox.workspace, SHARED, "brightlane-and-us")
        await day.until(at(4))

        assert "Daily stand-up" in day.board()["text"]
        assert notices(day) == []


async def test_a_channel_with_another_id_is_followed(database_address: str) -> None:
    async with stage(database_address, WEDNESDAY) as day:
        await day.until(at(4))
        channels.change_id(day.sandbox.workspace, SHARED, "C0RENUMBERED")
        await day.settle()

        board = day.board(channel="C0RENUMBERED")
        await day.replies("vera", "Import runs.\nno blockers", board)
        assert "1 of 3 answered" in day.board(channel="C0RENUMBERED")["text"], "the old board is edited in its place"
        await day.until(at(4, day=26))

        assert engagement(day).channel_id == "C0RENUMBERED"
        assert {post.channel_id for post in day.rows(Post) if post.kind == "checkin.board"} == {"C0RENUMBERED"}
        assert len(day.boards("Daily stand-up", "C0RENUMBERED")) == 2
        assert notices(day) == []


async def test_a_ladder_names_a_channel_by_its_new_id_too_for_what_climbs_already(database_address: str) -> None:
    ladder = EXAMPLE.read_text().replace(
        "inhouse: [owner], vendor: [lead]}", f"inhouse: [owner], vendor: [lead], channel: {INHOUSE}}}"
    )
    async with stage(database_address, WEDNESDAY, engagement=ladder) as day:
        await day.until(at(8))
        await day.mentions("ines", "escalate S1: the tills are down")
        channels.change_id(day.sandbox.workspace, INHOUSE, "C0RENUMBERED")
        await day.settle()

        frozen = [row.spec for row in day.rows(LadderVersion)]
        assert INHOUSE not in str(frozen)
        assert "C0RENUMBERED" in str(frozen)
        await day.until(at(9, 30))
        told = [item for item in day.channel("C0RENUMBERED") if "E-1" in str(item)]
        assert len(told) >= 2, "its twin, and the word of the second level"


async def test_the_bot_is_taken_off_and_comes_back(database_address: str) -> None:
    async with stage(database_address, WEDNESDAY) as day:
        bot = day.sandbox.workspace.app.bot_user_id
        channels.leave(day.sandbox.workspace, SHARED, bot)
        await day.until(at(20))

        assert engagement(day).trouble_code == "not_in_channel"
        assert len(notices(day)) == 1
        assert "Invite me to the channel again" in notices(day)[0]

        channels.join(day.sandbox.workspace, SHARED, bot, "U0INES")
        await day.until(at(4, day=26))
        assert engagement(day).trouble is None
        assert "Daily stand-up" in day.board()["text"]


def shares(day: Stage) -> None:
    channels.share(day.sandbox.workspace, INHOUSE, day.sandbox.workspace.teams[VENDOR])


def invites(day: Stage) -> None:
    channels.invite(day.sandbox.workspace, INHOUSE, VENDOR)


def lets_in_a_vendor(day: Stage) -> None:
    channels.join(day.sandbox.workspace, INHOUSE, day.person("vera").id, "U0INES")


def lets_in_a_guest(day: Stage) -> None:
    channels.join(day.sandbox.workspace, INHOUSE, "U0TOMAS", "U0INES")


@pytest.mark.parametrize("opening", [shares, invites, lets_in_a_vendor, lets_in_a_guest])
async def test_in_house_matter_stays_in_house_whatever_becomes_of_the_channel(
    database_address: str, opening: Callable[[Stage], None]
) -> None:
    async with stage(database_address, WEDNESDAY) as day:
        await day.until(datetime(2026, 11, 27, 3, tzinfo=UTC))
        opening(day)
        await day.until(FRIDAY_NIGHT)

        assert [item for item in day.channel(INHOUSE) if item.get("bot_id")] == []
        withheld = [row for row in day.rows(OutboxMessage) if row.place is Place.INHOUSE]
        assert withheld, "there was something to say"
        assert {row.state for row in withheld} == {OutboxState.DEAD}
        assert len(notices(day)) == 1
        assert "held back" in notices(day)[0]


async def test_an_in_house_channel_that_is_shared_within_the_minute_is_looked_at_again(database_address: str) -> None:
    """What was seen of it is believed for a minute; what Slack tells in between ends that at once."""
    async with stage(database_address, WEDNESDAY) as day:
        before = engagement(day).inhouse_revision
        shares(day)
        await day.settle()
        lets_in_a_guest(day)
        await day.settle()

        assert engagement(day).inhouse_revision == before + 2


async def test_a_company_that_is_disconnected_cannot_act_until_it_is_back(database_address: str) -> None:
    async with stage(database_address, WEDNESDAY) as day:
        await day.until(at(8, 45))
        board = day.board()
        channels.unshare(day.sandbox.workspace, SHARED, VENDOR)
        await day.settle()

        assert {place(day, name).lost_because for name in ("vera", "vikram")} == {"disconnected"}
        assert place(day, "ines").is_active
        assert [text for text in notices(day) if "disconnected from the shared channel" in text]
        await day.until(at(8, 45, day=26))
        waiting = [row for row in day.rows(Prompt) if row.state in (PromptState.WAITING, PromptState.ASKED)]
        assert {row.participant_id for row in waiting}.isdisjoint({place(day, name).id for name in ("vera", "vikram")})

        channels.join(day.sandbox.workspace, SHARED, day.person("vera").id)
        await day.settle()
        assert place(day, "vera").is_active
        assert place(day, "vikram").lost_because == "disconnected"
        assert board


async def test_a_workspace_that_closes_itself_to_the_app_counts_as_disconnected_once_its_people_are_gone(
    database_address: str,
) -> None:
    async with stage(database_address, WEDNESDAY) as day:
        await day.until(at(8, 45))
        for team in (VENDOR, "T0NOBODY"):
            await revoked(day, team)
        assert place(day, "vera").is_active, "they are in the channel still"
        assert notices(day) == []

        day.sandbox.workspace.channel(SHARED).members.remove(day.person("vera").id)
        await revoked(day, VENDOR)

        assert place(day, "vera").lost_because == "disconnected"
        assert place(day, "vikram").is_active
        assert [text for text in notices(day) if "disconnected from the shared channel" in text]


async def revoked(day: Stage, team_id: str) -> None:
    events.app_event(day.sandbox.workspace, {"type": "team_access_revoked", "team_ids": [team_id]})
    await day.settle()


async def leaves(day: Stage, name: str) -> None:
    channels.leave(day.sandbox.workspace, SHARED, day.person(name).id)
    await day.settle()


async def is_closed(day: Stage, name: str) -> None:
    life.deactivate(day.sandbox.workspace, day.person(name).id)
    await day.settle()


@pytest.mark.parametrize(("going", "words"), [(leaves, "left the shared channel"), (is_closed, "account")])
async def test_who_is_gone_can_do_nothing_and_holds_nothing_up(
    database_address: str, going: Callable[[Stage, str], Awaitable[None]], words: str
) -> None:
    async with stage(database_address, WEDNESDAY) as day:
        await day.until(at(8, 45))
        await day.replies("vera", "x\nblocked: no VPN")
        await day.person("olaf").opens_home()
        await day.settle()
        stale = day.person("olaf").home() or {}
        await day.person("olaf").clicks(day.card("no VPN"), "blocker.mine.press")
        await day.settle()
        assert day.rows(Blocker)[0].state is BlockerState.OWNED
        await make_a_member(day, "olaf")

        await going(day, "olaf")

        prompt = next(row for row in day.rows(Prompt) if row.participant_id == place(day, "olaf").id)
        assert prompt.state is PromptState.EXCUSED
        assert (day.rows(Blocker)[0].state, day.rows(Blocker)[0].owner_id) == (BlockerState.OPEN, None)
        assert "Nothing for you here" in home(day, "olaf")
        assert len([text for text in notices(day) if words in text]) == 1
        assert "Olaf" in notices(day)[0]
        await day.person("olaf").clicks(stale, "checkin.answer.open")
        assert day.person("olaf").open_views == []


async def make_a_member(day: Stage, name: str) -> None:
    """Somebody who is neither owner nor deputy."""
    from models.access import SYSTEM
    from tests.support.stage import HOME

    with day.app.db.transaction(SYSTEM) as tx:
        tx.one(Participant, HOME, place(day, name).id).is_deputy = False


async def test_who_comes_back_has_their_place_and_their_question_again(database_address: str) -> None:
    async with stage(database_address, WEDNESDAY) as day:
        await day.until(at(5))
        await leaves(day, "vera")
        assert not place(day, "vera").is_active

        channels.join(day.sandbox.workspace, SHARED, day.person("vera").id)
        await day.settle()
        await day.replies("vera", "Back.\nno blockers")

        assert place(day, "vera").is_active
        assert "1 of 3 answered" in day.board()["text"]


async def test_the_owner_who_leaves_the_channel_stays_the_owner(database_address: str) -> None:
    async with stage(database_address, WEDNESDAY) as day:
        await leaves(day, "ines")

        assert place(day, "ines").is_active
        assert notices(day) == []


async def test_when_the_owner_is_gone_the_deputy_hears_of_it(database_address: str) -> None:
    async with stage(database_address, WEDNESDAY) as day:
        deputy = next(row for row in day.rows(Participant) if row.is_deputy)
        person = next(row for row in day.rows(Person) if row.id == deputy.person_id)
        await is_closed(day, "ines")

        assert place(day, "ines").lost_because == "deactivated"
        told = notices(day, person.slack_user_id)
        assert len(told) == 1
        assert "Ines" in told[0]


async def test_an_account_that_is_opened_again_is_back(database_address: str) -> None:
    async with stage(database_address, WEDNESDAY) as day:
        await is_closed(day, "vikram")
        assert not place(day, "vikram").is_active

        life.reactivate(day.sandbox.workspace, day.person("vikram").id)
        await day.settle()

        assert place(day, "vikram").is_active


async def test_a_file_that_names_somebody_who_is_gone_keeps_them_gone(database_address: str) -> None:
    async with stage(database_address, WEDNESDAY) as day:
        await leaves(day, "vera")

        await day.apply(EXAMPLE.read_bytes())

        assert place(day, "vera").lost_because == "left_channel"
        assert not place(day, "vera").is_active

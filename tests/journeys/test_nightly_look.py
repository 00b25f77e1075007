"""What Slack told while nobody listened is found in the night, with the same consequences; it is told once."""

from datetime import UTC, datetime, timedelta

import pytest

from models.access import SYSTEM
from models.channels import nightly
from models.channels.rules import ChannelSeen
from models.channels.tables import ChannelLook
from models.engagements.rules import EngagementState
from models.engagements.tables import Engagement, Participant, Person
from models.outbox.rules import Place
from sandbox import channels, events
from sandbox.faults import Fault, Kind
from sandbox.state import Channel, User
from tests.support.stage import EXAMPLE, HOME, INHOUSE, SHARED, Stage, stage

WEDNESDAY = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)
NIGHT = timedelta(hours=5)
PROVIDER = "  vendor:\n    - {name: Vera"


def morning(day: int) -> datetime:
    """After that day's night, before anybody is asked anything, in Paris."""
    return datetime(2026, 11, day, 4, 30, tzinfo=UTC)


def place(day: Stage, name: str) -> Participant:
    person = account(day, name)
    return next(row for row in day.rows(Participant) if row.person_id == person.id)


def account(day: Stage, name: str) -> Person:
    return next(row for row in day.rows(Person) if row.slack_user_id == day.person(name).id)


def engagement(day: Stage) -> Engagement:
    (found,) = day.rows(Engagement)
    return found


def shared(day: Stage) -> Channel:
    return day.sandbox.workspace.channel(SHARED)


def slips_out(day: Stage, name: str) -> None:
    """Leaves the channel while no event reaches us."""
    shared(day).members.remove(day.person(name).id)


def notices(day: Stage, name: str = "ines") -> list[str]:
    return [text for text in day.directs(name) if "What to do:" in text]


def calls(day: Stage, method: str) -> int:
    return sum(call.method == method for call in day.sandbox.calls)


async def test_who_left_the_channel_unseen_is_missed_the_next_night_and_found_when_they_are_back(
    database_address: str,
) -> None:
    async with stage(database_address, WEDNESDAY) as day:
        await day.until(morning(26))
        assert {row.seen_in for row in day.rows(Participant)} == {SHARED}
        assert notices(day) == [], "a first look finds nothing wrong"

        slips_out(day, "ada")
        slips_out(day, "ines")
        await day.until(morning(28))

        assert place(day, "ada").lost_because == "left_channel"
        assert place(day, "ines").is_active, "the owner stays the owner"
        assert len(notices(day)) == 1, "told once, though a second night found the same"
        assert "left the shared channel" in notices(day)[0]
        assert "Ada Novak" in notices(day)[0]

        shared(day).members.append(day.person("ada").id)
        await day.until(morning(29))
        assert place(day, "ada").is_active


async def test_who_was_never_in_the_channel_has_not_left_it(database_address: str) -> None:
    async with stage(database_address, WEDNESDAY) as day:
        slips_out(day, "ada")
        await day.until(morning(28))

        assert place(day, "ada").is_active
        assert place(day, "ada").seen_in is None
        assert notices(day) == []


async def test_another_channel_for_an_engagement_is_not_one_that_everybody_has_left(database_address: str) -> None:
    async with stage(database_address, WEDNESDAY) as day:
        await day.until(morning(26))
        workspace = day.sandbox.workspace
        bot, ines = workspace.app.bot_user_id, day.person("ines").id
        workspace.add_channel("C0OTHER", "other", "private", [bot, ines])
        await day.apply(EXAMPLE.read_text().replace(SHARED, "C0OTHER"))
        await day.until(morning(28))

        assert all(row.is_active for row in day.rows(Participant))
        assert place(day, "ines").seen_in == "C0OTHER"


async def test_a_closed_account_and_one_that_is_opened_again_are_found(database_address: str) -> None:
    async with stage(database_address, WEDNESDAY) as day:
        await day.until(morning(26))
        day.sandbox.workspace.user("U0TOMAS").deleted = True
        slips_out(day, "tomas")
        await day.until(morning(27))

        assert place(day, "tomas").lost_because == "deactivated", "not as somebody who has left"
        assert len(notices(day)) == 1
        assert "time as a guest is over" in notices(day)[0]

        day.sandbox.workspace.user("U0TOMAS").deleted = False
        shared(day).members.append("U0TOMAS")
        await day.until(morning(28))
        assert place(day, "tomas").is_active
        assert len(notices(day)) == 1


@pytest.mark.parametrize("is_heard", [True, False], ids=["by the event", "by the night"])
async def test_a_colleague_who_has_become_a_guest_loses_the_in_house_place_until_they_are_one_again(
    database_address: str, is_heard: bool
) -> None:
    async with stage(database_address, WEDNESDAY) as day:
        await day.until(morning(26))
        olaf = day.sandbox.workspace.user("U0OLAF")

        for is_guest, date in ((True, 27), (False, 28)):
            olaf.is_restricted = is_guest
            if is_heard:
                events.user_changed(day.sandbox.workspace, olaf)
                await day.settle()
            else:
                await day.until(morning(date))
            assert place(day, "olaf").lost_because == ("outsider" if is_guest else None)
        assert place(day, "olaf").is_active
        assert place(day, "tomas").is_active, "a guest on the provider's side is where they belong"
        assert len(notices(day)) == 1
        assert "is a guest" in notices(day)[0]


async def test_a_guest_who_was_placed_in_house_knowingly_stays(database_address: str) -> None:
    text = EXAMPLE.read_text()
    line = next(line for line in text.splitlines() if "U0TOMAS" in line)
    moved = text.replace(line + "\n", "").replace(
        "  vendor:\n    - {name: Vera", f"{line}\n  vendor:\n    - {{name: Vera"
    )
    async with stage(database_address, WEDNESDAY, engagement=moved) as day:
        await day.until(morning(28))

        assert place(day, "tomas").side == "inhouse"
        assert place(day, "tomas").is_active


async def test_a_company_that_was_disconnected_unseen_counts_as_disconnected(database_address: str) -> None:
    async with stage(database_address, WEDNESDAY) as day:
        await day.until(morning(26))
        for name in ("vera", "vikram"):
            slips_out(day, name)
        shared(day).shared_team_ids.remove("T0BRIGHTLANE")
        await day.until(morning(28))

        assert {place(day, name).lost_because for name in ("vera", "vikram")} == {"disconnected"}
        assert place(day, "tomas").is_active
        told = notices(day)
        assert len([text for text in told if "was disconnected from the shared channel" in text]) == 1
        assert len(told) == 3, "the company, and each of its two people, once"


async def test_an_archived_channel_is_found_and_its_end_too(database_address: str) -> None:
    async with stage(database_address, WEDNESDAY, engagement=EXAMPLE.read_text()) as day:
        await day.until(datetime(2026, 11, 27, 20, tzinfo=UTC))  # nothing is posted on the weekend
        shared(day).archived = True
        await day.until(datetime(2026, 11, 28, 6, tzinfo=UTC))
        assert engagement(day).trouble_code == "is_archived"
        await day.until(datetime(2026, 11, 29, 6, tzinfo=UTC))
        assert len([text for text in notices(day) if "archived" in text]) == 1

        shared(day).archived = False
        await day.until(datetime(2026, 11, 30, 3, 59, tzinfo=UTC))
        assert engagement(day).trouble_code is None


async def test_an_in_house_channel_that_outsiders_can_join_is_found(database_address: str) -> None:
    async with stage(database_address, WEDNESDAY) as day:
        day.sandbox.workspace.channel(INHOUSE).pending_team_ids.append("T0BRIGHTLANE")
        await day.until(morning(26))
        assert engagement(day).inhouse_trouble == "channel_is_shared"
        assert len(notices(day)) == 1

        day.sandbox.workspace.channel(INHOUSE).pending_team_ids.clear()
        await day.until(morning(27))
        assert engagement(day).inhouse_trouble is None


async def test_each_engagement_has_its_own_minute_of_the_night_and_a_closed_one_none(database_address: str) -> None:
    async with stage(database_address, WEDNESDAY) as day:
        (look,) = day.rows(ChannelLook)
        assert look.due_at is not None
        local = look.due_at.astimezone(UTC) + timedelta(hours=1)
        assert timedelta(hours=1) <= timedelta(hours=local.hour, minutes=local.minute) < NIGHT

        await day.until(morning(26))
        before = calls(day, "users.info")
        await day.apply(EXAMPLE.read_text().replace("zone: Europe/Paris ", "state: closed\nzone: Europe/Paris ", 1))
        await day.until(morning(28))
        assert engagement(day).state is EngagementState.CLOSED
        assert calls(day, "users.info") == before
        assert day.rows(ChannelLook)[0].due_at is None


async def test_a_rate_limit_makes_it_wait_and_go_on_where_it_was(database_address: str) -> None:
    async with stage(database_address, WEDNESDAY) as day:
        await day.until(WEDNESDAY)
        (look,) = day.rows(ChannelLook)
        day.sandbox.faults.add(Fault("users.info", 3, Kind.RATE_LIMITED, retry_after=90))
        assert look.due_at is not None
        await day.until(look.due_at)

        asked = calls(day, "users.info")
        assert asked == 3
        (look,) = day.rows(ChannelLook)
        assert look.wanted_at is not None
        assert look.taken_until == day.clock.now() + timedelta(seconds=90)
        day.clock.set(day.clock.now() + timedelta(seconds=89))
        await day.settle()
        assert calls(day, "users.info") == asked

        day.clock.set(day.clock.now() + timedelta(seconds=2))
        await day.settle()
        assert calls(day, "users.info") == asked + 4, "six people: two were told before the limit"
        assert day.rows(ChannelLook)[0].wanted_at is None
        assert {row.seen_in for row in day.rows(Participant)} == {SHARED}


async def test_what_goes_wrong_is_tried_again_later_and_loses_nobody(database_address: str) -> None:
    async with stage(database_address, WEDNESDAY) as day:
        await day.until(morning(26))
        day.sandbox.faults.add(Fault("conversations.members", 0, Kind.ERROR, code="fetch_members_failed"))
        slips_out(day, "ada")
        await day.until(morning(27))
        assert place(day, "ada").is_active
        assert day.rows(ChannelLook)[0].attempts >= 1

        day.sandbox.faults.clear()
        day.clock.set(day.clock.now() + timedelta(minutes=6))
        await day.settle()
        assert place(day, "ada").lost_because == "left_channel"


async def test_a_look_that_nobody_finished_is_taken_up_again_and_a_late_one_changes_nothing(
    database_address: str,
) -> None:
    async with stage(database_address, WEDNESDAY) as day:
        await day.until(morning(26))
        with day.app.db.transaction(SYSTEM) as tx:
            (look,) = [tx.one(ChannelLook, HOME, row.id) for row in day.rows(ChannelLook)]
            nightly.want(tx, look)
        wall = day.clock.now()
        frozen = await day.app.db.run(SYSTEM, nightly.take_turn, HOME, look.id, wall)
        assert frozen is not None
        assert await day.app.db.run(SYSTEM, nightly.take_turn, HOME, look.id, wall) is None
        assert await day.app.look_around() == 0, "somebody is at it"

        day.clock.set(wall + nightly.LEASE + timedelta(seconds=1))
        assert await day.app.look_around() == 1
        nobody = nightly.Sight({Place.CHANNEL: ChannelSeen()}, frozenset(), {})
        await day.app.db.run(SYSTEM, nightly.found, frozen, nobody)

        assert all(row.is_active for row in day.rows(Participant))
        assert day.rows(ChannelLook)[0].wanted_at is None


async def test_who_comes_or_goes_while_slack_is_asked_is_not_judged_by_what_it_said_before(
    database_address: str,
) -> None:
    async with stage(database_address, WEDNESDAY) as day:
        slips_out(day, "ada")
        await day.until(morning(26))
        with day.app.db.transaction(SYSTEM) as tx:
            (look,) = [tx.one(ChannelLook, HOME, row.id) for row in day.rows(ChannelLook)]
            nightly.want(tx, look)
        turn = await day.app.db.run(SYSTEM, nightly.take_turn, HOME, look.id, day.clock.now())
        assert turn is not None
        told = frozenset(shared(day).members)
        channels.join(day.sandbox.workspace, SHARED, day.person("ada").id)
        channels.leave(day.sandbox.workspace, SHARED, day.person("vera").id)
        await day.settle()
        await day.app.db.run(SYSTEM, nightly.found, turn, nightly.Sight({Place.CHANNEL: ChannelSeen()}, told, {}))

        assert place(day, "ada").is_active
        assert place(day, "vera").lost_because == "left_channel"


async def test_a_long_roster_is_asked_about_in_several_turns(database_address: str) -> None:
    async with stage(database_address, WEDNESDAY) as day:
        workspace = day.sandbox.workspace
        names = [f"U0EXTRA{number:02}" for number in range(50)]
        people = "".join(f"    - {{name: P{name[-2:]}, slack: {name}}}\n" for name in names)
        for name in names:
            workspace.add_user(User(name, HOME, name.lower(), name))
            shared(day).members.append(name)
        await day.apply(
            EXAMPLE.read_text().replace("  vendor:\n    - {name: Vera", f"{people}  vendor:\n    - {{name: Vera", 1)
        )
        (look,) = day.rows(ChannelLook)
        assert look.due_at is not None
        before = calls(day, "users.info")
        day.clock.set(look.due_at)
        await day.app.db.work(day.app.due.run)

        turns = [await day.app.look_around() for _ in range(3)]

        assert turns == [1, 1, 0]
        assert calls(day, "users.info") == before + 56
        assert {row.seen_in for row in day.rows(Participant)} == {SHARED}

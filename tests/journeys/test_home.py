"""A day at the Home tab: true without being opened again, and empty once access is lost."""

from datetime import UTC, datetime

from models.access import SYSTEM
from models.engagements.tables import Participant, Person
from sandbox.people import action_on
from tests.support.stage import HOME, Stage, stage

WEDNESDAY = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)


def at(hour: int, minute: int = 0) -> datetime:
    return WEDNESDAY.replace(hour=hour, minute=minute)


async def opens(day: Stage, name: str) -> None:
    await day.person(name).opens_home()
    await day.settle()


def home(day: Stage, name: str) -> str:
    """Every text on somebody's Home tab, a line each."""
    view = day.person(name).home()
    assert view is not None
    return "\n".join(str(block) for block in view["blocks"])


async def test_a_home_is_true_all_day_without_being_opened_again(database_address: str) -> None:
    async with stage(database_address, WEDNESDAY) as day:
        await opens(day, "ines")
        await opens(day, "olaf")
        assert "Nothing waits for your answer" in home(day, "ines")

        await day.until(at(8, 45))
        assert "Daily stand-up · Wed 25 Nov" in home(day, "ines")

        await day.replies("vera", "Import runs.\nblocked: no VPN for @Ines")
        assert "no VPN" in home(day, "ines")
        assert "no VPN" in home(day, "olaf")
        await day.person("ines").clicks(day.person("ines").home() or {}, "blocker.mine.press")
        await day.settle()
        assert "no VPN" in home(day, "ines")
        assert "no VPN" not in home(day, "olaf"), "it waits for her alone now"

        await day.person("ines").clicks(day.person("ines").home() or {}, "checkin.answer.open")
        await day.fills("ines", {"next": "The contract", "blocked": "no"})
        assert "Nothing waits for your answer" in home(day, "ines")
        assert "The contract" in home(day, "ines")
        assert "The contract" not in home(day, "olaf")


async def test_an_escalation_is_owned_and_closed_from_the_home_and_by_mention(database_address: str) -> None:
    async with stage(database_address, WEDNESDAY) as day:
        await day.until(at(8, 45))
        for name in ("ines", "olaf"):
            await opens(day, name)
        await day.mentions("vera", "escalate S2: the tills are down")
        stale = day.person("olaf").home() or {}
        assert "nobody on your side owns it" in home(day, "olaf")

        await day.person("ines").clicks(day.person("ines").home() or {}, "escalation.own.press")
        await day.settle()
        assert "*you own it*" in home(day, "ines")
        assert "owned by Ines" in home(day, "olaf")

        await day.person("ines").clicks(day.person("ines").home() or {}, "escalation.finish.open")
        assert await day.person("ines").submits(day.person("ines").open_views[-1], {"note": "Rebooted"}) == {}
        await day.settle()
        asked = await day.mentions("vera", "home")
        assert "says that it is done: close it" in str(day.thread(asked)[-1])

        await day.replies("vera", "done: they work", day.board("🟡 Owned: E-1"))
        assert "tills" not in home(day, "ines")

        await day.person("olaf").acts(stale, action_on(stale["blocks"], "escalation.own.press"))
        assert "E-1 has moved on meanwhile" in day.directs("olaf")[-1]


async def test_an_owners_home_leads_to_the_settings_and_to_a_new_set_up(database_address: str) -> None:
    async with stage(database_address, WEDNESDAY) as day:
        await opens(day, "ines")

        for button, shown in (("admin.settings.open", "Settings"), ("admin.setup.open", "Set up")):
            await day.person("ines").clicks(day.person("ines").home() or {}, button)
            view = day.person("ines").open_views[-1]
            assert view["title"]["text"].startswith(shown), view["title"]


async def test_who_lost_their_place_finds_an_empty_home(database_address: str) -> None:
    async with stage(database_address, WEDNESDAY) as day:
        await day.until(at(8, 45))
        await opens(day, "olaf")
        stale = day.person("olaf").home() or {}
        person = next(row for row in day.rows(Person) if row.slack_user_id == day.person("olaf").id)
        with day.app.db.transaction(SYSTEM) as tx:
            for row in day.rows(Participant):
                if row.person_id == person.id:
                    tx.one(Participant, HOME, row.id).is_active = False

        await day.settle()

        assert "Nothing for you here" in home(day, "olaf")
        assert "Brightlane" not in home(day, "olaf")
        assert "checkin.answer.open" in str(stale)


async def test_people_of_the_provider_have_no_home(database_address: str) -> None:
    async with stage(database_address, WEDNESDAY) as day:
        await day.until(at(8, 45))
        await opens(day, "vera")

        assert day.person("vera").home() is None
        assert "views.publish" not in {call.method for call in day.sandbox.calls}


async def test_somebody_on_no_roster_reads_how_to_get_on_one(database_address: str) -> None:
    async with stage(database_address, WEDNESDAY) as day:
        await opens(day, "mallory")

        assert "ask the owner of the engagement to add you" in home(day, "mallory")


async def test_people_of_the_provider_ask_for_it_in_the_channel_and_nothing_private_is_in_it(
    database_address: str,
) -> None:
    async with stage(database_address, WEDNESDAY) as day:
        await day.until(at(8, 45))
        await day.replies("vera", "Import runs.\nnext: Export by Friday\nblocked: no VPN")
        await day.commands("ines", "/cadence away 30 Nov to 2 Dec")

        asked = await day.mentions("vera", "home")
        asked_inhouse = await day.mentions("ines", "home")

        shared = str(day.thread(asked)[-1])
        assert "Daily stand-up · Wed 25 Nov" in shared
        assert "Export" in shared
        assert "Next check-ins" in shared
        assert "checkin.answer.open" in shared
        told = str(day.thread(asked_inhouse)[-1])
        assert "no VPN" in told, "it waits for her side"
        for private in ("Away", "09:00 to 17:00", "Green", "Grey", "have not answered"):
            assert private not in shared + told


async def test_a_stranger_who_asks_for_it_is_told_nothing(database_address: str) -> None:
    async with stage(database_address, WEDNESDAY) as day:
        await day.until(at(8, 45))

        asked = await day.mentions("mallory", "home")

        assert day.thread(asked) == []

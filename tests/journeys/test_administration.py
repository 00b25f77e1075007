"""From nothing to a first stand-up, and every later change: all of it in Slack, by forms."""

from datetime import UTC, datetime, timedelta

from models.access import SYSTEM, Role, Side
from models.activity.tables import Activity
from models.engagements.tables import Person
from models.escalations.ladders import Severity, Wait
from models.escalations.tables import Escalation
from models.setup import stored
from models.setup.file import EngagementFile
from models.setup.reading import read
from models.setup.tables import Draft
from models.setup.writing import write
from sandbox.faults import Fault, Kind
from sandbox.seed import ADA, GENERAL, INES, INHOUSE, OLAF, SHARED, TOMAS, VERA, VIKRAM
from tests.listeners.test_trouble import Busy
from tests.support.stage import HOME, Stage, stage

MONDAY = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)


async def sends(day: Stage, name: str, **values: object) -> dict[str, str]:
    """Fill in the form before this person and send it; the field errors."""
    someone = day.person(name)
    return await someone.submits(someone.open_views[-1], values)


def form(day: Stage, name: str) -> dict:  # type: ignore[type-arg]
    return day.person(name).open_views[-1]


def text_of(view: dict) -> str:  # type: ignore[type-arg]
    return str(view["blocks"])


def file_of(day: Stage, key: str = "northwind-retail-brightlane-systems") -> EngagementFile:
    with day.app.db.read(SYSTEM) as tx:
        engagement = stored.by_key(tx, HOME, key)
        assert engagement is not None
        return stored.as_file(tx, engagement)


async def sets_up(day: Stage, name: str = "ines") -> None:
    await day.commands(name, "/cadence setup")
    assert await sends(day, name, vendor="Brightlane Systems", inhouse_channel=INHOUSE) == {}
    assert await sends(day, name, inhouse_people=[INES, OLAF, ADA]) == {}
    assert await sends(day, name) == {}
    assert "*S1*: level 1 at once" in text_of(form(day, name))
    assert await sends(day, name, inhouse_country="FR", vendor_country="in", ladder="s1_always") == {}
    assert "Nothing has been sent yet" in text_of(form(day, name))
    assert await sends(day, name) == {}
    await day.settle()


async def test_a_channel_is_set_up_from_nothing_and_asks_on_the_same_day(database_address: str) -> None:
    async with stage(database_address, MONDAY, engagement=None) as day:
        await sets_up(day)

        file = file_of(day)
        assert {(person.slack_id, person.side, person.role, person.is_deputy) for person in file.people} == {
            (INES, Side.INHOUSE, Role.OWNER, False),
            (OLAF, Side.INHOUSE, Role.LEAD, True),
            (ADA, Side.INHOUSE, Role.MEMBER, False),
            (VERA, Side.VENDOR, Role.LEAD, False),
            (VIKRAM, Side.VENDOR, Role.MEMBER, False),
            (TOMAS, Side.VENDOR, Role.MEMBER, False),
        }
        assert file.ladder.climb(Severity.S1).around_the_clock
        assert "Who sees what" in day.board("Hello")["text"]
        assert "the provider never sees" in day.board("Northwind", INHOUSE)["text"]
        await day.until(MONDAY.replace(hour=9))
        assert day.board("Daily stand-up")
        assert day.rows(Draft) == []
        assert read(write(file).encode(), "exported.yaml") == file


async def opens(day: Stage, name: str, kind: str, about: str = "") -> None:
    """Choose a change in the settings."""
    someone = day.person(name)
    root = someone.open_views[0]
    value = f"{kind}|{about}"
    for block in root["blocks"]:
        element = block.get("accessory", {})
        options = [*element.get("options", []), *(o for g in element.get("option_groups", []) for o in g["options"])]
        if element.get("value") == value:
            await someone.clicks(root, block["block_id"])
            return
        if any(option["value"] == value for option in options):
            await someone.chooses(root, block["block_id"], value)
            return
    raise AssertionError(f"The settings offer no {value}.")


async def changes(day: Stage, name: str, kind: str, about: str = "", **values: object) -> dict[str, str]:
    """The whole way of one change: settings, form, look, save. Field errors of the form, if any."""
    await day.commands(name, "/cadence settings")
    await opens(day, name, kind, about)
    if values and (errors := await sends(day, name, **values)):
        return errors
    return await sends(day, name)


async def test_a_cadence_is_changed_after_a_look_at_everybodys_clock(database_address: str) -> None:
    async with stage(database_address, MONDAY) as day:
        await day.commands("ines", "/cadence settings")
        await opens(day, "ines", "cadence", "weekly")
        assert await sends(day, "ines", at="15:00", repeats="thursdays") == {}
        look = text_of(form(day, "ines"))
        assert "14:00" in look
        assert "Thu 26 Nov" in look
        assert "Paris, Stockholm, Prague 15:00" in look
        assert "Kolkata 19:30" in look
        assert "Sao Paulo 11:00" in look
        assert look.count("Thu ") == 10

        assert await sends(day, "ines") == {}

        assert "Saved: 1 change." in text_of(form(day, "ines"))
        weekly = next(c for c in file_of(day, "northwind-brightlane").cadences if c.key == "weekly")
        assert (f"{weekly.at:%H:%M}", weekly.repeats) == ("15:00", "FREQ=WEEKLY;BYDAY=TH")
        logged = day.rows(Activity)[-1]
        assert (logged.action, logged.before["at"], logged.after["at"]) == ("cadence.changed", "14:00:00", "15:00:00")  # type: ignore[index]
        assert logged.by_person_id == next(row.id for row in day.rows(Person) if row.slack_user_id == INES)


async def test_people_and_cadences_are_changed_the_same_way(database_address: str) -> None:
    async with stage(database_address, MONDAY) as day:
        assert await changes(day, "ines", "person", ADA, role="lead", deputy="yes", zone="Europe/Vienna") == {}
        assert await changes(day, "ines", "cadence", "new:weekly", title="Retrospective", repeats="last friday") == {}
        assert await changes(day, "ines", "stop", "summary") == {}
        file = file_of(day, "northwind-brightlane")

        ada = next(person for person in file.people if person.slack_id == ADA)
        assert (ada.role, ada.is_deputy, ada.zone) == (Role.LEAD, True, "Europe/Vienna")
        assert [(c.key, c.title) for c in file.cadences][1:] == [
            ("weekly", "Weekly review"),
            ("weekly-2", "Retrospective"),
        ]
        assert read(write(file).encode(), "exported.yaml") == file


async def test_what_is_saved_is_called_saved_even_where_the_settings_cannot_be_drawn_anew(
    database_address: str,
) -> None:
    async with stage(database_address, MONDAY) as day:
        await day.commands("ines", "/cadence settings")
        await opens(day, "ines", "cadence", "daily")
        assert await sends(day, "ines", title="Morning round") == {}
        day.sandbox.faults.add(Fault("views.update", 1, Kind.ERROR, code="not_found"))

        assert await sends(day, "ines") == {}

        assert file_of(day, "northwind-brightlane").cadences[0].title == "Morning round"
        assert "Nothing was changed" not in str(day.person("ines").open_views)
        assert day.whispers("ines") == []


async def test_what_cannot_be_saved_just_now_can_be_pressed_again(database_address: str) -> None:
    async with stage(database_address, MONDAY) as day:
        await day.commands("ines", "/cadence settings")
        await opens(day, "ines", "cadence", "daily")
        assert await sends(day, "ines", title="Morning round") == {}
        shown = [*form(day, "ines")["blocks"]]
        for _ in range(2):
            with Busy(day.app.db):
                assert await sends(day, "ines") == {}

        again = form(day, "ines")
        assert text_of(again).count("could not be stored just now") == 1
        assert again["blocks"][1:] == shown
        assert await sends(day, "ines") == {}
        assert file_of(day, "northwind-brightlane").cadences[0].title == "Morning round"


async def test_a_form_stays_as_it_is_when_slack_does_not_tell_who_somebody_is(database_address: str) -> None:
    async with stage(database_address, MONDAY, engagement=None) as day:
        await day.commands("ines", "/cadence setup")
        day.sandbox.faults.add(Fault("users.info", 1, Kind.INTERNAL_ERROR))

        errors = await sends(day, "ines", vendor="Brightlane Systems")

        assert "what you wrote is still here" in str(errors)
        assert await sends(day, "ines", vendor="Brightlane Systems") == {}
        assert "Step 2 of 5" in text_of(form(day, "ines"))


async def test_only_a_channel_is_shown_as_a_channel_among_what_changes(database_address: str) -> None:
    async with stage(database_address, MONDAY) as day:
        await day.commands("ines", "/cadence settings")
        await opens(day, "ines", "holidays", "vendor")
        assert await sends(day, "ines", country="GB", subdivision="") == {}

        shown = text_of(form(day, "ines"))

        assert "*GB*" in shown
        assert "<#GB>" not in shown


async def test_questions_and_holidays_are_changed_the_same_way(database_address: str) -> None:
    async with stage(database_address, MONDAY) as day:
        question = {"text": "What did you learn?", "place": "1"}
        assert await changes(day, "ines", "question", "daily-vendor/", **question) == {}
        assert await changes(day, "ines", "question", "daily-inhouse/checked", place="out") == {}
        closed = {"country": "de", "subdivision": "BY", "own_days": "2026-12-24"}
        assert await changes(day, "ines", "holidays", "vendor", **closed) == {}
        file = file_of(day, "northwind-brightlane")

        asked = {row.key: [question.id for question in row.questions] for row in file.questions}
        assert asked["daily-vendor"][0] == "what_did_you_learn"
        assert "checked" not in asked["daily-inhouse"]
        assert file.holidays[Side.VENDOR].country == "DE"
        assert [str(day) for day, _ in file.holidays[Side.VENDOR].own_days] == ["2026-12-24"]
        assert read(write(file).encode(), "exported.yaml") == file


async def test_the_ladder_is_changed_the_same_way_and_what_climbs_keeps_its_own(database_address: str) -> None:
    async with stage(database_address, MONDAY) as day:
        await day.commands("ines", "/cadence settings")
        assert "*S2*: level 1 at once, level 2 after 4h" in text_of(form(day, "ines"))
        await day.mentions("vera", "escalate S2: the tills are down")
        said = {"clock": "always", "wait1": "30m", "vendor1": ["lead", VIKRAM], "inhouse2": [], "vendor2": []}
        assert await changes(day, "ines", "ladder", "S2", **said, channel1=INHOUSE, update="2h") == {}
        await day.mentions("vera", "escalate S2: the ovens are cold")
        file = file_of(day, "northwind-brightlane")

        climb = file.ladder.climb(Severity.S2)
        assert (climb.around_the_clock, climb.update, len(climb.levels)) == (True, Wait(minutes=120), 3)
        assert climb.levels[0].told[Side.VENDOR] == ("lead", VIKRAM)
        assert (climb.levels[0].wait, climb.levels[0].channel) == (Wait(minutes=30), INHOUSE)
        assert read(write(file).encode(), "exported.yaml") == file
        old, new = day.rows(Escalation)
        assert (old.due_at, new.due_at - new.since) == (
            datetime(2026, 11, 23, 12, 0, tzinfo=UTC),
            timedelta(minutes=30),
        )
        logged = [row for row in day.rows(Activity) if row.action == "ladder.changed"][-1]
        assert logged.before is not None
        assert logged.after is not None
        assert (len(logged.before["ladder"]["S2"]["levels"]), len(logged.after["ladder"]["S2"]["levels"])) == (4, 3)


async def test_a_channel_that_a_ladder_is_to_tell_is_looked_at(database_address: str) -> None:
    async with stage(database_address, MONDAY) as day:
        errors = await changes(day, "ines", "ladder", "S1", channel1=GENERAL)

        assert "I am not in this channel" in errors["channel1"]
        assert file_of(day, "northwind-brightlane").ladder.channels() == frozenset()


async def test_an_engagement_is_renamed_and_paused_the_same_way(database_address: str) -> None:
    async with stage(database_address, MONDAY) as day:
        assert await changes(day, "ines", "engagement", vendor="Brightlane") == {}
        assert await changes(day, "ines", "state", "paused") == {}
        file = file_of(day, "northwind-brightlane")

        assert (file.vendor, file.state.value) == ("Brightlane", "paused")
        assert read(write(file).encode(), "exported.yaml") == file
        assert await changes(day, "ines", "state", "active") == {}
        assert file_of(day, "northwind-brightlane").state.value == "active"


async def test_somebody_of_the_channel_is_added_to_the_roster(database_address: str) -> None:
    async with stage(database_address, MONDAY) as day:
        await day.commands("ines", "/cadence settings")
        await opens(day, "ines", "person", "new")
        assert "Mallory Finch" in text_of(form(day, "ines"))
        assert await sends(day, "ines", newcomer="U0MALLORY") == {}
        assert await sends(day, "ines", role="observer") == {}
        assert await sends(day, "ines") == {}

        assert ("U0MALLORY", Side.INHOUSE, Role.OBSERVER) in {
            (person.slack_id, person.side, person.role) for person in file_of(day, "northwind-brightlane").people
        }


async def test_when_slack_does_not_say_who_is_in_the_channel_the_form_says_so_and_waits_no_longer(
    database_address: str,
) -> None:
    async with stage(database_address, MONDAY) as day:
        await day.commands("ines", "/cadence settings")
        day.sandbox.faults.add(Fault("conversations.members", 1, Kind.ERROR, code="fetch_members_failed"))
        await opens(day, "ines", "person", "new")

        assert "Slack did not tell me who is in the channel" in text_of(form(day, "ines"))


async def test_what_was_changed_meanwhile_is_shown_and_what_was_typed_is_kept(database_address: str) -> None:
    async with stage(database_address, MONDAY) as day:
        await day.commands("ines", "/cadence settings")
        await opens(day, "ines", "cadence", "daily")
        assert await sends(day, "ines", at="10:00") == {}
        assert await changes(day, "olaf", "cadence", "daily", title="Morning round") == {}

        assert await sends(day, "ines") == {}
        refused = form(day, "ines")
        assert "Somebody else changed this engagement meanwhile" in text_of(refused)
        assert "Morning round" in text_of(refused)
        await day.person("ines").clicks(refused, "admin.edit_back.press")
        assert await sends(day, "ines") == {}
        assert await sends(day, "ines") == {}

        daily = file_of(day, "northwind-brightlane").cadences[0]
        assert (daily.title, f"{daily.at:%H:%M}") == ("Morning round", "10:00")


async def test_ownership_is_handed_over_and_there_is_always_an_owner_and_a_deputy(database_address: str) -> None:
    async with stage(database_address, MONDAY) as day:
        errors = await changes(day, "ines", "person", OLAF, deputy="no")
        assert "stand in for the owner" in errors["deputy"]
        errors = await changes(day, "ines", "person", OLAF, role="leaves")
        assert "stand in for the owner" in errors["role"]
        assert "stand in" in (await changes(day, "ines", "owner", owner=OLAF, stays="leaves"))["stays"]

        assert await changes(day, "ines", "owner", owner=OLAF, stays="member") == {}
        await day.settle()

        places = {p.slack_id: (p.role, p.is_deputy) for p in file_of(day, "northwind-brightlane").people}
        assert places[OLAF] == (Role.OWNER, False)
        assert places[INES] == (Role.MEMBER, True)
        assert any("Olaf Lindqvist is now the owner" in said for said in day.directs("ines"))
        assert any("Olaf Lindqvist is now the owner" in said for said in day.directs("olaf"))


async def test_whoever_brings_the_bot_into_a_channel_is_asked_once_to_set_it_up(database_address: str) -> None:
    async with stage(database_address, MONDAY, engagement=None) as day:
        for _ in range(2):
            await day.invites("ines", SHARED)
        invitations = [said for said in day.directs("ines") if "Thank you for inviting me" in said]
        assert len(invitations) == 1
        message = next(m for m in day.person("ines").direct_messages() if "Thank you" in m["text"])

        await day.person("ines").clicks(message, "admin.setup.open")

        assert "Step 1 of 5" in text_of(form(day, "ines"))


async def test_a_guest_who_brings_the_bot_hears_who_can_set_it_up(database_address: str) -> None:
    async with stage(database_address, MONDAY, engagement=None) as day:
        await day.invites("tomas", SHARED)

        assert "no guests" in " ".join(day.whispers("tomas"))
        assert day.rows(Draft) == []

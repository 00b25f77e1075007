"""Two engagements that share a person, two check-ins open at once: each is answered by itself, in any order."""

from datetime import UTC, datetime

from models.checkins.rules import PromptState
from models.checkins.tables import CheckIn, Prompt
from models.engagements.tables import Engagement, Participant, Person
from sandbox.seed import BOT
from tests.support.stage import SHARED, Stage, stage

FRIDAY = datetime(2026, 11, 27, 3, 0, tzinfo=UTC)
SECOND = "C0SECOND"
OTHER = f"""
workspace: T0NORTHWIND
engagement: northwind-cloudnine
company: Northwind Retail
vendor: Cloud Nine Hosting
channel: {SECOND}
zone: Europe/Paris
people:
  inhouse:
    - {{name: Ines Moreau, slack: U0INES, role: owner}}
    - {{name: Bea Roth, slack: U0BEA, role: observer}}
  vendor:
    - {{name: Mallory Finch, slack: U0MALLORY, role: lead, zone: Europe/London}}
cadences:
  daily: {{title: Hosting stand-up, repeats: weekdays, at: "10:00", zone: Europe/Paris, window: 3h}}
"""


def at(hour: int, minute: int = 0) -> datetime:
    return FRIDAY.replace(hour=hour, minute=minute)


async def set_up(day: Stage) -> None:
    """The second engagement, in its own channel."""
    day.sandbox.workspace.add_channel(SECOND, "northwind-cloudnine", "channel", ["U0INES", "U0MALLORY", BOT])
    await day.apply(OTHER)


def states(day: Stage, name: str) -> dict[str, PromptState]:
    """A person's prompts of today: engagement to state."""
    person = next(row for row in day.rows(Person) if row.slack_user_id == f"U0{name.upper()}")
    places = {row.id: row.engagement_id for row in day.rows(Participant) if row.person_id == person.id}
    keys = {row.id: row.key for row in day.rows(Engagement)}
    opened = {row.id for row in day.rows(CheckIn) if row.opened_at and row.local_date == FRIDAY.date()}
    found = [row for row in day.rows(Prompt) if row.participant_id in places and row.checkin_id in opened]
    return {keys[row.engagement_id]: row.state for row in found}


async def test_who_serves_two_engagements_is_asked_by_each_and_answers_each_where_it_belongs(
    database_address: str,
) -> None:
    async with stage(database_address, FRIDAY) as day:
        await set_up(day)
        await day.until(at(9, 30))
        assert len(day.directs("ines")) == 2
        brightlane, hosting = day.board("Daily stand-up"), day.board("Hosting stand-up", SECOND)

        await day.replies("ines", "next: Sign the hosting order by Monday", hosting)
        assert states(day, "ines") == {
            "northwind-brightlane": PromptState.ASKED,
            "northwind-cloudnine": PromptState.ANSWERED,
        }
        await day.answers("ines", brightlane, blocked="no", next="Approve the invoice by Monday")
        assert set(states(day, "ines").values()) == {PromptState.ANSWERED}

        assert not any("hosting order" in str(item) for item in day.channel(SHARED))
        assert not any("invoice" in str(item) for item in day.channel(SECOND))
        assert "Northwind Retail: 1 of 3 answered" in day.board("Daily")["text"]
        assert "Northwind Retail: 1 of 1 answered" in day.board("Hosting", SECOND)["text"]

        # Whoever is in one of them alone sees nothing of the other.
        assert "Hosting" not in await day.commands("ada", "/cadence status")
        told = await day.commands("mallory", "/cadence status", SECOND)
        assert "Status of Northwind Retail and Cloud Nine Hosting" in told
        assert "Brightlane" not in told
        await day.replies("mallory", "no blockers", brightlane)
        assert "Mallory" not in str([item for item in day.channel(SHARED) if item.get("bot_id")])


async def test_commands_mean_the_engagement_of_the_channel_and_elsewhere_ask_which(database_address: str) -> None:
    async with stage(database_address, FRIDAY) as day:
        await set_up(day)
        await day.until(at(9, 30))

        assert "Cloud Nine" in await day.commands("ines", "/cadence status", SECOND)
        assert "Brightlane" in await day.commands("ines", "/cadence status", SHARED)
        told = await day.commands("ines", "/cadence status", "C0GENERAL")
        assert "several engagements" in told
        assert "Cloud Nine Hosting" in told
        assert "Status of" in await day.commands("ada", "/cadence status", "C0GENERAL")

        await day.commands("ines", "/standup", SECOND)
        assert "Hosting stand-up" in str(day.person("ines").open_views[-1]["title"])
        await day.person("ines").closes(clear=True)

        assert "Skipped: Hosting stand-up" in await day.commands("ines", "/cadence skip Nothing new", SECOND)
        assert states(day, "ines") == {
            "northwind-brightlane": PromptState.ASKED,
            "northwind-cloudnine": PromptState.SKIPPED,
        }

        assert "Fri 27 Nov" in await day.commands("ines", "/cadence away today", SECOND)
        assert states(day, "ines")["northwind-brightlane"] is PromptState.EXCUSED  # a person is away from everything


async def test_direct_messages_answer_what_was_asked_first_and_then_the_other(database_address: str) -> None:
    async with stage(database_address, FRIDAY) as day:
        await set_up(day)
        await day.until(at(9, 30))

        await day.writes("ines", "Signed it. no blockers")
        first = states(day, "ines")
        assert list(first.values()).count(PromptState.ANSWERED) == 1
        await day.writes("ines", "Read the report. no blockers")

        assert set(states(day, "ines").values()) == {PromptState.ANSWERED}


async def test_stand_up_and_weekly_review_open_at_once_are_answered_in_any_order(database_address: str) -> None:
    async with stage(database_address, FRIDAY) as day:
        await day.until(at(13, 30))  # Tomas' own morning, and the review of the week
        tomas = day.person("tomas")
        daily, weekly = day.board("Daily"), day.board("Weekly review")

        await day.answers("tomas", weekly, owed="A test report by Monday", pulse="4")
        assert "1 of 3 answered" in day.board("Weekly review")["text"]
        assert "0 of 3 answered" in day.board("Daily")["text"]

        await tomas.clicks(weekly, "checkin.answer.open")
        await tomas.chooses(tomas.open_views[-1], "checkin.answer.switch", other_checkin(day, "Daily stand-up"))
        assert "Daily stand-up" in str(tomas.open_views[-1]["title"])
        await day.fills("tomas", {"blocked": "no", "next": "Deploy by Monday"})

        assert "1 of 3 answered" in day.board("Daily")["text"]
        assert any("C-1" in item["text"] for item in day.thread(weekly))
        assert any("C-2" in item["text"] for item in day.thread(daily))


def other_checkin(day: Stage, title: str) -> str:
    """The option of the switch that leads to this check-in."""
    view = day.person("tomas").open_views[-1]
    element = next(block["accessory"] for block in view["blocks"] if "accessory" in block)
    return next(str(one["value"]) for one in element["options"] if title in one["text"]["text"])

"""Lays a whole installation down: workspaces, engagements and their people, and what `standups` and `matters` add.

Each engagement has five people who are asked, and an observer. Its owner and the provider's account manager sit in
several.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, time, timedelta
from uuid import UUID

from models.access import Side
from models.cadences.rules import CadenceKind
from models.cadences.tables import Cadence, QuestionSet
from models.db import Database
from models.engagements.tables import Engagement, Participant, Person, SideHolidays
from models.outbox.tables import Home
from models.vault import Vault
from tests.support.estate import matters, standups
from tests.support.estate.bulk import Bulk, bulk
from tests.support.estate.engagement import NOW, SEATS, OneEngagement, weekdays
from tests.support.world import QUESTIONS

FIRST_WORKSPACE = "T0NORTHWIND"
"""The one whose bot the sandbox knows."""
SHARED_BY = 10
"""Engagements of one owner, and of one account manager."""
SHARED = ("owner", "manager")
"""The seats of those who sit in several."""
_PER_ENGAGEMENT = 6
"""Numbers given out a day, at the most."""


@dataclass(frozen=True, slots=True)
class Size:
    """How much. Nine of ten prompts are answered: 56 days of 2,000 engagements are half a million answers."""

    workspaces: int = 200
    engagements: int = 2_000
    days: int = 56
    every: int = 5
    """Working days from one blocker of an engagement to the next."""


def workspace_of(size: Size, number: int) -> str:
    """The workspace of an engagement by its number: they are spread evenly, neighbours together."""
    workspace = number * size.workspaces // size.engagements
    return f"T0W{workspace:06}" if workspace else FIRST_WORKSPACE


def lay_down(
    db: Database, size: Size, told: Callable[[int, int], None] = lambda _done, _rows: None, *, checked: bool = False
) -> int:
    """Write an installation of that size into an empty database; the number of rows. `told` hears how far it is."""
    days = weekdays(size.days)
    people: dict[tuple[str, str, int], UUID] = {}
    with bulk(db, checked=checked) as rows:
        for number in range(size.engagements):
            _engagement(rows, db.vault, workspace_of(size, number), number, people, days, size.every)
            rows.write_if_many()
            told(number + 1, rows.written)
    if not db.is_sqlite:
        with db.engine.connect() as connection:
            connection.execution_options(isolation_level="AUTOCOMMIT").exec_driver_sql("VACUUM ANALYZE")
    return rows.written


def _engagement(
    rows: Bulk,
    vault: Vault,
    workspace_id: str,
    number: int,
    people: dict[tuple[str, str, int], UUID],
    days: list[date],
    every: int,
) -> None:
    seated = [_person(rows, workspace_id, number, people, role, zone) for role, _, _, zone in SEATS]
    one = OneEngagement(rows, vault, workspace_id, number, seated)
    rows.add(
        Engagement,
        workspace_id=workspace_id,
        id=one.id,
        key=f"engagement-{number}",
        company="Northwind Retail",
        vendor=f"Brightlane {number}",
        channel_id=one.channel,
        inhouse_channel_id=f"C0INHOUSE{number:06}",
        zone="Europe/Paris",
        blocker_count=len(days),
        commitment_count=(len(days) + 1) * _PER_ENGAGEMENT,
        escalation_count=len(days),
        ask_count=len(days),
    )
    for (_, side, role, _), person_id in zip(SEATS, seated, strict=True):
        one.places.append(one.add(Participant, person_id=person_id, side=side, role=role))
    for side, country in zip(Side, ("FR", "IN"), strict=True):
        one.add(SideHolidays, side=side, country=country)
    _cadences(one)
    for ordinal, day in enumerate(days):
        standups.past(one, ordinal, day)
    standups.present(one)
    standups.coming(one)
    matters.blockers(one, days[::every])
    matters.asks(one, days[:: every * 2])
    matters.escalations(one, days[:: every * 3])
    matters.summaries(one, days)


def _person(
    rows: Bulk, workspace_id: str, number: int, people: dict[tuple[str, str, int], UUID], role: str, zone: str
) -> UUID:
    """A person of their own for each engagement, but for those who sit in several."""
    group = number // SHARED_BY if role in SHARED else number
    key = (workspace_id, role, group)
    if key not in people:
        named = {"slack_user_id": f"U0{role.upper()}{group:06}", "name": f"{role.title()} {group}"}
        people[key] = rows.add(Person, workspace_id=workspace_id, **named, zone=zone, workdays="01234")
        rows.add(Home, workspace_id=workspace_id, person_id=people[key], opened_at=NOW - timedelta(days=1))
    return people[key]


def _cadences(one: OneEngagement) -> None:
    one.add(QuestionSet, id=one.questions_id, key="daily", version=1, title="Daily", questions=QUESTIONS)
    started = {"starts_on": date(2026, 1, 1), "is_idle": False}
    one.add(
        Cadence,
        **started,
        id=one.daily_id,
        key="daily",
        kind=CadenceKind.DAILY,
        title="Daily stand-up",
        rule="FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR",
        at=time(9, 30),
        inhouse_questions_id=one.questions_id,
        vendor_questions_id=one.questions_id,
        due_at=NOW + timedelta(days=2),
    )
    one.add(
        Cadence,
        **started,
        id=one.summary_id,
        key="summary",
        kind=CadenceKind.SUMMARY,
        title="Weekly summary",
        rule="FREQ=WEEKLY;BYDAY=FR",
        at=time(16, 30),
        due_at=NOW + timedelta(days=6),
    )

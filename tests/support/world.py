"""A small world for the tests of use cases: one engagement, its people, its cadences, and time that hops.

In-house: Ines (owner, Paris), Olaf (lead, Stockholm), Ada (observer, Prague). Vendor: Vera (lead) and Vik in Kolkata.
Mallory is on no roster.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Concatenate, ParamSpec, TypeVar
from uuid import UUID

from sqlmodel import col, select

from models.access import SYSTEM, Actor, Role, Side
from models.cadences.rules import CadenceKind
from models.cadences.tables import Cadence, QuestionSet
from models.clock import ManualClock
from models.db import Database, Tx
from models.engagements import queries as engagements
from models.engagements.tables import Engagement, Participant, Person, SideHolidays
from models.outbox.rules import Operation, OutboxState, Place
from models.outbox.tables import OutboxMessage, Post
from scheduler.due import DueQueue
from scheduler.steps import STEPS

P = ParamSpec("P")
T = TypeVar("T")

WORKSPACE = "T0NORTHWIND"
CHANNEL = "C0SHARED"
INHOUSE_CHANNEL = "C0INHOUSE"
PEOPLE = {
    "ines": ("U0INES", "Ines Moreau", Side.INHOUSE, Role.OWNER, "Europe/Paris"),
    "olaf": ("U0OLAF", "Olaf Lindqvist", Side.INHOUSE, Role.LEAD, "Europe/Stockholm"),
    "ada": ("U0ADA", "Ada Novak", Side.INHOUSE, Role.OBSERVER, "Europe/Prague"),
    "vera": ("U0VERA", "Vera Iyer", Side.VENDOR, Role.LEAD, "Asia/Kolkata"),
    "vik": ("U0VIKRAM", "Vikram Rao", Side.VENDOR, Role.MEMBER, "Asia/Kolkata"),
}
QUESTIONS = [
    {"id": "done", "type": "text", "text": "What is finished since {last_day}?"},
    {"id": "next", "type": "promises", "text": "What will be finished by your next update?"},
    {"id": "blocked", "type": "blocker", "text": "Is anything blocking you?", "required": True},
]


@dataclass
class World:
    """Acts through the services; Slack is left out, its posts are only recorded."""

    db: Database
    clock: ManualClock
    queue: DueQueue
    engagement_id: UUID

    def actor(self, name: str) -> Actor:
        """A person by first name; anybody unknown is a stranger."""
        slack_user_id = PEOPLE[name][0] if name in PEOPLE else f"U0{name.upper()}"
        with self.db.read(SYSTEM) as tx:
            return engagements.actor(tx, WORKSPACE, slack_user_id, None)

    def does(self, name: str, use: Callable[Concatenate[Tx, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Let a person do something in one transaction."""
        with self.db.transaction(self.actor(name)) as tx:
            return use(tx, *args, **kwargs)

    def sees(self, name: str, query: Callable[Concatenate[Tx, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Let a person read something; `system` reads as the system."""
        with self.db.read(SYSTEM if name == "system" else self.actor(name)) as tx:
            return query(tx, *args, **kwargs)

    def rows(self, table: type[T]) -> list[T]:
        """Every row of a table, in the order it was made."""
        with self.db.read(SYSTEM) as tx:
            return list(tx.session.exec(select(table).order_by(table.id)))  # type: ignore[attr-defined]

    def advance(self) -> None:
        """Do what is due now, and record every waiting message as sent."""
        self.queue.run()
        self.sent()

    def until(self, moment: datetime) -> None:
        """Hop from due time to due time up to `moment`."""
        self.advance()
        while (due := self.queue.next_due()) and due <= moment:
            self.clock.set(max(due, self.clock.now()))
            self.advance()
        self.clock.set(moment)
        self.advance()

    def sent(self) -> list[OutboxMessage]:
        """Record every waiting message as sent, as the dispatcher would, and return them."""
        with self.db.transaction(SYSTEM) as tx:
            waiting = tx.session.exec(
                select(OutboxMessage).where(OutboxMessage.state == OutboxState.READY).order_by(col(OutboxMessage.id))
            ).all()
            for number, message in enumerate(waiting):
                message.state = OutboxState.SENT
                if message.operation is Operation.POST:
                    tx.add(_posted(tx, message, f"{self.clock.now().timestamp():.0f}.{number:06d}"))
            return list(waiting)

    def said(self, *kinds: str) -> list[OutboxMessage]:
        """Everything that was to be posted so far, of these kinds (none given: all)."""
        found = [row for row in self.rows(OutboxMessage) if row.operation is Operation.POST]
        return [row for row in found if not kinds or row.kind in kinds]


def _posted(tx: Tx, message: OutboxMessage, ts: str) -> Post:
    places = {Place.CHANNEL: CHANNEL, Place.INHOUSE: INHOUSE_CHANNEL, Place.DIRECT: f"D{message.person_id}"[:32]}
    return Post(
        workspace_id=message.workspace_id,
        engagement_id=message.engagement_id,
        key=message.post_key,
        kind=message.kind,
        subject_id=message.subject_id,
        channel_id=message.channel_id or places[message.place],
        ts=f"{ts}{message.id.hex[-6:]}",
        posted_at=tx.now,
    )


def build(db: Database, clock: ManualClock) -> World:
    """The world, with a daily stand-up at 09:30 each person's own time and a weekly summary on Fridays at 16:30."""
    with db.transaction(SYSTEM) as tx:
        engagement = tx.add(
            Engagement(
                workspace_id=WORKSPACE,
                key="northwind-brightlane",
                company="Northwind Retail",
                vendor="Brightlane Systems",
                channel_id=CHANNEL,
                inhouse_channel_id=INHOUSE_CHANNEL,
                zone="Europe/Paris",
            )
        )
        for slack_user_id, name, side, role, zone in PEOPLE.values():
            person = tx.add(
                Person(workspace_id=WORKSPACE, slack_user_id=slack_user_id, name=name, zone=zone, workdays="01234")
            )
            tx.add(
                Participant(
                    workspace_id=WORKSPACE, engagement_id=engagement.id, person_id=person.id, side=side, role=role
                )
            )
        for side, country in ((Side.INHOUSE, "FR"), (Side.VENDOR, "IN")):
            tx.add(SideHolidays(workspace_id=WORKSPACE, engagement_id=engagement.id, side=side, country=country))
        questions = tx.add(
            QuestionSet(
                workspace_id=WORKSPACE,
                engagement_id=engagement.id,
                key="daily",
                version=1,
                title="Daily",
                questions=QUESTIONS,
            )
        )
        _cadences(tx, engagement, questions)
    return World(db, clock, DueQueue(db, STEPS), engagement.id)


def _cadences(tx: Tx, engagement: Engagement, questions: QuestionSet) -> None:
    common = {
        "workspace_id": WORKSPACE,
        "engagement_id": engagement.id,
        "starts_on": date(2026, 11, 1),
        "due_at": tx.now,
    }
    tx.add(
        Cadence(
            **common,
            key="daily",
            kind=CadenceKind.DAILY,
            title="Daily stand-up",
            rule="FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR",
            at=time(9, 30),
            inhouse_questions_id=questions.id,
            vendor_questions_id=questions.id,
        )
    )
    tx.add(
        Cadence(
            **common,
            key="summary",
            kind=CadenceKind.SUMMARY,
            title="Weekly summary",
            rule="FREQ=WEEKLY;BYDAY=FR",
            at=time(16, 30),
        )
    )

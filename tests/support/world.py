"""A small world for the tests of use cases: one engagement, its people, its cadences, and time that hops.

In-house: Ines (owner, Paris), Olaf (lead, Stockholm), Ada (observer, Prague). Vendor: Vera (lead) and Vik in Kolkata.
Mallory is on no roster.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from itertools import count
from typing import Any, Concatenate, ParamSpec, TypeVar
from uuid import UUID

from sqlmodel import col, select

from models.access import SYSTEM, Actor, Role, Side
from models.cadences.rules import CadenceKind
from models.cadences.tables import Cadence, QuestionSet
from models.checkins import replies
from models.checkins import service as checkins
from models.checkins.rules import Source
from models.checkins.submissions import Submission
from models.checkins.tables import CheckIn, Prompt
from models.clock import ManualClock
from models.db import Database, Tx
from models.engagements import queries as engagements
from models.engagements.tables import Engagement, Participant, Person, SideHolidays
from models.outbox import queries as posts
from models.outbox.rules import Operation, OutboxState, Place
from models.outbox.tables import OutboxMessage, Post
from scheduler.due import DueQueue
from scheduler.steps import STEPS

P = ParamSpec("P")
T = TypeVar("T")

WORKSPACE = "T0NORTHWIND"
CHANNEL = "C0SHARED"
INHOUSE_CHANNEL = "C0INHOUSE"
Entry = tuple[str, str, Side, Role, str]
"""Slack user id, name, side, role, zone."""

PEOPLE: Mapping[str, Entry] = {
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


def at(day: int, hour: int, minute: int = 0, *, month: int = 11, year: int = 2026) -> datetime:
    """A moment, UTC; in November 2026 unless told. The 23rd is a Monday."""
    return datetime(year, month, day, hour, minute, tzinfo=UTC)


def nov(day: int) -> date:
    """A date in November 2026."""
    return date(2026, 11, day)


@dataclass
class World:
    """Acts through the services; Slack is left out, its posts are only recorded."""

    db: Database
    clock: ManualClock
    queue: DueQueue
    engagement_id: UUID
    people: Mapping[str, Entry] = field(default_factory=lambda: PEOPLE)
    workspace_id: str = WORKSPACE
    keys: "count[int]" = field(default_factory=lambda: count(1))

    def actor(self, name: str) -> Actor:
        """A person by first name; anybody unknown is a stranger, `system` is the clock."""
        if name == "system":
            return SYSTEM
        slack_user_id = self.people[name][0] if name in self.people else f"U0{name.upper()}"
        with self.db.read(SYSTEM) as tx:
            return engagements.actor(tx, self.workspace_id, slack_user_id, None)

    def does(self, name: str, use: Callable[Concatenate[Tx, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Let a person do something in one transaction."""
        with self.db.transaction(self.actor(name)) as tx:
            return use(tx, *args, **kwargs)

    def sees(self, name: str, query: Callable[Concatenate[Tx, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Let a person read something; `system` reads as the system."""
        with self.db.read(self.actor(name)) as tx:
            return query(tx, *args, **kwargs)

    def rows(self, table: type[T]) -> list[T]:
        """Every row of a table, in the order it was made."""
        with self.db.read(SYSTEM) as tx:
            own = select(table).where(table.workspace_id == self.workspace_id)  # type: ignore[attr-defined]
            return list(tx.session.exec(own.order_by(table.id)))  # type: ignore[attr-defined]

    def one(self, table: type[T], **values: Any) -> T:
        """The one row with these values."""
        found = [row for row in self.rows(table) if all(getattr(row, key) == wanted for key, wanted in values.items())]
        assert len(found) == 1, f"{len(found)} rows of {table.__name__} with {values}"
        return found[0]

    def place(self, name: str) -> UUID:
        """A person's participant id."""
        membership = self.actor(name).membership(self.engagement_id)
        assert membership is not None, f"{name} is not on the roster"
        return membership.participant_id

    def checkin(self, day: date) -> CheckIn:
        """The stand-up of a local date."""
        return self.one(CheckIn, local_date=day, cadence_id=self.one(Cadence, key="daily").id)

    def prompt(self, name: str, day: date) -> Prompt:
        """A person's invitation to the stand-up of a local date."""
        return self.one(Prompt, checkin_id=self.checkin(day).id, participant_id=self.place(name))

    def answers(
        self, name: str, day: date, said: Submission, *, source: Source = Source.MODAL, key: str | None = None
    ) -> UUID:
        """Let a person send the form of a stand-up."""
        key = key or f"view:{next(self.keys)}"
        return self.does(name, checkins.submit, self.checkin(day).id, said, source=source, source_key=key)

    def replies(self, name: str, day: date, text: str, *, ts: str | None = None) -> str:
        """Let a person reply in the thread of a stand-up; the message's ts."""
        ts = ts or self.stamp()
        self.does(name, replies.heard, channel_id=CHANNEL, thread_ts=self.thread(day), ts=ts, text=text)
        return ts

    def direct(self, name: str, text: str) -> str:
        """Let a person write to the bot directly; the message's ts."""
        ts = self.stamp()
        self.does(name, replies.heard, channel_id=f"D0{name.upper()}", thread_ts=None, ts=ts, text=text)
        return ts

    def stamp(self) -> str:
        """A ts that Slack would give now."""
        return f"{self.clock.now().timestamp():.0f}.{next(self.keys):06d}"

    def thread(self, day: date) -> str:
        """The ts of a stand-up's board."""
        return self.one(Post, key=f"board:{self.checkin(day).id}").ts

    def change(self, table: type[Any], where: Mapping[str, Any], **values: Any) -> None:
        """Change one row as an administrator would, and have the cadences looked at anew."""
        with self.db.transaction(SYSTEM) as tx:
            for row in tx.session.exec(select(table)):
                if all(getattr(row, key) == wanted for key, wanted in where.items()):
                    for key, value in values.items():
                        setattr(row, key, value)
            for cadence in tx.session.exec(select(Cadence)):
                cadence.due_at = tx.now

    def joins(self, name: str, entry: Entry, workdays: str = "01234") -> None:
        """Put one more person on the roster."""
        self.people = {**self.people, name: entry}
        with self.db.transaction(SYSTEM) as tx:
            _person(tx, self.engagement_id, entry, workdays)
            for cadence in tx.session.exec(select(Cadence)):
                cadence.due_at = tx.now

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
    parent = posts.post_by_key(tx, message.workspace_id, message.parent_key) if message.parent_key else None
    places = {Place.CHANNEL: CHANNEL, Place.INHOUSE: INHOUSE_CHANNEL, Place.DIRECT: f"D{message.person_id}"[:32]}
    return Post(
        workspace_id=message.workspace_id,
        engagement_id=message.engagement_id,
        key=message.post_key,
        kind=message.kind,
        subject_id=message.subject_id,
        channel_id=message.channel_id or places[message.place],
        ts=f"{ts}{message.id.hex[-6:]}",
        thread_ts=message.thread_ts or (parent.ts if parent else None),
        posted_at=tx.now,
    )


def build(
    db: Database,
    clock: ManualClock,
    *,
    people: Mapping[str, Entry] = PEOPLE,
    workdays: str = "01234",
    countries: tuple[str | None, str | None] = ("FR", "IN"),
    inhouse_channel: str | None = INHOUSE_CHANNEL,
    workspace_id: str = WORKSPACE,
    **daily: Any,
) -> World:
    """The world, with a daily stand-up at 09:30 each person's own time and a weekly summary on Fridays at 16:30.

    `daily` changes fields of the stand-up's cadence; check-ins without any answer are not escalated unless it says so.
    """
    with db.transaction(SYSTEM) as tx:
        engagement = tx.add(
            Engagement(
                workspace_id=workspace_id,
                key="northwind-brightlane",
                company="Northwind Retail",
                vendor="Brightlane Systems",
                channel_id=CHANNEL,
                inhouse_channel_id=inhouse_channel,
                zone="Europe/Paris",
            )
        )
        for entry in people.values():
            _person(tx, engagement.id, entry, workdays, workspace_id)
        for side, country in zip(Side, countries, strict=True):
            tx.add(SideHolidays(workspace_id=workspace_id, engagement_id=engagement.id, side=side, country=country))
        questions = tx.add(
            QuestionSet(
                workspace_id=workspace_id,
                engagement_id=engagement.id,
                key="daily",
                version=1,
                title="Daily",
                questions=QUESTIONS,
            )
        )
        _cadences(tx, engagement, questions, daily)
    return World(db, clock, DueQueue(db, STEPS), engagement.id, people, workspace_id)


def _person(
    tx: Tx, engagement_id: UUID, entry: Entry, workdays: str = "01234", workspace_id: str = WORKSPACE
) -> Participant:
    slack_user_id, name, side, role, zone = entry
    person = tx.add(
        Person(workspace_id=workspace_id, slack_user_id=slack_user_id, name=name, zone=zone, workdays=workdays)
    )
    return tx.add(
        Participant(workspace_id=workspace_id, engagement_id=engagement_id, person_id=person.id, side=side, role=role)
    )


def _cadences(tx: Tx, engagement: Engagement, questions: QuestionSet, daily: dict[str, Any]) -> None:
    common = {
        "workspace_id": engagement.workspace_id,
        "engagement_id": engagement.id,
        "starts_on": date(2026, 11, 1),
        "due_at": tx.now,
    }
    usual = {
        "title": "Daily stand-up",
        "rule": "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR",
        "at": time(9, 30),
        "escalate_after": 0,
        "inhouse_questions_id": questions.id,
        "vendor_questions_id": questions.id,
    }
    tx.add(Cadence(**{**common, **usual, **daily}, key="daily", kind=CadenceKind.DAILY))
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


def add_cadence(world: World, key: str, **values: Any) -> None:
    """One more cadence that asks people, like the stand-up but for these values."""
    daily = world.one(Cadence, key="daily")
    kept = daily.model_dump(exclude={"id", "key", "title", "due_at", "is_idle"})
    with world.db.transaction(SYSTEM) as tx:
        tx.add(Cadence(**{**kept, "kind": CadenceKind.WEEKLY, **values}, key=key, title=key.title(), due_at=tx.now))

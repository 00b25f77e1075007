"""Reads of people and engagements."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from uuid import UUID

from sqlalchemy import Executable, update
from sqlmodel import col, or_, select
from sqlmodel.sql.expression import Select, SelectOfScalar

from models.access import ASKED, Actor, Membership, Permission, Role, Side, require, stranger, system_only
from models.calendars.holidays import SideCalendar
from models.calendars.working_time import WorkingHours
from models.db import Tx
from models.engagements.tables import Absence, Engagement, Participant, Person, SideHolidays
from models.engagements.views import Parties, Who
from models.errors import NotFound
from models.prepared import WORKSPACE, at, is_at, is_named


@dataclass(frozen=True, slots=True)
class Member:
    """One participant with everything that decides about their time."""

    participant: Participant
    person: Person
    calendar: SideCalendar
    hours: WorkingHours

    @property
    def who(self) -> Who:
        """As others see them."""
        return Who(
            participant_id=self.participant.id,
            slack_user_id=self.person.slack_user_id,
            name=self.person.name,
            side=self.participant.side,
            role=self.participant.role,
            zone=self.person.zone,
        )

    @property
    def is_lost(self) -> bool:
        """Whether the roster names them but they cannot act now: they left the channel, or their account is closed."""
        return self.participant.lost_because is not None

    @property
    def is_asked(self) -> bool:
        """Whether their role is asked and counted."""
        return self.participant.is_active and self.participant.role in ASKED


@dataclass(frozen=True, slots=True)
class Crew:
    """Everybody who is or was on an engagement's roster."""

    members: dict[UUID, Member]

    def who(self, participant_id: UUID) -> Who:
        """A participant as others see them."""
        return self.members[participant_id].who

    def maybe(self, participant_id: UUID | None) -> Who | None:
        """The same, where none may be named."""
        return self.members[participant_id].who if participant_id in self.members and participant_id else None

    def named(self) -> tuple[Member, ...]:
        """Those whom the roster names, whether or not they can act now."""
        found = [member for member in self.members.values() if member.participant.is_active or member.is_lost]
        return tuple(sorted(found, key=lambda member: (member.participant.side, member.person.name)))

    def active(self) -> tuple[Member, ...]:
        """Those on the roster now, in-house first, then by name."""
        present = [member for member in self.members.values() if member.participant.is_active]
        return tuple(sorted(present, key=lambda member: (member.participant.side, member.person.name)))

    def hours(self, side: Side) -> WorkingHours:
        """The working hours that a whole side stands for: its lead's, else its owner's, else anybody's."""
        ranks = {Role.LEAD: 0, Role.OWNER: 1, Role.MEMBER: 2}
        people = [member for member in self.active() if member.participant.side is side]
        people.sort(key=lambda member: ranks.get(member.participant.role, 3))
        if not people:
            return WorkingHours(zone="UTC", weekdays=frozenset(range(5)), start=_NINE, end=_FIVE)
        first = people[0]
        return WorkingHours(
            zone=first.hours.zone,
            weekdays=first.hours.weekdays,
            start=first.hours.start,
            end=first.hours.end,
            holidays=first.calendar,
        )


IS_THEIR_PLACE = (col(Participant.workspace_id) == Person.workspace_id) & (col(Participant.person_id) == Person.id)
"""A place on a roster, and the person whose it is."""
_NINE = Person.model_fields["works_from"].default
_FIVE = Person.model_fields["works_to"].default


def actor(tx: Tx, workspace_id: str, slack_user_id: str, team_id: str | None) -> Actor:
    """Who acts, by the roster alone. Another home workspace than the one recorded makes them a stranger."""
    rows = tx.session.exec(_places(), params=at(workspace_id, user=slack_user_id)).all()
    if not rows or (rows[0][0].slack_team_id and team_id and rows[0][0].slack_team_id != team_id):
        return stranger(workspace_id, slack_user_id)
    places = tuple(
        Membership(row.engagement_id, row.id, row.side, row.role, row.is_deputy) for _, row in rows if row is not None
    )
    return Actor(workspace_id, rows[0][0].id, slack_user_id, places)


@cache
def _places() -> Select[Person, Participant]:
    return (
        select(Person, Participant)
        .join(
            Participant,
            IS_THEIR_PLACE & col(Participant.is_active).is_(True),
            isouter=True,  # somebody who is on no roster any more is still known
        )
        .where(is_at(Person, Person.slack_user_id, "user"))
    )


def in_charge(tx: Tx, workspace_id: str, engagement_id: UUID) -> Sequence[Participant]:
    """The in-house owner and the deputies who can act now."""
    return tx.session.exec(
        select(Participant)
        .where(
            Participant.workspace_id == workspace_id,
            Participant.engagement_id == engagement_id,
            Participant.side == Side.INHOUSE,
            or_(col(Participant.role) == Role.OWNER, col(Participant.is_deputy).is_(True)),
            col(Participant.is_active).is_(True),
        )
        .order_by(col(Participant.id))
    ).all()


def crew(tx: Tx, workspace_id: str, engagement_id: UUID) -> Crew:
    """The roster of an engagement, with hours, holidays and absences. Read once a transaction."""
    return tx.once(
        ("crew", workspace_id, engagement_id),
        lambda: crews(tx, workspace_id, [engagement_id])[engagement_id],
        *(Participant, Person, SideHolidays, Absence),
    )


def crews(tx: Tx, workspace_id: str, engagement_ids: Collection[UUID]) -> dict[UUID, Crew]:
    """The rosters of several engagements, in as many statements as for one."""
    rows = tx.session.exec(_seated(), params=at(workspace_id, named=engagement_ids)).all()
    calendars = _calendars(tx, workspace_id, engagement_ids)
    away = _absences(tx, workspace_id, {person.id for _, person in rows})
    found: dict[UUID, dict[UUID, Member]] = {engagement_id: {} for engagement_id in engagement_ids}
    for participant, person in rows:
        calendar = calendars.get((participant.engagement_id, participant.side), SideCalendar())
        hours = working_hours(person, calendar, away.get(person.id, ()))
        found[participant.engagement_id][participant.id] = Member(participant, person, calendar, hours)
    return {engagement_id: Crew(members) for engagement_id, members in found.items()}


@cache
def _seated() -> Select[Participant, Person]:
    return (
        select(Participant, Person)
        .join(Person, (col(Person.id) == Participant.person_id) & (col(Person.workspace_id) == WORKSPACE))
        .where(is_named(Participant, Participant.engagement_id))
    )


def working_hours(person: Person, calendar: SideCalendar, absences: tuple[tuple[date, date], ...] = ()) -> WorkingHours:
    """A person's working time: own hours and weekdays, their side's holidays, their absences."""
    return WorkingHours(
        zone=person.zone,
        weekdays=frozenset(int(digit) for digit in person.workdays),
        start=person.works_from,
        end=person.works_to,
        holidays=calendar,
        absences=absences,
    )


def parties(tx: Tx, engagement: Engagement) -> Parties:
    """The two names of an engagement."""
    return Parties(engagement.id, engagement.key, engagement.company, engagement.vendor)


def side_name(tx: Tx, engagement_id: UUID, side: Side) -> str:
    """A side of one of the actor's engagements, by the name of its company."""
    return parties(tx, tx.one(Engagement, tx.actor.workspace_id, engagement_id)).name(side)


def roster(tx: Tx, workspace_id: str, engagement_id: UUID) -> tuple[Who, ...]:
    """Everybody on the roster now."""
    return tuple(member.who for member in crew(tx, workspace_id, engagement_id).active())


def engagement_in_channel(tx: Tx, workspace_id: str, channel_id: str) -> Engagement | None:
    """The engagement carried on in a channel (shared or in-house); none where one in-house channel serves several."""
    found = engagements_in_channel(tx, workspace_id, channel_id)
    return found[0] if len(found) == 1 else None


def engagements_in_channel(tx: Tx, workspace_id: str, channel_id: str) -> tuple[Engagement, ...]:
    """The engagements that a channel serves, by key: one in-house channel may serve those with several providers."""
    return tuple(
        tx.session.exec(
            select(Engagement)
            .where(
                Engagement.workspace_id == workspace_id,
                (col(Engagement.channel_id) == channel_id) | (col(Engagement.inhouse_channel_id) == channel_id),
            )
            .order_by(col(Engagement.key))
        )
    )


def workspaces_in_channel(tx: Tx, channel_id: str) -> tuple[str, ...]:
    """The workspaces that carry on an engagement in a shared channel: its id is the same in all that share it."""
    system_only(tx)
    mine = select(Engagement.workspace_id).where(Engagement.channel_id == channel_id)
    return tuple(tx.session.exec(mine.order_by(Engagement.workspace_id)))


def engagements_of(tx: Tx) -> tuple[Engagement, ...]:
    """The engagements on whose roster the actor is, by key; for the system, all."""
    statement = select(Engagement).order_by(col(Engagement.workspace_id), col(Engagement.key))
    if not tx.actor.is_system:
        ids = [place.engagement_id for place in tx.actor.memberships]
        statement = statement.where(Engagement.workspace_id == tx.actor.workspace_id, col(Engagement.id).in_(ids))
    return tuple(tx.session.exec(statement))


def next_number(tx: Tx, workspace_id: str, engagement_id: UUID, counter: str) -> int:
    """Count one more of an engagement's blockers or commitments: numbers are given once, whoever counts beside us."""
    return int(tx.beside(_one_more(counter), at(workspace_id, counted=engagement_id)).scalar_one())


@cache
def _one_more(counter: str) -> Executable:
    column = getattr(Engagement, counter)
    statement = update(Engagement).where(is_at(Engagement, Engagement.id, "counted"))
    return statement.values({counter: column + 1}).returning(column)


def viewable(tx: Tx, engagement_id: UUID) -> Engagement:
    """An engagement the actor may read. Raises NotFound for everybody who is not on its roster."""
    require(tx, engagement_id, Permission.ENGAGEMENT_VIEW)
    statement = select(Engagement).where(Engagement.id == engagement_id)
    if not tx.actor.is_system:
        statement = statement.where(Engagement.workspace_id == tx.actor.workspace_id)
    if (engagement := tx.session.exec(statement).one_or_none()) is None:
        raise NotFound()
    return engagement


def absences_of(tx: Tx, workspace_id: str, person_id: UUID) -> tuple[Absence, ...]:
    """A person's absences, earliest first."""
    return tuple(
        tx.session.exec(
            select(Absence)
            .where(Absence.workspace_id == workspace_id, Absence.person_id == person_id)
            .order_by(col(Absence.first_day))
        )
    )


def _calendars(tx: Tx, workspace_id: str, engagement_ids: Collection[UUID]) -> dict[tuple[UUID, Side], SideCalendar]:
    rows = tx.session.exec(_holidays(), params=at(workspace_id, named=engagement_ids))
    return {(row.engagement_id, row.side): _calendar(row) for row in rows}


@cache
def _holidays() -> SelectOfScalar[SideHolidays]:
    return select(SideHolidays).where(is_named(SideHolidays, SideHolidays.engagement_id))


@cache
def _away() -> SelectOfScalar[Absence]:
    return select(Absence).where(is_named(Absence, Absence.person_id))


def _calendar(row: SideHolidays) -> SideCalendar:
    return SideCalendar(
        country=row.country,
        subdivision=row.subdivision,
        own_days=tuple((date.fromisoformat(day), name) for day, name in sorted(row.own_days.items())),
        working_on=frozenset(date.fromisoformat(day) for day in row.working_on),
    )


def _absences(tx: Tx, workspace_id: str, person_ids: Collection[UUID]) -> dict[UUID, tuple[tuple[date, date], ...]]:
    rows = tx.session.exec(_away(), params=at(workspace_id, named=person_ids))
    found: dict[UUID, tuple[tuple[date, date], ...]] = {}
    for row in rows:
        found[row.person_id] = (*found.get(row.person_id, ()), (row.first_day, row.last_day))
    return found

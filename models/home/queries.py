"""A person's Home, read in a fixed number of statements, however many engagements they are in."""

from collections.abc import Mapping
from dataclasses import replace
from uuid import UUID

from sqlmodel import col, select

from models.access import Membership, Permission, Role
from models.asks import queries as asks
from models.blockers import queries as blockers
from models.blockers.rules import BlockerState
from models.blockers.views import BlockerLine
from models.cadences.tables import Cadence
from models.calendars.holidays import SideCalendar
from models.calendars.local_time import local_date
from models.calendars.working_time import WorkingHours
from models.checkins import choices
from models.checkins.rules import PENDING, CheckInState
from models.checkins.tables import CheckIn, Prompt
from models.commitments import queries as commitments
from models.db import Tx
from models.engagements import queries as engagements
from models.engagements.queries import Crew
from models.engagements.tables import Engagement, Person
from models.engagements.views import Parties
from models.escalations import waiting
from models.escalations.views import Stake
from models.home import owners
from models.home.views import (
    HomeView,
    OwnCommitment,
    OwnEscalation,
    Seat,
    SharedHome,
    Upcoming,
    WaitingBlocker,
    WaitingQuestion,
)
from models.outbox import homes

_UPCOMING = 8
_PRESSING = (Role.OWNER, Role.LEAD)
"""Who is shown what waits for their side while nobody has taken it."""


def home(tx: Tx, workspace_id: str, person_id: UUID) -> HomeView | None:
    """What a person's Home shows now, with their own rights; none if it was never opened."""
    person = tx.one(Person, workspace_id, person_id)
    row = homes.of_person(tx, workspace_id, person_id)
    if row is None:
        return None
    own = tx.acting_as(engagements.actor(tx, workspace_id, person.slack_user_id, None))
    seats = {place.engagement_id: place for place in own.actor.memberships if place.grants(Permission.ENGAGEMENT_VIEW)}
    today = local_date(tx.now, person.zone)
    if not seats:
        return HomeView(home_id=row.id, today=today, now=tx.now, hours=_hours(person, {}, {}))
    rows = {engagement.id: engagement for engagement in engagements.engagements_of(own) if engagement.id in seats}
    crews = engagements.crews(tx, workspace_id, seats.keys())
    parties = {engagement_id: engagements.parties(tx, engagement) for engagement_id, engagement in rows.items()}
    lines = _open_blockers(tx, workspace_id, crews)
    climbing = waiting.open_in(own, workspace_id, seats.keys())
    board = owners.board(own, rows, crews, lines, climbing, row.page)
    answerable = choices.answerable(own)
    return HomeView(
        home_id=row.id,
        today=today,
        now=tx.now,
        hours=_hours(person, crews, seats),
        seats=tuple(Seat(parties[key], place.side, place.role) for key, place in seats.items()),
        due=tuple(item for item in answerable if item.state is CheckInState.OPEN and item.prompt_state in PENDING),
        late=tuple(item for item in answerable if item.state is CheckInState.CLOSED),
        commitments=_commitments(own, crews, parties),
        blockers=_waiting(seats, lines, parties),
        escalations=tuple(
            OwnEscalation(parties[item.engagement_id], item) for item in waiting.of_seats(own, climbing, seats, crews)
        ),
        questions=_questions(own, seats, crews, parties),
        orphans=_orphans(own, seats, crews, parties),
        upcoming=_upcoming(own, parties),
        health=board.health,
        failures=board.failures,
        page=board.page,
        pages=board.pages,
    )


def shared(tx: Tx, engagement_id: UUID, workspace_id: str, slack_user_id: str) -> SharedHome | None:
    """The same for somebody who asked in the channel: of its engagement alone, nothing private.

    None for who is not on its roster. Left out are hours, absences, what was missed, and all that one side alone knows.
    """
    actor = engagements.actor(tx, workspace_id, slack_user_id, None)
    place = actor.membership(engagement_id)
    if place is None or not place.grants(Permission.ENGAGEMENT_VIEW):
        return None
    own = tx.acting_as(replace(actor, memberships=(place,)))
    parties = {engagement_id: engagements.parties(tx, tx.one(Engagement, workspace_id, engagement_id))}
    crews = engagements.crews(tx, workspace_id, [engagement_id])
    person = crews[engagement_id].members[place.participant_id].person
    climbing = waiting.open_in(own, workspace_id, [engagement_id])
    escalations = waiting.of_seats(own, climbing, {engagement_id: place}, crews)
    return SharedHome(
        name=person.name,
        parties=parties[engagement_id],
        open_now=tuple(item for item in choices.answerable(own) if item.state is CheckInState.OPEN),
        commitments=_commitments(own, crews, parties),
        blockers=_waiting({engagement_id: place}, _open_blockers(tx, workspace_id, crews), parties),
        escalations=tuple(
            OwnEscalation(parties[engagement_id], item) for item in escalations if item.stake is not Stake.CONCERNS
        ),
        questions=_questions(own, {engagement_id: place}, crews, parties),
        upcoming=tuple(replace(item, excuse=None) for item in _upcoming(own, parties) if item.excuse is None),
        today=local_date(tx.now, person.zone),
    )


def _open_blockers(tx: Tx, workspace_id: str, crews: Mapping[UUID, Crew]) -> dict[UUID, tuple[BlockerLine, ...]]:
    """The open blockers of each engagement, the most pressing first."""
    found: dict[UUID, list[BlockerLine]] = {key: [] for key in crews}
    for row in blockers.open_in(tx, workspace_id, crews.keys()):
        found[row.engagement_id].append(blockers.line(tx, crews[row.engagement_id], row, tx.now))
    return {key: blockers.pressing_first(lines) for key, lines in found.items()}


def _commitments(own: Tx, crews: Mapping[UUID, Crew], parties: Mapping[UUID, Parties]) -> tuple[OwnCommitment, ...]:
    """Their own open promises, the earliest due first."""
    return _promises(own, [seat.participant_id for seat in own.actor.memberships], crews, parties)


def _orphans(
    own: Tx, seats: Mapping[UUID, Membership], crews: Mapping[UUID, Crew], parties: Mapping[UUID, Parties]
) -> tuple[OwnCommitment, ...]:
    """Open promises of people of their side who cannot act any more: somebody has to take them on."""
    gone = [
        member.participant.id
        for key, seat in seats.items()
        for member in crews[key].members.values()
        if seat.role in _PRESSING and member.participant.side is seat.side and not member.participant.is_active
    ]
    return _promises(own, gone, crews, parties)


def _questions(
    own: Tx, seats: Mapping[UUID, Membership], crews: Mapping[UUID, Crew], parties: Mapping[UUID, Parties]
) -> tuple[WaitingQuestion, ...]:
    """Questions that wait for them; for owners and leads also those that wait for their side."""
    found = []
    for row in asks.open_in(own, own.actor.workspace_id, seats.keys()):
        seat, line = seats[row.engagement_id], asks.line(own, crews[row.engagement_id], row, own.now)
        awaited = line.asked if line.turn is line.asked_side else line.asker
        is_theirs = awaited is not None and awaited.participant_id == seat.participant_id
        if line.turn is seat.side and (is_theirs or seat.role in _PRESSING):
            found.append(WaitingQuestion(parties[row.engagement_id], line))
    return tuple(sorted(found, key=lambda item: (not item.line.is_overdue, item.line.asked_at)))


def _promises(
    own: Tx, participant_ids: list[UUID], crews: Mapping[UUID, Crew], parties: Mapping[UUID, Parties]
) -> tuple[OwnCommitment, ...]:
    rows = commitments.open_of_all(own, own.actor.workspace_id, participant_ids)
    everybody = Crew({key: member for crew in crews.values() for key, member in crew.members.items()})
    lines = commitments.lines(own, everybody, rows)
    return tuple(OwnCommitment(parties[row.engagement_id], line) for row, line in zip(rows, lines, strict=True))


def _waiting(
    seats: Mapping[UUID, Membership], lines: Mapping[UUID, tuple[BlockerLine, ...]], parties: Mapping[UUID, Parties]
) -> tuple[WaitingBlocker, ...]:
    """What waits for the person; for owners and leads also what waits for their side and is nobody's."""
    own, side = [], []
    for key, found in lines.items():
        seat = seats[key]
        for line in found:
            if line.acting is not None and line.acting.participant_id == seat.participant_id:
                own.append(WaitingBlocker(parties[key], line, is_own=True))
            elif line.state is BlockerState.OPEN and line.acting_side is seat.side and seat.role in _PRESSING:
                side.append(WaitingBlocker(parties[key], line, is_own=False))
    return (*own, *side)


def _upcoming(own: Tx, parties: Mapping[UUID, Parties]) -> tuple[Upcoming, ...]:
    """The check-ins laid down for them, the nearest first."""
    rows = own.session.exec(
        select(Prompt, Cadence.title)
        .join(CheckIn, (col(CheckIn.id) == Prompt.checkin_id) & (col(CheckIn.workspace_id) == Prompt.workspace_id))
        .join(Cadence, (col(Cadence.id) == CheckIn.cadence_id) & (col(Cadence.workspace_id) == Prompt.workspace_id))
        .where(
            Prompt.workspace_id == own.actor.workspace_id,
            col(Prompt.participant_id).in_([seat.participant_id for seat in own.actor.memberships]),
            Prompt.ask_at > own.now,
            col(CheckIn.state).in_([CheckInState.SCHEDULED, CheckInState.OPEN]),
        )
        .order_by(col(Prompt.ask_at))
        .limit(_UPCOMING)
    )
    return tuple(
        Upcoming(parties[prompt.engagement_id], title, prompt.ask_at, prompt.excuse if prompt.excuse else None)
        for prompt, title in rows
        if prompt.engagement_id in parties
    )


def _hours(person: Person, crews: Mapping[UUID, Crew], seats: Mapping[UUID, Membership]) -> WorkingHours:
    if not seats:
        return engagements.working_hours(person, SideCalendar())
    key, seat = next(iter(seats.items()))
    return crews[key].members[seat.participant_id].hours

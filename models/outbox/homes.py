"""The Home tabs that were opened: kept true after every change that concerns them, by one hook before each commit.

Nobody has to remember to say that a Home has changed: what a transaction wrote is known (`Tx.changes`), and each table
says whom it reaches (`Row.reach`). A Home that nobody ever opened costs nothing and is never published.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import CompoundSelect, Select, bindparam
from sqlalchemy import select as select_columns
from sqlmodel import col, select, union_all

from models.access import Role, Side
from models.base import Reach, Row, new_id
from models.changes import Change
from models.db import Database, Tx
from models.engagements.tables import Engagement, Participant, Person
from models.outbox.rules import Operation, OutboxState, Place
from models.outbox.tables import Home, OutboxMessage
from models.prepared import at, is_at

KIND = "home"
_TROUBLE = frozenset({OutboxState.DEAD, OutboxState.UNSURE})
_MOST_NAMED = 500
"""Beyond so many it is cheaper to read all Homes of the workspace than to name whose."""
_UNSEEN = frozenset({"dm_channel_id", "belongs", "seen_in"})
"""Columns that no Home shows."""


def watch(db: Database) -> None:
    """Keep Homes true after everything that is written through this database object."""
    db.before_commit.append(announce)


def opened(tx: Tx, view_hash: str | None) -> bool:
    """The actor opened their Home, which Slack shows with this hash. False for somebody no roster ever named."""
    engagement_id = _any_engagement(tx)
    if tx.actor.person_id is None or engagement_id is None:
        return False
    home = of_person(tx, tx.actor.workspace_id, tx.actor.person_id)
    if home is None:
        home = tx.add(Home(workspace_id=tx.actor.workspace_id, person_id=tx.actor.person_id, opened_at=tx.now))
    home.opened_at, home.view_hash = tx.now, view_hash
    tx.session.flush()
    _publish(tx, {home.person_id: (home.workspace_id, engagement_id)})
    return True


def turn(tx: Tx, pages: int) -> None:
    """The actor turns so many pages on in their Home (back, if negative)."""
    engagement_id = _any_engagement(tx)
    home = of_person(tx, tx.actor.workspace_id, tx.actor.person_id) if tx.actor.person_id else None
    if home is not None and engagement_id is not None:
        home.page = max(0, home.page + pages)
        _publish(tx, {home.person_id: (home.workspace_id, engagement_id)})


def of_person(tx: Tx, workspace_id: str, person_id: UUID) -> Home | None:
    """A person's Home, if it was opened."""
    return tx.session.exec(_HOME, params=at(workspace_id, of=person_id)).one_or_none()


_HOME = select(Home).where(is_at(Home, Home.person_id, "of"))


def shown(tx: Tx, row: OutboxMessage, view_hash: str) -> None:
    """What Slack shows now has this hash; an empty one: nobody knows."""
    if row.person_id and (home := of_person(tx, row.workspace_id, row.person_id)):
        home.view_hash = view_hash or None


def forget(tx: Tx, row: OutboxMessage) -> None:
    """This Home cannot be shown: nothing more is published until it is opened again."""
    if row.person_id and (home := of_person(tx, row.workspace_id, row.person_id)):
        tx.session.delete(home)


def announce(tx: Tx) -> None:
    """Publish every opened Home that what this transaction wrote may have changed."""
    reached = _Reached()
    for change in tx.changes:
        reached.add(change)
    for workspace_id, person_ids in tx.touched.items():
        reached.workspaces.add(workspace_id)
        reached.people |= person_ids
    if reached:
        _publish(tx, _homes(tx, reached))


@dataclass
class _Reached:
    """Whose Homes: by person, by place on a roster, by engagement, and the owners of engagements."""

    workspaces: set[str] = field(default_factory=set)
    people: set[UUID] = field(default_factory=set)
    participants: set[UUID] = field(default_factory=set)
    engagements: set[UUID] = field(default_factory=set)
    owned: set[UUID] = field(default_factory=set)

    def __bool__(self) -> bool:
        return bool(self.workspaces)

    def __len__(self) -> int:
        return len(self.people) + len(self.participants) + len(self.engagements) + len(self.owned)

    def includes(self, seat: "_Seat") -> bool:
        """Whether the Home of somebody who sits there is among them."""
        is_owner = seat.role is Role.OWNER and seat.side is Side.INHOUSE
        return (
            seat.person_id in self.people
            or seat.participant_id in self.participants
            or seat.engagement_id in self.engagements
            or (is_owner and seat.engagement_id in self.owned)
        )

    def add(self, change: Change) -> None:
        """Whom this change reaches."""
        row = change.row
        if isinstance(row, OutboxMessage):
            if row.operation is not Operation.PUBLISH and _TROUBLE & {row.state, change.before.get("state")}:
                self._note(row, self.owned, row.engagement_id)
        elif row.reach is Reach.ENGAGEMENT:
            engagement_id = row.id if isinstance(row, Engagement) else getattr(row, "engagement_id", None)
            self._note(row, self.engagements, engagement_id)
        elif row.reach is Reach.PERSON and not (change.before and change.before.keys() <= _UNSEEN):
            person_id = row.id if isinstance(row, Person) else getattr(row, "person_id", None)
            self._note(row, self.people, person_id)
            self._note(row, self.participants, getattr(row, "participant_id", None))
            self._note(row, self.owned, getattr(row, "engagement_id", None))

    def _note(self, row: Row, found: set[UUID], value: UUID | None) -> None:
        if value is not None:
            found.add(value)
            self.workspaces.add(row.workspace_id)


class _Seat(NamedTuple):
    """A place on a roster of somebody whose Home was opened."""

    workspace_id: str
    person_id: UUID
    participant_id: UUID
    engagement_id: UUID
    side: Side
    role: Role


_Found = dict[UUID, tuple[str, UUID]]
"""The workspace of each person, and an engagement of theirs."""
_COLUMNS: tuple[Any, ...] = (
    Home.workspace_id, Home.person_id, Participant.id, Participant.engagement_id, Participant.side, Participant.role
)  # fmt: skip
_SEATS: Select[Any] = select_columns(*_COLUMNS).where(
    col(Participant.workspace_id) == Home.workspace_id, col(Participant.person_id) == Home.person_id
)


def _homes(tx: Tx, reached: _Reached) -> _Found:
    found = (_Seat(*row) for row in _seats(tx, reached))
    return {seat.person_id: (seat.workspace_id, seat.engagement_id) for seat in found if reached.includes(seat)}


_WAYS = {"people": Home.person_id, "participants": Participant.id, "engagements": Participant.engagement_id}
"""Columns by which somebody is reached."""


def _seats(tx: Tx, reached: _Reached) -> Iterable[Any]:
    named = {
        "people": reached.people,
        "participants": reached.participants,
        "engagements": reached.engagements | reached.owned,
    }
    ways = tuple(way for way, ids in named.items() if ids) if len(reached) <= _MOST_NAMED else ()
    where = {way: list(named[way]) for way in ways} | {"workspaces": list(reached.workspaces)}
    return tx.session.execute(_reached_by(ways), where)


@cache
def _reached_by(ways: tuple[str, ...]) -> Select[Any] | CompoundSelect[Any]:
    """A search for each way of being reached, each served by its own index; without any, all are looked at."""
    seats = _SEATS.where(col(Home.workspace_id).in_(bindparam("workspaces", expanding=True)))
    parts = [seats.where(col(_WAYS[way]).in_(bindparam(way, expanding=True))) for way in ways]
    return union_all(*parts) if len(parts) > 1 else (*parts, seats)[0]


def _any_engagement(tx: Tx) -> UUID | None:
    """One on whose roster the actor is, or was; none if no roster ever named them."""
    if tx.actor.memberships:
        return tx.actor.memberships[0].engagement_id
    places = select(Participant.engagement_id).where(
        Participant.workspace_id == tx.actor.workspace_id, Participant.person_id == tx.actor.person_id
    )
    return tx.session.exec(places.limit(1)).first()


def _publish(tx: Tx, found: _Found) -> None:
    """Let each be published, unless that waits already.

    What waits is locked, so that nobody begins to render it before this change is committed; what somebody begins to
    render just now is passed over, and published once more.
    """
    if not found:
        return
    lanes = {_lane(person_id): person_id for person_id in found}
    where = {"workspaces": list({workspace_id for workspace_id, _ in found.values()}), "lanes": list(lanes)}
    pending = set(tx.session.exec(_WAITING, params=where))
    for lane in sorted(lanes.keys() - pending):
        tx.add(_publication(tx, lane, lanes[lane], *found[lanes[lane]]))
    tx.session.flush()


_WAITING = (
    select(OutboxMessage.lane)
    .where(
        col(OutboxMessage.workspace_id).in_(bindparam("workspaces", expanding=True)),
        col(OutboxMessage.lane).in_(bindparam("lanes", expanding=True)),
        OutboxMessage.operation == Operation.PUBLISH,
        OutboxMessage.state == OutboxState.READY,
    )
    .with_for_update(skip_locked=True)
)


def _lane(person_id: UUID) -> str:
    return f"home:{person_id}"


def _publication(tx: Tx, lane: str, person_id: UUID, workspace_id: str, engagement_id: UUID) -> OutboxMessage:
    return OutboxMessage(
        workspace_id=workspace_id,
        engagement_id=engagement_id,
        key=f"{Operation.PUBLISH}:{new_id()}",
        kind=KIND,
        operation=Operation.PUBLISH,
        subject_id=person_id,
        place=Place.HOME,
        person_id=person_id,
        post_key=lane,
        lane=lane,
        not_before=tx.wall,
        written_at=tx.now,
    )

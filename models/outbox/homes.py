"""The Home tabs that were opened: kept true after every change that concerns them, by one hook before each commit.

Nobody has to remember to say that a Home has changed: what a transaction wrote is known (`Tx.changes`), and each table
says whom it reaches (`Row.reach`). A Home that nobody ever opened costs nothing and is never published.
"""

from dataclasses import dataclass, field
from uuid import UUID

from sqlmodel import and_, col, or_, select

from models.access import Role, Side
from models.base import Reach, Row, new_id
from models.db import Change, Database, Tx
from models.engagements.tables import Engagement, Participant, Person
from models.outbox.rules import Operation, OutboxState, Place
from models.outbox.tables import Home, OutboxMessage

KIND = "home"
_TROUBLE = frozenset({OutboxState.DEAD, OutboxState.UNSURE})
_MOST_NAMED = 500
"""Beyond so many it is cheaper to read all Homes of the workspace than to name whose."""
_UNSEEN = frozenset({"dm_channel_id"})
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
    _publish(tx, {home.person_id: (home, engagement_id)})
    return True


def turn(tx: Tx, pages: int) -> None:
    """The actor turns so many pages on in their Home (back, if negative)."""
    engagement_id = _any_engagement(tx)
    home = of_person(tx, tx.actor.workspace_id, tx.actor.person_id) if tx.actor.person_id else None
    if home is not None and engagement_id is not None:
        home.page = max(0, home.page + pages)
        _publish(tx, {home.person_id: (home, engagement_id)})


def of_person(tx: Tx, workspace_id: str, person_id: UUID) -> Home | None:
    """A person's Home, if it was opened."""
    return tx.session.exec(
        select(Home).where(Home.workspace_id == workspace_id, Home.person_id == person_id)
    ).one_or_none()


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

    def includes(self, home: Home, place: Participant) -> bool:
        """Whether the Home of somebody with this place is among them."""
        is_owner = place.role is Role.OWNER and place.side is Side.INHOUSE
        return (
            home.person_id in self.people
            or place.id in self.participants
            or place.engagement_id in self.engagements
            or (is_owner and place.engagement_id in self.owned)
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


_Found = dict[UUID, tuple[Home, UUID]]
"""Homes by person, each with an engagement of theirs."""


def _homes(tx: Tx, reached: _Reached) -> _Found:
    same = and_(
        col(Participant.workspace_id) == col(Home.workspace_id), col(Participant.person_id) == col(Home.person_id)
    )
    statement = select(Home, Participant).join(Participant, same).where(col(Home.workspace_id).in_(reached.workspaces))
    if len(reached) <= _MOST_NAMED:
        statement = statement.where(
            or_(
                col(Home.person_id).in_(reached.people),
                col(Participant.id).in_(reached.participants),
                col(Participant.engagement_id).in_(reached.engagements | reached.owned),
            )
        )
    found = tx.session.exec(statement)
    return {home.person_id: (home, place.engagement_id) for home, place in found if reached.includes(home, place)}


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
    waiting = select(OutboxMessage.lane).where(
        col(OutboxMessage.workspace_id).in_({home.workspace_id for home, _ in found.values()}),
        col(OutboxMessage.lane).in_(lanes),
        OutboxMessage.operation == Operation.PUBLISH,
        OutboxMessage.state == OutboxState.READY,
    )
    pending = set(tx.session.exec(waiting.with_for_update(skip_locked=True)))
    for lane in sorted(lanes.keys() - pending):
        tx.add(_publication(tx, lane, *found[lanes[lane]]))
    tx.session.flush()


def _lane(person_id: UUID) -> str:
    return f"home:{person_id}"


def _publication(tx: Tx, lane: str, home: Home, engagement_id: UUID) -> OutboxMessage:
    return OutboxMessage(
        workspace_id=home.workspace_id,
        engagement_id=engagement_id,
        key=f"{Operation.PUBLISH}:{new_id()}",
        kind=KIND,
        operation=Operation.PUBLISH,
        subject_id=home.person_id,
        place=Place.HOME,
        person_id=home.person_id,
        post_key=lane,
        lane=lane,
        not_before=tx.now,
        written_at=tx.now,
    )

"""Posts of which nobody knows whether they are in Slack: which to look for where, and what follows from it."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from models.access import system_only
from models.db import Tx
from models.outbox import gates, posts
from models.outbox.conditions import is_held
from models.outbox.delivery import LEASE
from models.outbox.gates import Pace
from models.outbox.posts import Spot
from models.outbox.rules import OPEN_STATES, Operation, OutboxState
from models.outbox.tables import OutboxMessage
from models.outbox.targets import Target, around, destination
from models.outbox.transitions import again, close, doubt
from models.prepared import WALL, at

SKEW = timedelta(minutes=10)
"""How much Slack's clock may be behind the sender's: twice as much as lets Slack's requests be refused."""
LONG = timedelta(days=30)
"""How far back is looked where it is not known when something was sent. What is too much to read stays unsure."""
SOON = timedelta(minutes=1)
LATE = timedelta(minutes=5)
"""When a place that could not be read is looked at again, at first and in the end."""


@dataclass(frozen=True, slots=True)
class Place:
    """One channel, or one thread in it: what one read shows."""

    workspace_id: str
    channel_id: str
    thread_ts: str | None


@dataclass(frozen=True, slots=True)
class Search:
    """Which posts to look for in one place, and from when on (domain clock)."""

    place: Place
    messages: tuple[UUID, ...]
    oldest: datetime


def take(
    tx: Tx, workspace_id: str, wall: datetime, *, limit: int = 100, pace: Pace = gates.SLACK
) -> tuple[tuple[Search, ...], int]:
    """The searches to make now, as far as the gate for reading lets pass, and how many messages were looked at.

    Each search is this worker's for a lease.
    """
    system_only(tx)
    statement = _due().limit(limit).with_for_update(skip_locked=True)
    rows = tx.session.exec(statement, params=at(workspace_id, wall)).all()
    near = around(tx, workspace_id, rows)
    found: defaultdict[Place, list[OutboxMessage]] = defaultdict(list)
    for row in rows:
        where = destination(row, near, wall)
        if row.post_key in near.posts:
            close(row, OutboxState.SENT)
        elif isinstance(where, Target) and where.channel_id:
            found[Place(workspace_id, where.channel_id, where.thread_ts)].append(row)
        elif isinstance(where, Target):
            again(row, wall, "no direct message was open")  # it is opened and stored before anything is posted
        else:
            close(row, where.state, where.reason)
    searches = []
    for place, unsure in found.items():
        if opens := gates.take(tx, workspace_id, gates.HISTORY, pace, wall):
            _look_later(unsure, opens)
            continue
        _look_later(unsure, wall + LEASE)
        oldest = min(row.first_sent_at or row.written_at for row in unsure) - SKEW
        if oldest > tx.now:
            oldest = tx.now - LONG  # by a clock that was ahead: nobody knows when it was
        searches.append(Search(place, tuple(row.id for row in unsure), oldest))
    return tuple(searches), len(rows)


def settle(tx: Tx, search: Search, wall: datetime, found: Mapping[UUID, Sequence[str]], *, is_whole: bool) -> None:
    """What the search showed: there, so it is sent; not there, so it is sent again; not seen to the end: no idea."""
    system_only(tx)
    for row in _still_unsure(tx, search):
        stamps = found.get(row.id, ())
        if stamps:
            posts.adopt(tx, row, [Spot(search.place.channel_id, ts, search.place.thread_ts) for ts in stamps])
        elif is_whole:
            again(row, wall, "not found")
        else:
            row.error = "too much was written since to look for it"


def unreadable(tx: Tx, search: Search, code: str, wall: datetime, wait: timedelta | None = None) -> None:
    """The place could not be read: it stays unsure, visible, and is looked for again after `wait`.

    None given: after a quarter of the time it has been unsure for, but no sooner than `SOON` and no later than `LATE`.
    """
    system_only(tx)
    for row in _still_unsure(tx, search):
        unsure_for = tx.now - (row.first_sent_at or row.written_at)
        row.error, row.not_before = code, wall + (wait or min(max(unsure_for / 4, SOON), LATE))


def doubt_all(tx: Tx, wall: datetime) -> int:
    """Whatever waits may be in Slack already: the database was brought back from a backup. How many posts there are."""
    system_only(tx)
    waiting = col(OutboxMessage.state).in_(OPEN_STATES)
    rows = tx.session.exec(select(OutboxMessage).where(waiting, OutboxMessage.operation == Operation.POST)).all()
    for row in rows:
        doubt(row, wall, "restored from a backup")
    return len(rows)


def lost(tx: Tx, search: Search, code: str) -> None:
    """The thread itself is gone: there is nothing to look for, and nowhere to post it."""
    system_only(tx)
    for row in _still_unsure(tx, search):
        close(row, OutboxState.DEAD, code)


@cache
def _due() -> SelectOfScalar[OutboxMessage]:
    statement = select(OutboxMessage).where(is_held(OutboxState.UNSURE), col(OutboxMessage.not_before) <= WALL)
    return statement.order_by(col(OutboxMessage.lease_until))


def _still_unsure(tx: Tx, search: Search) -> Sequence[OutboxMessage]:
    statement = select(OutboxMessage).where(
        OutboxMessage.workspace_id == search.place.workspace_id,
        col(OutboxMessage.id).in_(search.messages),
        OutboxMessage.state == OutboxState.UNSURE,
    )
    return tx.session.exec(statement.order_by(col(OutboxMessage.id)).with_for_update()).all()


def _look_later(rows: Sequence[OutboxMessage], moment: datetime) -> None:
    for row in rows:
        row.not_before = moment

"""What may be sent now: claims, and what becomes of leases that are over.

All times are the wall clock's, passed in; only `first_sent_at` is the domain's. A message goes
ready → leased → sent; a post whose outcome nobody knows goes through unsure (`models.outbox.doubts`).
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Integer,
    Update,
    and_,
    bindparam,
    delete,
    exists,
    func,
    or_,
    sql,
    union_all,
    update,
)
from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from models.access import system_only
from models.db import Tx
from models.outbox import gates
from models.outbox.conditions import WORKER, is_head, is_held, is_open
from models.outbox.gates import Pace
from models.outbox.rules import Operation, OutboxState, base_key
from models.outbox.tables import Gate, OutboxMessage
from models.outbox.targets import Target, Verdict, around, target
from models.outbox.transitions import HOLD, WAIT
from models.prepared import NOW, WALL, WORKSPACE, at, is_named

LEASE = timedelta(seconds=60)
GRACE = timedelta(seconds=5)
"""How much longer than its lease a worker is left alone."""
FURTHEST = timedelta(days=1)
"""Nothing is put off for so long: what stands further ahead was written by a clock that was ahead."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A message that one worker may send, until `lease_until`."""

    message: OutboxMessage
    target: Target
    lease_until: datetime

    @property
    def key(self) -> str:
        """The opaque key in the metadata of the post."""
        return self.message.id.hex


@dataclass(frozen=True, slots=True)
class Batch:
    """What one claim gave: messages to send, and how many moved on without being sent."""

    claims: tuple[Claim, ...] = ()
    moved: int = 0


def claim(
    tx: Tx,
    workspace_id: str,
    worker: str,
    wall: datetime,
    *,
    limit: int,
    pace: Pace = gates.SLACK,
    lease: timedelta = LEASE,
) -> Batch:
    """Lease the heads of lanes whose gates are free, oldest first, and pass the gates for them."""
    system_only(tx)
    reaped = reap(tx, workspace_id, wall)
    keys = [gates.WORKSPACE, *gates.OF_OPERATION.values()]
    free_at = gates.touch(tx, workspace_id, dict.fromkeys(keys))
    if free_at[gates.WORKSPACE] > wall:
        return Batch(moved=reaped)
    allowed = {op: pace.gates[key].allowed(free_at[key], wall, limit) for op, key in gates.OF_OPERATION.items()}
    heads = _heads(tx, workspace_id, wall, {op: most for op, most in allowed.items() if most})
    claims, settled = _decide(tx, workspace_id, heads[:limit], wall, lease)
    _lease(tx, workspace_id, [one.message for one in claims], worker, wall + lease)
    _pass_gates(tx, workspace_id, claims, free_at, wall, pace)
    return Batch(tuple(claims), settled + reaped)


def reap(tx: Tx, workspace_id: str, wall: datetime) -> int:
    """Take back what a worker left: a post may be there, everything else may be done again. How many there were."""
    where = at(workspace_id, wall - GRACE)
    if tx.beside(_expired(), where).scalar() is None:
        return 0
    expired = and_(is_held(OutboxState.LEASED), col(OutboxMessage.lease_until) < WALL)
    is_post = col(OutboxMessage.operation) == Operation.POST
    common = {"lease_by": None, "not_before": wall}
    again = col(OutboxMessage.attempts) + 1
    posts = _change(tx, and_(expired, is_post), where, **common, state=OutboxState.UNSURE, lease_until=wall + HOLD)
    back = {"state": OutboxState.READY, "lease_until": None, "attempts": again}
    return posts + _change(tx, and_(expired, ~is_post), where, **common, **back)


def end_overlong(tx: Tx, wall: datetime) -> None:
    """End the waits that a clock wrote which was ahead: until its time comes, they would keep a channel silent."""
    system_only(tx)
    tx.beside(delete(Gate).where(col(Gate.free_at) > wall + FURTHEST))
    for column in (col(OutboxMessage.not_before), col(OutboxMessage.lease_until)):
        tx.beside(update(OutboxMessage).where(is_open(), column > wall + FURTHEST).values({column: wall}))


@cache
def _expired() -> SelectOfScalar[UUID]:
    return select(OutboxMessage.id).where(is_held(OutboxState.LEASED), col(OutboxMessage.lease_until) < WALL).limit(1)


def _heads(tx: Tx, workspace_id: str, wall: datetime, most: Mapping[Operation, int]) -> Sequence[OutboxMessage]:
    """Heads that may be sent, oldest first, of each operation so many at the most."""
    if not most:
        return ()
    limits = {_limit(operation).key: count for operation, count in most.items()}
    return tx.session.exec(_all_heads(tuple(most)), params=at(workspace_id, wall) | limits).all()


@cache
def _all_heads(operations: tuple[Operation, ...]) -> SelectOfScalar[OutboxMessage]:
    """One statement for all of them: each finds its heads by its own index."""
    found = [_free_heads(one).limit(_limit(one)).subquery() for one in operations]
    ids = union_all(*(sql.select(heads.c.id) for heads in found))
    return (
        select(OutboxMessage)
        .where(col(OutboxMessage.workspace_id) == WORKSPACE, col(OutboxMessage.id).in_(ids))
        .order_by(col(OutboxMessage.id))
        .with_for_update(skip_locked=True)
    )


def _limit(operation: Operation) -> BindParameter[int]:
    return bindparam(f"most_{operation}", type_=Integer())


@cache
def _free_heads(operation: Operation) -> SelectOfScalar[UUID]:
    statement = (
        select(OutboxMessage.id)
        .where(is_head(operation))
        .where(or_(col(OutboxMessage.attempts) == 0, col(OutboxMessage.not_before) <= WALL))
        .order_by(col(OutboxMessage.id))
    )
    if operation is Operation.POST:
        closed = exists().where(
            col(Gate.workspace_id) == WORKSPACE,
            col(Gate.key) == col(OutboxMessage.lane),
            col(Gate.free_at) > WALL,
        )
        statement = statement.where(~closed)
    return statement


def _decide(
    tx: Tx, workspace_id: str, rows: Sequence[OutboxMessage], wall: datetime, lease: timedelta
) -> tuple[list[Claim], int]:
    """Find each message's target; settle those that are not to be sent, and the edits that another one covers."""
    if not rows:
        return [], 0
    near = around(tx, workspace_id, rows)
    if behind := {row.id: parent.id for row in rows if (parent := near.behind(row, wall)) is not None}:
        return _decide(tx, workspace_id, _answered_first(tx, workspace_id, rows, behind), wall, lease)
    claims: list[Claim] = []
    settled = 0
    for row in rows:
        found = target(row, near, wall)
        if isinstance(found, Target):
            claims.append(Claim(row, found, wall + lease))
        else:
            _settle(row, found, wall)
            settled += 1
    claimed = {base_key(one.message.post_key): one.message.id for one in claims}
    for row in near.followers:
        shows_all = row.operation in (Operation.REFRESH, Operation.PUBLISH)
        is_covered = shows_all and claimed.get(row.post_key, row.id) != row.id
        if is_covered and row.state is OutboxState.READY:
            _settle(row, Verdict(OutboxState.DROPPED, "another one shows it"), wall)
            settled += 1
    return claims, settled


def _answered_first(
    tx: Tx, workspace_id: str, rows: Sequence[OutboxMessage], behind: Mapping[UUID, UUID]
) -> list[OutboxMessage]:
    """These rows, with what they answer in the place of those `behind` which it waits, unless somebody has taken it."""
    first = (tx.get(OutboxMessage, workspace_id, row_id, lock=True) for row_id in behind.values())
    ready = [row for row in first if row is not None and row.state is OutboxState.READY]
    return [row for row in rows if row.id not in behind] + ready


def _settle(row: OutboxMessage, verdict: Verdict, wall: datetime) -> None:
    row.state, row.error = verdict.state, verdict.reason
    if verdict.state is OutboxState.READY:
        row.attempts, row.not_before = max(row.attempts, 1), wall + WAIT
    if verdict.with_it is not None:
        verdict.with_it.state, verdict.with_it.error = verdict.state, verdict.reason


def _lease(tx: Tx, workspace_id: str, rows: Sequence[OutboxMessage], worker: str, until: datetime) -> None:
    if rows:
        where = at(workspace_id, until, [row.id for row in rows])
        mine = {WORKER.key: worker, NOW.key: tx.now}
        tx.beside(_leasing(), where | mine)


@cache
def _leasing() -> Update:
    """The lease ends at the wall clock given with the statement."""
    first = func.coalesce(col(OutboxMessage.first_sent_at), NOW)
    values = {"state": OutboxState.LEASED, "lease_by": WORKER, "lease_until": WALL, "first_sent_at": first}
    return update(OutboxMessage).where(is_named(OutboxMessage, OutboxMessage.id)).values(values)


def _pass_gates(
    tx: Tx, workspace_id: str, claims: Sequence[Claim], free_at: Mapping[str, datetime], wall: datetime, pace: Pace
) -> None:
    counts = Counter(gates.OF_OPERATION[one.message.operation] for one in claims)
    times = {key: pace.gates[key].after(free_at[key], wall, count) for key, count in counts.items()}
    lanes = {one.message.lane for one in claims if one.message.operation is Operation.POST}
    gates.touch(tx, workspace_id, times | dict.fromkeys(lanes, wall + pace.lane))


def _change(tx: Tx, chosen: ColumnElement[bool], where: Mapping[str, Any], **values: Any) -> int:
    statement = update(OutboxMessage).where(chosen).values(**values)
    return tx.beside(statement, where).rowcount

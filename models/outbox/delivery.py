"""What may be sent now: claims, expired leases, and when to look again.

All times are the wall clock's, passed in; only `first_sent_at` is the domain's. A message goes
ready → leased → sent; a post whose outcome nobody knows goes through unsure (`models.outbox.doubts`).
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, case, exists, func, literal, or_, text, update
from sqlalchemy.orm import aliased
from sqlmodel import col, select
from sqlmodel.sql.sqltypes import UTCDateTime

from models.access import system_only
from models.db import Tx
from models.outbox import gates
from models.outbox.gates import Pace
from models.outbox.rules import Operation, OutboxState, base_key
from models.outbox.tables import Gate, OutboxMessage
from models.outbox.targets import Target, Verdict, around, target
from models.outbox.transitions import HOLD, WAIT

LEASE = timedelta(seconds=60)
GRACE = timedelta(seconds=5)
"""How much longer than its lease a worker is left alone."""

_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
_OPEN = "outbox_message.state IN ('ready', 'leased', 'unsure')"


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
    """What one claim gave: messages to send, and how many were settled without sending."""

    claims: tuple[Claim, ...] = ()
    settled: int = 0


def workspaces(tx: Tx) -> tuple[str, ...]:
    """Workspaces in which something is still to be done: one probe of an index each."""
    system_only(tx)
    found: list[str] = []
    while True:
        after = found[-1] if found else ""
        statement = select(OutboxMessage.workspace_id).where(OutboxMessage.workspace_id > after, text(_OPEN))
        first = tx.session.exec(statement.order_by(col(OutboxMessage.workspace_id)).limit(1)).first()
        if first is None:
            return tuple(found)
        found.append(first)


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
    reap(tx, workspace_id, wall)
    keys = [gates.WORKSPACE, *gates.OF_OPERATION.values()]
    free_at = gates.touch(tx, workspace_id, dict.fromkeys(keys))
    if free_at[gates.WORKSPACE] > wall:
        return Batch()
    heads: list[OutboxMessage] = []
    for operation, key in gates.OF_OPERATION.items():
        if allowed := pace.gates[key].allowed(free_at[key], wall, limit):
            heads += _heads(tx, workspace_id, operation, wall, allowed)
    batch = _decide(tx, workspace_id, sorted(heads, key=lambda row: row.id)[:limit], wall, lease)
    _lease(tx, workspace_id, [one.message for one in batch.claims], worker, wall + lease)
    _pass_gates(tx, workspace_id, batch.claims, free_at, wall, pace)
    return batch


def reap(tx: Tx, workspace_id: str, wall: datetime) -> None:
    """Take back what a worker left: a post may be there, everything else may be done again."""
    expired = and_(
        held(workspace_id, OutboxState.LEASED),
        col(OutboxMessage.lease_until) < wall - GRACE,
    )
    is_post = col(OutboxMessage.operation) == Operation.POST
    common = {"lease_by": None, "not_before": wall}
    _change(tx, and_(expired, is_post), **common, state=OutboxState.UNSURE, lease_until=wall + HOLD)
    again = col(OutboxMessage.attempts) + 1
    _change(tx, and_(expired, ~is_post), **common, state=OutboxState.READY, lease_until=None, attempts=again)


def next_wake(tx: Tx, workspace_id: str, wall: datetime) -> datetime | None:
    """When there will be something to do in a workspace: not before `wall`; none if nothing is open."""
    system_only(tx)
    keys = [gates.WORKSPACE, *gates.OF_OPERATION.values()]
    rows = tx.session.exec(select(Gate).where(Gate.workspace_id == workspace_id, col(Gate.key).in_(keys)))
    free_at = {gate.key: gate.free_at for gate in rows}
    times = [_next_held(tx, workspace_id)]
    for operation, key in gates.OF_OPERATION.items():
        opens = max(free_at.get(gates.WORKSPACE, _LONG_AGO), free_at.get(key, _LONG_AGO))
        if opens <= wall:
            times.append(_next_head(tx, workspace_id, operation, wall))
        elif _has_ready(tx, workspace_id, operation):
            times.append(opens)
    known = [moment for moment in times if moment is not None]
    return max(min(known), wall) if known else None


def held(workspace_id: str, state: OutboxState) -> ColumnElement[bool]:
    """Leased or unsure messages, in the very words of the index that serves this."""
    return and_(
        col(OutboxMessage.workspace_id) == workspace_id,
        text("outbox_message.state IN ('leased', 'unsure')"),
        col(OutboxMessage.state) == state,
    )


def _heads(tx: Tx, workspace_id: str, operation: Operation, wall: datetime, limit: int) -> Sequence[OutboxMessage]:
    statement = (
        select(OutboxMessage)
        .where(_is_head(workspace_id, operation, wall))
        .where(or_(col(OutboxMessage.attempts) == 0, col(OutboxMessage.not_before) <= wall))
        .order_by(col(OutboxMessage.id))
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    if operation is Operation.POST:
        closed = exists().where(
            col(Gate.workspace_id) == workspace_id,
            col(Gate.key) == col(OutboxMessage.lane),
            col(Gate.free_at) > wall,
        )
        statement = statement.where(~closed)
    return tx.session.exec(statement).all()


def _is_head(workspace_id: str, operation: Operation, wall: datetime) -> ColumnElement[bool]:
    """Ready, and the oldest open one of its lane. A subquery with LIMIT, so that it stays one probe of an index."""
    older = aliased(OutboxMessage, name="older")
    first = (
        select(older.id)
        .where(
            older.workspace_id == workspace_id,
            older.lane == OutboxMessage.lane,
            text("older.state IN ('ready', 'leased', 'unsure')"),
            or_(col(older.state) != OutboxState.UNSURE, col(older.lease_until) > wall),
        )
        .order_by(col(older.id))
        .limit(1)
        .correlate(OutboxMessage)
        .scalar_subquery()
    )
    return and_(_ready(workspace_id, operation), col(OutboxMessage.id) == first)


def _ready(workspace_id: str, operation: Operation) -> ColumnElement[bool]:
    """As the index has it: a bound parameter would hide from the database that the partial index serves."""
    return and_(
        col(OutboxMessage.workspace_id) == workspace_id,
        col(OutboxMessage.operation) == operation,
        text("outbox_message.state = 'ready'"),
    )


def _decide(tx: Tx, workspace_id: str, rows: Sequence[OutboxMessage], wall: datetime, lease: timedelta) -> Batch:
    """Find each message's target; settle those that are not to be sent, and the edits that another one covers."""
    if not rows:
        return Batch()
    near = around(tx, workspace_id, rows)
    claims, settled = [], 0
    for row in rows:
        found = target(row, near, wall)
        if isinstance(found, Target):
            claims.append(Claim(row, found, wall + lease))
        else:
            _settle(row, found, wall)
            settled += 1
    claimed = {base_key(one.message.post_key): one.message.id for one in claims}
    for row in near.followers:
        is_covered = row.operation is Operation.REFRESH and claimed.get(row.post_key, row.id) != row.id
        if is_covered and row.state is OutboxState.READY:
            _settle(row, Verdict(OutboxState.DROPPED, "another one shows it"), wall)
            settled += 1
    return Batch(tuple(claims), settled)


def _settle(row: OutboxMessage, verdict: Verdict, wall: datetime) -> None:
    row.state, row.error = verdict.state, verdict.reason
    if verdict.state is OutboxState.READY:
        row.attempts, row.not_before = max(row.attempts, 1), wall + WAIT
    if verdict.with_it is not None:
        verdict.with_it.state, verdict.with_it.error = verdict.state, verdict.reason


def _lease(tx: Tx, workspace_id: str, rows: Sequence[OutboxMessage], worker: str, until: datetime) -> None:
    if not rows:
        return
    first = func.coalesce(col(OutboxMessage.first_sent_at), literal(tx.now, UTCDateTime()))
    chosen = and_(col(OutboxMessage.workspace_id) == workspace_id, col(OutboxMessage.id).in_([row.id for row in rows]))
    _change(tx, chosen, state=OutboxState.LEASED, lease_by=worker, lease_until=until, first_sent_at=first)


def _pass_gates(
    tx: Tx, workspace_id: str, claims: Sequence[Claim], free_at: Mapping[str, datetime], wall: datetime, pace: Pace
) -> None:
    counts = Counter(gates.OF_OPERATION[one.message.operation] for one in claims)
    times = {key: pace.gates[key].after(free_at[key], wall, count) for key, count in counts.items()}
    lanes = {one.message.lane for one in claims if one.message.operation is Operation.POST}
    gates.touch(tx, workspace_id, times | dict.fromkeys(lanes, wall + pace.lane))


def _next_held(tx: Tx, workspace_id: str) -> datetime | None:
    """When the first lease is over, or the first unclear outcome is to be looked at."""
    leased = tx.session.exec(
        select(OutboxMessage)
        .where(held(workspace_id, OutboxState.LEASED))
        .order_by(col(OutboxMessage.lease_until))
        .limit(1)
    ).first()
    unsure = tx.session.exec(
        select(OutboxMessage)
        .where(held(workspace_id, OutboxState.UNSURE))
        .order_by(col(OutboxMessage.not_before))
        .limit(1)
    ).first()
    times = [unsure.not_before] if unsure else []
    if leased and leased.lease_until:
        times.append(leased.lease_until + GRACE + timedelta(milliseconds=1))
    return min(times) if times else None


def _next_head(tx: Tx, workspace_id: str, operation: Operation, wall: datetime) -> datetime | None:
    """When the first head of a lane may be sent, its lane's gate and its own waiting considered."""
    long_ago = literal(_LONG_AGO, UTCDateTime())
    opens: ColumnElement[datetime] = long_ago
    if operation is Operation.POST:
        opens = func.coalesce(col(Gate.free_at), long_ago)
    waits_until = case((col(OutboxMessage.attempts) > 0, col(OutboxMessage.not_before)), else_=long_ago)
    later = case((opens > waits_until, opens), else_=waits_until)
    same_lane = and_(col(Gate.workspace_id) == workspace_id, col(Gate.key) == col(OutboxMessage.lane))
    heads = select(func.min(later)).select_from(OutboxMessage).outerjoin(Gate, same_lane)
    return tx.session.exec(heads.where(_is_head(workspace_id, operation, wall))).first()


def _has_ready(tx: Tx, workspace_id: str, operation: Operation) -> bool:
    return tx.session.exec(select(OutboxMessage.id).where(_ready(workspace_id, operation)).limit(1)).first() is not None


def _change(tx: Tx, chosen: ColumnElement[bool], **values: Any) -> None:
    statement = update(OutboxMessage).where(chosen).values(**values)
    tx.session.execute(statement, execution_options={"synchronize_session": False})

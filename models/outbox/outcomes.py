"""What became of a try to deliver: sent, again later, in doubt, dead; and who has to be told."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from uuid import UUID

from sqlalchemy import Update, and_, or_, update
from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from models.access import system_only
from models.db import Tx
from models.engagements.tables import Engagement
from models.outbox import gates, homes, posts, queries, trouble
from models.outbox.conditions import WORKER
from models.outbox.gates import Pace
from models.outbox.posts import Spot
from models.outbox.rules import MOST_RENDERINGS, Operation, OutboxState, Outcome, Place
from models.outbox.tables import OutboxMessage, Post
from models.outbox.transitions import again, close, doubt
from models.outbox.unreachable import gone, tell_owners
from models.prepared import at, is_named

HALT = timedelta(seconds=60)
"""How long a workspace rests after its token was refused."""
_RENDERING = "rendering: "


@dataclass(frozen=True, slots=True)
class Report:
    """The outcome of one claim. `code` is Slack's or ours, never text. `began_at` is when the call began."""

    message: OutboxMessage
    outcome: Outcome
    code: str = ""
    channel_id: str = ""
    ts: str = ""
    thread_ts: str | None = None
    view_hash: str = ""
    """Of the Home tab that was published."""
    began_at: datetime | None = None
    delay: timedelta = timedelta(0)
    """At least so long nothing of this kind may be tried."""

    @property
    def spot(self) -> Spot:
        """Where the post is."""
        return Spot(self.channel_id, self.ts, self.thread_ts)


def record(tx: Tx, worker: str, wall: datetime, reports: Sequence[Report], *, pace: Pace = gates.SLACK) -> None:
    """Write down what happened. A worker that lost its lease meanwhile changes nothing, but what it posted counts."""
    system_only(tx)
    for workspace_id in sorted({report.message.workspace_id for report in reports}):
        group = [report for report in reports if report.message.workspace_id == workspace_id]
        ours = _still_ours(tx, workspace_id, worker, [report.message.id for report in group])
        simple = [report for report in group if report.message.id in ours and _is_posted(report)]
        _posted(tx, workspace_id, simple)
        for report in group:
            if report.message.id in ours and not _is_posted(report):
                _settle(tx, _row(tx, report), report, wall)
            elif report.message.id not in ours and _is_posted(report):
                _posted_late(tx, report)
        _move_gates(tx, workspace_id, group, wall, pace)
        _trouble_is_over(tx, workspace_id, simple)


def _still_ours(tx: Tx, workspace_id: str, worker: str, ids: list[UUID]) -> set[UUID]:
    mine = {WORKER.key: worker}
    return set(tx.beside(_leased_by(), at(workspace_id, named=ids) | mine).scalars())


@cache
def _leased_by() -> SelectOfScalar[UUID]:
    return (
        select(OutboxMessage.id)
        .where(
            is_named(OutboxMessage, OutboxMessage.id),
            OutboxMessage.state == OutboxState.LEASED,
            col(OutboxMessage.lease_by) == WORKER,
        )
        .order_by(col(OutboxMessage.id))
        .with_for_update()
    )


def _is_posted(report: Report) -> bool:
    return report.outcome is Outcome.SENT and report.message.operation is Operation.POST


def _row(tx: Tx, report: Report) -> OutboxMessage:
    row = tx.get(OutboxMessage, report.message.workspace_id, report.message.id, lock=True)
    if row is None:
        raise LookupError(f"Message {report.message.id} is gone although it was claimed.")
    return row


def _posted(tx: Tx, workspace_id: str, reports: Sequence[Report]) -> None:
    """The common case, in few statements whatever the number."""
    if not reports:
        return
    chosen = at(workspace_id, named=[report.message.id for report in reports])
    tx.beside(_sent(), chosen)
    keys = [report.message.post_key for report in reports]
    known = set(tx.beside(_known(), at(workspace_id, named=keys)).scalars())
    posts.add(tx, [(one.message, one.spot) for one in reports if one.message.post_key not in known])
    for report in reports:
        if report.message.post_key in known:
            posts.adopt(tx, _row(tx, report), [report.spot])


@cache
def _sent() -> Update:
    values = {"state": OutboxState.SENT, "lease_by": None, "lease_until": None, "error": None}
    return update(OutboxMessage).where(is_named(OutboxMessage, OutboxMessage.id)).values(values)


@cache
def _known() -> SelectOfScalar[str]:
    return select(Post.key).where(is_named(Post, Post.key))


def _posted_late(tx: Tx, report: Report) -> None:
    """A worker that froze past its lease posted after all. Whoever has the message now must not post it too."""
    row = _row(tx, report)
    if row.state is not OutboxState.LEASED:
        posts.adopt(tx, row, [report.spot])
    elif queries.post_by_key(tx, row.workspace_id, row.post_key) is None:
        posts.add(tx, [(row, report.spot)])  # the other worker finds it when it records its own


def _settle(tx: Tx, row: OutboxMessage, report: Report, wall: datetime) -> None:
    if report.outcome is not Outcome.UNSURE:
        row.first_sent_at = None  # for certain nothing of this try can turn up in Slack
    match report.outcome:
        case Outcome.SENT:
            close(row, OutboxState.SENT)
            if row.operation is Operation.DELETE:
                posts.mark_deleted(tx, row.workspace_id, row.post_key)
            if row.operation is Operation.PUBLISH:
                homes.shown(tx, row, report.view_hash)
        case Outcome.STALE:
            homes.shown(tx, row, "")
            again(row, wall, report.code)
        case Outcome.UNSURE:
            doubt(row, wall, report.code)
        case Outcome.LIMITED | Outcome.HALTED | Outcome.RETURNED:
            close(row, OutboxState.READY, report.code)
        case Outcome.FAILED:
            again(row, wall, report.code, report.delay)
        case Outcome.UNWANTED:
            close(row, OutboxState.DROPPED, report.code or None)
        case Outcome.BROKEN:
            _broken(row, report.code, wall)
        case Outcome.REFUSED:
            close(row, OutboxState.DEAD, report.code)
        case Outcome.FORBIDDEN:
            close(row, OutboxState.DEAD, report.code)
            _forbidden(tx, row, report)
        case Outcome.GONE if row.operation is Operation.PUBLISH:
            close(row, OutboxState.DROPPED, report.code)
            homes.forget(tx, row)
        case Outcome.GONE:
            gone(tx, row, report.code, report.channel_id, wall)


def _forbidden(tx: Tx, row: OutboxMessage, report: Report) -> None:
    """Somebody would read it whom it does not concern: it is not sent, and the owners hear of it once."""
    engagement = tx.one(Engagement, row.workspace_id, row.engagement_id)
    if row.place is Place.INHOUSE:
        trouble.found(tx, engagement, Place.INHOUSE, report.code, notice="shared_with_outsiders")
    else:
        tell_owners(tx, row, report.code, report.channel_id)


def _broken(row: OutboxMessage, code: str, wall: datetime) -> None:
    broke_before = (row.error or "").startswith(_RENDERING)
    again(row, wall, _RENDERING + code)
    if broke_before and row.attempts >= MOST_RENDERINGS:
        close(row, OutboxState.DEAD, _RENDERING + code)


def _trouble_is_over(tx: Tx, workspace_id: str, reports: Sequence[Report]) -> None:
    channels = {report.channel_id for report in reports if report.message.place is not Place.DIRECT}
    if not channels:
        return
    for engagement in tx.session.exec(_in_trouble(), params=at(workspace_id, named=channels)):
        if engagement.channel_id in channels:
            trouble.ends(engagement, Place.CHANNEL)
        if engagement.inhouse_channel_id in channels:
            trouble.ends(engagement, Place.INHOUSE)


@cache
def _in_trouble() -> SelectOfScalar[Engagement]:
    """The engagements to which one of the channels named has been trouble."""
    shared, inhouse = (
        and_(is_named(Engagement, channel), col(found).is_not(None))
        for channel, found in (
            (Engagement.channel_id, Engagement.trouble),
            (Engagement.inhouse_channel_id, Engagement.inhouse_trouble),
        )
    )
    return select(Engagement).where(or_(shared, inhouse)).order_by(col(Engagement.id)).with_for_update(key_share=True)


def _move_gates(tx: Tx, workspace_id: str, reports: Sequence[Report], wall: datetime, pace: Pace) -> None:
    """A limit binds every replica; and a lane's next second is counted from when the call really began."""
    times: dict[str, datetime | None] = {}

    def later(key: str, moment: datetime) -> None:
        known = times.get(key)
        times[key] = max(known, moment) if known else moment

    for report in reports:
        message = report.message
        if message.operation is Operation.POST and report.began_at is not None:
            later(message.lane, report.began_at + pace.lane)
        if report.outcome is Outcome.HALTED:
            later(gates.WORKSPACE, wall + HALT)
        if report.outcome is Outcome.LIMITED:
            later(gates.OF_OPERATION[message.operation], wall + report.delay)
            later(message.lane, wall + report.delay)
    gates.touch(tx, workspace_id, times)

"""What becomes of commitments. Called with the answers of the person whose commitments they are."""

from datetime import date
from uuid import UUID

from models.access import Side
from models.activity import service as activity
from models.commitments import queries
from models.commitments.rules import CommitmentState, MoveCause
from models.commitments.tables import Commitment, CommitmentMove
from models.db import Tx
from models.engagements.tables import Engagement


def promise(
    tx: Tx,
    workspace_id: str,
    engagement_id: UUID,
    participant_id: UUID,
    side: Side,
    *,
    what: str,
    due: date,
    checkin_id: UUID | None,
) -> Commitment:
    """Record a promise with its first promised date."""
    engagement = tx.get(Engagement, workspace_id, engagement_id, lock=True)
    if engagement is None:
        raise LookupError(f"Engagement {engagement_id} is gone.")
    engagement.commitment_count += 1
    row = Commitment(
        workspace_id=workspace_id,
        engagement_id=engagement_id,
        number=engagement.commitment_count,
        side=side,
        participant_id=participant_id,
        checkin_id=checkin_id,
        what="",  # type: ignore[arg-type]  # sealed below: the envelope is bound to the row's id
        promised_due=due,
        current_due=due,
        made_at=tx.now,
    )
    row.what = tx.seal(row, "what", what)
    tx.add(row)
    activity.record(tx, "commitment.made", row, after={"due": due.isoformat()})
    return row


def withdraw(tx: Tx, row: Commitment) -> None:
    """Take a promise back by editing the answer it was made in."""
    _close(tx, row, CommitmentState.WITHDRAWN, row.current_due, row.checkin_id)


def keep(tx: Tx, row: Commitment, on: date, checkin_id: UUID | None) -> None:
    """Record that it was delivered on a local date of its owner."""
    _close(tx, row, CommitmentState.KEPT, on, checkin_id)


def drop(tx: Tx, row: Commitment, on: date, reason: str, checkin_id: UUID | None) -> None:
    """Record that it will not be delivered, and why."""
    row.drop_reason = tx.seal(row, "drop_reason", reason)
    _close(tx, row, CommitmentState.DROPPED, on, checkin_id)


def move(tx: Tx, row: Commitment, to: date, cause: MoveCause, reason: str, by_id: UUID, checkin_id: UUID) -> None:
    """Record a new date. A second word on it in the same check-in corrects the first."""
    change = queries.move_in(tx, row, checkin_id)
    if change is None:
        change = CommitmentMove(
            workspace_id=row.workspace_id,
            engagement_id=row.engagement_id,
            commitment_id=row.id,
            from_due=row.current_due,
            to_due=to,
            cause=cause,
            reason="",  # type: ignore[arg-type]  # sealed below
            moved_at=tx.now,
            moved_by_id=by_id,
            checkin_id=checkin_id,
        )
        tx.add(change)
    if change.to_due != to or row.current_due != to:
        activity.record(
            tx, "commitment.moved", row, before={"due": row.current_due.isoformat()}, after={"due": to.isoformat()}
        )
    change.to_due, change.cause = to, cause
    change.reason = tx.seal(change, "reason", reason)
    row.current_due = to


def take_back(tx: Tx, row: Commitment, checkin_id: UUID) -> None:
    """Undo what the same check-in's answer said of it, before an edited answer speaks anew."""
    if row.closed_in_id == checkin_id and row.state in (CommitmentState.KEPT, CommitmentState.DROPPED):
        row.state, row.closed_at, row.closed_on, row.closed_in_id, row.drop_reason = (
            CommitmentState.OPEN,
            None,
            None,
            None,
            None,
        )
        activity.record(tx, "commitment.reopened", row)
    change = queries.move_in(tx, row, checkin_id)
    if change is not None:
        row.current_due = change.from_due
        tx.session.delete(change)
        tx.session.flush()


def _close(tx: Tx, row: Commitment, state: CommitmentState, on: date, checkin_id: UUID | None) -> None:
    row.state, row.closed_at, row.closed_on, row.closed_in_id = state, tx.now, on, checkin_id
    activity.record(tx, f"commitment.{state.value}", row)

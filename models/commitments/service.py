"""What becomes of commitments. Called with the answers of the person whose commitments they are."""

from datetime import date
from uuid import UUID

from models.access import Side
from models.activity import service as activity
from models.calendars.working_time import WorkingHours
from models.commitments import climbing, queries, rules
from models.commitments.rules import CommitmentState, MoveCause
from models.commitments.tables import Commitment, CommitmentMove
from models.db import Tx
from models.engagements import queries as engagements


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
    hours: WorkingHours,
) -> Commitment:
    """Record a promise with its first promised date. `hours` are those of its owner."""
    row = Commitment(
        workspace_id=workspace_id,
        engagement_id=engagement_id,
        number=engagements.next_number(tx, workspace_id, engagement_id, "commitment_count"),
        side=side,
        participant_id=participant_id,
        checkin_id=checkin_id,
        what="",  # type: ignore[arg-type]  # sealed below: the envelope is bound to the row's id
        promised_due=due,
        current_due=due,
        made_at=tx.now,
        due_at=rules.silent_at(due, None, None, hours),
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
    """Record a new date. A second word on it in the same check-in corrects the first, later moves stand."""
    change, after = _move_of(tx, row, checkin_id)
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
    if change.to_due != to or (after is None and row.current_due != to):
        activity.record(
            tx, "commitment.moved", row, before={"due": change.from_due.isoformat()}, after={"due": to.isoformat()}
        )
    change.to_due, change.cause = to, cause
    if tx.unseal(change, "reason") != reason:
        change.reason = tx.seal(change, "reason", reason)
    _link(row, after, to)
    climbing.word(tx, row, None, by_id, f"C-{row.number} was moved to {to.isoformat()}.")


def on_track(tx: Tx, row: Commitment, on: date) -> None:
    """Record that its owner spoke of it on a local date: it is late, perhaps, but not silent."""
    climbing.word(tx, row, on, row.participant_id, f"C-{row.number} is said to be on track.")


def take_back(tx: Tx, row: Commitment, checkin_id: UUID) -> None:
    """Undo what the same check-in's answer said of it and the edited answer does not say any more."""
    if row.closed_in_id == checkin_id and row.state in (CommitmentState.KEPT, CommitmentState.DROPPED):
        row.state, row.closed_at, row.closed_on, row.closed_in_id, row.drop_reason = (
            CommitmentState.OPEN,
            None,
            None,
            None,
            None,
        )
        activity.record(tx, "commitment.reopened", row)
        climbing.set_due(tx, row)
    change, after = _move_of(tx, row, checkin_id)
    if change is not None and row.state is CommitmentState.OPEN:
        _link(row, after, change.from_due)
        tx.session.delete(change)
        tx.session.flush()
        climbing.set_due(tx, row)


def _move_of(tx: Tx, row: Commitment, checkin_id: UUID) -> tuple[CommitmentMove | None, CommitmentMove | None]:
    """The move a check-in's answer made, and the one that followed it."""
    moves = queries.moves(tx, row)
    index = next((number for number, move in enumerate(moves) if move.checkin_id == checkin_id), None)
    if index is None:
        return None, None
    return moves[index], moves[index + 1] if index + 1 < len(moves) else None


def _link(row: Commitment, after: CommitmentMove | None, due: date) -> None:
    """Let what follows a changed move start from its new date: the next move, or the present."""
    if after is None:
        row.current_due = due
    else:
        after.from_due = due


def _close(tx: Tx, row: Commitment, state: CommitmentState, on: date, checkin_id: UUID | None) -> None:
    row.state, row.closed_at, row.closed_on, row.closed_in_id = state, tx.now, on, checkin_id
    activity.record(tx, f"commitment.{state.value}", row)
    climbing.word(tx, row, None, row.participant_id, f"C-{row.number} was {state.value}.")

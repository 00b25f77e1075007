"""Reads of commitments."""

from collections.abc import Collection, Iterable
from uuid import UUID

from sqlmodel import col, select, union
from sqlmodel.sql.expression import SelectOfScalar

from models.commitments.rules import CommitmentState
from models.commitments.tables import Commitment, CommitmentMove
from models.commitments.views import CommitmentLine
from models.db import Tx
from models.engagements.queries import Crew


def open_of(tx: Tx, workspace_id: str, participant_id: UUID, *, lock: bool = False) -> tuple[Commitment, ...]:
    """A participant's open commitments, the earliest due first. With `lock` they stay so until the commit."""
    statement = _open_of_all(workspace_id, [participant_id])
    if lock:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    return tuple(tx.session.exec(statement))


def open_of_all(tx: Tx, workspace_id: str, participant_ids: Collection[UUID]) -> tuple[Commitment, ...]:
    """The same of several participants."""
    return tuple(tx.session.exec(_open_of_all(workspace_id, participant_ids)))


def _open_of_all(workspace_id: str, participant_ids: Collection[UUID]) -> SelectOfScalar[Commitment]:
    return (
        select(Commitment)
        .where(
            Commitment.workspace_id == workspace_id,
            col(Commitment.participant_id).in_(participant_ids),
            Commitment.state == CommitmentState.OPEN,
        )
        .order_by(col(Commitment.current_due), col(Commitment.number))
    )


def made_in(tx: Tx, workspace_id: str, participant_id: UUID, checkin_id: UUID) -> tuple[Commitment, ...]:
    """What a participant promised in a check-in and has not withdrawn."""
    return tuple(
        tx.session.exec(
            select(Commitment)
            .where(
                Commitment.workspace_id == workspace_id,
                Commitment.participant_id == participant_id,
                Commitment.checkin_id == checkin_id,
                Commitment.state != CommitmentState.WITHDRAWN,
            )
            .order_by(col(Commitment.number))
        )
    )


def touched_in(tx: Tx, workspace_id: str, checkin_id: UUID) -> tuple[Commitment, ...]:
    """Commitments that answers of a check-in kept, dropped or moved."""
    closed = select(Commitment.id).where(Commitment.workspace_id == workspace_id, Commitment.closed_in_id == checkin_id)
    moved = select(CommitmentMove.commitment_id).where(
        CommitmentMove.workspace_id == workspace_id, CommitmentMove.checkin_id == checkin_id
    )
    return tuple(
        tx.session.exec(
            select(Commitment)
            .where(
                Commitment.workspace_id == workspace_id,
                col(Commitment.id).in_(union(closed, moved)),
            )
            .order_by(col(Commitment.number))
        )
    )


def promised_in(tx: Tx, workspace_id: str, checkin_id: UUID) -> tuple[Commitment, ...]:
    """Everything promised in a check-in, by anybody."""
    return tuple(
        tx.session.exec(
            select(Commitment)
            .where(
                Commitment.workspace_id == workspace_id,
                Commitment.checkin_id == checkin_id,
                Commitment.state != CommitmentState.WITHDRAWN,
            )
            .order_by(col(Commitment.number))
        )
    )


def moves(tx: Tx, commitment: Commitment) -> tuple[CommitmentMove, ...]:
    """The moves of a commitment, oldest first."""
    return tuple(
        tx.session.exec(
            select(CommitmentMove)
            .where(
                CommitmentMove.workspace_id == commitment.workspace_id, CommitmentMove.commitment_id == commitment.id
            )
            .order_by(col(CommitmentMove.id))
        )
    )


def lines(tx: Tx, crew: Crew, rows: Iterable[Commitment]) -> tuple[CommitmentLine, ...]:
    """Commitments as shown in lists."""
    wanted = list(rows)
    made: dict[UUID, list[CommitmentMove]] = {}
    if wanted:
        found = tx.session.exec(
            select(CommitmentMove)
            .where(
                CommitmentMove.workspace_id == wanted[0].workspace_id,
                col(CommitmentMove.commitment_id).in_([row.id for row in wanted]),
            )
            .order_by(col(CommitmentMove.id))
        )
        for move in found:
            made.setdefault(move.commitment_id, []).append(move)
    return tuple(_line(tx, crew, row, made.get(row.id, [])) for row in wanted)


def _line(tx: Tx, crew: Crew, row: Commitment, moves: list[CommitmentMove]) -> CommitmentLine:
    dropped = row.state is CommitmentState.DROPPED and row.drop_reason
    return CommitmentLine(
        id=row.id,
        number=row.number,
        who=crew.who(row.participant_id),
        what=tx.unseal(row, "what"),
        promised_due=row.promised_due,
        current_due=row.current_due,
        state=row.state,
        moves=len(moves),
        last_cause=moves[-1].cause if moves else None,
        last_reason=tx.unseal(row, "drop_reason") if dropped else tx.unseal(moves[-1], "reason") if moves else "",
    )

"""Reads of commitments."""

from collections.abc import Collection, Iterable
from functools import cache
from uuid import UUID

from sqlmodel import col, select, union
from sqlmodel.sql.expression import SelectOfScalar

from models.commitments.rules import CommitmentState
from models.commitments.tables import Commitment, CommitmentMove
from models.commitments.views import CommitmentLine
from models.db import Tx
from models.engagements.queries import Crew
from models.prepared import WORKSPACE, at, is_at, is_named


def open_of(tx: Tx, workspace_id: str, participant_id: UUID, *, lock: bool = False) -> tuple[Commitment, ...]:
    """A participant's open commitments, the earliest due first. With `lock` they stay so until the commit."""
    return tuple(tx.session.exec(_open_of_all(lock=lock), params=at(workspace_id, named=[participant_id])))


def open_of_all(tx: Tx, workspace_id: str, participant_ids: Collection[UUID]) -> tuple[Commitment, ...]:
    """The same of several participants."""
    return tuple(tx.session.exec(_open_of_all(lock=False), params=at(workspace_id, named=participant_ids)))


@cache
def _open_of_all(*, lock: bool) -> SelectOfScalar[Commitment]:
    is_open = Commitment.state == CommitmentState.OPEN
    statement = select(Commitment).where(is_named(Commitment, Commitment.participant_id), is_open)
    statement = statement.order_by(col(Commitment.current_due), col(Commitment.number))
    return statement.with_for_update().execution_options(populate_existing=True) if lock else statement


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
    return tuple(tx.session.exec(_touched_in(), params=at(workspace_id, checkin=checkin_id)))


@cache
def _touched_in() -> SelectOfScalar[Commitment]:
    closed = select(Commitment.id).where(is_at(Commitment, Commitment.closed_in_id, "checkin"))
    moved = select(CommitmentMove.commitment_id).where(is_at(CommitmentMove, CommitmentMove.checkin_id, "checkin"))
    is_touched = col(Commitment.id).in_(union(closed, moved))
    found = select(Commitment).where(col(Commitment.workspace_id) == WORKSPACE, is_touched)
    return found.order_by(col(Commitment.number))


def promised_in(tx: Tx, workspace_id: str, checkin_id: UUID) -> tuple[Commitment, ...]:
    """Everything promised in a check-in, by anybody."""
    return tuple(tx.session.exec(_PROMISED_IN, params=at(workspace_id, checkin=checkin_id)))


_PROMISED_IN = (
    select(Commitment)
    .where(is_at(Commitment, Commitment.checkin_id, "checkin"), Commitment.state != CommitmentState.WITHDRAWN)
    .order_by(col(Commitment.number))
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
        where = at(wanted[0].workspace_id, named=[row.id for row in wanted])
        for move in tx.session.exec(_MOVES, params=where):
            made.setdefault(move.commitment_id, []).append(move)
    return tuple(_line(tx, crew, row, made.get(row.id, [])) for row in wanted)


_MOVES = (
    select(CommitmentMove)
    .where(is_named(CommitmentMove, CommitmentMove.commitment_id))
    .order_by(col(CommitmentMove.id))
)


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

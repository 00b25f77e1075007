"""The board of a check-in and its report: read models."""

from uuid import UUID

from models.asks import queries as asks
from models.blockers import queries as blockers
from models.blockers.rules import BlockerState
from models.cadences.tables import Cadence
from models.checkins import queries, rules
from models.checkins.rules import CheckInState
from models.checkins.tables import CheckIn, Prompt
from models.checkins.views import Board, BoardLine, Report
from models.commitments import queries as commitments
from models.commitments.rules import CommitmentState
from models.db import Tx
from models.engagements import queries as engagements
from models.engagements.queries import Crew
from models.engagements.tables import Engagement


def board(tx: Tx, workspace_id: str, checkin_id: UUID) -> Board:
    """The state of a check-in at this moment; with the report once it has closed."""
    checkin = tx.one(CheckIn, workspace_id, checkin_id)
    crew = engagements.crew(tx, workspace_id, checkin.engagement_id)
    cadence = tx.one(Cadence, checkin.workspace_id, checkin.cadence_id)
    engagement = tx.one(Engagement, checkin.workspace_id, checkin.engagement_id)
    prompts = queries.prompts(tx, checkin)
    open_rows = blockers.open_rows(tx, checkin.workspace_id, checkin.engagement_id)
    return Board(
        checkin_id=checkin.id,
        parties=engagements.parties(tx, engagement),
        title=cadence.title,
        kind=cadence.kind,
        local_date=checkin.local_date,
        state=checkin.state,
        skip_reason=checkin.skip_reason,
        opens_at=checkin.opens_at,
        closes_at=checkin.closes_at,
        opened_late=bool(checkin.opened_at and checkin.opened_at - checkin.opens_at > rules.NOTICEABLE),
        lines=tuple(sorted((_line(tx, crew, prompt) for prompt in prompts), key=lambda item: item.who.name)),
        blockers=blockers.pressing_first(blockers.lines(tx, crew, open_rows, tx.now)),
        asks=asks.open_lines(tx, crew, checkin.workspace_id, checkin.engagement_id),
        report=_report(tx, checkin, crew) if checkin.state is CheckInState.CLOSED else None,
    )


def _line(tx: Tx, crew: Crew, prompt: Prompt) -> BoardLine:
    return BoardLine(
        who=crew.who(prompt.participant_id),
        state=prompt.state,
        excuse=tx.unseal(prompt, "skip_reason") or prompt.excuse,
        is_late=prompt.is_late,
        ask_at=prompt.ask_at,
        deadline_at=prompt.deadline_at,
        answered_at=prompt.answered_at,
    )


def _report(tx: Tx, checkin: CheckIn, crew: Crew) -> Report:
    """What the answers changed, and who must act first."""
    start = checkin.opened_at or checkin.opens_at
    touched = commitments.lines(tx, crew, commitments.touched_in(tx, checkin.workspace_id, checkin.id))
    promised = commitments.lines(tx, crew, commitments.promised_in(tx, checkin.workspace_id, checkin.id))
    rows = blockers.between(tx, checkin.workspace_id, checkin.engagement_id, start, checkin.closed_at or tx.now)
    changed = blockers.lines(tx, crew, rows, tx.now)
    open_rows = blockers.open_rows(tx, checkin.workspace_id, checkin.engagement_id)
    return Report(
        kept=tuple(item for item in touched if item.state is CommitmentState.KEPT),
        moved=tuple(item for item in touched if item.state is CommitmentState.OPEN),
        dropped=tuple(item for item in touched if item.state is CommitmentState.DROPPED),
        promised=promised,
        raised=tuple(item for item in changed if item.raised_at >= start),
        resolved=tuple(item for item in changed if item.state is BlockerState.RESOLVED),
        act_first=blockers.pressing_first(blockers.lines(tx, crew, open_rows, tx.now)),
    )

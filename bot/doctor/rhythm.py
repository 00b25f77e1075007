"""Checks of the rhythm: does every engagement go on?"""

from collections.abc import Iterator

from sqlmodel import col, select

from bot.doctor.findings import Finding, bad, good, odd
from models.access import Role, Side
from models.cadences.rules import CadenceKind
from models.cadences.tables import Cadence
from models.calendars.local_time import local_clock
from models.checkins.rules import CheckInState
from models.checkins.tables import CheckIn
from models.db import Tx
from models.engagements.rules import EngagementState
from models.engagements.tables import Engagement, Participant
from models.setup import stored
from models.summaries.rules import SummaryState
from models.summaries.tables import WeeklySummary


def engagement(tx: Tx, row: Engagement) -> Iterator[Finding]:
    """What comes next in each cadence, and whether something stands in the way."""
    if row.trouble:
        yield bad(row.key, row.trouble, "Mend it in Slack; posting goes on by itself.")
    if row.state is not EngagementState.ACTIVE:
        yield good(row.key, f"It is {row.state}: nobody is asked.")
        return
    yield from _owner(tx, row)
    cadences = [cadence for cadence in stored.cadence_rows(tx, row) if cadence.is_active]
    if not cadences:
        yield odd(row.key, "It has no cadence: nobody is ever asked.", "Add one to its file and apply it.")
    for cadence in cadences:
        yield _next(tx, row, cadence)


def _owner(tx: Tx, row: Engagement) -> Iterator[Finding]:
    """Somebody in-house must be there to be told when something goes wrong."""
    owns = select(Participant.id).where(
        Participant.workspace_id == row.workspace_id,
        Participant.engagement_id == row.id,
        Participant.side == Side.INHOUSE,
        Participant.role == Role.OWNER,
        col(Participant.is_active).is_(True),
    )
    if tx.session.exec(owns).first() is None:
        remedy = "Name an in-house owner in its file, and apply it."
        yield bad(row.key, "Nobody owns it: what goes wrong is told to nobody.", remedy)


def _next(tx: Tx, row: Engagement, cadence: Cadence) -> Finding:
    what = f"{row.key} {cadence.key}"
    if cadence.due_failures:
        return bad(what, f"Laying down the next one failed: {cadence.due_error}", "See the log; apply its file again.")
    table, state, at = (
        (WeeklySummary, SummaryState.SCHEDULED, WeeklySummary.publishes_at)
        if cadence.kind is CadenceKind.SUMMARY
        else (CheckIn, CheckInState.SCHEDULED, CheckIn.opens_at)
    )
    moment = tx.session.exec(
        select(at)
        .where(table.workspace_id == row.workspace_id, table.cadence_id == cadence.id, table.state == state)
        .order_by(col(at))
        .limit(1)
    ).first()
    if moment is not None:
        local = local_clock(moment, cadence.zone or row.zone)
        return good(what, f"Next on {local:%a %d %b %Y at %H:%M} {local.tzinfo}.")
    if cadence.due_at is not None:
        return odd(what, "The next one is not laid down yet.", "Start the bot: `cadence run`, or `cadence tick` once.")
    return odd(what, "It has come to its end, or nobody is asked.", "Change it in its file, or remove it.")

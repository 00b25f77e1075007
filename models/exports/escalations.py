"""Escalations as exported: one record each, with its times in working minutes of whoever had to act."""

from collections.abc import Iterator
from datetime import timedelta

from sqlmodel import col, select

from models.access import Side
from models.db import Tx
from models.engagements.queries import Crew
from models.engagements.tables import Engagement
from models.escalations import queries
from models.escalations.figures import Case
from models.escalations.measuring import cases
from models.escalations.tables import Escalation
from models.exports.rules import BEGINNING, Record, Wanted, midnight


def escalated(tx: Tx, engagement: Engagement, crew: Crew, wanted: Wanted) -> Iterator[Record]:
    """By number; the dates are those (UTC) on which they were raised, the side is the one that must act.

    One person's are those they raised, or own.
    """
    rows = tx.session.exec(
        select(Escalation)
        .where(
            Escalation.workspace_id == engagement.workspace_id,
            Escalation.engagement_id == engagement.id,
            Escalation.raised_at >= midnight(wanted.first),
            Escalation.raised_at < midnight(wanted.last + timedelta(days=1)),
        )
        .order_by(col(Escalation.number))
    )
    for row in rows:
        if _is_wanted(crew, row, wanted):
            (case,) = cases(tx, (row,), crew, midnight(BEGINNING))
            yield _record(tx, engagement, crew, row, case)


def _record(tx: Tx, engagement: Engagement, crew: Crew, row: Escalation, case: Case) -> Record:
    card = queries.card(tx, row.workspace_id, row.id)
    owners = {side: card.owners.get(side) for side in Side}
    inhouse, vendor = owners[Side.INHOUSE], owners[Side.VENDOR]
    is_late = case.target is not None and not row.acknowledged_at and case.age > case.target
    in_target = case.acknowledged <= case.target if case.acknowledged is not None and case.target else None
    return {
        "engagement": engagement.key,
        "number": f"E-{row.number}",
        "state": row.state.value,
        "severity": row.severity.value,
        "against": row.against.value,
        "cause": row.cause.value,
        "about": row.cause_ref,
        "what": card.line.what,
        "raised_at": row.raised_at,
        "raised_by": card.raised_by.name if card.raised_by else None,
        "level": row.level,
        "owner_inhouse": inhouse.name if inhouse else None,
        "owner_provider": vendor.name if vendor else None,
        "acknowledged_at": row.acknowledged_at,
        "minutes_to_acknowledge": _minutes(case.acknowledged),
        "in_target": False if is_late else in_target,
        "exhausted_at": row.exhausted_at,
        "resolved_at": row.resolved_at,
        "resolved_by": card.resolved_by.name if card.resolved_by else None,
        "minutes_to_resolve": _minutes(case.resolved),
        "reopened": row.reopened_count,
        "last_word": card.last_word.note if card.last_word else None,
    }


def _is_wanted(crew: Crew, row: Escalation, wanted: Wanted) -> bool:
    if wanted.side not in (None, row.against):
        return False
    people = [crew.maybe(found) for found in (row.raised_by_id, row.inhouse_owner_id, row.vendor_owner_id)]
    return wanted.slack_user_id is None or any(who and who.slack_user_id == wanted.slack_user_id for who in people)


def _minutes(length: timedelta | None) -> int | None:
    return round(length.total_seconds() / 60) if length is not None else None

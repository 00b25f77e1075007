"""What is in the way, what climbed, what was asked, and the summaries of the weeks before."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from models.access import Side
from models.asks.rules import AskEvent, AskState
from models.asks.tables import Ask, AskEntry
from models.blockers.rules import BlockerEvent, BlockerState
from models.blockers.tables import Blocker, BlockerEntry
from models.escalations.causes import Cause, EntryKind
from models.escalations.ladders import DEFAULT, Severity, ladder_to
from models.escalations.rules import EscalationState
from models.escalations.tables import Escalation, EscalationEntry, LadderVersion
from models.summaries.queries import FACTS
from models.summaries.rules import SummaryState
from models.summaries.tables import WeeklySummary
from models.summaries.views import Facts
from tests.support.estate.bulk import next_id
from tests.support.estate.engagement import ENGINEER, LEAD, MANAGER, NOW, OWNER, OneEngagement

_FRIDAY = 4
_NOTHING = FACTS.dump_json(
    Facts(
        participation=(),
        on_time=(),
        kept=(),
        moved=(),
        dropped=(),
        overdue=(),
        raised=(),
        resolved=(),
        still_open=(),
        checkins=5,
        skipped_checkins=(),
        missing_inhouse=(),
        trace={},
    )
).decode()


def blockers(one: OneEngagement, days: Sequence[date]) -> None:
    """One on each of these days; the last three are open."""
    for number, day in enumerate(days, 1):
        at = datetime.combine(day, time(9), UTC)
        is_open = number > len(days) - 3
        blocker_id = one.sealed(
            Blocker,
            "what",
            f"No access to archive {number}",
            number=number,
            state=BlockerState.OPEN if is_open else BlockerState.RESOLVED,
            raised_by_id=one.places[ENGINEER],
            raised_side=Side.VENDOR,
            raised_at=at,
            acting_side=Side.INHOUSE,
            acting_id=one.places[LEAD] if number % 2 else None,
            resolved_at=None if is_open else at + timedelta(days=2),
            resolved_by_id=None if is_open else one.places[LEAD],
            prompt_id=next_id(),
            source_key=f"estate:{one.id}:{number}",
            is_escalated=True,
        )
        by = {"blocker_id": blocker_id, "by_id": one.places[ENGINEER]}
        one.add(BlockerEntry, **by, event=BlockerEvent.RAISED, at=at)
        if not is_open:
            one.add(BlockerEntry, **by, event=BlockerEvent.RESOLVED, at=at + timedelta(days=2))


def escalations(one: OneEngagement, days: Sequence[date]) -> None:
    """One on each of these days; the last is open."""
    ladder_id = one.add(LadderVersion, version=1, spec=ladder_to(DEFAULT), made_at=NOW - timedelta(days=200))
    for number, day in enumerate(days, 1):
        at = datetime.combine(day, time(10), UTC)
        is_open = number == len(days)
        key = f"estate:{one.id}:{number}"
        escalation_id = one.sealed(
            Escalation,
            "what",
            f"No access to archive {number}",
            number=number,
            state=EscalationState.OPEN if is_open else EscalationState.RESOLVED,
            severity=Severity.S3,
            against=Side.INHOUSE,
            cause=Cause.PERSON,
            cause_key=key,
            open_key=key if is_open else None,
            raised_at=at,
            raised_by_id=one.places[MANAGER],
            ladder_id=ladder_id,
            level=1,
            since=at,
            acknowledged_at=None if is_open else at + timedelta(hours=3),
            resolved_at=None if is_open else at + timedelta(days=1),
        )
        _history(one, escalation_id, at, [EntryKind.RAISED, EntryKind.TOLD, EntryKind.OWNED, EntryKind.UPDATED])


def _history(one: OneEngagement, escalation_id: UUID, at: datetime, kinds: Sequence[EntryKind]) -> None:
    for hours, kind in enumerate(kinds):
        by = one.places[OWNER] if kind is EntryKind.OWNED else None
        one.add(EscalationEntry, escalation_id=escalation_id, kind=kind, by_id=by, at=at + timedelta(hours=hours))


def asks(one: OneEngagement, days: Sequence[date]) -> None:
    """A question on each of these days; the last waits for an answer."""
    for number, day in enumerate(days, 1):
        at = datetime.combine(day, time(11), UTC)
        is_open = number == len(days)
        ask_id = one.sealed(
            Ask,
            "what",
            f"May archive {number} be deleted?",
            number=number,
            state=AskState.WAITING if is_open else AskState.ANSWERED,
            asker_id=one.places[ENGINEER],
            marked_by_id=one.places[ENGINEER],
            asked_side=Side.INHOUSE,
            asked_id=one.places[LEAD],
            asked_at=at,
            since=at if is_open else at + timedelta(hours=4),
            until=at + timedelta(days=1) if is_open else None,
            closed_at=None if is_open else at + timedelta(hours=4),
            channel_id=one.channel,
            prompt_id=next_id(),
            source_key=f"estate:{one.id}:{number}",
        )
        _happened(one, ask_id, AskEvent.ASKED, at, by_id=one.places[ENGINEER], until=at + timedelta(days=1))
        if not is_open:
            _happened(one, ask_id, AskEvent.ANSWERED, at + timedelta(hours=4), by_id=one.places[LEAD])


def _happened(one: OneEngagement, ask_id: UUID, event: AskEvent, at: datetime, **values: Any) -> None:
    one.add(AskEntry, ask_id=ask_id, event=event, at=at, **values)


def summaries(one: OneEngagement, days: Sequence[date]) -> None:
    """One published on each Friday before, with empty facts, and the one that is due now."""
    for day in (day for day in days if day.weekday() == _FRIDAY):
        at = datetime.combine(day, NOW.time(), UTC)
        one.sealed(
            WeeklySummary,
            "facts",
            _NOTHING,
            **_week(one, day),
            state=SummaryState.PUBLISHED,
            publishes_at=at,
            published_at=at,
        )
    one.add(WeeklySummary, **_week(one, NOW.date()), publishes_at=NOW, due_at=NOW)


def _week(one: OneEngagement, day: date) -> dict[str, Any]:
    return {
        "cadence_id": one.summary_id,
        "local_date": day,
        "first_day": day - timedelta(days=6),
        "last_day": day,
    }

"""Reads of escalations."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from uuid import UUID

from sqlmodel import col, select

from models.access import Membership, Permission, Side, load, place_of
from models.db import Tx
from models.engagements import queries as engagements
from models.engagements.queries import Crew
from models.engagements.tables import Engagement
from models.engagements.views import Who
from models.escalations import moves, rules, versions
from models.escalations.causes import EntryKind
from models.escalations.ladders import CONCERNED, ROLES, Climb, Severity
from models.escalations.rules import EscalationState, Standing
from models.escalations.tables import Escalation, EscalationEntry
from models.escalations.views import EscalateForm, EscalationCard, EscalationLine, EscalationNote, NextStep
from models.prepared import at, is_at

_WORDS = (EntryKind.UPDATED, EntryKind.PROPOSED, EntryKind.REOPENED)
_SIGNS = (EscalationState.EXHAUSTED, EscalationState.OPEN, EscalationState.ACKNOWLEDGED, EscalationState.SNOOZED)


def open_rows(tx: Tx, workspace_id: str, engagement_id: UUID) -> tuple[Escalation, ...]:
    """Everything that is not resolved, oldest first."""
    return tuple(
        tx.session.exec(
            select(Escalation)
            .where(
                Escalation.workspace_id == workspace_id,
                Escalation.engagement_id == engagement_id,
                col(Escalation.state) != EscalationState.RESOLVED,
            )
            .order_by(col(Escalation.number))
        )
    )


def open_lines(tx: Tx, engagement_id: UUID) -> tuple[EscalationLine, ...]:
    """What is open in an engagement, the most pressing first. Raises NotFound for who may not read it."""
    engagement = engagements.viewable(tx, engagement_id)
    crew = engagements.crew(tx, engagement.workspace_id, engagement.id)
    rows = open_rows(tx, engagement.workspace_id, engagement.id)
    return pressing_first(line(tx, crew, row, tx.now) for row in rows)


def line(tx: Tx, crew: Crew, row: Escalation, now: datetime) -> EscalationLine:
    """An escalation as shown in a list."""
    levels = versions.frozen(tx, row.workspace_id, row.ladder_id).climb(row.severity).levels
    return EscalationLine(
        id=row.id,
        number=row.number,
        what=tx.unseal(row, "what"),
        state=row.state,
        severity=row.severity,
        against=row.against,
        cause=row.cause,
        cause_ref=row.cause_ref,
        raised_at=row.raised_at,
        level=row.level,
        levels=len(levels),
        owner=crew.maybe(moves.owner_id(row, row.against)),
        age=(row.resolved_at or now) - row.raised_at,
        next_at=row.due_at,
        resolved_at=row.resolved_at,
    )


def pressing_first(found: Iterable[EscalationLine]) -> tuple[EscalationLine, ...]:
    """Exhausted first, then what nobody owns, then by severity and age."""
    return tuple(sorted(found, key=pressing))


def pressing(item: EscalationLine) -> tuple[int, Severity, int]:
    """What sorts by urgency: the smaller, the more pressing."""
    return _SIGNS.index(item.state), item.severity, item.number


def card(tx: Tx, workspace_id: str, escalation_id: UUID) -> EscalationCard:
    """An escalation with everything its card shows."""
    row = tx.one(Escalation, workspace_id, escalation_id)
    engagement = tx.one(Engagement, workspace_id, row.engagement_id)
    crew = engagements.crew(tx, workspace_id, engagement.id)
    entries = _entries(tx, row)
    words = [entry for entry in entries if entry.kind in _WORDS]
    people = {side: crew.maybe(moves.owner_id(row, side)) for side in Side}
    return EscalationCard(
        line=line(tx, crew, row, tx.now),
        parties=engagements.parties(tx, engagement),
        raised_by=crew.maybe(row.raised_by_id),
        owners={side: who for side, who in people.items() if who},
        legal=rules.legal(moves.standing(row), tx.now),
        next=_next(tx, crew, row),
        snoozed_until=row.snoozed_until if row.state is EscalationState.SNOOZED else None,
        last_word=_note(tx, crew, words[-1]) if words else None,
        proposed_by=crew.maybe(row.proposed_by_id),
        resolved_by=crew.maybe(row.resolved_by_id),
        reopened=row.reopened_count,
        private_notes=sum(entry.is_private for entry in entries),
    )


def card_for(
    tx: Tx, workspace_id: str, escalation_id: UUID, participant_id: UUID | None
) -> tuple[EscalationCard, Who | None]:
    """The card, and the participant it is told to."""
    row = tx.one(Escalation, workspace_id, escalation_id)
    crew = engagements.crew(tx, workspace_id, row.engagement_id)
    return card(tx, workspace_id, escalation_id), crew.maybe(participant_id)


def for_action(tx: Tx, escalation_id: UUID) -> tuple[EscalationCard, Membership]:
    """The card for the actor's own modal, and their place. Raises NotFound or NotAllowed as `load` does."""
    row = load(tx, Escalation, escalation_id, Permission.ESCALATION_ACT)
    return card(tx, row.workspace_id, row.id), place_of(tx, row.engagement_id, Permission.ESCALATION_ACT)


def escalate_form(tx: Tx, engagement_id: UUID) -> EscalateForm:
    """The form for something the actor wants to escalate. Raises NotFound or NotAllowed."""
    place = place_of(tx, engagement_id, Permission.ESCALATION_RAISE)
    engagement = tx.one(Engagement, tx.actor.workspace_id, engagement_id)
    crew = engagements.crew(tx, engagement.workspace_id, engagement.id)
    return EscalateForm(engagements.parties(tx, engagement), crew.who(place.participant_id), engagement.id)


def entry(tx: Tx, workspace_id: str, entry_id: UUID) -> tuple[EscalationNote, EscalationCard]:
    """One line of the history, with the escalation it belongs to as it stands now."""
    row = tx.one(EscalationEntry, workspace_id, entry_id)
    crew = engagements.crew(tx, workspace_id, row.engagement_id)
    return _note(tx, crew, row), card(tx, workspace_id, row.escalation_id)


def history(tx: Tx, workspace_id: str, escalation_id: UUID) -> tuple[EscalationNote, ...]:
    """What both sides may read of its history, oldest first."""
    row = tx.one(Escalation, workspace_id, escalation_id)
    crew = engagements.crew(tx, workspace_id, row.engagement_id)
    return tuple(_note(tx, crew, item) for item in _entries(tx, row) if not item.is_private)


def between(tx: Tx, workspace_id: str, engagement_id: UUID, start: datetime, end: datetime) -> tuple[Escalation, ...]:
    """Escalations that were open at some time in a span: raised before its end, and not resolved before its start."""
    resolved = col(Escalation.resolved_at)
    return tuple(
        tx.session.exec(
            select(Escalation)
            .where(
                Escalation.workspace_id == workspace_id,
                Escalation.engagement_id == engagement_id,
                col(Escalation.raised_at) < end,
                resolved.is_(None) | (resolved >= start),
            )
            .order_by(col(Escalation.number))
        )
    )


def _entries(tx: Tx, row: Escalation) -> tuple[EscalationEntry, ...]:
    return tuple(tx.session.exec(_ENTRIES, params=at(row.workspace_id, of=row.id)))


_ENTRIES = (
    select(EscalationEntry)
    .where(is_at(EscalationEntry, EscalationEntry.escalation_id, "of"))
    .order_by(col(EscalationEntry.id))
)


def _note(tx: Tx, crew: Crew, row: EscalationEntry) -> EscalationNote:
    told = [crew.maybe(UUID(item)) for item in row.detail.get("told", ())]
    return EscalationNote(
        id=row.id,
        kind=row.kind,
        by=crew.maybe(row.by_id),
        at=row.at,
        level=row.level,
        detail=row.detail,
        note=tx.unseal(row, "note"),
        told=tuple(who for who in told if who),
    )


def _next(tx: Tx, crew: Crew, row: Escalation) -> NextStep | None:
    if row.due_at is None:
        return None
    climb = versions.frozen(tx, row.workspace_id, row.ladder_id).climb(row.severity)
    level = _next_level(moves.standing(row), climb)
    told = climb.levels[level - 1].told if level else {}
    return NextStep(
        at=row.due_at,
        state=row.state,
        is_asked=row.asked_at is not None,
        level=level,
        told=_words(crew, told),
    )


def _next_level(now: Standing, climb: Climb) -> int | None:
    is_climbing = now.state is EscalationState.OPEN or (now.state is EscalationState.ACKNOWLEDGED and now.asked_at)
    return now.level + 1 if is_climbing and now.level < len(climb.levels) else None


def _words(crew: Crew, told: Mapping[Side, tuple[str, ...]]) -> dict[Side, tuple[str | Who, ...]]:
    """Role words stay words; a named person is shown by name."""
    by_id = {member.person.slack_user_id: member.who for member in crew.active()}
    return {side: tuple(word if word in ROLES else by_id.get(word, CONCERNED) for word in told[side]) for side in told}

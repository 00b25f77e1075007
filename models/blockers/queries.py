"""Reads of blockers."""

from collections.abc import Collection, Iterable
from datetime import datetime
from functools import cache
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from models.access import Permission, load, place_of
from models.blockers.rules import BlockerState
from models.blockers.tables import Blocker, BlockerEntry
from models.blockers.views import BlockerCard, BlockerLine, BlockerNote, RaiseForm
from models.calendars.local_time import local_date
from models.calendars.working_time import working_days_between
from models.db import Tx
from models.engagements import queries as engagements
from models.engagements.queries import Crew
from models.engagements.tables import Engagement
from models.errors import Conflict
from models.prepared import at, is_at, is_named


def open_rows(tx: Tx, workspace_id: str, engagement_id: UUID, *, lock: bool = False) -> tuple[Blocker, ...]:
    """Open and owned blockers, oldest first. With `lock` they stay so until the commit."""
    return tuple(tx.session.exec(_open_in(lock=lock), params=at(workspace_id, named=[engagement_id])))


def open_in(tx: Tx, workspace_id: str, engagement_ids: Collection[UUID]) -> tuple[Blocker, ...]:
    """The same of several engagements."""
    return tuple(tx.session.exec(_open_in(lock=False), params=at(workspace_id, named=engagement_ids)))


@cache
def _open_in(*, lock: bool) -> SelectOfScalar[Blocker]:
    is_open = col(Blocker.state).in_([BlockerState.OPEN, BlockerState.OWNED])
    statement = select(Blocker).where(is_named(Blocker, Blocker.engagement_id), is_open).order_by(col(Blocker.number))
    return statement.with_for_update().execution_options(populate_existing=True) if lock else statement


def of_prompt(tx: Tx, workspace_id: str, prompt_id: UUID) -> tuple[Blocker, ...]:
    """Blockers one answer raised."""
    return tuple(tx.session.exec(_OF_PROMPT, params=at(workspace_id, prompt=prompt_id)))


_OF_PROMPT = select(Blocker).where(is_at(Blocker, Blocker.prompt_id, "prompt")).order_by(col(Blocker.number))


def numbered(tx: Tx, workspace_id: str, engagement_id: UUID, number: int) -> Blocker | None:
    """The blocker people call B-`number`."""
    return tx.session.exec(
        select(Blocker).where(
            Blocker.workspace_id == workspace_id, Blocker.engagement_id == engagement_id, Blocker.number == number
        )
    ).one_or_none()


def between(tx: Tx, workspace_id: str, engagement_id: UUID, start: datetime, end: datetime) -> tuple[Blocker, ...]:
    """Blockers raised or resolved in a span of time."""
    raised, resolved = col(Blocker.raised_at), col(Blocker.resolved_at)
    return tuple(
        tx.session.exec(
            select(Blocker)
            .where(
                Blocker.workspace_id == workspace_id,
                Blocker.engagement_id == engagement_id,
                ((raised >= start) & (raised < end)) | ((resolved >= start) & (resolved < end)),
            )
            .order_by(col(Blocker.number))
        )
    )


def line(tx: Tx, crew: Crew, row: Blocker, now: datetime) -> BlockerLine:
    """A blocker as shown in a list; its age is counted in working days of the side that must act."""
    hours = crew.hours(row.acting_side)
    end = row.resolved_at or now
    is_open = row.state is not BlockerState.RESOLVED
    return BlockerLine(
        id=row.id,
        number=row.number,
        what=tx.unseal(row, "what"),
        state=row.state,
        raised_by=crew.who(row.raised_by_id),
        raised_at=row.raised_at,
        acting_side=row.acting_side,
        acting=crew.maybe(row.owner_id) or crew.maybe(row.acting_id),
        needed_by=row.needed_by,
        age_days=int(working_days_between(hours, row.raised_at, max(end, row.raised_at))),
        is_overdue=bool(is_open and row.needed_by and local_date(now, hours.zone) > row.needed_by),
        resolved_at=row.resolved_at,
        severity=row.severity,
    )


def lines(tx: Tx, crew: Crew, rows: Iterable[Blocker], now: datetime) -> tuple[BlockerLine, ...]:
    """Blockers as shown in lists."""
    return tuple(line(tx, crew, row, now) for row in rows)


def pressing_first(found: Iterable[BlockerLine]) -> tuple[BlockerLine, ...]:
    """The most pressing first: overdue, then nobody's, then the oldest."""
    return tuple(
        sorted(
            found,
            key=lambda item: (not item.is_overdue, item.state is not BlockerState.OPEN, -item.age_days, item.number),
        )
    )


def card(tx: Tx, workspace_id: str, blocker_id: UUID) -> BlockerCard:
    """A blocker with its history."""
    row = tx.one(Blocker, workspace_id, blocker_id)
    engagement = tx.one(Engagement, workspace_id, row.engagement_id)
    crew = engagements.crew(tx, workspace_id, engagement.id)
    entries = tx.session.exec(
        select(BlockerEntry)
        .where(BlockerEntry.workspace_id == workspace_id, BlockerEntry.blocker_id == blocker_id)
        .order_by(col(BlockerEntry.id))
    )
    return BlockerCard(
        line=line(tx, crew, row, tx.now),
        parties=engagements.parties(tx, engagement),
        history=tuple(
            BlockerNote(entry.event, crew.who(entry.by_id), entry.at, tx.unseal(entry, "note")) for entry in entries
        ),
        owner=crew.maybe(row.owner_id),
    )


def for_update(tx: Tx, blocker_id: UUID) -> BlockerCard:
    """The card for the actor's own modal. Raises as `load` does, and Conflict once it is resolved."""
    return _unresolved(tx, load(tx, Blocker, blocker_id, Permission.BLOCKER_UPDATE))


def for_escalation(tx: Tx, blocker_id: UUID) -> BlockerCard:
    """The card for the form that escalates it. Raises as `for_update`."""
    return _unresolved(tx, load(tx, Blocker, blocker_id, Permission.ESCALATION_RAISE))


def raise_form(tx: Tx, engagement_id: UUID) -> RaiseForm:
    """The form for a blocker the actor wants to raise. Raises NotFound or NotAllowed."""
    place = place_of(tx, engagement_id, Permission.BLOCKER_RAISE)
    engagement = tx.one(Engagement, tx.actor.workspace_id, engagement_id)
    crew = engagements.crew(tx, engagement.workspace_id, engagement.id)
    who = crew.who(place.participant_id)
    return RaiseForm(
        parties=engagements.parties(tx, engagement),
        who=who,
        roster=tuple(member.who for member in crew.active()),
        today=local_date(tx.now, who.zone),
    )


def by_source(tx: Tx, workspace_id: str, source_key: str) -> Blocker | None:
    """The blocker that a natural key raised, if it did."""
    return tx.session.exec(_BY_SOURCE, params=at(workspace_id, source=source_key)).one_or_none()


_BY_SOURCE = select(Blocker).where(is_at(Blocker, Blocker.source_key, "source"))


def _unresolved(tx: Tx, row: Blocker) -> BlockerCard:
    """The card, where there is still something to do: no form opens in vain."""
    if row.state is BlockerState.RESOLVED:
        raise Conflict(f"B-{row.number} has been resolved already. Nothing was changed.")
    return card(tx, row.workspace_id, row.id)

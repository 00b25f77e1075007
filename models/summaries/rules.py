"""Pure decisions and figures of the weekly summary."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from models.access import Side
from models.checkins.rules import PromptState
from models.commitments.rules import CommitmentState
from models.summaries.views import OnTime, Participation

MIN_VOLUME = 10
"""Below this many expected answers the figures say little, and the summary says so."""

TOO_LATE = timedelta(days=3)
"""A summary that could not be published for so long is skipped: the next one is near."""


OVERLAP = timedelta(hours=1)
"""How far a summary looks back beyond the last one, for what was committed beside it. Nothing is reported twice."""

_WEEK = timedelta(days=7)
_LONGEST_FIRST = timedelta(days=31)


def first_day(day: date, first_checkin: date | None) -> date:
    """Where the first summary begins: with the first check-in, a week back at the least and a month at the most."""
    latest = day - _WEEK + timedelta(days=1)
    return max(min(first_checkin or latest, latest), day - _LONGEST_FIRST)


class SummaryState(StrEnum):
    """scheduled → published, or skipped."""

    SCHEDULED = "scheduled"
    PUBLISHED = "published"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class AskedOnce:
    """One prompt, as far as the figures need it."""

    side: Side
    state: PromptState
    is_late: bool


@dataclass(frozen=True, slots=True)
class Promised:
    """One commitment, as far as the figures need it. Dates are local dates of its owner."""

    side: Side
    state: CommitmentState
    promised_due: date
    current_due: date
    closed_on: date | None


def is_publishable(now: datetime, publishes_at: datetime) -> bool:
    """Whether a due summary is still worth publishing."""
    return now - publishes_at <= TOO_LATE


def participation(prompts: Iterable[AskedOnce], side: Side | None) -> Participation:
    """Answers of one side (None: of both), pooled over all prompts: expected = scheduled − excused."""
    own = [prompt for prompt in prompts if side is None or prompt.side is side]
    states = [prompt.state for prompt in own]
    answered = [prompt for prompt in own if prompt.state is PromptState.ANSWERED]
    late = sum(prompt.is_late for prompt in answered)
    return Participation(
        side=side,
        scheduled=len(own),
        excused=states.count(PromptState.EXCUSED),
        on_time=len(answered) - late,
        late=late,
        missing=sum(state in (PromptState.MISSED, PromptState.ASKED, PromptState.WAITING) for state in states),
        skipped=states.count(PromptState.SKIPPED),
    )


def on_time(commitments: Sequence[Promised], side: Side | None, as_of: date) -> OnTime:
    """Delivery of all commitments whose first promised date lies in the period, delivered or not.

    Kept by the deadline means on or before it. One whose current date is still to come is pending there.
    """
    own = [item for item in commitments if side is None or item.side is side]
    decided = [item for item in own if item.state is not CommitmentState.OPEN or item.current_due < as_of]
    return OnTime(
        side=side,
        due=len(own),
        kept_original=sum(_kept_by(item, item.promised_due) for item in own),
        due_current=len(decided),
        kept_current=sum(_kept_by(item, item.current_due) for item in decided),
        moved=sum(item.current_due != item.promised_due for item in own),
        dropped=sum(item.state is CommitmentState.DROPPED for item in own),
    )


def _kept_by(item: Promised, deadline: date) -> bool:
    return item.state is CommitmentState.KEPT and item.closed_on is not None and item.closed_on <= deadline

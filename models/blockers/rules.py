"""Pure decisions about blockers."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from models.access import Side
from models.calendars.local_time import instant, local_date
from models.calendars.working_time import WorkingHours, add_working_days, add_working_time, next_opening
from models.escalations.ladders import Severity

OLD_AFTER = 2.0
"""Working days of the side that must act after which an open blocker is escalated."""
FRESH_WAIT = timedelta(hours=4)
"""Working time given anew when its moment came while we were not there."""


class BlockerState(StrEnum):
    """open → owned → resolved; resolved → open when it is reopened."""

    OPEN = "open"
    OWNED = "owned"
    RESOLVED = "resolved"


class BlockerEvent(StrEnum):
    """What happened to a blocker."""

    RAISED = "raised"
    MINE = "mine"
    UPDATED = "updated"
    STILL_BLOCKED = "still_blocked"
    RESOLVED = "resolved"
    REOPENED = "reopened"


@dataclass(frozen=True, slots=True)
class NewBlocker:
    """Something in the way. Without a side, the other side must act."""

    what: str
    acting_side: Side | None = None
    acting_id: UUID | None = None
    needed_by: date | None = None
    severity: Severity = Severity.S3
    """S1 is escalated at once."""

    def is_worse_than(self, severity: Severity, needed_by: date | None) -> bool:
        """Whether it says more than that severity, or is needed before that date."""
        return self.severity.is_worse_than(severity) or is_sooner(self.needed_by, needed_by)


def escalates_at(
    raised_at: datetime, needed_by: date | None, watched_from: datetime | None, hours: WorkingHours
) -> datetime:
    """When an open blocker is escalated: two working days old or past its date, in the hours of whoever must act."""
    natural = add_working_days(hours, raised_at, OLD_AFTER)
    if needed_by is not None:
        passed = next_opening(hours, instant(needed_by + timedelta(days=1), hours.start, hours.zone))
        natural = min(natural, max(passed, raised_at))
    return max(natural, add_working_time(hours, watched_from, FRESH_WAIT)) if watched_from else natural


def is_sooner(day: date | None, than: date | None) -> bool:
    """Whether a date is given that comes before the other one; any date comes before none."""
    return day is not None and (than is None or day < than)


def is_overdue(needed_by: date | None, now: datetime, hours: WorkingHours) -> bool:
    """Whether its date has passed for the side that must act."""
    return needed_by is not None and local_date(now, hours.zone) > needed_by

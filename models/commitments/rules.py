"""Pure decisions about commitments."""

from datetime import date, datetime, time, timedelta
from enum import StrEnum

from models.calendars.local_time import instant
from models.calendars.working_time import WorkingHours, add_working_days, add_working_time


class CommitmentState(StrEnum):
    """open → kept or dropped; moving keeps it open with a new current date.

    Withdrawn = taken back by editing the answer while it was correctable: never counted.
    """

    OPEN = "open"
    KEPT = "kept"
    DROPPED = "dropped"
    WITHDRAWN = "withdrawn"


class MoveCause(StrEnum):
    """Whose cause a new date has."""

    VENDOR = "vendor"
    INHOUSE = "inhouse"
    JOINT = "joint"
    EXTERNAL = "external"


CORRECTABLE_FOR = timedelta(hours=1)
"""How long a promise made after its check-in has closed can still be put right by editing the answer."""


def is_correctable(made_at: datetime, now: datetime, *, is_closed: bool) -> bool:
    """Whether editing the answer may still take a promise back, so that no promise is edited away once it counts."""
    return not is_closed or now - made_at <= CORRECTABLE_FOR


FRESH_WAIT = timedelta(hours=4)
"""Working time given anew when its moment came while we were not there."""


def silent_at(due: date, word_on: date | None, watched_from: datetime | None, hours: WorkingHours) -> datetime:
    """When an open promise counts as past its date without word: a working day of its owner after the date.

    A word given later than the date counts as the date. So the next check-in always comes first.
    """
    after = max(due, word_on or due) + timedelta(days=1)
    natural = add_working_days(hours, instant(after, time(0), hours.zone), 1.0)
    return max(natural, add_working_time(hours, watched_from, FRESH_WAIT)) if watched_from else natural

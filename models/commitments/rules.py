"""Pure decisions about commitments."""

from datetime import datetime, timedelta
from enum import StrEnum


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

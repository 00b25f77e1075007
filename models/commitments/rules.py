"""Pure decisions about commitments."""

from enum import StrEnum


class CommitmentState(StrEnum):
    """open → kept or dropped; moving keeps it open with a new current date.

    Withdrawn = taken back by editing the answer before its check-in closed: never counted.
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

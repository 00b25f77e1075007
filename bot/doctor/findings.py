"""What a check found."""

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How bad it is."""

    PASS = "pass"  # noqa: S105 (a verdict)
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at: what it is, what was found, and one line on how to mend it."""

    level: Level
    what: str
    said: str
    remedy: str = ""


def good(what: str, said: str) -> Finding:
    """It is as it must be."""
    return Finding(Level.PASS, what, said)


def odd(what: str, said: str, remedy: str) -> Finding:
    """It works, but somebody should look."""
    return Finding(Level.WARN, what, said, remedy)


def bad(what: str, said: str, remedy: str) -> Finding:
    """It does not work."""
    return Finding(Level.FAIL, what, said, remedy)

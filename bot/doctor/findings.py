"""What a check found."""

from collections.abc import Callable
from dataclasses import dataclass, field
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
    mend: Callable[[], object] | None = field(default=None, compare=False)
    """Does what the remedy says, where that loses nothing whatever else is wrong: for `cadence doctor --fix`."""


def good(what: str, said: str) -> Finding:
    """It is as it must be."""
    return Finding(Level.PASS, what, said)


def odd(what: str, said: str, remedy: str, mend: Callable[[], object] | None = None) -> Finding:
    """It works, but somebody should look."""
    return Finding(Level.WARN, what, said, remedy, mend)


def bad(what: str, said: str, remedy: str, mend: Callable[[], object] | None = None) -> Finding:
    """It does not work."""
    return Finding(Level.FAIL, what, said, remedy, mend)

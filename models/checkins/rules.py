"""Pure decisions about check-ins, prompts and responses."""

from enum import StrEnum


class CheckInState(StrEnum):
    """scheduled → open → closed, or scheduled → skipped."""

    SCHEDULED = "scheduled"
    OPEN = "open"
    CLOSED = "closed"
    SKIPPED = "skipped"


class PromptState(StrEnum):
    """Where one participant's invitation stands. Excused people are not asked and not counted."""

    WAITING = "waiting"
    ASKED = "asked"
    ANSWERED = "answered"
    SKIPPED = "skipped"
    MISSED = "missed"
    EXCUSED = "excused"


class Source(StrEnum):
    """How an answer came in; all make the same record."""

    MODAL = "modal"
    THREAD = "thread"
    DIRECT = "direct"
    COMMAND = "command"

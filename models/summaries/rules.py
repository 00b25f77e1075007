"""Pure decisions and figures of the weekly summary."""

from enum import StrEnum


class SummaryState(StrEnum):
    """scheduled → published, or skipped."""

    SCHEDULED = "scheduled"
    PUBLISHED = "published"
    SKIPPED = "skipped"

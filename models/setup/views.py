"""Read models of administration: what a form or a look before saving shows."""

from dataclasses import dataclass, field
from uuid import UUID

from models.setup.edits import Kind
from models.setup.edits.typed import Values
from models.setup.file import EngagementFile
from models.setup.found import Found
from models.setup.plan import Plan
from models.setup.preview import Preview


@dataclass(frozen=True, slots=True)
class Sheet:
    """A form of the settings as it stands."""

    draft_id: UUID
    engagement_id: UUID
    kind: Kind
    about: str
    file: EngagementFile
    """The engagement as it is now."""
    base: str
    """The engagement that the form was begun on, as a file's text."""
    values: Values
    """What was filled in; at first, what is stored."""
    found: Found | None = None
    """Who a new person is."""
    is_own: bool = False
    """Whether it is about the person who fills it in."""


@dataclass(frozen=True, slots=True)
class Review:
    """What saving would do."""

    sheet: Sheet
    plan: Plan
    preview: Preview | None = None
    """The next occurrences, where a cadence is changed."""


@dataclass(frozen=True, slots=True)
class Setup:
    """A set-up as it stands."""

    draft_id: UUID
    maker: str
    values: Values
    found: tuple[Found, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Outlook:
    """What a set-up would make."""

    setup: Setup
    file: EngagementFile
    preview: Preview

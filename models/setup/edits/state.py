"""Pause and resume. `about` is the state it is to have."""

from dataclasses import replace

from models.engagements.rules import EngagementState
from models.errors import NotFound
from models.setup.edits.typed import Values, checked
from models.setup.file import EngagementFile
from models.setup.found import Found

_BY_FORM = (EngagementState.ACTIVE, EngagementState.PAUSED)


def initial(_: EngagementFile, __: str, ___: Found | None = None) -> Values:
    """Nothing has to be filled in."""
    return {}


def edited(file: EngagementFile, about: str, _: Found | None, __: Values) -> EngagementFile:
    """The file in that state. Closing for good is left to the command line."""
    state = next((state for state in _BY_FORM if state.value == about), None)
    if state is None:
        raise NotFound("That state")
    return checked(replace(file, state=state), {})

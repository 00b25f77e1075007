"""Hand over: another person becomes the owner, in one step, so that there is always exactly one."""

from dataclasses import replace

from models.access import Role, Side
from models.errors import Invalid
from models.setup.edits.person import LEAVES
from models.setup.edits.typed import Typed, Values, checked
from models.setup.file import EngagementFile, PersonEntry
from models.setup.found import Found

_STAYS = (Role.LEAD.value, Role.MEMBER.value, LEAVES)


def initial(_: EngagementFile, __: str, ___: Found | None = None) -> Values:
    """Who is to be the owner is open; the present one stays, as a lead and deputy."""
    return {"owner": "", "stays": Role.LEAD.value}


def edited(file: EngagementFile, _: str, __: Found | None, values: Values) -> EngagementFile:
    """The file with the new owner; the old one stays as lead or member and deputy, or leaves."""
    typed = Typed(values)
    chosen = next((person for person in candidates(file) if person.slack_id == typed.text("owner")), None)
    if chosen is None:
        typed.wrong("owner", "Please choose somebody of the in-house side.")
    if typed.text("stays") not in _STAYS:
        typed.wrong("stays", "Please choose one.")
    typed.check()
    people = tuple(
        after
        for person in file.people
        if (after := _after(person, chosen is not None and person.slack_id == chosen.slack_id, typed.text("stays")))
    )
    if not any(person.is_deputy for person in people):
        text = "Then nobody could stand in for the new owner. Name another deputy first, or let the present owner stay."
        raise Invalid({"stays": text})
    return checked(replace(file, people=people), values)


def candidates(file: EngagementFile) -> tuple[PersonEntry, ...]:
    """Who can become the owner: everybody in-house but the present one."""
    return tuple(person for person in file.people if person.side is Side.INHOUSE and person.role is not Role.OWNER)


def _after(person: PersonEntry, is_chosen: bool, stays: str) -> PersonEntry | None:
    if is_chosen:
        return replace(person, role=Role.OWNER, is_deputy=False)
    if person.role is not Role.OWNER:
        return person
    return None if stays == LEAVES else replace(person, role=Role(stays), is_deputy=True)

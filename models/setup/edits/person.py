"""Add, change or take off one person. `about` is their Slack id; `found` is who they are if they are new."""

from collections.abc import Mapping
from dataclasses import replace

from models.access import Role, Side
from models.engagements.rules import Belongs
from models.errors import Invalid, NotFound
from models.setup import values as parse
from models.setup.edits.typed import Typed, Values, checked
from models.setup.file import EngagementFile, PersonEntry
from models.setup.found import Found

LEAVES = "leaves"
"""Stands in the field of the role: off the roster."""
YES, NO = "yes", "no"
_NO_DEPUTY = "Somebody has to stand in for the owner. Make somebody else the deputy first."


def initial(file: EngagementFile, about: str, found: Found | None = None) -> Values:
    """Side, role, deputy, zone, hours, workdays. The owner's side and role are changed by handing over alone."""
    entry = entry_of(file, about, found)
    shown: dict[str, str] = {}
    if entry.role is not Role.OWNER:
        shown = {
            "side": entry.side.value,
            "role": entry.role.value,
            "deputy": YES if entry.is_deputy else NO,
        }
    return shown | {
        "zone": entry.zone,
        "hours": parse.hours_text(entry.works_from, entry.works_to),
        "workdays": parse.workdays_text(entry.workdays),
    }


def edited(file: EngagementFile, about: str, found: Found | None, values: Values) -> EngagementFile:
    """The file with this person as filled in, or without them."""
    before = entry_of(file, about, found)
    typed = Typed(values)
    works_from, works_to = typed.read("hours", parse.hours, (before.works_from, before.works_to))
    entry = replace(
        before,
        zone=typed.read("zone", parse.zone, before.zone),
        works_from=works_from,
        works_to=works_to,
        workdays=typed.read("workdays", parse.workdays, before.workdays),
    )
    others = tuple(person for person in file.people if person.slack_id != about)
    if before.role is Role.OWNER:
        typed.check()
        return checked(replace(file, people=(*others, entry)), values)
    leaves = typed.text("role") == LEAVES
    role: Role = before.role
    role = role if leaves else typed.read("role", _role, role)
    entry = replace(
        entry,
        side=typed.read("side", lambda text: parse.one_of(Side, text), before.side),
        role=role,
        is_deputy=typed.text("deputy") == YES,
    )
    if entry.role is Role.OWNER:
        typed.wrong("role", "There is one owner. Use “Hand over” to name another.")
    if found and found.belongs is Belongs.EXTERNAL and entry.side is Side.INHOUSE:
        typed.wrong("side", f"{before.name} belongs to another company and cannot be on the in-house side.")
    if entry.is_deputy and entry.side is Side.VENDOR:
        typed.wrong("deputy", "A deputy stands in for the owner: only somebody in-house can be one.")
    typed.check()
    people = others if leaves else (*others, entry)
    _require_deputy(file.people, people, "role" if leaves else "deputy")
    return checked(replace(file, people=people), values, _FIELDS)


_FIELDS: Mapping[str, str] = {"people": "role"}


def entry_of(file: EngagementFile, about: str, found: Found | None) -> PersonEntry:
    """The person a form is about. Raises NotFound."""
    known = next((person for person in file.people if person.slack_id == about), None)
    if known is None and found is not None and found.slack_id == about:
        return PersonEntry(found.side, found.slack_id, found.name, found.zone, team=found.team)
    if known is None:
        raise NotFound("That person")
    return known


def _role(text: str) -> Role:
    return parse.one_of(Role, text)


def _require_deputy(before: tuple[PersonEntry, ...], after: tuple[PersonEntry, ...], field: str) -> None:
    if any(person.is_deputy for person in before) and not any(person.is_deputy for person in after):
        raise Invalid({field: _NO_DEPUTY})

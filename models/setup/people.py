"""Who has to be on a roster: one accountable owner, a deputy who stands in, somebody who speaks for the provider."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from models.access import Role, Side
from models.setup.file import PersonEntry

_RANKS = tuple(Role)


@dataclass(frozen=True, slots=True)
class RosterProblem:
    """Something a roster may not be. `person` is whom it concerns; None = nobody in particular."""

    text: str
    person: PersonEntry | None = None


def with_deputy(people: Sequence[PersonEntry]) -> tuple[PersonEntry, ...]:
    """The people, with a deputy where nobody was named: the first in-house lead, else the next in-house person.

    Those who are only told or only read come last. With nobody but the owner in-house there is none.
    """
    if any(person.is_deputy for person in people):
        return tuple(people)
    able = [person for person in people if person.side is Side.INHOUSE and person.role is not Role.OWNER]
    chosen = min(able, key=lambda person: (_RANKS.index(person.role), person.name, person.slack_id), default=None)
    return tuple(replace(person, is_deputy=True) if person is chosen else person for person in people)


def problems(people: Sequence[PersonEntry]) -> list[RosterProblem]:
    """What is wrong with a roster (after `with_deputy`)."""
    owners = [person for person in people if person.role is Role.OWNER]
    inhouse = [person for person in owners if person.side is Side.INHOUSE]
    found = [
        RosterProblem("The owner is accountable in-house. Make the provider's first person `role: lead`.", person)
        for person in owners
        if person.side is Side.VENDOR
    ]
    if not inhouse:
        text = "Nobody in-house has `role: owner`: exactly one person is accountable for the engagement."
        found.append(RosterProblem(text))
    for person in inhouse[1:]:
        text = f"{inhouse[0].name} is the owner already: exactly one person is accountable."
        found.append(RosterProblem(text, person))
    if not any(person.role is Role.LEAD and person.side is Side.VENDOR for person in people):
        found.append(RosterProblem("Nobody of the provider has `role: lead`: somebody must speak for that side."))
    return found + _deputy_problems(people)


def _deputy_problems(people: Sequence[PersonEntry]) -> list[RosterProblem]:
    deputies = [person for person in people if person.is_deputy]
    found = []
    for person in deputies:
        if person.side is Side.VENDOR:
            found.append(RosterProblem("A deputy stands in for the owner: it is somebody in-house.", person))
        elif person.role is Role.OWNER:
            found.append(RosterProblem("The owner cannot be the own deputy. Name somebody else in-house.", person))
    if not deputies:
        text = "Nobody in-house can stand in for the owner: add a second person there; the first lead is the deputy."
        found.append(RosterProblem(text))
    return found

"""Who is told at a level: role words of a frozen ladder become the people who hold those roles now."""

from collections.abc import Iterable, Mapping

from models.access import Role, Side
from models.engagements.queries import Crew, Member
from models.escalations.ladders import CONCERNED, ROLES, Level
from models.escalations.tables import Escalation

SPEAKERS: Mapping[Side, tuple[Role, ...]] = {
    Side.INHOUSE: (Role.OWNER, Role.LEAD),
    Side.VENDOR: (Role.LEAD, Role.OWNER),
}
"""Who stands for a side when nobody else fits, the first that there is."""


def told(crew: Crew, row: Escalation, level: Level) -> tuple[Member, ...]:
    """Everybody a level names, each once. A side that would have nobody is told through whoever speaks for it."""
    found: dict[object, Member] = {}
    for side in Side:
        people = _named(crew, row, side, level.told.get(side, ())) or speakers(crew, side)
        found |= {member.participant.id: member for member in people}
    return tuple(found.values())


def speakers(crew: Crew, side: Side) -> tuple[Member, ...]:
    """The accountable people of a side: the owner in-house, the leads of the provider."""
    present = [member for member in crew.active() if member.participant.side is side]
    for role in SPEAKERS[side]:
        if people := tuple(member for member in present if member.participant.role is role):
            return people
    return tuple(member for member in present if member.participant.role is not Role.OBSERVER)[:1]


def concerned(crew: Crew, row: Escalation, side: Side) -> tuple[Member, ...]:
    """The person a matter concerns on a side, if one is known and still there; else whoever speaks for it."""
    one = row.inhouse_owner_id if side is Side.INHOUSE else row.vendor_owner_id
    other = row.concerned_inhouse_id if side is Side.INHOUSE else row.concerned_vendor_id
    for participant_id in (one, other):
        member = crew.members.get(participant_id) if participant_id else None
        if member and member.participant.is_active and member.participant.side is side:
            return (member,)
    return speakers(crew, side)


def _named(crew: Crew, row: Escalation, side: Side, words: Iterable[str]) -> tuple[Member, ...]:
    present = [member for member in crew.active() if member.participant.side is side]
    found: list[Member] = []
    for word in words:
        if word == CONCERNED:
            found += concerned(crew, row, side)
        elif word in ROLES:
            found += [member for member in present if member.participant.role == word]
        else:
            found += [member for member in present if member.person.slack_user_id == word]
    return tuple(found)

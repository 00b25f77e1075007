"""What is said once an engagement was set up or changed hands."""

from uuid import UUID

from models.access import Role, Side
from models.db import Tx
from models.engagements import queries
from models.engagements.tables import Engagement
from models.outbox import service as outbox
from models.outbox.rules import Audience, Place

GREETING = "greeting.shared"
INHOUSE_GREETING = "greeting.inhouse"
HANDED_OVER = "engagement.handed_over"


def greet(tx: Tx, engagement: Engagement) -> None:
    """Say to each side who sees what: in the shared channel, and in-house where only that side reads.

    Without an in-house channel the owner and the deputies are told directly.
    """
    outbox.post(tx, engagement, GREETING, engagement.id, key=f"greeting:{engagement.id}")
    if engagement.inhouse_channel_id:
        outbox.post(
            tx,
            engagement,
            INHOUSE_GREETING,
            engagement.id,
            key=f"greeting:{engagement.id}:inhouse",
            place=Place.INHOUSE,
            audience=Audience.INHOUSE,
        )
        return
    for place in queries.in_charge(tx, engagement.workspace_id, engagement.id):
        _directly(tx, engagement, INHOUSE_GREETING, place.person_id, f"greeting:{engagement.id}")


def handed_over(tx: Tx, engagement: Engagement, change_id: UUID) -> None:
    """Tell everybody in-house who leads or stands in that the owner is another one."""
    tx.session.flush()
    for member in queries.crew(tx, engagement.workspace_id, engagement.id).active():
        place = member.participant
        if place.side is Side.INHOUSE and (place.role in (Role.OWNER, Role.LEAD) or place.is_deputy):
            _directly(tx, engagement, HANDED_OVER, member.person.id, f"handover:{change_id}")


def _directly(tx: Tx, engagement: Engagement, kind: str, person_id: UUID, key: str) -> None:
    outbox.post(
        tx,
        engagement,
        kind,
        engagement.id,
        key=f"{key}:{person_id}",
        place=Place.DIRECT,
        audience=Audience.INHOUSE,
        person_id=person_id,
    )

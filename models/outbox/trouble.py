"""What an engagement's owners are told of its channels and people: once for each trouble, until it is over."""

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlmodel import col, or_, select

from models.access import Role, Side
from models.db import Tx
from models.engagements.tables import Engagement, Participant
from models.outbox import service
from models.outbox.rules import Audience, Place

NOTICE = "owner.notice"


def begins(tx: Tx, engagement: Engagement, place: Place, code: str, *, notice: str = "") -> None:
    """One of the channels cannot be used, for this reason: mark the engagement, and tell the owners if it is news."""
    is_shared = place is Place.CHANNEL
    if code == (engagement.trouble_code if is_shared else engagement.inhouse_trouble):
        return
    if is_shared:
        engagement.trouble_code = code
        engagement.trouble = f"I cannot post in the shared channel. Slack says: {code}."
    else:
        engagement.inhouse_trouble = code
    channel_id = engagement.channel_id if is_shared else engagement.inhouse_channel_id or ""
    tell(tx, engagement, notice, key=f"{place}:{code}:{tx.now.isoformat()}", channel_id=channel_id, code=code)


def found(tx: Tx, engagement: Engagement, place: Place, code: str, *, notice: str = "") -> None:
    """The same, seen while something was sent: no news where the owners know of a trouble with that channel already.

    Each method of Slack's has its own code for one trouble.
    """
    if not (engagement.trouble_code if place is Place.CHANNEL else engagement.inhouse_trouble):
        begins(tx, engagement, place, code, notice=notice)


def ends(engagement: Engagement, place: Place, codes: Collection[str] | None = None) -> None:
    """That trouble is over, if it is one of `codes` (none given: whichever it is)."""
    if place is Place.CHANNEL and (codes is None or engagement.trouble_code in codes):
        engagement.trouble = engagement.trouble_code = None
    if place is Place.INHOUSE and (codes is None or engagement.inhouse_trouble in codes):
        engagement.inhouse_trouble = None


def tell(
    tx: Tx, engagement: Engagement, notice: str, *, key: str, channel_id: str, code: str = "", about: str = ""
) -> None:
    """Tell the in-house owners by direct message, once for this `key`; the deputies where there is no owner.

    `notice` names the words to use; without it Slack's `code` does. `about` is whom it concerns.
    """
    extra = {"code": code, "channel": channel_id, "engagement": f"{engagement.company} and {engagement.vendor}"}
    extra |= {name: value for name, value in (("notice", notice), ("about", about)) if value}
    for person_id in _in_charge(tx, engagement):
        service.post(
            tx,
            engagement,
            NOTICE,
            engagement.id,
            key=f"notice:{engagement.id}:{notice}:{key}:{person_id}",
            place=Place.DIRECT,
            audience=Audience.INHOUSE,
            person_id=person_id,
            extra=extra,
        )


def _in_charge(tx: Tx, engagement: Engagement) -> Sequence[UUID]:
    rows = tx.session.exec(
        select(Participant.person_id, Participant.role).where(
            Participant.workspace_id == engagement.workspace_id,
            Participant.engagement_id == engagement.id,
            Participant.side == Side.INHOUSE,
            or_(col(Participant.role) == Role.OWNER, col(Participant.is_deputy).is_(True)),
            col(Participant.is_active).is_(True),
        )
    ).all()
    owners = [person_id for person_id, role in rows if role is Role.OWNER]
    return owners or [person_id for person_id, _ in rows]

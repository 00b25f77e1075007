"""What an engagement's owners are told of its channels and people: once for each trouble, until it is over."""

from collections.abc import Collection

from models.access import Role
from models.db import Tx
from models.engagements import queries as engagements
from models.engagements.tables import Engagement
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
    places = engagements.in_charge(tx, engagement.workspace_id, engagement.id)
    owners = [place for place in places if place.role is Role.OWNER]
    for person_id in [place.person_id for place in owners or places]:
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

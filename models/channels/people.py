"""Somebody left, was taken off, was deactivated: what they could do ends, what was theirs is free; and the way back."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cache

from sqlmodel import and_, col, or_, select
from sqlmodel.sql.expression import Select

from models.access import Side, system_only
from models.activity import service as activity
from models.blockers import service as blockers
from models.channels.rules import AccountSeen, Loss, stays, turned_outsider
from models.checkins import attendance
from models.db import Tx
from models.engagements.queries import IS_THEIR_PLACE
from models.engagements.rules import Belongs
from models.engagements.tables import Engagement, Participant, Person
from models.escalations import lifecycle as escalations
from models.outbox import trouble
from models.prepared import at, is_at, is_named

_Place = tuple[Engagement, Participant, Person]


def left_channel(tx: Tx, workspace_id: str, channel_id: str, slack_user_id: str) -> None:
    """Somebody left the shared channel of an engagement, or was taken off it: they leave the engagement with it.

    The owner and the deputies keep their places, whatever channel they are in.
    """
    system_only(tx)
    for engagement, place, _ in _places(tx, workspace_id, slack_user_id):
        is_here = engagement.channel_id == channel_id
        if is_here and place.is_active and not stays(place.side, place.role, is_deputy=place.is_deputy):
            lose(tx, engagement, place, Loss.LEFT_CHANNEL)


def joined_channel(tx: Tx, workspace_id: str, channel_id: str, slack_user_id: str) -> None:
    """Somebody is in the shared channel again: whoever had left it has their place back."""
    system_only(tx)
    for engagement, place, _ in _places(tx, workspace_id, slack_user_id):
        if engagement.channel_id == channel_id:
            is_in(tx, engagement, place)


def accounts_are(tx: Tx, workspace_id: str, seen: Mapping[str, AccountSeen]) -> None:
    """Bring the places of people, by Slack user id, to what their accounts are now.

    Closed (a guest whose time is over as well): every place is lost, until it is opened again. A colleague who has
    become a guest or somebody of another company loses the places on the in-house side, until they are one again.
    """
    system_only(tx)
    own: defaultdict[str, list[_Place]] = defaultdict(list)
    for row in _places(tx, workspace_id, *seen):
        own[row[2].slack_user_id].append(row)
    for slack_user_id, places in own.items():
        _account_is(tx, places, seen[slack_user_id])


def _account_is(tx: Tx, places: Sequence[_Place], seen: AccountSeen) -> None:
    """All places of one person."""
    person = places[0][2]
    turned = turned_outsider(person.belongs, seen.belongs)
    for engagement, place, _ in places:
        if seen.is_closed:
            if place.is_active:
                lose(tx, engagement, place, Loss.DEACTIVATED)
        elif place.lost_because == Loss.DEACTIVATED or _is_colleague_again(place, seen):
            _find(tx, place)
        if turned and place.is_active and place.side is Side.INHOUSE:
            lose(tx, engagement, place, Loss.OUTSIDER)
    if seen.belongs is not None and not seen.is_closed:
        person.belongs = seen.belongs


def _is_colleague_again(place: Participant, seen: AccountSeen) -> bool:
    return place.lost_because == Loss.OUTSIDER and seen.belongs is Belongs.COLLEAGUE


def roster(tx: Tx, engagement: Engagement) -> Sequence[tuple[Participant, Person]]:
    """Everybody whom the roster names, those who have lost their place as well, by person."""
    return tx.session.exec(_roster(), params=at(engagement.workspace_id, engagement=engagement.id)).all()


@cache
def _roster() -> Select[Participant, Person]:
    is_on_it = or_(col(Participant.is_active).is_(True), col(Participant.lost_because).is_not(None))
    statement = select(Participant, Person).join(Person, IS_THEIR_PLACE)
    return statement.where(is_at(Participant, Participant.engagement_id, "engagement"), is_on_it).order_by(
        col(Person.id)
    )


def lose(tx: Tx, engagement: Engagement, place: Participant, because: Loss) -> None:
    """Take a place away until its person is back: rights, open questions, what was theirs; and tell the owner once."""
    fields = {"is_active": False, "lost_because": because.value, "lost_at": tx.now}
    activity.change(tx, "participant.lost", place, fields)
    attendance.judge_again(tx, place)
    freed = {"blocker": blockers.let_go(tx, place), "escalation": escalations.let_go(tx, place)}
    what = " and ".join(f"{count} {name}{'s' if count > 1 else ''}" for name, count in freed.items() if count)
    person = tx.one(Person, place.workspace_id, place.person_id)
    trouble.tell(
        tx,
        engagement,
        f"person_{because.value}",
        key=f"{place.id}:{tx.now.isoformat()}",
        channel_id=engagement.channel_id,
        about=f"{person.name} (now without an owner: {what})" if what else person.name,
    )


def is_in(tx: Tx, engagement: Engagement, place: Participant) -> None:
    """They are in the shared channel: remembered, and whoever had left it has their place back."""
    place.seen_in = engagement.channel_id
    if place.lost_because in (Loss.LEFT_CHANNEL, Loss.DISCONNECTED):
        _find(tx, place)


def _find(tx: Tx, place: Participant) -> None:
    fields = {"is_active": True, "lost_because": None, "lost_at": None}
    activity.change(tx, "participant.found", place, fields)
    attendance.judge_again(tx, place)


def _places(tx: Tx, workspace_id: str, *slack_user_ids: str) -> Sequence[_Place]:
    """Their places, read afresh and locked: always in the same order, so that nobody waits for whom they hold up."""
    return tx.session.exec(_places_of(), params=at(workspace_id, named=slack_user_ids)).all()


@cache
def _places_of() -> Select[Engagement, Participant, Person]:
    is_its = and_(Participant.engagement_id == Engagement.id, Participant.workspace_id == Engagement.workspace_id)
    statement = select(Engagement, Participant, Person).join(Participant, is_its).join(Person, IS_THEIR_PLACE)
    return (
        statement.where(is_named(Person, Person.slack_user_id))
        .order_by(col(Participant.id))
        .with_for_update(of=Participant, key_share=True)
        .execution_options(populate_existing=True)
    )

"""The nightly look: what Slack told while nobody listened, found in the channel's members and in people's accounts.

The same follows as from the events. Each night an engagement's look falls due and is wanted (the due queue); whoever
speaks with Slack takes its turn, asks outside of any transaction, and what was seen is stored with the turn's end. A
turn whose process died is taken again once its lease is over; a lease that was lost meanwhile changes nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from uuid import UUID

from sqlalchemy import ColumnElement, exists
from sqlalchemy.orm import aliased
from sqlmodel import col, select
from sqlmodel.sql.expression import Select

from models.access import Side, system_only
from models.channels import people
from models.channels.rules import AccountSeen, ChannelSeen, Follows, Loss, follows, implied, next_look, stays
from models.channels.tables import ChannelLook
from models.db import Tx
from models.engagements.rules import EngagementState
from models.engagements.tables import Engagement
from models.outbox import trouble
from models.outbox.rules import Place, back_off
from models.prepared import WALL, WORKSPACE, at

LEASE = timedelta(minutes=10)
"""How long somebody may be at it; longer than all that is asked in one turn can take."""
ACCOUNTS_AT_ONCE = 40
"""So many accounts are asked about in one turn: with a turn every half a minute that stays below Slack's limit."""
_LOOKS_AT_ONCE = 100
"""So many at the most are found waiting at once."""
_ABSENT = (Loss.LEFT_CHANNEL, Loss.DISCONNECTED)


@dataclass(frozen=True, slots=True)
class Turn:
    """The right to look once, until `until` (wall clock)."""

    workspace_id: str
    look_id: UUID
    until: datetime
    channels: Mapping[Place, str] = field(default_factory=dict)
    """To look at in this turn, by what they are for; none as long as there are accounts to ask about after these."""
    accounts: tuple[tuple[UUID, str], ...] = ()
    """To ask about in this turn: person, Slack user id."""
    may_have_left: frozenset[UUID] = frozenset()
    """Participants who were in the channel before Slack was asked: who came meanwhile is not missed by this look."""
    may_be_back: frozenset[UUID] = frozenset()
    """Those who had left it before."""


@dataclass(frozen=True, slots=True)
class Sight:
    """What one turn showed."""

    channels: Mapping[Place, ChannelSeen] = field(default_factory=dict)
    members: frozenset[str] | None = None
    """Slack user ids of everybody in the shared channel; none: Slack did not say, or nobody asked."""
    accounts: Mapping[str, AccountSeen | None] = field(default_factory=dict)
    """By Slack user id; none: Slack does not say."""


def begin(tx: Tx, engagement: Engagement) -> None:
    """From tonight on this engagement is looked at. For whoever has set it up."""
    due_at = next_look(engagement.id, engagement.zone, tx.now)
    tx.add(ChannelLook(workspace_id=engagement.workspace_id, engagement_id=engagement.id, due_at=due_at))


def want(tx: Tx, look: ChannelLook) -> None:
    """It is night: let somebody look, and come again the next night. One that was not done until now begins anew."""
    system_only(tx)
    engagement = tx.one(Engagement, look.workspace_id, look.engagement_id)
    if engagement.state is EngagementState.CLOSED:
        look.due_at = look.wanted_at = None
        return
    look.due_at = next_look(engagement.id, engagement.zone, tx.now)
    look.wanted_at, look.asked_up_to, look.attempts = tx.now, None, 0


def waiting(tx: Tx, wall: datetime, only: str | None = None) -> Sequence[tuple[str, UUID]]:
    """Workspace and id of the looks that may be done now, the longest waiting first: one in each workspace."""
    system_only(tx)
    rows = tx.beside(_waiting(is_one=only is not None), at(only or "", wall)).all()
    return list({workspace_id: (workspace_id, look_id) for workspace_id, look_id in reversed(rows)}.values())[::-1]


@cache
def _waiting(*, is_one: bool) -> Select[str, UUID]:
    statement = select(ChannelLook.workspace_id, ChannelLook.id).where(
        col(ChannelLook.wanted_at).is_not(None), ~_is_busy()
    )
    if is_one:
        statement = statement.where(col(ChannelLook.workspace_id) == WORKSPACE)
    return statement.order_by(col(ChannelLook.wanted_at), col(ChannelLook.id)).limit(_LOOKS_AT_ONCE)


def take_turn(tx: Tx, workspace_id: str, look_id: UUID, wall: datetime) -> Turn | None:
    """Become the one who looks; none if it is done, or somebody else is at it."""
    system_only(tx)
    look = tx.get(ChannelLook, workspace_id, look_id, lock=True)
    if look is None or look.wanted_at is None or (look.taken_until is not None and look.taken_until > wall):
        return None
    look.taken_until = wall + LEASE
    engagement = tx.one(Engagement, workspace_id, look.engagement_id)
    roster = people.roster(tx, engagement)
    done = look.asked_up_to
    asked = [(person.id, person.slack_user_id) for _, person in roster if done is None or person.id > done]
    if len(asked) > ACCOUNTS_AT_ONCE:
        return Turn(workspace_id, look_id, look.taken_until, accounts=tuple(asked[:ACCOUNTS_AT_ONCE]))
    channels = {Place.CHANNEL: engagement.channel_id, Place.INHOUSE: engagement.inhouse_channel_id}
    here = [place for place, _ in roster if place.is_active and place.seen_in == engagement.channel_id]
    gone = [place for place, _ in roster if place.lost_because in _ABSENT]
    return Turn(
        workspace_id,
        look_id,
        look.taken_until,
        {where: channel_id for where, channel_id in channels.items() if channel_id},
        tuple(asked),
        frozenset(place.id for place in here),
        frozenset(place.id for place in gone),
    )


def found(tx: Tx, turn: Turn, sight: Sight) -> None:
    """Act on what was seen, as on the events that would have told it; and end the turn."""
    system_only(tx)
    look = _ours(tx, turn)
    if look is None:
        return
    _accounts(tx, turn, sight)
    engagement = tx.one(Engagement, turn.workspace_id, look.engagement_id)
    for where, seen in sight.channels.items():
        if turn.channels[where] == _channel(engagement, where):
            for happening in implied(seen, where):
                _act(tx, engagement, where, follows(happening, where))
    if sight.members is not None and turn.channels[Place.CHANNEL] == engagement.channel_id:
        _compare(tx, engagement, turn, sight)
    look.taken_until, look.attempts = None, 0
    look.asked_up_to = turn.accounts[-1][0] if turn.accounts else look.asked_up_to
    if turn.channels:
        look.wanted_at = look.asked_up_to = None


def failed(tx: Tx, turn: Turn, sight: Sight, wall: datetime, delay: timedelta) -> None:
    """Slack did not answer all of it: keep what it said of accounts, and go on after `delay` at the least."""
    system_only(tx)
    look = _ours(tx, turn)
    if look is None:
        return
    _accounts(tx, turn, sight)
    told = [person_id for person_id, slack_user_id in turn.accounts if slack_user_id in sight.accounts]
    look.asked_up_to = told[-1] if told else look.asked_up_to
    look.attempts += 1
    look.taken_until = wall + max(delay, back_off(look.attempts))


def _accounts(tx: Tx, turn: Turn, sight: Sight) -> None:
    seen = {slack_user_id: account for slack_user_id, account in sight.accounts.items() if account is not None}
    people.accounts_are(tx, turn.workspace_id, seen)


def _compare(tx: Tx, engagement: Engagement, turn: Turn, sight: Sight) -> None:
    """The roster with who is in the channel."""
    members, teams = sight.members or frozenset(), sight.channels[Place.CHANNEL].team_ids
    disconnected = []
    for place, person in people.roster(tx, engagement):
        if person.slack_user_id in members:
            if place.id in turn.may_be_back or place.lost_because not in _ABSENT:
                people.is_in(tx, engagement, place)
        elif place.id in turn.may_have_left and place.is_active:
            connected = (None, engagement.workspace_id, *teams)
            if place.side is Side.VENDOR and person.slack_team_id not in connected:
                disconnected.append(place)
            elif not stays(place.side, place.role, is_deputy=place.is_deputy):
                people.lose(tx, engagement, place, Loss.LEFT_CHANNEL)
    if disconnected:
        _act(tx, engagement, Place.CHANNEL, Follows(notice="disconnected"))
    for place in disconnected:
        people.lose(tx, engagement, place, Loss.DISCONNECTED)


def _act(tx: Tx, engagement: Engagement, where: Place, what: Follows) -> None:
    """Nothing is told that the owners know: each event has its own words for a trouble."""
    if what.begins:
        trouble.found(tx, engagement, where, what.begins)
    if what.ends:
        trouble.ends(engagement, where, what.ends)
    if what.notice:
        key = f"night:{tx.now.isoformat()}"
        trouble.tell(tx, engagement, what.notice, key=key, channel_id=engagement.channel_id)


def _ours(tx: Tx, turn: Turn) -> ChannelLook | None:
    look = tx.get(ChannelLook, turn.workspace_id, turn.look_id, lock=True)
    return look if look is not None and look.wanted_at and look.taken_until == turn.until else None


def _is_busy() -> ColumnElement[bool]:
    """Whether somebody looks in the same workspace just now, by the wall clock, or it rests after a failure."""
    other = aliased(ChannelLook)
    return exists().where(
        col(other.workspace_id) == col(ChannelLook.workspace_id),
        col(other.wanted_at).is_not(None),
        col(other.taken_until) > WALL,
    )


def _channel(engagement: Engagement, where: Place) -> str | None:
    return engagement.channel_id if where is Place.CHANNEL else engagement.inhouse_channel_id

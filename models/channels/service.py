"""Something happened to a channel: what is true afterwards, and who is told, once. For the system alone."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import update
from sqlmodel import SQLModel, col, select

from models.access import Side, system_only
from models.activity import service as activity
from models.channels import people
from models.channels.rules import Follows, Happening, Loss, follows
from models.db import Tx
from models.engagements.tables import Engagement, Participant, Person
from models.escalations import versions
from models.outbox import trouble
from models.outbox.rules import Place

_OWN_COLUMNS = ("channel_id", "inhouse_channel_id")
_CHANNEL_COLUMNS = (*_OWN_COLUMNS, "seen_in")


def happened(tx: Tx, workspace_id: str, channel_id: str, happening: Happening, event_key: str) -> None:
    """Act on it for every engagement that has this channel. `event_key` tells one event from the next."""
    system_only(tx)
    for engagement in _of_channel(tx, workspace_id, channel_id):
        where = Place.CHANNEL if engagement.channel_id == channel_id else Place.INHOUSE
        if where is Place.INHOUSE:
            engagement.inhouse_revision += 1  # what was seen of it before is not believed any more
        _act(tx, engagement, where, follows(happening, where), event_key)


def disconnected(
    tx: Tx, workspace_id: str, channel_id: str, team_id: str, still_there: Collection[str] | None, event_key: str
) -> None:
    """Another company was taken off a channel: its people cannot read or answer any more.

    `still_there` are the members who are left, by Slack user id; none when Slack would not tell.
    """
    happened(tx, workspace_id, channel_id, Happening.UNSHARED, event_key)
    for engagement in _of_channel(tx, workspace_id, channel_id):
        if engagement.channel_id != channel_id:
            continue
        for place, person in _vendors(tx, engagement):
            is_of_them = person.slack_team_id == team_id
            if is_of_them if still_there is None else person.slack_user_id not in still_there:
                people.lose(tx, engagement, place, Loss.DISCONNECTED)


def channels_of_team(tx: Tx, workspace_id: str, team_id: str) -> tuple[str, ...]:
    """The shared channels in which people of another company's workspace take part for the provider."""
    system_only(tx)
    rows = tx.session.exec(select(Engagement).where(Engagement.workspace_id == workspace_id).order_by(Engagement.key))
    found = [row for row in rows if any(person.slack_team_id == team_id for _, person in _vendors(tx, row))]
    return tuple(dict.fromkeys(row.channel_id for row in found))


def team_lost(
    tx: Tx, workspace_id: str, channel_id: str, team_id: str, still_there: Collection[str] | None, event_key: str
) -> None:
    """Another company's workspace has closed itself to the app: as `disconnected`, if one of its people is gone.

    As long as all of them are in the channel they can read and answer, and nothing follows.
    """
    system_only(tx)
    people_of_it = {
        person.slack_user_id
        for engagement in _of_channel(tx, workspace_id, channel_id)
        for _, person in _vendors(tx, engagement)
        if person.slack_team_id == team_id
    }
    if still_there is None or not people_of_it <= set(still_there):
        disconnected(tx, workspace_id, channel_id, team_id, still_there, event_key)


def moved(tx: Tx, workspace_id: str, old_id: str, new_id: str) -> None:
    """A channel has another id: everything that names the old one names the new one."""
    system_only(tx)
    for engagement in _of_channel(tx, workspace_id, old_id):
        after: dict[str, Any] = {name: new_id for name in _OWN_COLUMNS if getattr(engagement, name) == old_id}
        activity.change(tx, "engagement.channel_moved", engagement, after)
    versions.rename_channel(tx, workspace_id, old_id, new_id)
    tx.session.flush()
    for table in SQLModel.metadata.sorted_tables:
        for name in _CHANNEL_COLUMNS:
            if name in table.c and "workspace_id" in table.c:
                _rename(tx, table, table.c[name], workspace_id, old_id, new_id)
        if "lane" in table.c:
            _rename(tx, table, table.c["lane"], workspace_id, f"channel:{old_id}", f"channel:{new_id}")


def _rename(tx: Tx, table: Any, column: Any, workspace_id: str, old: str, new: str) -> None:
    same = (table.c.workspace_id == workspace_id) & (column == old)
    tx.beside(update(table).where(same).values({column: new}))


def _act(tx: Tx, engagement: Engagement, place: Place, what: Follows, event_key: str) -> None:
    if what.begins:
        trouble.begins(tx, engagement, place, what.begins)
    if what.ends:
        trouble.ends(engagement, place, what.ends)
    if what.notice:
        trouble.tell(tx, engagement, what.notice, key=event_key, channel_id=engagement.channel_id)


def _of_channel(tx: Tx, workspace_id: str, channel_id: str) -> list[Engagement]:
    is_ours = (col(Engagement.channel_id) == channel_id) | (col(Engagement.inhouse_channel_id) == channel_id)
    statement = select(Engagement).where(Engagement.workspace_id == workspace_id, is_ours)
    return list(tx.session.exec(statement.order_by(col(Engagement.id)).with_for_update(key_share=True)))


def _vendors(tx: Tx, engagement: Engagement) -> list[tuple[Participant, Person]]:
    found = people.roster(tx, engagement)
    return [(place, person) for place, person in found if place.side is Side.VENDOR and place.is_active]

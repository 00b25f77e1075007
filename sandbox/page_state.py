"""What a person's page shows: the whole at first, then each change if it concerns them."""

from sandbox import people
from sandbox.person import Person
from sandbox.state import Change, Channel, Json, User
from sandbox.workspace import Workspace

_KINDS = {"channel": "channel", "private": "private", "mpim": "private", "im": "im"}


def everyone(ws: Workspace) -> list[Json]:
    """The people one can act as."""
    return [
        {
            "id": u.id,
            "name": u.real_name,
            "title": u.title,
            "team_id": u.team_id,
            "team_name": ws.teams[u.team_id].name,
            "external": ws.is_external(u),
            "guest": u.is_restricted or u.is_ultra_restricted,
        }
        for u in ws.people()
    ]


def whole(ws: Workspace, person: Person, clock: Json | None) -> Json:
    """Everything a page needs to begin."""
    mine = [c for c in ws.channels.values() if person.id in c.members]
    seen = ws.visible_to(person.id)
    app = ws.app
    has_commands = people.may_use_commands(ws, person.user)
    return {
        "type": "state",
        "me": _user(ws, person.user),
        "people": [_user(ws, ws.users[u]) for u in _known(ws, person, mine)],
        "teams": [
            {"id": t.id, "name": t.name, "domain": t.domain, "home": t.id == ws.home.id} for t in ws.teams.values()
        ],
        "channels": [_channel(c, person.id) for c in mine],
        # Ephemeral messages do not outlive the page that showed them, as in Slack.
        "messages": {c.id: [m for m in seen.get(c.id, []) if not m.get("is_ephemeral")] for c in mine},
        "home": person.home(),
        "views": person.open_views,
        "commands": [
            {"command": c.command, "description": c.description, "usage_hint": c.usage_hint} for c in app.commands
        ],
        "shortcuts": [
            {"callback_id": s.callback_id, "name": s.name, "type": s.type, "description": s.description}
            for s in (app.shortcuts if has_commands else ())
        ],
        "clock": clock,
        "app": {"bot_user_id": app.bot_user_id, "name": app.name},
    }


def told(ws: Workspace, person: Person, change: Change) -> Json | None:
    """A change as this person's page hears it, None if it is not theirs to hear."""
    if change.user and change.user != person.id:
        return None
    if not change.channel:
        return {"type": change.kind, **change.data}
    channel = ws.channels.get(change.channel)
    if channel is None:
        return None
    if change.kind == "channel":
        return {"type": "channel", "channel": _channel(channel, person.id)} if _concerns(channel, person) else None
    if person.id not in channel.members:
        return None
    return {"type": change.kind, "channel": change.channel, **change.data}


def _concerns(channel: Channel, person: Person) -> bool:
    # Somebody who just left still has to hear that they are no longer a member.
    return person.id in channel.members or channel.kind in ("channel", "private")


def _known(ws: Workspace, person: Person, mine: list[Channel]) -> list[str]:
    """Whom the person can see: those they share a channel with, and for full members everyone of their workspace."""
    known = {m for c in mine for m in c.members} | {person.id, ws.app.bot_user_id}
    if not (person.user.is_restricted or person.user.is_ultra_restricted):
        known |= {u.id for u in ws.users.values() if u.team_id == person.user.team_id}
    return [u for u in ws.users if u in known]


def _user(ws: Workspace, user: User) -> Json:
    return {
        "id": user.id,
        "team_id": user.team_id,
        "name": user.name,
        "real_name": user.real_name,
        "is_bot": user.is_bot,
        "external": ws.is_external(user),
        "guest": user.is_restricted or user.is_ultra_restricted,
        "tz": user.tz,
        "title": user.title,
        "color": user.color,
    }


def _channel(channel: Channel, user_id: str) -> Json:
    described: Json = {
        "id": channel.id,
        "name": channel.name,
        "kind": _KINDS[channel.kind],
        "shared": channel.is_ext_shared and channel.kind != "im",
        "members": channel.members,
        "archived": channel.archived,
    }
    if channel.kind == "im":
        described["with"] = next(m for m in channel.members if m != user_id)
    return described

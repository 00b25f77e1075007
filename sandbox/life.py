"""What administrators and owners of a workspace do: accounts closed and opened, channels archived, shared, renumbered.

The page and the tests make these happen; the app hears of each as it would from Slack.
"""

from collections.abc import Callable

from sandbox import channels, events
from sandbox.errors import Refused
from sandbox.state import Json, User
from sandbox.workspace import Workspace


def deactivate(ws: Workspace, user_id: str) -> None:
    """Close an account, as an administrator does, or as happens to a guest whose time is over."""
    user = ws.user(user_id)
    user.deleted = True
    for channel in list(ws.channels.values()):
        if user_id in channel.members and channel.kind != "im":
            channel.members.remove(user_id)
            ws.tell_pages("channel", {}, channel=channel.id)
    events.user_changed(ws, user)


def reactivate(ws: Workspace, user_id: str) -> None:
    """Open it again. The person has to join their channels anew."""
    user = ws.user(user_id)
    user.deleted = False
    events.user_changed(ws, user)


def do(ws: Workspace, user: User, request: Json) -> None:
    """Carry out a request of the page: `{"what": ..., "channel": id, ...}`. Raises Refused."""
    deed = _DEEDS.get(str(request.get("what")))
    if deed is None:
        raise Refused("There is no such thing to do.")
    deed(ws, user, request)


def _rename(ws: Workspace, user: User, request: Json) -> None:
    name = str(request.get("name", "")).strip().lower().replace(" ", "-")
    if not name:
        raise Refused("A channel needs a name.")
    channels.rename(ws, request["channel"], name)


def _invite(ws: Workspace, user: User, request: Json) -> None:
    others = [team.id for team in ws.teams.values() if team.id != ws.home.id]
    if not others:
        raise Refused("There is no other company here.")
    channels.invite(ws, request["channel"], others[0])


def _share(ws: Workspace, user: User, request: Json) -> None:
    others = [u.id for u in ws.people() if ws.is_external(u)]
    if not others:
        raise Refused("There is nobody from another company here.")
    channels.join(ws, request["channel"], others[0], user.id)


def _disconnect(ws: Workspace, user: User, request: Json) -> None:
    outside = [team for team in ws.channel(request["channel"]).shared_team_ids if team != ws.home.id]
    if not outside:
        raise Refused("This channel is shared with nobody.")
    for team_id in outside:
        channels.unshare(ws, request["channel"], team_id)


def _renumber(ws: Workspace, user: User, request: Json) -> None:
    channels.change_id(ws, request["channel"], ws.new_id("C"))


_DEEDS: dict[str, Callable[[Workspace, User, Json], None]] = {
    "archive": lambda ws, user, request: channels.archive(ws, request["channel"], user.id),
    "unarchive": lambda ws, user, request: channels.archive(ws, request["channel"], user.id, archived=False),
    "rename": _rename,
    "invite_company": _invite,
    "share": _share,
    "disconnect": _disconnect,
    "renumber": _renumber,
    "leave": lambda ws, user, request: channels.leave(ws, request["channel"], user.id),
    "remove_app": lambda ws, user, request: channels.leave(ws, request["channel"], ws.app.bot_user_id),
    "add_app": lambda ws, user, request: channels.join(ws, request["channel"], ws.app.bot_user_id, user.id),
    "deactivate": lambda ws, user, request: deactivate(ws, request["user"]),
    "reactivate": lambda ws, user, request: reactivate(ws, request["user"]),
}
"""By the name the page uses."""

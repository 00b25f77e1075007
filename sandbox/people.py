"""What persons do in the workspace, by Slack's rules. No input or output: `person` adds the waiting for answers."""

from sandbox import channels, events, files, forms, messages, mrkdwn
from sandbox.errors import Refused, SlackError
from sandbox.state import Channel, File, Json, Shortcut, User
from sandbox.workspace import Workspace


def visible_channel(ws: Workspace, user: User, channel_id: str) -> Channel:
    """A conversation the person is in. Raises Refused."""
    channel = ws.channels.get(channel_id)
    if channel is None or user.id not in channel.members:
        raise Refused("You can't see this channel.")
    return channel


def post(
    ws: Workspace, user: User, channel_id: str, text: str, *, thread_ts: str = "", broadcast: bool = False
) -> Json:
    """Type a message and send it. Raises Refused."""
    channel = _writable(ws, user, channel_id)
    if not text.strip():
        raise Refused("Please write something.")
    fields = _written(ws, text) | {"client_msg_id": ws.new_id("c", 32).lower()}
    return messages.post(ws, channel, user, fields, thread_ts=thread_ts, broadcast=broadcast)


def upload(
    ws: Workspace, user: User, channel_id: str, name: str, data: bytes, text: str = "", thread_ts: str = ""
) -> Json:
    """Share a file with a message. Raises Refused."""
    channel = _writable(ws, user, channel_id)
    now = int(ws.clock.now().timestamp())
    file = File(ws.new_id("F"), name, len(data), user.id, now, title=name, content=data, complete=True)
    file.channels.append(channel.id)
    ws.files[file.id] = file
    fields = {**_written(ws, text), "subtype": "file_share", "files": [files.described(ws, file)], "upload": True}
    return messages.post(ws, channel, user, fields, thread_ts=thread_ts)


def edit(ws: Workspace, user: User, channel_id: str, ts: str, text: str) -> Json:
    """Edit an own message. Raises Refused."""
    try:
        return messages.update(ws, _writable(ws, user, channel_id), ts, user, _written(ws, text))
    except SlackError as error:
        raise Refused("You can't edit this message.") from error


def delete(ws: Workspace, user: User, channel_id: str, ts: str) -> None:
    """Delete an own message. Raises Refused."""
    try:
        messages.delete(ws, visible_channel(ws, user, channel_id), ts, user)
    except SlackError as error:
        raise Refused("You can't delete this message.") from error


def react(ws: Workspace, user: User, channel_id: str, ts: str, name: str) -> None:
    """Add an emoji, or take the own one away again. Raises Refused."""
    channel = visible_channel(ws, user, channel_id)
    try:
        messages.react(ws, channel, ts, user, name)
    except SlackError as error:
        if error.code != "already_reacted":
            raise Refused("You can't react to this message.") from error
        messages.unreact(ws, channel, ts, user, name)


def open_direct(ws: Workspace, user: User) -> Channel:
    """Open the direct message with the app."""
    return channels.existing_direct(ws, user)


def open_home(ws: Workspace, user: User) -> None:
    """Open the app's Home tab."""
    events.home_opened(ws, user, open_direct(ws, user))


def message_for(ws: Workspace, user: User, channel_id: str, ts: str) -> tuple[Channel, Json]:
    """A message the person can act on, an ephemeral one to them included. Raises Refused."""
    channel = visible_channel(ws, user, channel_id)
    mine = (m for m in ws.ephemerals.get(user.id, []) if m["channel"] == channel_id and m["ts"] == ts)
    message = channel.messages.get(ts) or next(mine, None)
    if message is None:
        raise Refused("This message is no longer there.")
    if user.post_only:
        raise Refused("You don't have permission to use apps in this channel.")
    return channel, message


def action_on(blocks: list[Json], action_id: str, block_id: str = "", chosen: Json | None = None) -> Json:
    """The action a click or choice makes. Raises Refused if the element is not there (any more).

    `chosen` holds what was picked, for example `{"selected_date": "2026-01-05"}`.
    """
    for block, element in forms.elements(blocks):
        if element["action_id"] == action_id and block_id in ("", block["block_id"]):
            carried: Json = {k: element[k] for k in ("type", "text", "value", "style", "url") if k in element}
            ids: Json = {"action_id": action_id, "block_id": block["block_id"]}
            return {**ids, **carried, **(chosen or {})}
    raise Refused("This button is no longer there.")


def allowed_command(ws: Workspace, user: User, command: str) -> bool:
    """Whether Slack knows the command for this person: external people (and guests, by setting) have none."""
    known = any(c.command == command for c in ws.app.commands)
    return known and may_use_commands(ws, user)


def allowed_shortcut(ws: Workspace, user: User, callback_id: str) -> Shortcut:
    """A shortcut the person has. Raises Refused."""
    found = next((s for s in ws.app.shortcuts if s.callback_id == callback_id), None)
    if found is None or not may_use_commands(ws, user):
        raise Refused("This shortcut is not available to you.")
    return found


def no_such_command(command: str) -> str:
    """Slackbot's words."""
    rule = 'In Slack, all messages that start with the "/" character are interpreted as commands.'
    return f"`{command}` is not a valid command. {rule}"


def may_use_commands(ws: Workspace, user: User) -> bool:
    """Whether the person has the app's slash commands and shortcuts: members of the home workspace, unless guests."""
    guest = user.is_restricted or user.is_ultra_restricted
    return not ws.is_external(user) and (not guest or ws.guests_may_use_commands)


def _writable(ws: Workspace, user: User, channel_id: str) -> Channel:
    channel = visible_channel(ws, user, channel_id)
    if channel.archived or channel.frozen:
        raise Refused("This channel is archived.")
    return channel


def _written(ws: Workspace, text: str) -> Json:
    stored = mrkdwn.typed(text)
    return {"text": stored, "blocks": [mrkdwn.rich_text(stored, ws.new_id("r", 5).lower())]}

"""One person at work in the sandbox: the same doings for tests and for the page."""

import contextlib
from typing import Any

from sandbox import forms, interactions, people, replies, views
from sandbox.deliveries import Deliveries
from sandbox.errors import NotAnswered, Refused, SlackError
from sandbox.state import Json, User
from sandbox.workspace import Workspace

NO_ANSWER_MODAL = "We had some trouble connecting. Try again?"
NO_ANSWER_ACTION = "Operation timed out. Apps need to respond within three seconds."


class Person:
    """A person of the workspace, guest or external.

    Everything raises `Refused` where Slack's client would not let the person, and `NotAnswered` where the app did
    not acknowledge in three seconds; both carry the words the person reads. Messages are given with their
    `channel`, as `messages()` returns them.
    """

    def __init__(self, ws: Workspace, deliveries: Deliveries, user_id: str) -> None:
        self._ws = ws
        self._deliveries = deliveries
        self.user: User = ws.user(user_id)

    @property
    def id(self) -> str:
        """The user id."""
        return self.user.id

    # -- seeing -------------------------------------------------------------------------------------------------

    def messages(self, channel: str) -> list[Json]:
        """What the person sees in a channel now, ephemeral messages and thread replies included, by time."""
        return self._ws.visible_to(self.id).get(channel, [])

    def direct_messages(self) -> list[Json]:
        """What the person sees in the direct message with the app."""
        room = self._ws.visible_to(self.id)
        return room.get(people.open_direct(self._ws, self.user).id, [])

    @property
    def open_views(self) -> list[Json]:
        """The stack of modals, the top one last."""
        return list(self._ws.modals.get(self.id, []))

    def home(self) -> Json | None:
        """The Home tab as the person sees it, None for Slack's placeholder."""
        return views.home_of(self._ws, self.id)

    # -- writing ------------------------------------------------------------------------------------------------

    async def posts(self, channel: str, text: str, thread_ts: str | None = None, *, broadcast: bool = False) -> Json:
        """Send a message; the message as stored, with its channel."""
        made = people.post(self._ws, self.user, channel, text, thread_ts=thread_ts or "", broadcast=broadcast)
        return {**made, "channel": channel}

    async def uploads(self, channel: str, name: str, data: bytes, text: str = "", thread_ts: str = "") -> Json:
        """Share a file."""
        made = people.upload(self._ws, self.user, channel, name, data, text, thread_ts)
        return {**made, "channel": channel}

    async def edits(self, message: Json, text: str) -> Json:
        """Edit an own message."""
        edited = people.edit(self._ws, self.user, message["channel"], message["ts"], text)
        return {**edited, "channel": message["channel"]}

    async def deletes(self, message: Json) -> None:
        """Delete an own message."""
        people.delete(self._ws, self.user, message["channel"], message["ts"])

    async def reacts(self, message: Json, name: str) -> None:
        """Add an emoji (or take the own one away)."""
        people.react(self._ws, self.user, message["channel"], message["ts"], name)

    # -- acting -------------------------------------------------------------------------------------------------

    async def clicks(self, place: Json, which: str) -> None:
        """Press a button, named by action id, block id or its text, in a message, a modal or the Home tab."""
        block, element = _element(place, which)
        await self.acts(place, people.action_on(place["blocks"], element["action_id"], block["block_id"]))

    async def chooses(self, place: Json, which: str, value: Any) -> None:
        """Pick an option (by value or text), a date or a person in an element named by its block or action id."""
        block, element = _element(place, which)
        entry = forms.entered(element, value)
        chosen = {k: v for k, v in entry.items() if k != "type"}
        action = people.action_on(place["blocks"], element["action_id"], block["block_id"], chosen)
        _state_of(place).setdefault(block["block_id"], {})[element["action_id"]] = entry
        await self.acts(place, action)

    async def acts(self, place: Json, action: Json, state: Json | None = None) -> None:
        """Send an action of a message or view to the app; `state` are the values of the view's or message's inputs."""
        if "ts" in place:
            channel, message = people.message_for(self._ws, self.user, place["channel"], place["ts"])
            values = {"values": state if state is not None else _state_of(place)}
            body = interactions.message_action(self._ws, self.user, channel, message, action, values)
        else:
            view = self.own_view(place["id"])
            view["state"]["values"] = state if state is not None else view["state"]["values"]
            body = interactions.view_action(self._ws, self.user, view, action)
        await self._deliveries.interaction(body, NO_ANSWER_ACTION)

    async def submits(self, view: Json, values: dict[str, Any] | None = None) -> dict[str, str]:
        """Fill in a modal (by block id, action id or label) and press submit; the field errors, {} if it was taken."""
        shown = self.own_view(view["id"])
        return await self.submits_state(shown, forms.filled(shown, values or {}))

    async def submits_state(self, view: Json, state: Json) -> dict[str, str]:
        """Press submit with `state.values` as the client made them; the field errors, {} if it was taken."""
        shown = self.own_view(view["id"])
        shown["state"]["values"] = state
        errors = forms.problems(shown, state)
        if errors:
            return errors
        body = interactions.view_submission(self._ws, self.user, shown)
        answer = await self._deliveries.interaction(body, NO_ANSWER_MODAL)
        try:
            return views.answered(self._ws, self.id, view["id"], answer)
        except SlackError as error:
            raise NotAnswered(NO_ANSWER_MODAL) from error

    async def closes(self, view: Json | None = None, *, clear: bool = False) -> None:
        """Close the top modal (or `view`), or with `clear` the whole stack by its X."""
        shown = view or self.open_views[-1]
        closed = views.close(self._ws, self.id, shown["id"], clear=clear)
        told = closed[-1:] if clear else closed
        for one in told:
            if one["notify_on_close"]:
                body = interactions.view_closed(self._ws, self.user, one, cleared=clear)
                # Nobody waits for this answer: the window is gone already.
                with contextlib.suppress(NotAnswered):
                    await self._deliveries.interaction(body, NO_ANSWER_MODAL)

    async def commands(self, line: str, channel: str | None = None) -> str:
        """Type a slash command (`/standup now`) and read the answer: what the app showed this person, or Slackbot."""
        command, _, text = line.strip().partition(" ")
        where = people.visible_channel(self._ws, self.user, channel or self._any_channel())
        if not people.allowed_command(self._ws, self.user, command):
            return people.no_such_command(command)
        before = len(self._ws.ephemerals.get(self.id, []))
        body = interactions.slash_command(self._ws, self.user, where, command, text.strip())
        answer = await self._deliveries.command(body)
        if answer and (answer.get("text") or answer.get("blocks")):
            replies.show(self._ws, self.id, where.id, answer)
        shown = self._ws.ephemerals.get(self.id, [])[before:]
        if answer and answer.get("response_type") == "in_channel":
            return str(answer.get("text", ""))
        return "\n".join(m["text"] for m in shown if m["text"])

    async def uses_shortcut(self, callback_id: str, message: Json | None = None) -> None:
        """Use a shortcut: on a message, or a global one."""
        found = people.allowed_shortcut(self._ws, self.user, callback_id)
        if (found.type == "message") != (message is not None):
            raise Refused("This shortcut is not available here.")
        channel = None
        if message is not None:
            channel, message = people.message_for(self._ws, self.user, message["channel"], message["ts"])
        body = interactions.shortcut(self._ws, self.user, callback_id, channel, message)
        await self._deliveries.interaction(body, NO_ANSWER_ACTION)

    async def opens_home(self) -> Json | None:
        """Open the Home tab and see what is there once the app has acknowledged."""
        people.open_home(self._ws, self.user)
        await self._deliveries.settled()
        return self.home()

    def own_view(self, view_id: str) -> Json:
        """An open modal of this person, or their Home tab. Raises Refused."""
        home = self._ws.homes.get(self.id)
        for view in [*self.open_views, *([home] if home else [])]:
            if view["id"] == view_id:
                return view
        raise Refused("This window is no longer open.")

    def _any_channel(self) -> str:
        bot = self._ws.app.bot_user_id
        rooms = [c for c in self._ws.channels.values() if self.id in c.members]
        if not rooms:
            return people.open_direct(self._ws, self.user).id
        return next((c.id for c in rooms if bot in c.members), rooms[0].id)


def _element(place: Json, which: str) -> tuple[Json, Json]:
    for block, element in forms.elements(place.get("blocks", [])):
        label = element.get("text", {})
        if which in (block["block_id"], element["action_id"], label.get("text") if isinstance(label, dict) else None):
            return block, element
    known = [e["action_id"] for _, e in forms.elements(place.get("blocks", []))]
    raise Refused(f"There is no {which!r} here, only {known}")


def _state_of(place: Json) -> Json:
    """The values of a place's inputs; a message's begin with its initial ones."""
    if "values" not in place.get("state", {}):
        place["state"] = {"values": forms.initial(place) if place.get("blocks") else {}}
    state: Json = place["state"]["values"]
    return state

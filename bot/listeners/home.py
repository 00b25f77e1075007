"""The Home tab: opened, its own buttons pressed. It is drawn by the outbox, after this and after every change."""

from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp

from bot import ids
from bot.blocks.help import help_modal
from bot.blocks.home import no_access
from bot.blocks.modals import away_modal
from bot.listeners import choices
from bot.runtime import Runtime
from models.access import Actor
from models.checkins import service
from models.outbox import homes

Json = dict[str, Any]


def register(app: AsyncApp) -> None:
    """Bind the handlers."""
    app.event("app_home_opened")(on_opened)
    app.action(ids.HOME_AWAY_OPEN)(open_away)
    app.action(ids.HOME_BACK_PRESS)(press_back)
    app.action(ids.HOME_HELP_OPEN)(open_help)
    app.action(ids.HOME_NEXT_PRESS)(press_next)
    app.action(ids.HOME_PREVIOUS_PRESS)(press_previous)


async def on_opened(ack: AsyncAck, event: Json, body: Json, actor: Actor, rt: Runtime) -> None:
    """Somebody looks at the app: draw their Home anew.

    People of other companies see Slack's placeholder whatever is published, so nothing is.
    """
    if event.get("tab") == "home" and not body.get("is_ext_shared_channel"):
        shown = event.get("view") or {}
        if not await rt.db.run(actor, homes.opened, str(shown.get("hash") or "") or None) and actor.slack_user_id:
            view = {"type": "home", "blocks": no_access().blocks}
            await rt.slack.publish_view(actor.slack_user_id, view)
    await ack()


async def open_away(ack: AsyncAck, body: Json, actor: Actor, rt: Runtime) -> None:
    """Ask from when until when."""
    today = await rt.db.look(actor, choices.today)
    await rt.slack.open_view(body["trigger_id"], away_modal(today))
    await ack()


async def press_back(ack: AsyncAck, actor: Actor, rt: Runtime) -> None:
    """A person is back from an absence."""
    await rt.db.run(actor, service.back)
    await ack()


async def open_help(ack: AsyncAck, body: Json, actor: Actor, rt: Runtime) -> None:
    """Show the help in the words of the person's side."""
    side = actor.memberships[0].side if actor.memberships else None
    await rt.slack.open_view(body["trigger_id"], help_modal(side))
    await ack()


async def press_next(ack: AsyncAck, actor: Actor, rt: Runtime) -> None:
    """Turn to the next page of engagements."""
    await rt.db.run(actor, homes.turn, 1)
    await ack()


async def press_previous(ack: AsyncAck, actor: Actor, rt: Runtime) -> None:
    """Turn back."""
    await rt.db.run(actor, homes.turn, -1)
    await ack()

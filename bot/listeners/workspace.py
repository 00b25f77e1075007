"""What happens to the app and its channels, and what nobody else here takes: acknowledged, so that Slack is at rest."""

import re
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp

from bot import farewell
from bot.errors import NotNow
from bot.gateway import SlackFailure
from bot.runtime import Runtime
from models.errors import NotFound

Json = dict[str, Any]

_ANY = re.compile(r"[\s\S]*")


def register(app: AsyncApp) -> None:
    """Bind the handlers of everything that is left. Must come last."""
    app.event("tokens_revoked")(on_loss)
    app.event("app_uninstalled")(on_loss)
    app.event(_ANY)(on_other_event)
    app.action(_ANY)(on_old_button)
    app.view(_ANY)(on_old_button)
    app.view_closed(_ANY)(on_closed)


async def on_loss(ack: AsyncAck, event: Json, rt: Runtime) -> None:
    """The app was removed, or its token taken back: everything stops there until it is installed again.

    Slack sends both events, in any order, and perhaps again after a new installation: so the token itself is asked.
    Raises NotNow if that cannot be; then Slack tells us once more.
    """
    kind = str(event.get("type"))
    if kind == "tokens_revoked" and not (event.get("tokens") or {}).get("bot"):
        await ack()  # a person's own token: we have none
        return
    await stop_if_refused(rt, kind)
    await ack()


async def stop_if_refused(rt: Runtime, kind: str) -> None:
    """Stop this installation if Slack refuses its token. `kind` is the event that made us ask.

    Raises NotNow if Slack does not say, or if the app was installed anew meanwhile.
    """
    try:
        is_known = await farewell.stop_if_refused(rt.db, rt.tenants, rt.slack, rt.installed.team_id, kind)
    except SlackFailure:
        raise NotNow from None
    if not is_known:
        raise NotNow


async def on_other_event(ack: AsyncAck) -> None:
    """Something that changes nothing here."""
    await ack()


async def on_old_button() -> None:
    """A button or form of an older version, or of nobody: say so."""
    raise NotFound("What this button belongs to")


async def on_closed(ack: AsyncAck) -> None:
    """A form was closed without being sent."""
    await ack()

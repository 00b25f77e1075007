"""What happens to the app and its channels, and what nobody else here takes: acknowledged, so that Slack is at rest."""

import re
from typing import Any

import structlog
from slack_bolt.async_app import AsyncAck, AsyncApp

from models.errors import NotFound

Json = dict[str, Any]

_ANY = re.compile(r"[\s\S]*")
_log = structlog.get_logger(__name__)


def register(app: AsyncApp) -> None:
    """Bind the handlers of everything that is left. Must come last."""
    app.event("tokens_revoked")(on_loss)
    app.event("app_uninstalled")(on_loss)
    app.event("app_home_opened")(on_other_event)
    app.event("member_left_channel")(on_other_event)
    app.event(_ANY)(on_other_event)
    app.action(_ANY)(on_old_button)
    app.view(_ANY)(on_old_button)
    app.view_closed(_ANY)(on_closed)


async def on_loss(ack: AsyncAck, event: Json, body: Json) -> None:
    """The app was removed, or its token taken back: nothing can be posted until it is installed again."""
    _log.error("access_lost", event_type=str(event.get("type")), team=str(body.get("team_id", "")))
    await ack()


async def on_other_event(ack: AsyncAck) -> None:
    """Something that changes nothing here."""
    await ack()


async def on_old_button() -> None:
    """A button or form of an older version, or of nobody: say so."""
    raise NotFound("What this button belongs to")


async def on_closed(ack: AsyncAck) -> None:
    """A form was closed without being sent."""
    await ack()

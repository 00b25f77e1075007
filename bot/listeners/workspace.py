"""What happens to the app and its channels, and what nobody else here takes: acknowledged, so that Slack is at rest."""

import re
from typing import Any

import structlog
from slack_bolt.async_app import AsyncAck, AsyncApp

from bot.errors import NotNow
from bot.gateway import SlackFailure, TokenRefused
from bot.runtime import Runtime
from models.access import system_in
from models.errors import NotFound
from models.installations import queries
from models.installations import service as installations

Json = dict[str, Any]

_ANY = re.compile(r"[\s\S]*")
_log = structlog.get_logger(__name__)


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
    """Ask Slack whether our token of this installation is good still; stop the installation if it is not.

    `kind` is the event that made us ask. Raises NotNow if Slack does not say, or if the app was installed anew
    meanwhile.
    """
    workspace_id = rt.installed.team_id
    actor = system_in(workspace_id)
    asked = await rt.db.look(actor, queries.stamp, workspace_id)
    try:
        await rt.slack.auth_test()
        _log.info("access_kept", event_type=kind, workspace=workspace_id)
    except TokenRefused:
        is_stopped = await rt.db.run(actor, installations.stop, workspace_id, asked)
        rt.tenants.forget(workspace_id)
        if not is_stopped:
            raise NotNow from None
        _log.error("access_lost", event_type=kind, workspace=workspace_id)
    except SlackFailure:
        raise NotNow from None


async def on_other_event(ack: AsyncAck) -> None:
    """Something that changes nothing here."""
    await ack()


async def on_old_button() -> None:
    """A button or form of an older version, or of nobody: say so."""
    raise NotFound("What this button belongs to")


async def on_closed(ack: AsyncAck) -> None:
    """A form was closed without being sent."""
    await ack()

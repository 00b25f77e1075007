"""The app was removed from a workspace, as far as Slack says: everything stops there until it is installed again."""

import structlog

from bot.gateway import Gateway, TokenRefused
from bot.tenants import Tenants
from models.access import system_in
from models.db import Database
from models.installations import queries, service

_log = structlog.get_logger(__name__)


async def stop_if_refused(db: Database, tenants: Tenants, slack: Gateway, workspace_id: str, kind: str) -> bool:
    """Ask Slack whether our token of this installation is good still; stop the installation if it is not.

    `kind` is what made us ask. False if the app was installed anew meanwhile, so that nothing is known. Raises
    SlackFailure if Slack does not say.
    """
    actor = system_in(workspace_id)
    asked = await db.look(actor, queries.stamp, workspace_id)
    try:
        await slack.auth_test()
    except TokenRefused:
        is_stopped = await db.run(actor, service.stop, workspace_id, asked)
        tenants.forget(workspace_id)
        if is_stopped:
            _log.error("access_lost", event_type=kind, workspace=workspace_id)
        return is_stopped
    _log.info("access_kept", event_type=kind, workspace=workspace_id)
    return True

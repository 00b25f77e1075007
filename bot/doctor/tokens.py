"""Checks of the workspaces that installed the app themselves: are their tokens renewed in time?"""

from datetime import datetime

from bot.doctor.findings import Finding, bad, good, odd
from models.installations.queries import Installed
from models.installations.renewal import MARGIN

_REMEDY = "Is a process running? If Slack refuses the renewal, let the workspace install the app again."


def renewal(one: Installed, wall: datetime) -> Finding:
    """Does the token of one workspace live, and is it renewed before it ends?"""
    what = f"token of {one.workspace_id}"
    if one.expires_at is None:
        return good(what, f"{one.name or one.workspace_id} has one that does not expire.")
    if one.expires_at <= wall:
        return bad(what, f"It has expired{_why(one)}.", _REMEDY)
    hours = (one.expires_at - wall).total_seconds() / 3600
    if one.expires_at - wall < MARGIN / 2:
        return odd(what, f"It expires in {hours:.1f} hours and was not renewed{_why(one)}.", _REMEDY)
    return good(what, f"It is good for {hours:.0f} hours and will be renewed before.")


def unreadable(workspace_id: str) -> Finding:
    """The token of a workspace that no key opens: nothing is posted there."""
    remedy = "Put its key back into CADENCE_KEYS; if it is lost, let the workspace install the app again."
    return bad(f"token of {workspace_id}", "No key opens it: nothing is posted there.", remedy)


def _why(one: Installed) -> str:
    return f": {one.trouble}" if one.trouble else ""

"""Installing, stopping and forgetting a workspace. Times of tokens are the wall clock's; the grace is the domain's."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import CursorResult, delete
from sqlmodel import col, select

from models.access import system_only
from models.base import Sealed
from models.db import Tx
from models.engagements.tables import Workspace
from models.installations.queries import Stamp, stamp_of
from models.installations.tables import Installation, InstallState

GRACE = timedelta(days=30)
"""How long a workspace's data are kept after the app was removed from it."""
STATE_LIFE = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Grant:
    """What Slack gave when the app was installed. With `is_org_wide`, `workspace_id` is the organisation's id."""

    workspace_id: str
    name: str
    bot_user_id: str
    bot_id: str
    bot_token: str
    refresh_token: str = ""
    expires_at: datetime | None = None
    scopes: str = ""
    app_id: str = ""
    installed_by: str = ""
    is_org_wide: bool = False


def remember(tx: Tx, workspace_id: str, name: str, bot_user_id: str, bot_id: str, *, is_org_wide: bool = False) -> None:
    """Keep the workspace's row true: its name and who we are in it. One that was stopped goes on."""
    system_only(tx)
    workspace = Workspace(workspace_id=workspace_id, name=name, bot_user_id=bot_user_id, bot_id=bot_id)
    workspace.is_org_wide = is_org_wide or None
    workspace.stopped_at = workspace.erase_at = None
    tx.session.merge(workspace)


def install(tx: Tx, grant: Grant) -> None:
    """Take up a workspace, or replace the tokens it had. What was kept from an earlier time is there again."""
    remember(tx, grant.workspace_id, grant.name, grant.bot_user_id, grant.bot_id, is_org_wide=grant.is_org_wide)
    row = row_of(tx, grant.workspace_id)
    if row is None:
        row = Installation(workspace_id=grant.workspace_id, installed_at=tx.now, bot_token=Sealed(""), generation=0)
    row.app_id, row.scopes, row.installed_by = grant.app_id, grant.scopes, grant.installed_by
    row.installed_at, row.expires_at = tx.now, grant.expires_at
    store_pair(tx, row, grant.bot_token, grant.refresh_token)
    tx.add(row)


def stop(tx: Tx, workspace_id: str, asked: Stamp | None) -> bool:
    """The app is not in that workspace any more: nothing there is due or delivered, its tokens are gone.

    `asked` is the installation that Slack refused; one that was made since then stays, and nothing is changed. The
    data are kept for the grace. Whether the workspace is stopped now; a second time changes nothing.
    """
    system_only(tx)
    row = row_of(tx, workspace_id)
    if stamp_of(row) != asked:
        return False
    if row is not None:
        tx.session.delete(row)
    workspace = tx.session.get(Workspace, workspace_id, with_for_update=True, populate_existing=True)
    if workspace is not None and workspace.stopped_at is None:
        workspace.stopped_at, workspace.erase_at = tx.now, tx.now + GRACE
    return True


def begin(tx: Tx, wall: datetime) -> str:
    """A new state for the browser of somebody who wants to install; it is good for ten minutes."""
    tx.session.exec(delete(InstallState).where(col(InstallState.expires_at) <= wall))
    state = secrets.token_urlsafe(32)
    tx.add(InstallState(digest=_digest(state), expires_at=wall + STATE_LIFE))
    return state


def consume(tx: Tx, state: str, wall: datetime) -> bool:
    """Whether this state was given out and is still good; it is so only once."""
    same = delete(InstallState).where(col(InstallState.digest) == _digest(state), col(InstallState.expires_at) > wall)
    return cast(CursorResult[Any], tx.session.exec(same)).rowcount == 1


def _digest(state: str) -> str:
    return hashlib.sha256(state.encode()).hexdigest()


def row_of(tx: Tx, workspace_id: str) -> Installation | None:
    """The installation of a workspace, locked until the commit."""
    mine = select(Installation).where(Installation.workspace_id == workspace_id)
    return tx.session.exec(mine.with_for_update().execution_options(populate_existing=True)).one_or_none()


def store_pair(tx: Tx, row: Installation, bot_token: str, refresh_token: str) -> None:
    """Put a new pair of tokens in the place of the old one."""
    row.bot_token = tx.seal(row, "bot_token", bot_token)
    row.refresh_token = tx.seal(row, "refresh_token", refresh_token) if refresh_token else None
    row.generation += 1
    row.renewing_until, row.trouble = None, None

"""What is kept of a workspace from which the app was removed is erased when its grace is over."""

from sqlalchemy import delete
from sqlmodel import col, select

from models.access import system_only
from models.db import Tx
from models.engagements.tables import Workspace
from models.tables import METADATA


def due(tx: Tx) -> tuple[str, ...]:
    """Workspaces whose grace is over."""
    system_only(tx)
    return tuple(tx.session.exec(select(Workspace.workspace_id).where(col(Workspace.erase_at) <= tx.now)))


def erase(tx: Tx, workspace_id: str) -> bool:
    """Remove every row of a workspace whose grace is over. Not if it has been taken up again meanwhile."""
    system_only(tx)
    workspace = tx.session.get(Workspace, workspace_id, with_for_update=True, populate_existing=True)
    if workspace is None or workspace.erase_at is None or workspace.erase_at > tx.now:
        return False
    tx.session.expunge(workspace)
    for table in reversed(METADATA.sorted_tables):
        if "workspace_id" in table.c:
            tx.beside(delete(table).where(table.c.workspace_id == workspace_id))
    return True

"""Reads of installations, and which workspaces are stopped."""

from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from models.access import system_only
from models.db import Tx
from models.engagements.tables import Workspace
from models.installations.tables import Installation
from models.vault import VaultError


@dataclass(frozen=True, slots=True)
class Installed:
    """A workspace as it is served: who we are there, and with which token."""

    workspace_id: str
    name: str
    bot_user_id: str
    bot_id: str
    scopes: frozenset[str]
    is_org_wide: bool
    generation: int
    expires_at: datetime | None
    trouble: str | None
    bot_token: str = field(repr=False)


Stamp = tuple[UUID, int]
"""Which tokens an installation has: another pair, or another installation, has another one."""


def stamp(tx: Tx, workspace_id: str) -> Stamp | None:
    """The stamp of a workspace's installation; none without one."""
    system_only(tx)
    return stamp_of(tx.session.exec(_installation(workspace_id)).one_or_none())


def stamp_of(row: Installation | None) -> Stamp | None:
    """The stamp of an installation; none for none."""
    return (row.id, row.generation) if row is not None else None


def _installation(workspace_id: str) -> SelectOfScalar[Installation]:
    return select(Installation).where(Installation.workspace_id == workspace_id)


def find(tx: Tx, workspace_id: str) -> Installed | None:
    """The installation of a workspace, if there is one. Raises VaultError if no key opens its token."""
    system_only(tx)
    row = tx.session.exec(_installation(workspace_id)).one_or_none()
    workspace = tx.session.get(Workspace, workspace_id)
    if row is None or workspace is None or workspace.stopped_at is not None:
        return None
    return Installed(
        workspace_id=workspace_id,
        name=workspace.name,
        bot_user_id=workspace.bot_user_id,
        bot_id=workspace.bot_id,
        scopes=frozenset(filter(None, row.scopes.split(","))),
        is_org_wide=bool(workspace.is_org_wide),
        generation=row.generation,
        expires_at=row.expires_at,
        trouble=row.trouble,
        bot_token=tx.unseal(row, "bot_token"),
    )


@cache
def stopped() -> SelectOfScalar[str]:
    """The workspaces from which the app was removed."""
    return select(Workspace.workspace_id).where(col(Workspace.stopped_at).is_not(None))


def all_of(tx: Tx) -> tuple[tuple[Installed, ...], tuple[str, ...]]:
    """Every installation, by workspace; and the workspaces whose tokens no key opens."""
    installed, unreadable = [], []
    for workspace_id in tx.session.exec(select(Installation.workspace_id).order_by(Installation.workspace_id)).all():
        try:
            found = find(tx, workspace_id)
        except VaultError:
            unreadable.append(workspace_id)
        else:
            installed += [found] if found else []
    return tuple(installed), tuple(unreadable)

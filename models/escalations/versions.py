"""Ladders as stored: versions that are never edited."""

from collections.abc import Collection
from uuid import UUID

from sqlmodel import col, select

from models.access import Permission, require
from models.activity import service as activity
from models.db import Tx
from models.engagements.tables import Engagement
from models.escalations.ladders import DEFAULT, Ladder, ladder_from, ladder_to
from models.escalations.tables import LadderVersion


def latest(tx: Tx, workspace_id: str, engagement_id: UUID) -> LadderVersion | None:
    """The newest version; none while the default holds and nothing was escalated."""
    return tx.session.exec(
        select(LadderVersion)
        .where(LadderVersion.workspace_id == workspace_id, LadderVersion.engagement_id == engagement_id)
        .order_by(col(LadderVersion.version).desc())
        .limit(1)
    ).first()


def current(tx: Tx, engagement: Engagement) -> LadderVersion:
    """The version a new escalation starts with; the default is written down when it is first needed."""
    return latest(tx, engagement.workspace_id, engagement.id) or _add(tx, engagement, DEFAULT, 1)


def ladder(tx: Tx, engagement: Engagement) -> Ladder:
    """The ladder that holds now."""
    row = latest(tx, engagement.workspace_id, engagement.id)
    return ladder_from(row.spec) if row else DEFAULT


def frozen(tx: Tx, workspace_id: str, ladder_id: UUID) -> Ladder:
    """The ladder of a version."""
    return ladder_from(tx.one(LadderVersion, workspace_id, ladder_id).spec)


def hold(tx: Tx, workspace_id: str, ladder_ids: Collection[UUID]) -> None:
    """Read several versions at once, so that `frozen` finds them in this transaction without asking again."""
    found = select(LadderVersion).where(
        LadderVersion.workspace_id == workspace_id, col(LadderVersion.id).in_(ladder_ids)
    )
    if ladder_ids:
        tx.once(("ladders", frozenset(ladder_ids)), lambda: tuple(tx.session.exec(found)), LadderVersion)


def change(tx: Tx, engagement: Engagement, new: Ladder) -> bool:
    """Make a new version, for escalations raised from now on; whether it differs. Raises NotAllowed, NotFound."""
    require(tx, engagement.id, Permission.LADDER_CHANGE)
    return begin(tx, engagement, new)


def begin(tx: Tx, engagement: Engagement, new: Ladder) -> bool:
    """The same for an engagement that is just being made, by somebody who is on no roster yet."""
    held = ladder(tx, engagement)
    if held == new:
        return False
    before = latest(tx, engagement.workspace_id, engagement.id)
    version = before.version if before else 0
    row = _add(tx, engagement, new, version + 1)
    activity.record(
        tx,
        "ladder.changed",
        row,
        before={"version": version, "ladder": ladder_to(held)},
        after={"version": row.version, "ladder": row.spec},
    )
    return True


def rename_channel(tx: Tx, workspace_id: str, old_id: str, new_id: str) -> None:
    """A channel has another id: every version that names the old one names the new one, for what climbs already too."""
    for row in tx.session.exec(select(LadderVersion).where(LadderVersion.workspace_id == workspace_id)):
        held = ladder_from(row.spec)
        if old_id in held.channels():
            row.spec = ladder_to(held.with_channel(old_id, new_id))


def _add(tx: Tx, engagement: Engagement, new: Ladder, version: int) -> LadderVersion:
    row = LadderVersion(
        workspace_id=engagement.workspace_id,
        engagement_id=engagement.id,
        version=version,
        spec=ladder_to(new),
        made_at=tx.now,
        made_by_id=tx.actor.person_id,
    )
    return tx.add(row)

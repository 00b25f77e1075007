"""Slack's limits, kept for all replicas: one "free again at" for each lane, method and workspace (GCRA).

A gate is passed by moving its time on; a rate limit from Slack moves it further. Times come from the wall clock.
Whoever needs several gates takes those of the workspace first and then the lanes', each in the order of their keys:
so nobody waits for each other in a circle.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import case
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlmodel import SQLModel

from models.db import Tx
from models.outbox.rules import Operation

WORKSPACE = "workspace"
POSTS = "posts"
UPDATES = "method:chat.update"
DELETIONS = "method:chat.delete"
HISTORY = "method:conversations.history"
OPENINGS = "method:conversations.open"
HOMES = "method:views.publish"
OF_OPERATION = {
    Operation.POST: POSTS,
    Operation.REFRESH: UPDATES,
    Operation.DELETE: DELETIONS,
    Operation.PUBLISH: HOMES,
}

_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Rate:
    """One every so often, and up to `burst` at once after a rest."""

    every: timedelta
    burst: int = 1

    def allowed(self, free_at: datetime, now: datetime, most: int) -> int:
        """How many may pass now, `most` at the highest."""
        count = 0
        while count < most and free_at <= now:
            free_at, count = self.after(free_at, now), count + 1
        return count

    def after(self, free_at: datetime, now: datetime, count: int = 1) -> datetime:
        """When the gate is free again after `count` have passed."""
        for _ in range(count):
            free_at = max(free_at, now - (self.burst - 1) * self.every) + self.every
        return free_at


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast we go: from one post of a lane to the next, and every other gate by its key."""

    lane: timedelta
    gates: Mapping[str, Rate]


_TIER_3 = Rate(timedelta(seconds=1.4), burst=5)
_TIER_4 = Rate(timedelta(seconds=0.7), burst=10)

SLACK = Pace(
    lane=timedelta(seconds=1.02),
    gates={
        POSTS: Rate(timedelta(seconds=0.21), burst=5),
        UPDATES: _TIER_3,
        DELETIONS: _TIER_3,
        HISTORY: _TIER_3,
        OPENINGS: _TIER_3,
        HOMES: _TIER_4,
    },
)
"""A little below Slack's limits, so that no minute is ever over them even where requests bunch on their way.

One post a second a channel, "several hundred" a minute a workspace (300 planned), 50 a minute for tier 3 and 100 for
tier 4.
Source: Slack's page on rate limits.
"""


def touch(tx: Tx, workspace_id: str, times: Mapping[str, datetime | None]) -> dict[str, datetime]:
    """Lock gates and move them on to the times given, never back; none only locks. Returns when each is free."""
    if not times:
        return {}
    ordered = sorted(times, key=lambda key: (is_lane(key), key))
    rows = [{"workspace_id": workspace_id, "key": key, "free_at": times[key] or _LONG_AGO} for key in ordered]
    found = tx.beside(_upsert(tx.dialect.name), rows)
    return {row.key: row.free_at for row in found}


@cache
def _upsert(dialect: str) -> Any:
    gate = SQLModel.metadata.tables["gate"]  # as a table: many rows are far cheaper than through the mapping
    statement = (sqlite_insert if dialect == "sqlite" else postgres_insert)(gate)
    later = case((statement.excluded.free_at > gate.c.free_at, statement.excluded.free_at), else_=gate.c.free_at)
    upsert = statement.on_conflict_do_update(index_elements=["workspace_id", "key"], set_={"free_at": later})
    return upsert.returning(gate.c.key, gate.c.free_at)


def take(tx: Tx, workspace_id: str, key: str, pace: Pace, wall: datetime) -> datetime | None:
    """Pass one gate now: none if it was free, else when it will be."""
    free_at = touch(tx, workspace_id, {key: None, WORKSPACE: None})
    opens = max(free_at.values())
    if opens > wall:
        return opens
    touch(tx, workspace_id, {key: pace.gates[key].after(free_at[key], wall)})
    return None


def is_lane(key: str) -> bool:
    """Whether a key names a lane: a channel, a person's direct message, a person's Home tab."""
    return key.startswith(("channel:", "direct:", "home:"))

"""Settles what nobody knows: looks in Slack for posts whose answer was lost, before anything is sent again."""

from collections.abc import Mapping
from uuid import UUID

import structlog

from bot.gateway import Doors, RateLimited, SlackFailure, TargetGone
from models.access import system_in
from models.clock import Clock
from models.db import Database
from models.outbox import doubts
from models.outbox.doubts import Search
from models.outbox.gates import Pace

_log = structlog.get_logger(__name__)

_THREAD_GONE = "thread_not_found"


class Reconciler:
    """One read of a channel or thread settles every post that is in doubt there."""

    def __init__(self, db: Database, doors: Doors, wall: Clock, *, pace: Pace) -> None:
        self._db = db
        self._doors = doors
        self._wall = wall
        self._pace = pace

    async def run(self, workspace_id: str) -> int:
        """Look for whatever is to be looked for now; of how many messages the state moved on."""
        searches, moved = await self._db.run(
            system_in(workspace_id), doubts.take, workspace_id, self._wall.now(), pace=self._pace
        )
        for search in searches:
            await self._look(search)
        return moved

    async def _look(self, search: Search) -> None:
        place = search.place
        keys: Mapping[str, UUID] = {row_id.hex: row_id for row_id in search.messages}
        try:
            slack = await self._doors(place.workspace_id)
            found = await slack.find_posts(
                place.channel_id, place.thread_ts, search.oldest.timestamp(), frozenset(keys)
            )
        except SlackFailure as failure:
            await self._not_read(search, failure)
            return
        stamps = {keys[key]: posts for key, posts in found.posts.items()}
        await self._db.run(
            system_in(place.workspace_id), doubts.settle, search, self._wall.now(), stamps, is_whole=found.is_whole
        )
        for row_id in search.messages:
            outcome = "found" if row_id in stamps else "absent" if found.is_whole else "unknown"
            _log.info("looked_for", row=str(row_id), channel=place.channel_id, outcome=outcome)

    async def _not_read(self, search: Search, failure: SlackFailure) -> None:
        if isinstance(failure, TargetGone) and failure.code == _THREAD_GONE:
            await self._db.run(system_in(search.place.workspace_id), doubts.lost, search, failure.code)
            return
        wait = failure.retry_after if isinstance(failure, RateLimited) else None
        await self._db.run(
            system_in(search.place.workspace_id), doubts.unreadable, search, failure.code, self._wall.now(), wait
        )
        _log.warning("cannot_look", channel=search.place.channel_id, code=failure.code, count=len(search.messages))

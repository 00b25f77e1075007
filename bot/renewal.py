"""Renews tokens that expire, long before they do: one process at a time for each workspace."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from bot.line import RENEW_SECONDS, Line, Pair
from bot.slack_errors import RateLimited, SlackFailure, Transient, Unclear
from bot.tenants import UNREADABLE, Tenants
from models.access import SYSTEM, system_in
from models.clock import Clock
from models.db import Database
from models.installations import renewal
from models.installations.renewal import Turn
from models.vault import VaultError

_SOON = timedelta(seconds=10)
"""After an answer that was lost: Slack takes a used token once more for a short time."""
_LATER = timedelta(minutes=10)
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Renewed:
    """A new pair, the turn in which it was had, and when its token ends."""

    turn: Turn
    pair: Pair
    expires_at: datetime


class Renewal:
    """Exchanges refresh tokens for new pairs. Any number of replicas may run one each."""

    def __init__(
        self, db: Database, line: Line, wall: Clock, tenants: Tenants, *, client_id: str, client_secret: str
    ) -> None:
        self._db = db
        self._line = line
        self._wall = wall
        self._tenants = tenants
        self._client = (client_id, client_secret)
        self._unstored: dict[str, _Renewed] = {}
        """What Slack gave while the database could not be told: the token it was had for is used up."""

    async def run(self) -> int:
        """Renew whatever is to be renewed now. How many were."""
        for renewed in [*self._unstored.values()]:
            await self._store(renewed)
        waiting = await self._db.look(SYSTEM, renewal.due, self._wall.now())
        return sum([await self.renew(workspace_id) for workspace_id in waiting])

    async def renew(self, workspace_id: str) -> bool:
        """Renew one workspace's token, unless there is no need or another process is at it."""
        try:
            turn = await self._db.run(system_in(workspace_id), renewal.take_turn, workspace_id, self._wall.now())
        except VaultError:  # its own trouble, and perhaps another process has the key
            _log.error("token_not_renewed", workspace=workspace_id, code=UNREADABLE)
            return False
        if turn is None or turn.until - self._wall.now() < timedelta(seconds=RENEW_SECONDS):
            return False  # none, or frozen since: by the time this was over, somebody else may have the next pair
        try:
            pair = await self._line.renew(turn.refresh_token, *self._client)
        except SlackFailure as failure:
            again_at = self._wall.now() + _delay(failure)
            await self._db.run(system_in(workspace_id), renewal.failed, turn, failure.code, again_at)
            _log.error("token_not_renewed", workspace=workspace_id, code=failure.code)
            return False
        renewed = self._unstored[workspace_id] = _Renewed(turn, pair, self._wall.now() + pair.lives)
        return await self._store(renewed)

    async def _store(self, renewed: "_Renewed") -> bool:
        """Write it down. What the database does not take stays, for the next run."""
        workspace_id, pair = renewed.turn.workspace_id, renewed.pair
        given = (pair.bot_token, pair.refresh_token, renewed.expires_at)
        is_stored = await self._db.run(system_in(workspace_id), renewal.renewed, renewed.turn, *given)
        self._unstored.pop(workspace_id, None)
        self._tenants.forget(workspace_id)
        _log.info("token_renewed" if is_stored else "token_renewed_by_another", workspace=workspace_id)
        return is_stored


def _delay(failure: SlackFailure) -> timedelta:
    if isinstance(failure, RateLimited):
        return failure.retry_after
    return _SOON if isinstance(failure, Unclear | Transient) else _LATER

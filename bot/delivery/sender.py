"""One message on its way: rendered from the state of now, checked, sent, and its outcome told in a word."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Protocol

import structlog
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from bot.delivery.audience import AudienceCheck
from bot.gateway import ContentRefused, Doors, RateLimited, SlackFailure, TargetGone, TokenRefused, Unclear
from bot.logs import frames
from models.access import Side, system_in
from models.clock import Clock
from models.db import Database, Tx
from models.engagements.tables import Person
from models.outbox import gates, homes, queries
from models.outbox.delivery import Claim
from models.outbox.gates import Pace
from models.outbox.outcomes import Report
from models.outbox.queries import Readers
from models.outbox.rules import Audience, Operation, Outcome, Place
from models.outbox.tables import OutboxMessage
from models.vault import KeyMissing

_log = structlog.get_logger(__name__)
_METHODS = {
    Operation.POST: "chat.postMessage",
    Operation.REFRESH: "chat.update",
    Operation.DELETE: "chat.delete",
    Operation.PUBLISH: "views.publish",
}
_NOT_INHOUSE = "person_is_not_inhouse"
_NOT_ON_ROSTER = "not on the roster any more"
_KEY_WAIT = timedelta(days=1)
"""So long a message waits for the key of what it shows: another process may have it, or it is put back."""


class Rendering(Protocol):
    """A message as Slack gets it."""

    @property
    def text(self) -> str:
        """All of it in plain words."""
        ...

    @property
    def blocks(self) -> Sequence[dict[str, Any]]:
        """Block Kit."""
        ...


Render = Callable[[Tx, OutboxMessage], Rendering | None]


@dataclass(frozen=True, slots=True)
class _Prepared:
    """What one short reading transaction gives."""

    rendering: Rendering | None
    side: Side | None
    readers: Readers | None
    view_hash: str | None = None
    """Of the Home tab that Slack shows."""


class _RenderFailed(Exception):
    pass


class _NotNow(Exception):
    """A gate of ours is closed."""

    def __init__(self, delay: timedelta) -> None:
        self.delay = delay


class Sender:
    """Sends claimed messages. `send` never raises but when it is cancelled."""

    def __init__(
        self, db: Database, doors: Doors, render: Render, wall: Clock, *, pace: Pace, call_seconds: float
    ) -> None:
        self._db = db
        self._doors = doors
        self._render = render
        self._wall = wall
        self._pace = pace
        self._call_time = timedelta(seconds=call_seconds)
        self._audience = AudienceCheck(doors, wall)

    async def send(self, claim: Claim) -> Report:
        """Try once, and say what became of it."""
        loop = asyncio.get_running_loop()
        started = loop.time()
        report = await self._outcome(claim)
        _tell(claim.message, report, milliseconds=round((loop.time() - started) * 1000))
        return report

    async def _outcome(self, claim: Claim) -> Report:
        message = claim.message
        try:
            return await self._try(claim)
        except SlackFailure as failure:
            return _failed(claim, failure)
        except _NotNow as closed:
            return Report(message, Outcome.FAILED, "waits for its turn", delay=closed.delay)
        except KeyMissing:
            _log.error("no_key", row=str(message.id), kind=message.kind)
            waits = self._db.clock.now() - message.written_at < _KEY_WAIT
            return Report(message, Outcome.FAILED if waits else Outcome.BROKEN, KeyMissing.__name__)
        except _RenderFailed as error:
            cause = error.__cause__ or error
            _log.error("not_rendered", row=str(message.id), kind=message.kind, frames=frames(cause))
            return Report(message, Outcome.BROKEN, type(cause).__name__)
        except (DBAPIError, PoolTimeout) as error:
            return Report(message, Outcome.FAILED, type(error).__name__)

    async def _try(self, claim: Claim) -> Report:
        message = claim.message
        if message.operation is Operation.DELETE:
            return await self._call(claim, claim.target.channel_id or "", None)
        prepared = await self._db.look(system_in(message.workspace_id), self._prepare, message)
        if prepared.rendering is None:
            return Report(message, Outcome.UNWANTED)
        if message.operation is Operation.PUBLISH:
            return await self._call(claim, "", prepared.rendering, prepared.view_hash)
        if message.place is Place.DIRECT and prepared.side is None:
            return Report(message, Outcome.UNWANTED, _NOT_ON_ROSTER)
        if code := await self._refusal(claim, prepared):
            return Report(message, Outcome.FORBIDDEN, code, channel_id=claim.target.channel_id or "")
        channel_id = claim.target.channel_id or await self._open_direct(claim)
        return await self._call(claim, channel_id, prepared.rendering)

    def _prepare(self, tx: Tx, message: OutboxMessage) -> _Prepared:
        try:
            rendering = self._render(tx, message)
        except (DBAPIError, PoolTimeout, KeyMissing):
            raise
        except Exception as error:  # one message that cannot be rendered must not stop the others
            raise _RenderFailed from error
        if message.operation is Operation.PUBLISH:
            home = homes.of_person(tx, message.workspace_id, message.subject_id)
            return _Prepared(rendering if home else None, None, None, home.view_hash if home else None)
        place = (message.workspace_id, message.engagement_id)
        side = queries.side_of(tx, *place, message.person_id) if message.person_id else None
        is_inhouse = message.audience is Audience.INHOUSE
        return _Prepared(rendering, side, queries.readers(tx, *place) if is_inhouse else None)

    async def _refusal(self, claim: Claim, prepared: _Prepared) -> str:
        """Why the destination must not have it; "" if it may."""
        if prepared.readers is None:
            return ""
        if claim.message.place is Place.DIRECT:
            return "" if prepared.side is Side.INHOUSE else _NOT_INHOUSE
        channel_id = claim.target.channel_id or ""
        return await self._audience.refusal(claim.message.workspace_id, channel_id, prepared.readers)

    async def _open_direct(self, claim: Claim) -> str:
        """Open the direct message and store it before anything is posted: so one can always look there."""
        workspace_id = claim.message.workspace_id
        slack = await self._doors(workspace_id)
        now = self._wall.now()
        opens = await self._db.run(system_in(workspace_id), gates.take, workspace_id, gates.OPENINGS, self._pace, now)
        if opens is not None:
            raise _NotNow(opens - now)
        try:
            channel_id = await slack.open_direct(claim.target.user_id or "")
        except (TokenRefused, ContentRefused) as failure:
            if isinstance(failure, TokenRefused) and failure.code != "missing_scope":
                raise
            raise TargetGone(failure.code, method=failure.method) from None
        await self._db.run(system_in(workspace_id), _remember_direct, claim.message, channel_id)
        return channel_id

    async def _call(
        self, claim: Claim, channel_id: str, rendering: Rendering | None, view_hash: str | None = None
    ) -> Report:
        message, target = claim.message, claim.target
        slack = await self._doors(message.workspace_id)
        began_at = self._wall.now()
        if claim.lease_until - began_at < self._call_time:
            # Frozen or slow: by the time this was over, another worker might have sent it as well.
            return Report(message, Outcome.RETURNED, "lease_over")
        try:
            if rendering is None:
                await slack.delete(channel_id, target.ts or "")
            elif message.operation is Operation.PUBLISH:
                view = {"type": "home", "blocks": list(rendering.blocks)}
                shown = await slack.publish_view(target.user_id or "", view, view_hash)
                return Report(message, Outcome.SENT, view_hash=shown)
            elif message.operation is Operation.REFRESH:
                await slack.update(channel_id, target.ts or "", rendering.text, rendering.blocks)
            else:
                ts = await slack.post_message(
                    channel_id, rendering.text, rendering.blocks, key=claim.key, thread_ts=target.thread_ts
                )
                return Report(message, Outcome.SENT, "", channel_id, ts, target.thread_ts, began_at=began_at)
        except SlackFailure as failure:
            return _failed(claim, failure, channel_id=channel_id)
        return Report(message, Outcome.SENT, channel_id=channel_id)


def _failed(claim: Claim, failure: SlackFailure, channel_id: str = "") -> Report:
    message = claim.message
    is_own_call = failure.method == _METHODS[message.operation]
    delay = failure.retry_after if isinstance(failure, RateLimited) else timedelta(0)
    match failure:
        case RateLimited() if is_own_call:
            outcome = Outcome.LIMITED
        case TokenRefused():
            outcome = Outcome.HALTED
        case TargetGone():
            outcome = Outcome.GONE
        case ContentRefused() if failure.code == "hash_conflict":
            outcome = Outcome.STALE
        case ContentRefused():
            outcome = Outcome.REFUSED
        case Unclear() if is_own_call and message.operation is Operation.POST:
            outcome = Outcome.UNSURE
        case _:  # not sent for certain, or harmless to do again
            outcome = Outcome.FAILED
    if failure.pointers:
        _log.error("content_refused", row=str(message.id), code=failure.code, reason=" ".join(failure.pointers))
    return Report(message, outcome, failure.code, channel_id or claim.target.channel_id or "", delay=delay)


def _remember_direct(tx: Tx, message: OutboxMessage, channel_id: str) -> None:
    if message.person_id:
        tx.one(Person, message.workspace_id, message.person_id).dm_channel_id = channel_id


_WORTH_A_LOOK = frozenset({Outcome.UNSURE, Outcome.GONE, Outcome.REFUSED, Outcome.FORBIDDEN, Outcome.BROKEN})


def _tell(message: OutboxMessage, report: Report, *, milliseconds: int) -> None:
    """One line a delivery, with ids and words of ours only."""
    write = _log.warning if report.outcome in _WORTH_A_LOOK else _log.info
    write(
        "delivery",
        row=str(message.id),
        engagement=str(message.engagement_id),
        kind=message.kind,
        operation=str(message.operation),
        lane=message.lane,
        outcome=str(report.outcome),
        code=report.code,
        attempts=message.attempts,
        milliseconds=milliseconds,
    )

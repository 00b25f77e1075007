"""The dead man's switch: an address outside that is called after every clean look, and raises the alarm when it is not.

The address comes from the operator's settings. It is a secret, so it is never logged; only http and https are spoken,
and no redirect is followed.
"""

from datetime import datetime, timedelta

import aiohttp
import structlog
from pydantic import SecretStr

from bot import metrics
from models.access import SYSTEM
from models.db import Database, Tx
from models.marks import service as marks
from scheduler.auditor import KINDS, QUICK, Violation, audit
from scheduler.steps import STEPS

WHOLE_EVERY = timedelta(minutes=15)
"""A quick look is taken each minute, a whole one so often; each time, while the last whole one found something."""
_SECONDS = 10.0
_log = structlog.get_logger(__name__)


class Heartbeat:
    """Calls one address."""

    def __init__(self, url: str) -> None:
        self._url = url

    async def beat(self) -> bool:
        """Call it once; whether that went well. Never raises: that nobody hears us is for the other side to notice."""
        try:
            timeout = aiohttp.ClientTimeout(total=_SECONDS)
            async with (
                aiohttp.ClientSession(timeout=timeout) as session,
                session.get(self._url, allow_redirects=False) as answer,
            ):
                if answer.status < 300:
                    return True
                _log.warning("heartbeat_refused", status=answer.status)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            _log.warning("heartbeat_failed", error=type(error).__name__)
        return False


class Pulse:
    """Looks whether all is as it should be, remembers when it was, and then says so outside."""

    def __init__(self, db: Database, url: SecretStr | None) -> None:
        self._db = db
        self._whole_from: datetime | None = None
        """When the next whole look is due; none: now."""
        self._heartbeat = Heartbeat(url.get_secret_value()) if url else None

    async def look(self) -> list[Violation]:
        """One look. What is wrong is logged and counted, and then nothing is said outside."""
        now = self._db.wall.now()
        is_whole = self._whole_from is None or now >= self._whole_from
        found = await self._db.look(SYSTEM, audit, STEPS, is_whole=is_whole)
        if is_whole:
            self._whole_from = None if found else now + WHOLE_EVERY
        counts = {one.what: one.count for one in found}
        for what in KINDS if is_whole else QUICK:
            metrics.VIOLATIONS.labels(what).set(counts.get(what, 0))
        for one in found:
            _log.error("audit_found", subject=one.what, count=one.count)
        if not found:
            await self._db.run(SYSTEM, _remember)
            if self._heartbeat is not None:
                await self._heartbeat.beat()
        return found


def _remember(tx: Tx) -> None:
    marks.set_mark(tx, marks.AUDIT)

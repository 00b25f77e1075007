"""Is it alive, and can it serve? What the web server answers to the operator's tools."""

import asyncio
from collections.abc import Awaitable, Callable
from time import monotonic

from sqlalchemy.exc import SQLAlchemyError

from models import schema
from models.access import SYSTEM
from models.db import Database
from models.marks import service as marks
from models.outbox.agenda import oldest_waiting
from models.upkeep import keys
from models.vault import VaultError

SILENT_SECONDS = 60.0
"""A scheduler that has not looked for so long is stuck."""
OLDEST_SECONDS = 600.0
"""A message that has waited so long is not going out by itself."""
_PROBE_SECONDS = 10.0
"""The database is written to no more often than that, however often somebody asks."""
_ANSWER_SECONDS = 4.0
"""With a database that takes longer nobody can be served; whoever asks waits no longer either."""


class Health:
    """Looks at the parts. Every check answers what is wrong by the name of the part, in a few words."""

    def __init__(self, db: Database, silent_for: Callable[[], float]) -> None:
        self._db = db
        self._silent_for = silent_for
        self.is_serving = False
        self.is_refused: Callable[[], bool] = lambda: False
        self._probed = -_PROBE_SECONDS
        self._look: asyncio.Task[dict[str, str]] | None = None
        self.socket: Callable[[], Awaitable[bool]] | None = None

    async def live(self) -> dict[str, str]:
        """The event loop answers, and the scheduler looks."""
        silent = self._silent_for()
        return {"scheduler": f"has not looked for {silent:.0f} seconds"} if silent > SILENT_SECONDS else {}

    async def ready(self) -> dict[str, str]:
        """Also: started and not stopping, the database and its schema, Slack, and the waiting messages."""
        problems = await self.live()
        if not self.is_serving:
            problems["intake"] = "is not open"
        if self.socket is not None and not await self.socket():
            problems["slack"] = "is not connected"
        elif self.is_refused():
            problems["slack"] = "refuses the token"
        return problems | await self._database()

    async def _database(self) -> dict[str, str]:
        """What is stored; one look at a time, however often somebody asks, since one may hang."""
        if self._look is None or self._look.done():
            self._look = asyncio.create_task(self._looked())
        await asyncio.wait({self._look}, timeout=_ANSWER_SECONDS)
        return self._look.result() if self._look.done() else {"database": "does not answer"}

    async def _looked(self) -> dict[str, str]:
        try:
            return await self._db.work(self._stored)
        except SQLAlchemyError as error:
            return {"database": f"cannot be used: {type(error).__name__}"}

    def _stored(self) -> dict[str, str]:
        found = schema.state(self._db)
        if not found.is_current:
            return {"schema": f"is {found.current}, needed is {found.head}"}
        if monotonic() - self._probed >= _PROBE_SECONDS:
            with self._db.transaction(SYSTEM) as tx:
                marks.set_mark(tx, marks.PROBE)
            self._probed = monotonic()
        with self._db.read(SYSTEM) as tx:
            try:
                keys.prove(tx, self._db.vault)
            except VaultError:
                return {"keys": "are not those of this database"}
            oldest = oldest_waiting(tx)
        waited = (tx.now - oldest).total_seconds() if oldest else 0.0
        return {"outbox": f"a message has waited for {waited:.0f} seconds"} if waited > OLDEST_SECONDS else {}

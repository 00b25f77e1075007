"""Removes what is older than the settings keep it, a short transaction at a time."""

from collections.abc import Callable
from datetime import timedelta

import structlog

from bot.settings import Settings
from models.access import SYSTEM
from models.db import Database
from models.upkeep import retention

_log = structlog.get_logger(__name__)


async def tidy(db: Database, settings: Settings, is_stopped: Callable[[], bool]) -> int:
    """Batch by batch until nothing is left, or we are to stop; how many rows. Others have their turn in between."""
    keep = retention.Keep(
        deliveries=timedelta(days=settings.keep_deliveries_days),
        activity=timedelta(days=settings.keep_activity_days),
    )
    removed = 0
    while not is_stopped() and (count := await db.run(SYSTEM, retention.tidy, keep)):
        removed += count
    if removed:
        _log.info("tidied", count=removed)
    return removed

"""Whose turn it is: the places in flight, shared between workspaces so that none waits behind a busy or slow one."""

import time
from collections.abc import Mapping, Sequence, Set
from datetime import datetime
from math import ceil

_REST_SECONDS = 0.25
"""For so long what is written meanwhile in a resting workspace may wait to be seen."""


class Turns:
    """Remembers who was served last, so that the next pass begins after them."""

    def __init__(self, places: int) -> None:
        self._places = places
        self._last = ""

    def order(self, waiting: Sequence[str]) -> list[str]:
        """The waiting workspaces (sorted), those after the last served first."""
        return sorted(waiting, key=lambda one: (one <= self._last, one))

    def share(self, free: int, waiting: int, held: int, elsewhere: int) -> int:
        """How many of the `free` places the next of `waiting` workspaces may take, `held` of them being in its hands.

        An equal part of what is free; and while others wait, or have something in flight, never more than half of all
        places: those whose Slack is slow would come to hold every one.
        """
        equal = ceil(free / waiting)
        if waiting == 1 and not elsewhere:
            return equal
        return max(min(equal, self._places // 2 - held), 0)

    def served(self, workspace_id: str) -> None:
        """It got something."""
        self._last = workspace_id


class Rests:
    """The workspaces in which nothing could be done when they were looked at a moment ago: that need not be asked anew.

    With many workspaces under way, to look at all of them after each message would be most of the work.
    """

    def __init__(self) -> None:
        self._seen: dict[str, tuple[float, datetime]] = {}

    def after(self, wakes: Mapping[str, datetime | None], wall: datetime, touched: Set[str]) -> dict[str, datetime]:
        """Until when who rests, after a look that gave `wakes`; those `touched` since are to be looked at again."""
        now = time.monotonic()
        seen = {
            one: (self._seen[one][0] if one in self._seen else now, moment)
            for one, moment in wakes.items()
            if moment and moment > wall and one not in touched
        }
        self._seen = {one: (at, moment) for one, (at, moment) in seen.items() if now - at < _REST_SECONDS}
        return {one: moment for one, (_, moment) in self._seen.items()}

"""Whose turn it is: the places in flight, shared between workspaces so that none waits behind a busy or slow one."""

from collections.abc import Sequence
from math import ceil


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

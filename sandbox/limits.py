"""Slack's rate limits: one message a second a channel, a workspace limit for posting, and tiers by method."""

import math
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from sandbox.errors import RateLimited

WINDOW_SECONDS = 60.0

# Calls a minute, by tier. Tier 1 is "1+": an app opens up to ten sockets at its start, so that many pass.
TIERS = {1: 10, 2: 20, 3: 50, 4: 100}
SPECIAL = {"auth.test": 600, "chat.getPermalink": 600, "api.test": 600}
POSTING = frozenset({"chat.postMessage"})
HISTORY = frozenset({"conversations.history", "conversations.replies"})


@dataclass
class Limits:
    """The limits of one app in one workspace.

    `time` gives seconds of whatever clock paces the app. `channel_rate` is messages a second into one channel,
    with `channel_burst` messages let through on top; `workspace_per_minute` bounds all posting together.
    `commercial_history` is the rule for distributed apps outside the Marketplace: one history read a minute.
    Set `enabled` to False to switch everything off.
    """

    time: Callable[[], float]
    enabled: bool = True
    channel_rate: float = 1.0
    channel_burst: int = 1
    workspace_per_minute: int = 300
    commercial_history: bool = False
    _free: dict[str, float] = field(default_factory=dict, repr=False)
    _seen: dict[str, deque[float]] = field(default_factory=dict, repr=False)

    def check(self, method: str, tier: int, channel: str) -> None:
        """Count one call. Raises `RateLimited` with the seconds to wait; a refused call is not counted."""
        if not self.enabled:
            return
        now = self.time()
        allowed = self._per_minute(method, tier)
        waits = [self._window_wait(method, allowed, now)]
        if method in POSTING:
            waits.append(self._channel_wait(channel, now))
        wait = max(waits)
        if wait > 0:
            raise RateLimited(max(1, math.ceil(wait)))
        self._seen.setdefault(method, deque()).append(now)
        if method in POSTING:
            self._free[channel] = max(self._free.get(channel, now), now) + 1 / self.channel_rate

    def _per_minute(self, method: str, tier: int) -> int:
        if method in POSTING:
            return self.workspace_per_minute
        if self.commercial_history and method in HISTORY:
            return 1
        return SPECIAL.get(method, TIERS[tier])

    def _window_wait(self, method: str, allowed: int, now: float) -> float:
        seen = self._seen.setdefault(method, deque())
        while seen and seen[0] <= now - WINDOW_SECONDS:
            seen.popleft()
        if len(seen) < allowed:
            return 0.0
        return seen[-allowed] + WINDOW_SECONDS - now

    def _channel_wait(self, channel: str, now: float) -> float:
        ahead = self._free.get(channel, now) - now
        # A hair of tolerance: a caller that waits exactly one second must not fail on rounding.
        return max(0.0, ahead - self.channel_burst / self.channel_rate - 1e-6)

"""Is it Slack, is it now, and is it new? The one door for requests over HTTP, and the flood caps for all of them."""

import asyncio
import hmac
import re
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from time import monotonic
from zlib import compress, decompress

from models.clock import Clock

MAX_BODY = 1024 * 1024
"""Bytes; Slack's largest requests are far below."""
MAX_SKEW = timedelta(seconds=300)
"""How old or how far ahead a signature may be. Source: Slack, "Verifying requests from Slack"."""
REPLAY_MEMORY = timedelta(minutes=10)
"""Twice the skew to both sides: as long as a signature could pass the check."""

_MOST_REMEMBERED = 20_000
_TIMESTAMP = re.compile(r"[0-9]{1,12}", re.ASCII)
_SIGNATURE = re.compile(r"v0=[0-9a-f]{64}", re.ASCII)


class Refused(Exception):
    """A request is not let in. `status` is the HTTP answer, `reason` a constant word for log and metrics."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason


class TooFast(Exception):
    """One person sent more than anybody presses by hand; nothing was done."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """The two headers of a signature, well formed and fresh, not yet compared with a body."""

    timestamp: str
    signature: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What was answered to a request, kept for its repetition."""

    status: int
    body: str
    content_type: str


class Verifier:
    """Checks Slack's signatures (HMAC-SHA256 over the raw body). Several secrets are accepted during a change."""

    def __init__(self, secrets: Sequence[bytes], clock: Clock) -> None:
        if not secrets or not all(secrets):
            raise ValueError("Without a signing secret nothing can be verified.")
        self._secrets = tuple(secrets)
        self._clock = clock

    def check_headers(self, headers: Mapping[str, str], length: int | None) -> Stamp:
        """Refuse before the body is read: too long, header missing, garbled or stale. Raises Refused."""
        if length is not None and length > MAX_BODY:
            raise Refused(413, "too_long")
        timestamp = headers.get("X-Slack-Request-Timestamp", "")
        signature = headers.get("X-Slack-Signature", "")
        if not timestamp or not signature:
            raise Refused(401, "unsigned")
        if not _TIMESTAMP.fullmatch(timestamp) or not _SIGNATURE.fullmatch(signature):
            raise Refused(400, "garbled")
        if abs(self._clock.now().timestamp() - int(timestamp)) > MAX_SKEW.total_seconds():
            raise Refused(401, "stale")
        return Stamp(timestamp, signature)

    def check_body(self, stamp: Stamp, body: bytes) -> None:
        """Compare the signature with the raw body, in constant time. Raises Refused."""
        text = b"v0:" + stamp.timestamp.encode() + b":" + body
        given = stamp.signature.encode()
        expected = [b"v0=" + hmac.new(secret, text, sha256).hexdigest().encode() for secret in self._secrets]
        matches = [hmac.compare_digest(given, candidate) for candidate in expected]
        if not any(matches):
            raise Refused(401, "wrong_signature")


_Packed = tuple[int, bytes, str]
"""Status, body, content type: a form that is shown next has some kilobytes, and much in it is said again and again."""
_DONE: _Packed = (200, b"", "text/plain")


def _packed(answer: Answer) -> _Packed:
    packed = (answer.status, compress(answer.body.encode(), 1) if answer.body else b"", answer.content_type)
    return _DONE if packed == _DONE else packed


def _unpacked(packed: _Packed) -> Answer:
    status, body, content_type = packed
    return Answer(status, decompress(body).decode() if body else "", content_type)


class ReplayMemory:
    """A signature seen again within ten minutes gets the stored answer and has no second effect.

    A failed attempt (5xx) is forgotten, so that the same request may be tried again.
    """

    def __init__(self, seconds: Callable[[], float] = monotonic) -> None:
        self._seconds = seconds
        self._at_work: dict[bytes, asyncio.Future[Answer]] = {}
        self._seen: OrderedDict[bytes, tuple[float, _Packed]] = OrderedDict()
        """By signature in bytes. Thousands are remembered, so they take little room."""

    async def once(self, signature: str, handle: Callable[[], Awaitable[Answer]]) -> Answer:
        """The answer of `handle`, called at most once for a signature; a repetition in between waits for it."""
        self._forget_old()
        key = bytes.fromhex(signature.removeprefix("v0="))
        if key in self._seen:
            return _unpacked(self._seen[key][1])
        if key in self._at_work:
            return await asyncio.shield(self._at_work[key])
        began_at = self._seconds()
        future = self._at_work[key] = asyncio.get_running_loop().create_future()
        answer = Answer(503, "", "text/plain")
        try:
            answer = await handle()
        finally:
            future.set_result(answer)
            del self._at_work[key]
            if answer.status < 500:
                self._seen[key] = (began_at, _packed(answer))
        return answer

    def _forget_old(self) -> None:
        oldest_kept = self._seconds() - REPLAY_MEMORY.total_seconds()
        while self._seen:
            seen_at, _ = next(iter(self._seen.values()))
            if seen_at >= oldest_kept and len(self._seen) < _MOST_REMEMBERED:
                return
            self._seen.popitem(last=False)


class FloodGuard:
    """At most `burst` requests of one person at once, refilled over `seconds`: nobody's clicking starves the others."""

    def __init__(self, burst: int = 20, seconds: float = 10.0, now: Callable[[], float] = monotonic) -> None:
        self._gap = seconds / burst
        self._tolerance = seconds
        self._now = now
        self._free_at: OrderedDict[str, float] = OrderedDict()

    def lets_in(self, person: str) -> bool:
        """Whether this person's next request is served; counts it if so."""
        now = self._now()
        known = self._free_at.get(person, now)
        if known - now > self._tolerance:
            known = now  # further than ever counted: the clock was set back
        free_at = max(known, now) + self._gap
        if free_at - now > self._tolerance:
            return False
        self._free_at[person] = free_at
        self._free_at.move_to_end(person)
        if len(self._free_at) > _MOST_REMEMBERED:
            self._free_at.popitem(last=False)
        return True

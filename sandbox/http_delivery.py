"""Signed HTTP to the app's request URL: events as JSON, commands and interactions as forms."""

import asyncio
import hashlib
import hmac
import json
from collections.abc import Callable
from urllib.parse import urlencode

import aiohttp

from sandbox.clock import wall_seconds
from sandbox.deliveries import Ack, Envelope
from sandbox.state import Json
from sandbox.workspace import Workspace


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """Slack's request signature, version 0."""
    base = b"v0:" + timestamp.encode() + b":" + body
    return "v0=" + hmac.new(secret.encode(), base, hashlib.sha256).hexdigest()


class HttpDelivery:
    """The transport for apps with a request URL. `ack_seconds` is how long an answer may take.

    `now` gives seconds since 1970 for the signature: the real time, which apps check it against. While there is no
    `request_url` (it may be "") the app is away: events wait.
    """

    def __init__(
        self, ws: Workspace, request_url: str, *, ack_seconds: float = 3.0, now: Callable[[], float] = wall_seconds
    ) -> None:
        self._ws = ws
        self._ack_seconds = ack_seconds
        self._now = now
        self._session: aiohttp.ClientSession | None = None
        self._has_url = asyncio.Event()
        self.request_url = request_url

    @property
    def request_url(self) -> str:
        """Where to deliver; "" while the app is away."""
        return self._url

    @request_url.setter
    def request_url(self, url: str) -> None:
        self._url = url
        if url:
            self._has_url.set()
        else:
            self._has_url.clear()

    async def ready(self) -> None:
        """Wait until there is an address."""
        await self._has_url.wait()

    def reachable(self) -> bool:
        """With an address, HTTP is always worth a try."""
        return bool(self._url)

    async def send(self, kind: Envelope, payload: Json, *, attempt: int, reason: str) -> Ack:
        """POST once; the answer's body is the acknowledgement."""
        body, content_type = encoded(kind, payload)
        headers = {"Content-Type": content_type, **self._signed(body)}
        if attempt:
            headers |= {"X-Slack-Retry-Num": str(attempt), "X-Slack-Retry-Reason": reason}
        if self._session is None:
            self._session = aiohttp.ClientSession()
        timeout = aiohttp.ClientTimeout(total=self._ack_seconds)
        try:
            async with self._session.post(self._url, data=body, headers=headers, timeout=timeout) as response:
                return await _read(kind, response)
        except TimeoutError:
            return Ack(False, reason="http_timeout")
        except aiohttp.ClientError:
            return Ack(False, reason="connection_failed")

    async def verify_url(self) -> bool:
        """Slack's challenge when a request URL is entered: whether the app answers it."""
        challenge = self._ws.new_id("C", 24)
        payload = {"type": "url_verification", "challenge": challenge, "token": "sandbox-verification-token"}
        ack = await self.send("events_api", payload, attempt=0, reason="")
        return ack.ok and (ack.payload or {}).get("challenge") == challenge

    async def stop(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()
            await asyncio.sleep(0)

    def _signed(self, body: bytes) -> dict[str, str]:
        timestamp = str(int(self._now()))
        value = signature(self._ws.app.signing_secret, timestamp, body)
        return {"X-Slack-Request-Timestamp": timestamp, "X-Slack-Signature": value}


def encoded(kind: Envelope, payload: Json) -> tuple[bytes, str]:
    """The body of a delivery and its content type."""
    match kind:
        case "events_api":
            return json.dumps(payload).encode(), "application/json"
        case "slash_commands":
            return urlencode(payload).encode(), "application/x-www-form-urlencoded"
        case "interactive":
            form = urlencode({"payload": json.dumps(payload)})
            return form.encode(), "application/x-www-form-urlencoded"


async def _read(kind: Envelope, response: aiohttp.ClientResponse) -> Ack:
    if not 200 <= response.status < 300:
        no_retry = response.headers.get("x-slack-no-retry") == "1"
        return Ack(False, reason="http_error", final=no_retry)
    text = await response.text()
    if not text.strip():
        return Ack(True)
    try:
        body = json.loads(text)
    except json.JSONDecodeError:
        body = {"text": text} if kind == "slash_commands" else None
    return Ack(True, body if isinstance(body, dict) and body else None)

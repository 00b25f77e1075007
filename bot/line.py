"""The line to Slack's Web API: one session for every workspace, and with each call the token of its own.

It never logs; failures carry codes, not text.
"""

import asyncio
import socket
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from time import monotonic
from typing import Any, Protocol

import aiohttp
from slack_sdk.http_retry import FixedValueRetryIntervalCalculator
from slack_sdk.http_retry.builtin_async_handlers import AsyncConnectionErrorRetryHandler
from slack_sdk.web.async_client import AsyncWebClient

from bot import metrics
from bot.slack_errors import RateLimited, SlackFailure, TokenRefused, Transient, Unclear, narrow

Json = dict[str, Any]

_CONNECT_SECONDS = 4.0
_UNHEARD_SECONDS = 4.0
"""What nobody has confirmed to have received by then, the machine sends no more. Otherwise a post that was given up and
looked for in vain would arrive when the network is whole again. Less than `models.outbox.transitions.WAIT`."""
RENEW_SECONDS = 10.0
_TIME_SECONDS = 4.0
_AGAIN = AsyncConnectionErrorRetryHandler(interval_calculator=FixedValueRetryIntervalCalculator(0.1))
"""A kept connection that broke is replaced at once: a person may be waiting."""
_BY_FORM = frozenset({"conversations.open", "chat.delete"})
"""Methods whose arguments Slack's own client does not send as JSON: no server can be expected to take more."""


class Token(Protocol):
    """What a workspace's calls are made with. It may change at any time."""

    async def current(self) -> str:
        """The token to use now. Raises TokenRefused when there is none."""
        ...

    async def instead_of(self, _refused: str, /) -> str | None:
        """After a refusal: another one, if there is a newer."""
        ...


class FixedToken:
    """A token that stands in the settings."""

    def __init__(self, token: str) -> None:
        self._token = token

    async def current(self) -> str:
        """The same one always."""
        return self._token

    async def instead_of(self, _refused: str, /) -> str | None:
        """None: a person has to set another."""
        return None


@dataclass(frozen=True, slots=True)
class Pair:
    """A new token that expires, and the one-time token for the next."""

    bot_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    lives: timedelta


class Line:
    """Connections to one Slack. It holds no token. Close it when done."""

    def __init__(self, base_url: str = AsyncWebClient.BASE_URL) -> None:
        # A lost answer to a post may mean that it is there: only reads may be repeated without looking.
        self._writer = AsyncWebClient(base_url=base_url, retry_handlers=[])
        self._reader = AsyncWebClient(base_url=base_url, retry_handlers=[_AGAIN])
        self._session: aiohttp.ClientSession | None = None

    async def close(self) -> None:
        """Let go of the connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def write(self, method: str, token: Token, args: Json, seconds: float) -> Json:
        """Do something, once. Raises one of the families of `bot.slack_errors`."""
        request = {"params" if method in _BY_FORM else "json": args}
        answer, _ = await self._with_token(self._writer, method, token, request, seconds)
        return answer

    async def read(self, method: str, token: Token, args: Json, seconds: float) -> tuple[Json, Mapping[str, str]]:
        """Ask something; the answer and its headers. Raises as `write` does."""
        request: Json = {"http_verb": "GET", "params": args} if args else {}
        return await self._with_token(self._reader, method, token, request, seconds)

    async def renew(self, refresh_token: str, client_id: str, client_secret: str) -> Pair:
        """Exchange a refresh token, once. Raises as `write` does; after Unclear it may be used up."""
        method = "oauth.v2.access"
        request = {
            "data": {"grant_type": "refresh_token", "refresh_token": refresh_token},
            "auth": {"client_id": client_id, "client_secret": client_secret},
        }
        try:
            async with asyncio.timeout(RENEW_SECONDS):
                answer, _ = await self._call(self._writer, method, "", request)
        except TimeoutError as error:
            raise narrow(error, method) from None
        seconds = answer.get("expires_in")
        if not answer.get("access_token") or not answer.get("refresh_token") or not isinstance(seconds, int):
            raise Unclear("no_pair", method=method)
        return Pair(answer["access_token"], answer["refresh_token"], timedelta(seconds=seconds))

    async def time(self) -> datetime | None:
        """What Slack's clock shows, to the second, in UTC; none where it answers without telling.

        Raises Transient, RateLimited or Unclear where it does not answer.
        """
        try:
            _, headers = await self.read("api.test", FixedToken(""), {}, _TIME_SECONDS)
        except (Transient, RateLimited, Unclear):
            raise
        except SlackFailure:
            return None
        return moment(headers.get("date", ""))

    async def _with_token(
        self, client: AsyncWebClient, method: str, token: Token, request: Json, seconds: float
    ) -> tuple[Json, Mapping[str, str]]:
        """With the workspace's token; if that is refused and there is a newer one, with that: a refusal did nothing."""
        begun, outcome = monotonic(), "failed"
        try:
            answer = await self._in_time(client, method, token, request, seconds)
            outcome = "ok"
            return answer
        except SlackFailure as error:
            outcome = type(error).__name__
            raise
        finally:
            metrics.SLACK_SECONDS.labels(method).observe(monotonic() - begun)
            metrics.SLACK_REQUESTS.labels(method, outcome).inc()
            if outcome == RateLimited.__name__:
                metrics.RATE_LIMITED.labels(method).inc()

    async def _in_time(
        self, client: AsyncWebClient, method: str, token: Token, request: Json, seconds: float
    ) -> tuple[Json, Mapping[str, str]]:
        try:
            async with asyncio.timeout(seconds):
                used = await token.current()
                try:
                    return await self._call(client, method, used, request)
                except TokenRefused:
                    newer = await token.instead_of(used)
                    if newer is None:
                        raise
                return await self._call(client, method, newer, request)
        except TimeoutError as error:
            raise narrow(error, method) from None

    async def _call(
        self, client: AsyncWebClient, method: str, token: str, request: Json
    ) -> tuple[Json, Mapping[str, str]]:
        client.session = self._open_session()
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        try:
            response = await client.api_call(method, headers=headers, **request)
        except Exception as error:
            raise narrow(error, method) from None  # the cause's text may quote what was sent or answered
        if not isinstance(response.data, dict):
            raise Unclear("no_json", method=method)
        return response.data, response.headers

    def _open_session(self) -> aiohttp.ClientSession:
        if self._session is None or self._session.closed:
            timeout = aiohttp.ClientTimeout(total=None, sock_connect=_CONNECT_SECONDS)
            connector = aiohttp.TCPConnector(socket_factory=_impatient)
            self._session = aiohttp.ClientSession(timeout=timeout, connector=connector)
        return self._session


def moment(date_header: str) -> datetime | None:
    """A moment as servers tell it, in UTC; none for anything else."""
    try:
        return parsedate_to_datetime(date_header)
    except ValueError:
        return None


def _impatient(address: tuple[Any, ...]) -> socket.socket:
    """A socket that gives up what nobody confirms, also when we are done with it or dead. Linux can do that."""
    family, kind, protocol, *_ = address
    made = socket.socket(family, kind, protocol)
    if sys.platform == "linux":
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, round(_UNHEARD_SECONDS * 1000))
    return made

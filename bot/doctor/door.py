"""Can Slack's requests reach us over HTTP? The address gets one that is signed as Slack signs, and an unsigned one."""

import json
import secrets
from http import HTTPStatus

import aiohttp
from slack_sdk.signature import SignatureVerifier

from bot.doctor.findings import Finding, bad, good, odd
from bot.settings import Settings
from bot.web import SLACK_PATH
from models.clock import SystemClock

_SECONDS = 10.0
_WHAT = "way in"
_REDIRECTS = range(300, 400)


async def over_http(settings: Settings) -> Finding:
    """What answers where Slack's requests are to come in, and whether it lets in what it must, and nothing else.

    Without PUBLIC_URL only the bot's own port is known: what leads there from outside is not looked at.
    """
    address = _address(settings) + SLACK_PATH
    challenge = secrets.token_hex(16)
    body = json.dumps({"type": "url_verification", "challenge": challenge}).encode()
    try:
        signed, said = await _post(address, body, _signature(settings, body))
        unsigned, _ = await _post(address, body, {})
    except (aiohttp.ClientError, TimeoutError, OSError, ValueError):
        remedy = "Does the bot run there (`cadence run`), and does the proxy lead to it?"
        return odd(_WHAT, f"HTTP: nothing answers at {address}.", remedy)
    if signed in _REDIRECTS:
        return odd(_WHAT, f"HTTP: {address} leads elsewhere.", "Let Slack and PUBLIC_URL name the place where it ends.")
    if unsigned < HTTPStatus.BAD_REQUEST:
        remedy = "Something else answers there: let the proxy lead to the bot."
        return bad(_WHAT, f"HTTP: {address} takes requests that are not signed.", remedy)
    if signed == HTTPStatus.UNAUTHORIZED:
        remedy = "Give every process the SLACK_SIGNING_SECRET of the app's page; and is its clock right?"
        return bad(_WHAT, f"HTTP: {address} refuses what is signed with our secret.", remedy)
    if challenge not in said:
        return bad(
            _WHAT, f"HTTP: {address} answers {signed}.", "Let the proxy lead to the bot, with the path unchanged."
        )
    return good(_WHAT, f"HTTP: {address} lets in what is signed, and nothing else.")


def _address(settings: Settings) -> str:
    if settings.public_url:
        return settings.public_url
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.http_host, settings.http_host)  # noqa: S104 (asked, not bound)
    return f"http://[{host}]:{settings.http_port}" if ":" in host else f"http://{host}:{settings.http_port}"


def _signature(settings: Settings, body: bytes) -> dict[str, str]:
    """The headers of Slack's signature, by the newest secret."""
    timestamp = str(int(SystemClock().now().timestamp()))
    verifier = SignatureVerifier(settings.signing_secrets[0].decode())
    signature = verifier.generate_signature(timestamp=timestamp, body=body) or ""
    return {"X-Slack-Request-Timestamp": timestamp, "X-Slack-Signature": signature}


async def _post(address: str, body: bytes, headers: dict[str, str]) -> tuple[int, str]:
    timeout = aiohttp.ClientTimeout(total=_SECONDS)
    async with (
        aiohttp.ClientSession(timeout=timeout) as session,
        session.post(
            address, data=body, headers={"Content-Type": "application/json", **headers}, allow_redirects=False
        ) as answer,
    ):
        return answer.status, (await answer.content.read(4096)).decode(errors="replace")

"""Can the address of the heartbeat be reached? It is not called: that would say that all is well."""

import asyncio
from contextlib import suppress
from urllib.parse import urlsplit

from pydantic import SecretStr

from bot.doctor.findings import Finding, good, odd

_SECONDS = 10.0
_WHAT = "heartbeat"


async def heartbeat(url: SecretStr | None) -> list[Finding]:
    """Nothing without HEARTBEAT_URL. The address is a secret: only its host is named."""
    return [await _reached(url.get_secret_value())] if url else []


async def _reached(url: str) -> Finding:
    host = ""
    try:
        parts = urlsplit(url)
        host, is_tls = parts.hostname or "", parts.scheme == "https"
        port = parts.port or (443 if is_tls else 80)
        async with asyncio.timeout(_SECONDS):
            _, writer = await asyncio.open_connection(host, port, ssl=is_tls or None)
    except (OSError, TimeoutError, ValueError) as error:  # ValueError: it is no address
        remedy = "Check HEARTBEAT_URL, and that this machine may connect to it: until then it raises the alarm."
        return odd(_WHAT, f"{host or 'It'} cannot be reached: {type(error).__name__}.", remedy)
    writer.close()
    with suppress(OSError):
        await writer.wait_closed()
    return good(_WHAT, f"{host} can be reached.")

"""Serves the example world alone, for any Slack app to try: `python -m sandbox`."""

import argparse
import asyncio
import contextlib
import signal
import sys
from pathlib import Path

from sandbox import store
from sandbox.clock import AdjustableClock
from sandbox.clock_control import Control
from sandbox.seed import example_world
from sandbox.server import SandboxServer


def main() -> None:
    """Read the command line and serve until interrupted."""
    parser = argparse.ArgumentParser(
        prog="python -m sandbox", description="A Slack-compatible workspace on this machine."
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    parser.add_argument("--port", type=int, default=8420, help="port to listen on, 0 for any (default: %(default)s)")
    parser.add_argument(
        "--http", metavar="URL", default="", help="deliver by signed HTTP to this request URL, not by Socket Mode"
    )
    parser.add_argument("--no-limits", action="store_true", help="switch the rate limits off")
    parser.add_argument(
        "--file", type=Path, metavar="PATH", help="keep the workspace in this file and take it up again"
    )
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_serve(parser.parse_args()))


async def _serve(options: argparse.Namespace) -> None:
    clock = AdjustableClock()
    resumed = options.file is not None and options.file.exists()
    ws = store.load(options.file, clock=clock) if resumed else example_world(clock)
    ws.limits.enabled = not options.no_limits
    server = SandboxServer(ws, request_url=options.http, save_to=options.file, clock_control=Control(clock))
    await server.start(options.host, options.port)
    lines = [
        f"{ws.home.name}: {server.base_url}/",
        f"Web API:        {server.api_url}",
        f"Bot token:      {ws.app.bot_token}",
        f"App token:      {ws.app.app_token}",
        f"Signing secret: {ws.app.signing_secret}",
        f"Delivery:       {options.http or 'Socket Mode'}",
    ]
    if server.http is not None:
        answered = await server.http.verify_url()
        lines.append(f"Challenge:      {'answered' if answered else 'NOT answered; is the app running there?'}")
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()
    stop = asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    await stop.wait()
    await server.stop()


if __name__ == "__main__":
    main()

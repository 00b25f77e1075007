"""The Socket Mode connection when the network comes and goes."""

from bot.socket import SocketIntake
from sandbox.seed import APP_TOKEN
from sandbox.state import Json
from tests.listeners.conftest import Desk


async def test_a_ticket_that_is_no_longer_good_is_replaced_by_another(desk: Desk) -> None:
    asked = 0

    def too_late(method: str, _args: Json, when: str) -> None:
        """The network is away until the first ticket has run out."""
        nonlocal asked
        if (method, when) == ("apps.connections.open", "after"):
            asked += 1
            if asked == 1:
                desk.server.sockets.expire()

    desk.server.web_api.on_request.append(too_late)
    intake = SocketIntake(desk.bolt, APP_TOKEN, ping_seconds=0.1)
    try:
        await intake.start()

        assert await intake.is_connected()
        assert asked == 2
    finally:
        await intake.stop()

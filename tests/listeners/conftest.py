"""The real listeners before a real database, with a sandbox Slack behind the gateway. Requests are dispatched as Bolt
gets them from Slack."""

import json
from collections.abc import AsyncIterator, Callable
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import pytest
from slack_bolt.async_app import AsyncApp, AsyncBoltRequest

from bot.app import bolt_app
from bot.gateway import Gateway
from bot.tenants import OneTenant, Tenant
from bot.verifier import FloodGuard
from models.checkins.rules import CheckInState
from models.checkins.tables import CheckIn
from models.clock import ManualClock, SystemClock
from models.db import Database
from models.outbox.tables import Post
from sandbox.seed import BOT_TOKEN, example_world
from sandbox.server import SandboxServer
from tests.support import payloads
from tests.support.payloads import Json
from tests.support.world import World, build


@dataclass(frozen=True)
class Answered:
    """What Slack gets."""

    status: int
    body: Json | str

    @property
    def errors(self) -> dict[str, str]:
        """Field errors of a form."""
        return self.body.get("errors", {}) if isinstance(self.body, dict) else {}

    @property
    def text(self) -> str:
        """Everything in it as text."""
        return json.dumps(self.body, ensure_ascii=False)


@dataclass
class Desk:
    """Sends requests to the listeners and looks at what people were shown."""

    world: World
    server: SandboxServer
    app: Callable[[], AsyncApp]
    bolt: AsyncApp

    def forgets_floods(self) -> None:
        """Forget how much anybody has sent."""
        self.bolt = self.app()

    async def sends(self, body: Json) -> Answered:
        """Dispatch one request."""
        response = await self.bolt.async_dispatch(AsyncBoltRequest(mode="socket_mode", body=body))
        is_json = response.body.startswith("{")
        return Answered(response.status, json.loads(response.body) if is_json else response.body)

    def press(self, user: str, action_id: str, value: Any, *, team: str = payloads.TEAM, **more: Any) -> Json:
        """A press with a trigger that is good for one form."""
        trigger = self.server.workspace.new_trigger(user)
        return payloads.press(user, action_id, value, team=team, **more) | {"trigger_id": trigger}

    def command(self, user: str, name: str, text: str = "", channel: str = payloads.CHANNEL) -> Json:
        """A command with a good trigger."""
        return payloads.command(user, name, text, channel) | {"trigger_id": self.server.workspace.new_trigger(user)}

    def form(self, user: str) -> Json | None:
        """The form this person has before them."""
        stack = self.server.workspace.modals.get(user, [])
        return deepcopy(stack[-1]) if stack else None

    def told(self, user: str) -> str:
        """Everything that was said to this person alone, as text."""
        ephemeral = self.server.workspace.ephemerals.get(user, [])
        return json.dumps([ephemeral, self.server.person(user).direct_messages()], ensure_ascii=False)

    @property
    def checkin(self) -> CheckIn:
        """The check-in that is open."""
        return next(row for row in self.world.rows(CheckIn) if row.state is CheckInState.OPEN)

    @property
    def board(self) -> Post:
        """Its first message."""
        return next(row for row in self.world.rows(Post) if row.key == f"board:{self.checkin.id}")


@pytest.fixture
async def sandbox() -> AsyncIterator[SandboxServer]:
    server = SandboxServer(example_world(monotonic=lambda: 0.0))  # a busy machine lets no trigger run out
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
async def desk(db: Database, clock: ManualClock, sandbox: SandboxServer) -> AsyncIterator[Desk]:
    """Tuesday 24 November 2026, 08:45 UTC: the daily stand-up is open on both sides."""
    slack = Gateway(BOT_TOKEN, base_url=sandbox.api_url)
    tenants = OneTenant(Tenant(await slack.auth_test(), slack))
    world = build(db, clock)
    world.until(clock.now().replace(day=24, hour=8, minute=45))

    def app() -> AsyncApp:
        return bolt_app(db, tenants, SystemClock(), sandbox.api_url, FloodGuard())

    yield Desk(world, sandbox, app, app())
    await slack.close()

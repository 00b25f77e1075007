"""The workspace: who and what there is. Pure state, no input or output.

The rules live beside it as functions over a `Workspace`: `channels`, `messages`, `views`, `replies`, `files`,
`people`. What the app has to hear goes to `on_event`, what a page has to redraw to `on_change`.
"""

import secrets
import time
from collections.abc import Callable
from datetime import timedelta
from zoneinfo import ZoneInfo

from sandbox.clock import AdjustableClock, Clock
from sandbox.errors import SlackError
from sandbox.limits import Limits
from sandbox.state import App, Change, Channel, ChannelKind, File, Json, ResponseUrl, Team, Trigger, User

TRIGGER_SECONDS = 3.0
MOST_TRIGGERS = 10_000
_LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


class Workspace:
    """One home workspace with one app installed, and the people of other workspaces who share its channels.

    `clock` gives messages their ts and, unless `limits` brings its own time, paces the rate limits. `monotonic`
    (seconds) is what trigger ids and response URLs expire by: they belong to a person in front of a screen,
    who lives in real time even when the workspace's clock is sped up.
    """

    def __init__(
        self,
        team: Team,
        app: App,
        *,
        clock: Clock | None = None,
        monotonic: Callable[[], float] = time.monotonic,
        limits: Limits | None = None,
    ) -> None:
        self.home = team
        self.app = app
        self.clock = clock or AdjustableClock()
        self.monotonic = monotonic
        self.limits = limits or Limits(lambda: self.clock.now().timestamp())
        self.teams: dict[str, Team] = {team.id: team}
        self.users: dict[str, User] = {}
        self.channels: dict[str, Channel] = {}
        self.homes: dict[str, Json] = {}
        self.modals: dict[str, list[Json]] = {}
        self.ephemerals: dict[str, list[Json]] = {}
        self.files: dict[str, File] = {}
        self.triggers: dict[str, Trigger] = {}
        self.responses: dict[str, ResponseUrl] = {}
        self.undelivered: dict[str, Json] = {}
        self.base_url = "http://127.0.0.1"
        self.guests_may_use_commands = True
        self.is_installed = True
        self.organisation: Team | None = None
        """The Enterprise organisation it belongs to."""
        self.is_org_wide = False
        """The app is installed in the whole organisation, not in this workspace."""
        self.on_event: list[Callable[[Json], None]] = []
        self.on_change: list[Callable[[Change], None]] = []
        self._last_micros = 0
        self.add_user(User(app.bot_user_id, team.id, app.name.lower().replace(" ", "_"), app.name, is_bot=True))

    # -- making -------------------------------------------------------------------------------------------------

    def add_team(self, team: Team) -> Team:
        """Another organisation whose people may share channels."""
        self.teams[team.id] = team
        return team

    def add_user(self, user: User) -> User:
        """A person of any workspace. Raises KeyError for an unknown team."""
        _ = self.teams[user.team_id]
        self.users[user.id] = user
        return user

    def add_channel(self, channel_id: str, name: str, kind: ChannelKind, members: list[str]) -> Channel:
        """A channel, shared with every workspace that has a member in it."""
        others = sorted({self.user(m).team_id for m in members} - {self.home.id})
        channel = Channel(
            channel_id,
            name,
            kind,
            list(members),
            shared_team_ids=[self.home.id, *others],
            creator=members[0] if members else "",
            created=int(self.clock.now().timestamp()),
        )
        self.channels[channel_id] = channel
        return channel

    # -- finding ------------------------------------------------------------------------------------------------

    def user(self, user_id: str) -> User:
        """Anyone by id. Raises `user_not_found`."""
        found = self.users.get(user_id)
        if found is None:
            raise SlackError("user_not_found")
        return found

    def channel(self, channel_id: str) -> Channel:
        """Any conversation by id. Raises `channel_not_found`."""
        found = self.channels.get(channel_id)
        if found is None:
            raise SlackError("channel_not_found")
        return found

    def is_external(self, user: User) -> bool:
        """Whether a person belongs to another workspace (Slack Connect)."""
        return user.team_id != self.home.id

    def is_stranger(self, user: User) -> bool:
        """Whether a person of another workspace shares no channel with the home workspace."""
        if not self.is_external(user):
            return False
        return not any(user.id in c.members for c in self.channels.values() if c.kind != "im")

    def shares_channel_with_app(self, user: User) -> bool:
        """Whether the app and a person are members of one channel (direct messages do not count)."""
        bot = self.app.bot_user_id
        rooms = (c for c in self.channels.values() if c.kind in ("channel", "private"))
        return any(user.id in c.members and bot in c.members for c in rooms)

    def people(self) -> list[User]:
        """Everyone who is not a bot and not deactivated."""
        return [u for u in self.users.values() if not u.is_bot and not u.deleted]

    def visible_to(self, user_id: str) -> dict[str, list[Json]]:
        """What a person can see now: channel id -> messages in order, ephemeral ones included (`is_ephemeral`).

        Every message carries its `channel`.
        """
        seen: dict[str, list[Json]] = {
            c.id: [{**m, "channel": c.id} for m in c.messages.values()]
            for c in self.channels.values()
            if user_id in c.members
        }
        for message in self.ephemerals.get(user_id, []):
            seen.setdefault(message["channel"], []).append(message)
        for messages in seen.values():
            messages.sort(key=lambda m: str(m["ts"]))
        return seen

    def tz_offset(self, user: User) -> int:
        """Seconds east of UTC at a person's place now."""
        offset = self.clock.now().astimezone(ZoneInfo(user.tz)).utcoffset() or timedelta(0)
        return int(offset.total_seconds())

    # -- numbers ------------------------------------------------------------------------------------------------

    def stamp(self) -> str:
        """A new ts: the clock's time to the microsecond, unique and increasing over the whole workspace."""
        micros = max(round(self.clock.now().timestamp() * 1_000_000), self._last_micros + 1)
        self._last_micros = micros
        return f"{micros // 1_000_000}.{micros % 1_000_000:06d}"

    def not_before(self, ts: str) -> None:
        """Make every further ts later than this one (after a restart)."""
        seconds, _, micros = ts.partition(".")
        self._last_micros = max(self._last_micros, int(seconds) * 1_000_000 + int(micros or 0))

    def new_id(self, prefix: str, length: int = 10) -> str:
        """A random id in Slack's style, for example `V0K3T9XQ2MA`."""
        return prefix + "0" + "".join(secrets.choice(_LETTERS) for _ in range(length - 1))

    # -- telling ------------------------------------------------------------------------------------------------

    def tell_app(self, body: Json) -> None:
        """Hand an event callback to whoever delivers; it stays in `undelivered` until it is acknowledged."""
        self.undelivered[body["event_id"]] = body
        for listener in list(self.on_event):
            listener(body)

    def tell_pages(self, kind: str, data: Json, *, channel: str = "", user: str = "") -> None:
        """Let pages redraw."""
        change = Change(kind, data, channel=channel, user=user)
        for listener in list(self.on_change):
            listener(change)

    # -- triggers -----------------------------------------------------------------------------------------------

    def new_trigger(self, user_id: str) -> str:
        """A trigger id for one view, good for three seconds."""
        trigger_id = f"{secrets.randbelow(10**12)}.{secrets.randbelow(10**11)}.{secrets.token_hex(16)}"
        self.triggers[trigger_id] = Trigger(user_id, self.monotonic())
        if len(self.triggers) > MOST_TRIGGERS:
            del self.triggers[next(iter(self.triggers))]
        return trigger_id

    def use_trigger(self, trigger_id: str) -> User:
        """Spend a trigger id and say who acted.

        Raises `invalid_trigger_id`, `exchanged_trigger_id` (used before) or `expired_trigger_id` (over three seconds).
        """
        trigger = self.triggers.get(trigger_id)
        if trigger is None:
            raise SlackError("invalid_trigger_id")
        if trigger.used:
            raise SlackError("exchanged_trigger_id")
        if self.monotonic() - trigger.made > TRIGGER_SECONDS:
            raise SlackError("expired_trigger_id")
        trigger.used = True
        return self.user(trigger.user)

"""The example world: a retailer, its IT provider, and the channel they share."""

import time
from collections.abc import Callable

from sandbox.clock import Clock
from sandbox.limits import Limits
from sandbox.state import App, Command, Shortcut, Team, User
from sandbox.workspace import Workspace

HOME = "T0NORTHWIND"
VENDOR = "T0BRIGHTLANE"
BOT = "U0CADENCE"
INES, OLAF, ADA = "U0INES", "U0OLAF", "U0ADA"
VERA, VIKRAM, TOMAS, MALLORY = "U0VERA", "U0VIKRAM", "U0TOMAS", "U0MALLORY"
SHARED, INHOUSE, GENERAL = "C0SHARED", "C0INHOUSE", "C0GENERAL"
BOT_TOKEN, APP_TOKEN = "xoxb-sandbox", "xapp-sandbox"
SIGNING_SECRET = "sandbox-signing-secret"  # noqa: S105 (likewise)

# What the product's manifest subscribes to.
BOT_EVENTS = [
    "app_home_opened",
    "app_mention",
    "app_uninstalled",
    "tokens_revoked",
    "message.channels",
    "message.groups",
    "message.im",
    "member_joined_channel",
    "member_left_channel",
    "channel_shared",
    "channel_unshared",
    "channel_id_changed",
    "channel_archive",
    "channel_unarchive",
    "channel_rename",
]


def example_world(
    clock: Clock | None = None,
    *,
    limits: Limits | None = None,
    monotonic: Callable[[], float] = time.monotonic,
) -> Workspace:
    """Northwind Retail, which outsources its IT to Brightlane Systems, with the app "Vendor Cadence" installed.

    In-house: Ines (owner), Olaf (lead), Ada. Provider: Vera (lead) and Vikram through Slack Connect, Tomas as a
    guest of the home workspace. Mallory is a colleague who is on nobody's roster.
    """
    ws = Workspace(Team(HOME, "Northwind Retail", "northwind"), _app(), clock=clock, limits=limits, monotonic=monotonic)
    ws.add_team(Team(VENDOR, "Brightlane Systems", "brightlane"))
    for person in _people():
        ws.add_user(person)
    inhouse = [INES, OLAF, ADA]
    ws.add_channel(SHARED, "northwind-brightlane", "channel", [*inhouse, MALLORY, VERA, VIKRAM, TOMAS, BOT])
    ws.add_channel(INHOUSE, "vendor-inhouse", "private", [*inhouse, BOT])
    ws.add_channel(GENERAL, "general", "channel", [*inhouse, MALLORY])
    return ws


def _app() -> App:
    return App(
        id="A0CADENCE",
        name="Vendor Cadence",
        bot_user_id=BOT,
        bot_id="B0CADENCE",
        bot_token=BOT_TOKEN,
        app_token=APP_TOKEN,
        signing_secret=SIGNING_SECRET,
        commands=[
            Command("/standup", "Answer today's check-in", "[now | skip reason | status]"),
            Command("/cadence", "See and manage the vendor cadence", "[help | status | setup]"),
        ],
        shortcuts=[Shortcut("raise_blocker_msg", "Raise a blocker", "message", "Turn this message into a blocker")],
        events=list(BOT_EVENTS),
    )


def _people() -> list[User]:
    return [
        User(
            INES,
            HOME,
            "ines",
            "Ines Moreau",
            "Europe/Paris",
            "Head of IT",
            color="8f4a2b",
            is_owner=True,
            is_admin=True,
        ),
        User(OLAF, HOME, "olaf", "Olaf Lindqvist", "Europe/Stockholm", "Vendor manager", color="3c989f"),
        User(ADA, HOME, "ada", "Ada Novak", "Europe/Prague", "Product owner", color="674b1b"),
        User(VERA, VENDOR, "vera", "Vera Iyer", "Asia/Kolkata", "Delivery lead", color="9b3b45"),
        User(VIKRAM, VENDOR, "vikram", "Vikram Rao", "Asia/Kolkata", "Engineer", color="2b6836"),
        User(
            TOMAS,
            HOME,
            "tomas",
            "Tomas Silva",
            "America/Sao_Paulo",
            "Engineer, Brightlane",
            color="5b3a8c",
            is_restricted=True,
        ),
        User(MALLORY, HOME, "mallory", "Mallory Finch", "Europe/London", "Marketing", color="b14cbc"),
    ]

"""The manifest asks for exactly what the code uses, and every listener can be called by Bolt."""

import ast
import inspect
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from slack_bolt.kwargs_injection.async_args import AsyncArgs

from bot import ids
from bot.listeners import FEATURES

ROOT = Path(__file__).parents[2]
MANIFEST: dict[str, Any] = yaml.safe_load((ROOT / "manifest.yaml").read_text())

HISTORY = {"channels:history", "groups:history"}
READ = {"channels:read", "groups:read"}
NEEDS: dict[str, set[str]] = {
    "auth.test": set(),
    "chat.delete": {"chat:write"},
    "chat.getPermalink": set(),
    "chat.postEphemeral": {"chat:write"},
    "chat.postMessage": {"chat:write"},
    "chat.update": {"chat:write"},
    "conversations.history": HISTORY | {"im:history"},
    "conversations.info": READ,
    "conversations.members": READ,
    "conversations.open": {"im:write"},
    "conversations.replies": HISTORY | {"im:history"},
    "users.info": {"users:read"},
    "users.list": {"users:read"},
    "views.open": set(),
    "views.publish": set(),
    "views.push": set(),
    "views.update": set(),
}
"""Scopes of each method of the Web API. Source: Slack's method reference."""

EVENT_SCOPES: dict[str, set[str]] = {
    "app_home_opened": set(),
    "app_mention": {"app_mentions:read"},
    "app_uninstalled": set(),
    "channel_archive": {"channels:read"},
    "channel_deleted": {"channels:read"},
    "channel_id_changed": READ,
    "channel_left": {"channels:read"},
    "channel_shared": READ,
    "channel_unarchive": {"channels:read"},
    "channel_unshared": READ,
    "group_archive": {"groups:read"},
    "group_deleted": {"groups:read"},
    "group_left": {"groups:read"},
    "group_unarchive": {"groups:read"},
    "member_joined_channel": READ,
    "member_left_channel": READ,
    "message.channels": {"channels:history"},
    "message.groups": {"groups:history"},
    "message.im": {"im:history"},
    "team_access_revoked": set(),
    "tokens_revoked": set(),
    "user_change": {"users:read"},
}
"""Scopes of each subscription. Source: Slack's event reference."""


def source(name: str) -> str:
    return (ROOT / "bot" / name).read_text()


def listener_sources() -> str:
    return "\n".join(path.read_text() for path in sorted((ROOT / "bot" / "listeners").glob("*.py")))


def test_the_scopes_are_those_the_code_uses() -> None:
    methods = set(re.findall(r'"((?:auth|chat|conversations|users|views)\.[a-zA-Z.]+)"', source("gateway.py")))
    needed = {"commands"} | {scope for method in methods for scope in NEEDS[method]}
    for subscription in MANIFEST["settings"]["event_subscriptions"]["bot_events"]:
        needed |= EVENT_SCOPES[subscription]

    assert set(MANIFEST["oauth_config"]["scopes"]["bot"]) == needed
    assert "user" not in MANIFEST["oauth_config"]["scopes"]


def test_the_events_are_those_that_are_listened_to() -> None:
    listened = set(re.findall(r'app\.event\("([a-z_]+)"\)', listener_sources()))
    subscribed = {name.split(".")[0] for name in MANIFEST["settings"]["event_subscriptions"]["bot_events"]}

    assert subscribed == listened


def test_the_commands_are_those_that_are_answered() -> None:
    answered = set(re.findall(r'app\.command\("(/[a-z]+)"\)', listener_sources()))
    declared = MANIFEST["features"]["slash_commands"]

    assert {entry["command"] for entry in declared} == answered
    assert all(entry["should_escape"] is True for entry in declared)


def test_the_shortcuts_are_those_that_are_answered() -> None:
    named = re.findall(r'"type": "message_action", "callback_id": ids\.([A-Z_]+)', listener_sources())
    declared = MANIFEST["features"]["shortcuts"]

    assert {entry["callback_id"] for entry in declared} == {getattr(ids, name) for name in named}
    assert all(entry["type"] == "message" and len(entry["name"]) <= 24 for entry in declared)
    assert all(len(entry["callback_id"]) <= 255 and len(entry["description"]) <= 150 for entry in declared)


def test_the_manifest_keeps_slacks_lengths() -> None:
    shown = MANIFEST["display_information"]

    assert len(shown["name"]) <= 35
    assert len(shown["description"]) <= 140
    assert MANIFEST["settings"]["socket_mode_enabled"] is True
    assert MANIFEST["settings"]["interactivity"]["is_enabled"] is True


def test_every_button_and_form_of_ours_has_a_listener() -> None:
    text = listener_sources()
    kinds = {".open": "action", ".press": "action", ".change": "action", ".switch": "action", ".submit": "view"}

    for name, value in vars(ids).items():
        kind = next((kind for ending, kind in kinds.items() if isinstance(value, str) and value.endswith(ending)), None)
        if kind and not name.startswith("_"):
            assert f"app.{kind}(ids.{name})" in text, value


@pytest.mark.parametrize("feature", FEATURES, ids=lambda module: module.__name__)
def test_listeners_ask_for_what_bolt_can_give(feature: Any) -> None:
    known = set(inspect.signature(AsyncArgs.__init__).parameters) | {"actor", "rt"}
    registered = set(re.findall(r"\)\((\w+)\)", inspect.getsource(feature.register)))

    assert registered
    for name in registered:
        asked = set(inspect.signature(getattr(feature, name)).parameters)
        assert asked <= known, name


def test_no_listener_calls_slack_but_through_the_gateway() -> None:
    for path in (ROOT / "bot" / "listeners").glob("*.py"):
        names = {node.arg for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.arg)}
        assert not names & {"client", "say", "respond", "context"}, path.name


def test_features_are_all_registered() -> None:
    found = {path.stem for path in (ROOT / "bot" / "listeners").glob("*.py") if "def register(" in path.read_text()}

    assert found == {feature.__name__.rsplit(".", 1)[1] for feature in FEATURES}
    assert FEATURES[-1].__name__ == "bot.listeners.workspace", "it takes whatever is left"

"""Installs an app as its manifest describes it: commands, shortcuts, events, scopes and tabs."""

from pathlib import Path

import yaml

from sandbox.state import App, Command, Shortcut


def install(app: App, manifest: Path) -> None:
    """Bring `app` to what the manifest file says, as Slack does when it is reinstalled."""
    said = yaml.safe_load(manifest.read_text())
    features, settings = said.get("features", {}), said.get("settings", {})
    app.commands = [
        Command(item["command"], item["description"], item.get("usage_hint", ""))
        for item in features.get("slash_commands", [])
    ]
    app.shortcuts = [
        Shortcut(item["callback_id"], item["name"], item["type"], item.get("description", ""))
        for item in features.get("shortcuts", [])
    ]
    app.scopes = list(said["oauth_config"]["scopes"]["bot"])
    app.events = list(settings.get("event_subscriptions", {}).get("bot_events", []))
    app.home_tab_enabled = bool(features.get("app_home", {}).get("home_tab_enabled", False))
    app.messages_tab_enabled = bool(features.get("app_home", {}).get("messages_tab_enabled", False))

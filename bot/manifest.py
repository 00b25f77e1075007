"""The Slack app's manifest, as it is shipped."""

from pathlib import Path
from typing import Any

import yaml

_PLACES = (Path(__file__).parent / "manifest.yaml", Path(__file__).parents[1] / "manifest.yaml")


def manifest() -> tuple[str, dict[str, Any]]:
    """Its text, and what it says."""
    path = next((path for path in _PLACES if path.is_file()), _PLACES[0])
    text = path.read_text(encoding="utf-8")
    return text, yaml.safe_load(text)


def bot_scopes() -> tuple[str, ...]:
    """The scopes that the app asks for."""
    return tuple(manifest()[1]["oauth_config"]["scopes"]["bot"])

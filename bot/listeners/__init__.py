"""Slack in: one module per feature, each ending with `register(app)`."""

from slack_bolt.async_app import AsyncApp

from bot.listeners import (
    asks,
    blockers,
    channels,
    checkins,
    commands,
    escalations,
    home,
    mentions,
    messages,
    settings,
    setup,
    workspace,
)

FEATURES = (
    checkins,
    messages,
    blockers,
    asks,
    escalations,
    commands,
    home,
    mentions,
    setup,
    settings,
    channels,
    workspace,
)
"""The busiest first, for Bolt tries them in order; the one that takes what is left, last."""


def register_all(app: AsyncApp) -> None:
    """Bind every listener."""
    for feature in FEATURES:
        feature.register(app)

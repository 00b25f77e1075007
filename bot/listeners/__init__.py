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


def register_all(app: AsyncApp) -> None:
    """Bind every listener, the busiest first; the one that takes what is left, last."""
    for feature in (
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
    ):
        feature.register(app)

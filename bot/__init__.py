"""Slack in and out: listeners, blocks, delivery, the command line."""

"""A Slack-compatible workspace on this machine, for people and for tests."""

"""Modals of administration: the guided set-up, the settings, and a form for each change."""

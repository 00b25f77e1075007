"""What belongs together: an escalation and what it is about."""

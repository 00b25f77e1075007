"""Time in: what is due, and the heartbeat that looks."""

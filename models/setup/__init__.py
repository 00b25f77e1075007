"""How an engagement is set up: its file, what applying it would change, and applying it."""

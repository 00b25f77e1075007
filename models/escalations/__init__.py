"""What is stuck climbs a ladder until a named person on the right side owns it."""

"""The frozen facts of one week."""

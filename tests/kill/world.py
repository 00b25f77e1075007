"""Where and when the flows are played."""

from datetime import UTC, datetime
from pathlib import Path

ENGAGEMENT = Path(__file__).with_name("small.yaml")
"""Two people, one on each side; a stand-up and a summary every working day."""
START = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)
"""A Wednesday on which both sides work; the stand-up opens at 08:30 UTC."""

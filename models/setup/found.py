"""Somebody found in a channel, who may come onto a roster."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from models.access import Side
from models.engagements.rules import Belongs


@dataclass(frozen=True, slots=True)
class Found:
    """A person as Slack knows them."""

    slack_id: str
    name: str
    zone: str
    team: str
    belongs: Belongs

    @property
    def side(self) -> Side:
        """The side they are proposed for: guests and people of other companies for the provider's."""
        return Side.INHOUSE if self.belongs is Belongs.COLLEAGUE else Side.VENDOR


def to_data(found: Found) -> dict[str, str]:
    """As it is kept in a draft."""
    named = {"slack_id": found.slack_id, "name": found.name, "zone": found.zone, "team": found.team}
    return named | {"belongs": found.belongs.value}


def from_data(data: Mapping[str, Any]) -> Found:
    """As `to_data` wrote it."""
    return Found(data["slack_id"], data["name"], data["zone"], data["team"], Belongs(data["belongs"]))

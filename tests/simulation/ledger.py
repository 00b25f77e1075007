"""What people were told is stored: kept from what they did and what Slack showed them, never from the database."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date

from tests.simulation.history import Spot

Key = tuple[str, date]
"""Who, by Slack user id, and in the check-in of which local date."""


@dataclass
class Standing:
    """What somebody has said in one check-in, by the marks in it."""

    form: frozenset[str] = frozenset()
    replies: dict[Spot, frozenset[str]] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)
    """Marks that were taken back: an answer must not show them any more."""

    @property
    def marks(self) -> frozenset[str]:
        """All that stands."""
        return self.form.union(*self.replies.values())


@dataclass
class Ledger:
    """Everybody's answers, and the private notes."""

    answers: defaultdict[Key, Standing] = field(default_factory=lambda: defaultdict(Standing))
    where: dict[Spot, Key] = field(default_factory=dict)
    """Which answer a reply belongs to."""

    def filled_in(self, key: Key, marks: frozenset[str]) -> None:
        """A form was taken: it says all that the form is to say."""
        standing = self.answers[key]
        standing.gone |= standing.form - marks
        standing.form = marks

    def replied(self, key: Key, spot: Spot, marks: frozenset[str]) -> None:
        """A reply was written, or edited."""
        standing = self.answers[key]
        standing.gone |= standing.replies.get(spot, frozenset()) - marks
        standing.replies[spot] = marks
        self.where[spot] = key

    def took_back(self, spot: Spot) -> None:
        """A reply was deleted."""
        standing = self.answers[self.where.pop(spot)]
        standing.gone |= standing.replies.pop(spot)

"""What the checks look at: the plan, what Slack saw, what is stored, and what people were told."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from sandbox.seed import HOME
from sandbox.web_api import Call
from sandbox.workspace import Workspace
from tests.simulation.books import Books
from tests.simulation.history import History, Shown
from tests.simulation.ledger import Ledger
from tests.simulation.plans import Plan


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything there is."""

    plan: Plan
    workspace: Workspace
    history: History
    books: Books
    ledger: Ledger

    def is_inhouse(self, slack: str) -> bool:
        """A full member of the home workspace who is not on the provider's roster."""
        user, person = self.workspace.users[slack], self.plan.person(slack)
        is_guest = user.is_restricted or user.is_ultra_restricted
        return user.team_id == HOME and not is_guest and (person is None or person.side == "inhouse")


@dataclass(frozen=True, slots=True)
class Step:
    """What came since the last look."""

    now: datetime
    fresh: Sequence[Shown] = field(default_factory=list)
    """All that was shown."""
    shown: Sequence[Shown] = field(default_factory=list)
    """That of which is known by now what it is: its delivery is recorded. The rest comes the next time."""
    calls: Sequence[Call] = field(default_factory=list)
    is_last: bool = False


class Check(Protocol):
    """One invariant. It may remember what it saw before."""

    name: str

    def look(self, step: Step) -> Iterator[str]:
        """What does not hold, in words."""
        ...

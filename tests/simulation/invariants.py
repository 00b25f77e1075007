"""I1 to I10: what must hold after every step, whatever people do and whatever breaks.

Looked for in what Slack saw, in who could see it then, and in the database; no query of the product's is used.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sandbox.server import SandboxServer
from tests.simulation import kept, seen
from tests.simulation.evidence import Check, Evidence, Step
from tests.simulation.history import Shown


@dataclass(frozen=True, slots=True)
class Violation:
    """An invariant that does not hold."""

    invariant: str
    said: str
    moment: datetime

    def __str__(self) -> str:
        return f"{self.invariant} at {self.moment:%Y-%m-%d %H:%M:%S} UTC: {self.said}"


class Checker:
    """Looks after every step. `wrong` is what the first step showed that was not well; later ones are not looked at."""

    def __init__(self, sandbox: SandboxServer, evidence: Evidence) -> None:
        self.wrong: list[Violation] = []
        self.steps = 0
        self._sandbox = sandbox
        self._evidence = evidence
        self._checks = checks(evidence)
        self._unrecorded: list[Shown] = []
        self._seen = self._called = 0

    def look(self, *, is_last: bool = False) -> None:
        """Check what a step can have changed; at the last one also what only holds once everything has been said."""
        if self.wrong:
            return
        self.steps += 1
        calls, shown = self._sandbox.calls[self._called :], self._evidence.history.shown[self._seen :]
        self._called, self._seen = self._called + len(calls), self._seen + len(shown)
        now, recorded = self._evidence.history.clock.now(), list(self._recorded(shown))
        step = Step(now, shown, recorded, calls, is_last=is_last)
        self.wrong = [Violation(check.name, said, step.now) for check in self._checks for said in check.look(step)]

    def _recorded(self, fresh: list[Shown]) -> Iterator[Shown]:
        """Those whose delivery is recorded, so that one knows what they are. The others are looked at next time."""
        waiting, self._unrecorded = [*self._unrecorded, *fresh], []
        for shown in waiting:
            if shown.key and self._evidence.books.post(shown.channel, shown.ts) is None:
                self._unrecorded.append(shown)
            else:
                yield shown


def checks(evidence: Evidence) -> list[Check]:
    """All of them."""
    return [
        kept.Occurrences(evidence),
        seen.Copies(evidence),
        kept.Answers(evidence),
        kept.Escalations(evidence),
        seen.Readers(evidence),
        kept.Facts(evidence),
        kept.Log(evidence),
        seen.Neighbour(evidence),
        kept.Rest(evidence),
        kept.Reminders(evidence),
        seen.Limits(),
    ]

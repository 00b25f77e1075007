"""Faults of the network and of Slack, to be played on chosen calls: data, no code in the tests."""

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum


class Kind(StrEnum):
    """What goes wrong."""

    RATE_LIMITED = "429"
    RATE_LIMITED_BARE = "429 without Retry-After"
    HTTP_500 = "500 with HTML"
    HTTP_502 = "502 with HTML"
    HTTP_503 = "503 with HTML"
    INTERNAL_ERROR = "ok false internal_error"
    FATAL_ERROR = "ok false fatal_error"
    ERROR = "ok false with the fault's code"
    TIMEOUT = "no answer"
    RESET = "connection reset"
    CLOSE = "connection closed without an answer"
    HALF_BODY = "connection closed in the middle of the answer"
    INVALID_JSON = "an answer that is no JSON"


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault: on the `nth` call (from 1) of `method`, counted from when it was added; 0 is every call.

    `after` lets the effect happen first (a message is posted, the answer is lost). `code` belongs to Kind.ERROR,
    `retry_after` (seconds) to Kind.RATE_LIMITED, `seconds` is how long Kind.TIMEOUT holds the line.
    """

    method: str
    nth: int
    kind: Kind
    after: bool = False
    code: str = "internal_error"
    retry_after: int = 1
    seconds: float = 60.0

    def __str__(self) -> str:
        moment = "after" if self.after else "before"
        return f"{self.method} call {self.nth}: {self.kind} {moment} the effect"


@dataclass
class Faults:
    """The faults still to come."""

    _planned: list[tuple[Fault, int]] = field(default_factory=list)
    _calls: Counter[str] = field(default_factory=Counter)

    def add(self, *faults: Fault) -> None:
        """Plan faults; the count of calls starts now."""
        self._planned += [(fault, self._calls[fault.method]) for fault in faults]

    def clear(self) -> None:
        """Forget what is planned."""
        self._planned.clear()

    def take(self, method: str) -> Fault | None:
        """Count a call and say which fault it meets."""
        self._calls[method] += 1
        for fault, before in self._planned:
            if fault.method == method and fault.nth in (0, self._calls[method] - before):
                return fault
        return None


def catalogue(method: str, nth: int = 1) -> list[Fault]:
    """Every fault a call of `method` can meet.

    A rate limit is only ever played before the effect: Slack's 429 is a promise that nothing happened.
    """
    both = [Kind.HTTP_500, Kind.HTTP_502, Kind.HTTP_503, Kind.INTERNAL_ERROR, Kind.FATAL_ERROR]
    both += [Kind.TIMEOUT, Kind.RESET, Kind.CLOSE, Kind.HALF_BODY, Kind.INVALID_JSON]
    before = [Fault(method, nth, kind) for kind in (Kind.RATE_LIMITED, Kind.RATE_LIMITED_BARE, *both)]
    return before + [Fault(method, nth, kind, after=True) for kind in both]

"""How fast what is stuck is owned and solved. Pure.

MTTA = mean(acknowledged − raised) over those acknowledged, MTTR = mean(resolved − raised) over those resolved, always
with the median; p90 by nearest rank. Acknowledged in target = in time / (acknowledged + open beyond their target): an
open one is a breach as soon as it is over its target, and pending before that.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from models.access import Side
from models.escalations.ladders import Severity


@dataclass(frozen=True, slots=True)
class Case:
    """One escalation, as far as the figures need it. Lengths run on the clock its ladder waits on."""

    against: Side
    severity: Severity
    age: timedelta
    """Since it was raised, until now or until it was resolved."""
    target: timedelta | None
    """Within which it is to be acknowledged: the first level's wait; none without levels."""
    acknowledged: timedelta | None = None
    """Until it was acknowledged, if it was, in the period."""
    resolved: timedelta | None = None
    """Until it was resolved, if it was."""
    is_acknowledged: bool = False
    """Whether it ever was, in the period or before it."""
    was_reopened: bool = False
    was_exhausted: bool = False
    is_new: bool = True
    """Raised in the period."""


@dataclass(frozen=True, slots=True)
class Figures:
    """Of one side that had to act (None: both) and one severity (None: all). A length is None when there is no data."""

    side: Side | None
    severity: Severity | None
    raised: int
    acknowledged: int
    to_acknowledge: timedelta | None
    to_acknowledge_median: timedelta | None
    in_target: int
    in_target_of: int
    """Acknowledged, and those that are not and are over their target."""
    resolved: int
    to_resolve: timedelta | None
    to_resolve_median: timedelta | None
    to_resolve_p90: timedelta | None
    open: int
    oldest_open: timedelta | None
    oldest_unacknowledged: timedelta | None
    reopened: int
    exhausted: int

    @property
    def is_empty(self) -> bool:
        """Whether nothing was open, raised or resolved."""
        return self.raised + self.resolved + self.open + self.acknowledged == 0


def figures(cases: Iterable[Case], side: Side | None = None, severity: Severity | None = None) -> Figures:
    """The figures of one side and one severity."""
    own = [case for case in cases if side in (None, case.against) and severity in (None, case.severity)]
    to_own = [case.acknowledged for case in own if case.acknowledged is not None]
    to_end = [case.resolved for case in own if case.resolved is not None]
    still_open = [case for case in own if case.resolved is None]
    unowned = [case for case in own if not case.is_acknowledged]
    breached = sum(case.target is not None and case.age > case.target for case in unowned)
    judged = [case for case in own if case.acknowledged is not None and case.target is not None]
    return Figures(
        side=side,
        severity=severity,
        raised=sum(case.is_new for case in own),
        acknowledged=len(to_own),
        to_acknowledge=mean(to_own),
        to_acknowledge_median=middle(to_own),
        in_target=sum(_in_time(case) for case in judged),
        in_target_of=len(judged) + breached,
        resolved=len(to_end),
        to_resolve=mean(to_end),
        to_resolve_median=middle(to_end),
        to_resolve_p90=nearest_rank(to_end, 0.9),
        open=len(still_open),
        oldest_open=max((case.age for case in still_open), default=None),
        oldest_unacknowledged=max((case.age for case in still_open if not case.is_acknowledged), default=None),
        reopened=sum(case.was_reopened for case in own),
        exhausted=sum(case.was_exhausted for case in own),
    )


def table(cases: Sequence[Case]) -> tuple[Figures, ...]:
    """All of them, then by side, then by severity; what is empty is left out, but never the first."""
    parts = [figures(cases), *(figures(cases, side) for side in Side)]
    parts += [figures(cases, severity=severity) for severity in Severity]
    return (parts[0], *(part for part in parts[1:] if not part.is_empty))


def mean(lengths: Sequence[timedelta]) -> timedelta | None:
    """The mean; None of nothing."""
    return sum(lengths, timedelta()) / len(lengths) if lengths else None


def middle(lengths: Sequence[timedelta]) -> timedelta | None:
    """The median: of an even number the mean of the two in the middle; None of nothing."""
    found, half = sorted(lengths), len(lengths) // 2
    return mean(found[half - 1 + len(found) % 2 : half + 1])


def nearest_rank(lengths: Sequence[timedelta], share: float) -> timedelta | None:
    """The smallest value that at least this share of them does not exceed; None of nothing."""
    return sorted(lengths)[math.ceil(share * len(lengths)) - 1] if lengths else None


def _in_time(case: Case) -> bool:
    return case.acknowledged is not None and case.target is not None and case.acknowledged <= case.target

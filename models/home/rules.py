"""Pure decisions about what a Home shows: the health of an engagement, by stated rules."""

from dataclasses import dataclass
from enum import StrEnum

from models.engagements.rules import EngagementState

OLD_BLOCKER_DAYS = 2
"""Working days of the side that must act after which an open blocker is old."""
LEAST_ANSWERED = 0.8
"""Below this share of answers the rhythm is in danger."""
MIN_ASKED = 5
"""Fewer expected answers than this say nothing about the rhythm."""
STUCK_ABOVE = 2
"""An escalation that was told above this level and is still nobody's is stuck."""
LOOK_BACK_DAYS = 14
"""How long ago a check-in may have closed to count for the rhythm."""


class Colour(StrEnum):
    """Worst first. Grey: there is nothing to judge by, which is not the same as well."""

    RED = "red"
    AMBER = "amber"
    GREEN = "green"
    GREY = "grey"


class Rule(StrEnum):
    """The rules of an engagement's health. The first that fits fires."""

    CANNOT_POST = "cannot_post"
    STUCK_ESCALATION = "stuck_escalation"
    OVERDUE_BLOCKER = "overdue_blocker"
    UNOWNED_ESCALATION = "unowned_escalation"
    OLD_BLOCKER = "old_blocker"
    OVERDUE_COMMITMENT = "overdue_commitment"
    FEW_ANSWERS = "few_answers"
    NOT_RUNNING = "not_running"
    NO_DATA = "no_data"
    ALL_WELL = "all_well"


COLOURS = {
    Rule.CANNOT_POST: Colour.RED,
    Rule.STUCK_ESCALATION: Colour.RED,
    Rule.OVERDUE_BLOCKER: Colour.RED,
    Rule.UNOWNED_ESCALATION: Colour.AMBER,
    Rule.OLD_BLOCKER: Colour.AMBER,
    Rule.OVERDUE_COMMITMENT: Colour.AMBER,
    Rule.FEW_ANSWERS: Colour.AMBER,
    Rule.NOT_RUNNING: Colour.GREY,
    Rule.NO_DATA: Colour.GREY,
    Rule.ALL_WELL: Colour.GREEN,
}


@dataclass(frozen=True, slots=True)
class Signs:
    """What the health of an engagement is judged by, both sides together."""

    state: EngagementState
    has_trouble: bool
    overdue_blockers: int
    old_blockers: int
    overdue_commitments: int
    answered: int
    asked: int
    """Expected answers of the check-ins that closed lately; excused people are not expected."""
    stuck_escalations: int = 0
    """At the end of their ladder, or told above `STUCK_ABOVE`, and nobody owns them."""
    unowned_escalations: int = 0
    """All that nobody owns, those included."""


def fired(signs: Signs) -> Rule:
    """The rule that says how an engagement is: the worst that fits. Source: the weekly status rules of governance."""
    if signs.state is not EngagementState.ACTIVE:
        return Rule.NOT_RUNNING
    if signs.has_trouble:
        return Rule.CANNOT_POST
    if signs.stuck_escalations:
        return Rule.STUCK_ESCALATION
    if signs.overdue_blockers:
        return Rule.OVERDUE_BLOCKER
    if signs.unowned_escalations:
        return Rule.UNOWNED_ESCALATION
    if signs.old_blockers:
        return Rule.OLD_BLOCKER
    if signs.overdue_commitments:
        return Rule.OVERDUE_COMMITMENT
    if signs.asked >= MIN_ASKED and signs.answered < LEAST_ANSWERED * signs.asked:
        return Rule.FEW_ANSWERS
    return Rule.ALL_WELL if signs.asked else Rule.NO_DATA

"""A seed that fails, told: what was wrong, what happened before, and the one command that plays it again."""

from tests.simulation.play import Outcome


def repeated_by(outcome: Outcome) -> str:
    """The one command that plays a seed again."""
    return f".venv/bin/python -m tests.simulation {outcome.plan.seed} --weeks {outcome.plan.weeks}"


def told(outcome: Outcome, lines: int = 60) -> str:
    """What was wrong, the end of what happened, and how to see it all again."""
    wrong = "\n".join(f"  {one}" for one in outcome.wrong[:10])
    happened = "\n".join(f"  {line}" for line in outcome.transcript[-lines:])
    again = f"All of it, again: {repeated_by(outcome)}"
    return f"Seed {outcome.plan.seed} fails:\n{wrong}\n\nBefore it:\n{happened}\n\n{again}"

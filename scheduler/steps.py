"""Which table is advanced by which use case."""

from collections.abc import Sequence

from models.asks import service as asks
from models.asks.tables import Ask
from models.blockers import climbing as blockers
from models.blockers.tables import Blocker
from models.cadences.rules import CadenceKind
from models.cadences.tables import Cadence
from models.channels import nightly
from models.channels.tables import ChannelLook
from models.checkins import asking, lifecycle, planning
from models.checkins.tables import CheckIn, Prompt
from models.commitments import climbing as commitments
from models.commitments.tables import Commitment
from models.db import Tx
from models.escalations import lifecycle as escalations
from models.escalations.tables import Escalation
from models.summaries import service as summaries
from models.summaries.tables import WeeklySummary
from scheduler.due import Step


def _plan(tx: Tx, rows: Sequence[Cadence]) -> None:
    for cadence in rows:
        use = summaries.plan if cadence.kind is CadenceKind.SUMMARY else planning.plan
        use(tx, cadence)


def _advance(tx: Tx, rows: Sequence[CheckIn]) -> None:
    for checkin in rows:
        lifecycle.advance(tx, checkin)


def _climb(tx: Tx, rows: Sequence[Escalation]) -> None:
    for escalation in rows:
        escalations.advance(tx, escalation)


def _look_at_blockers(tx: Tx, rows: Sequence[Blocker]) -> None:
    for blocker in rows:
        blockers.look(tx, blocker)


def _look_at_commitments(tx: Tx, rows: Sequence[Commitment]) -> None:
    for commitment in rows:
        commitments.look(tx, commitment)


def _publish(tx: Tx, rows: Sequence[WeeklySummary]) -> None:
    for summary in rows:
        summaries.publish(tx, summary)


def _want_looks(tx: Tx, rows: Sequence[ChannelLook]) -> None:
    for look in rows:
        nightly.want(tx, look)


STEPS: tuple[Step, ...] = (
    Step("plan", Cadence, _plan),
    Step("check-in", CheckIn, _advance),
    Step("prompt", Prompt, asking.ask, batch=500, reads=asking.DUE_PROMPTS),
    Step("question", Ask, asks.advance),
    Step("blocker", Blocker, _look_at_blockers),
    Step("commitment", Commitment, _look_at_commitments),
    Step("escalation", Escalation, _climb),
    Step("summary", WeeklySummary, _publish),
    Step("night look", ChannelLook, _want_looks),
)
"""In this order: a check-in that is laid down can open, and one that opens can ask, in the same run."""

"""The part of the weekly facts that tells how both sides answer each other's questions."""

from dataclasses import replace
from datetime import datetime

from models.asks import measures
from models.asks import queries as asks
from models.db import Tx
from models.engagements import queries as engagements
from models.summaries import queries, rules
from models.summaries.tables import WeeklySummary
from models.summaries.views import Facts

_ENDED, _DUE = "answers_given", "answers_due"


def added(tx: Tx, row: WeeklySummary, facts: Facts, since: datetime, last: WeeklySummary | None) -> Facts:
    """The facts with the figures of questions. Each answer, and each deadline, is counted once, summary by summary."""
    crew = engagements.crew(tx, row.workspace_id, row.engagement_id)
    before = queries.reported(tx, last)
    counted = measures.Counted(before.get(_ENDED, frozenset()), before.get(_DUE, frozenset()))
    found = measures.measure(tx, crew, row.workspace_id, row.engagement_id, since - rules.OVERLAP, counted)
    return replace(
        facts,
        asks=found.figures,
        asks_before=queries.frozen(tx, last).asks if last else (),
        asks_waiting=asks.open_lines(tx, crew, row.workspace_id, row.engagement_id),
        trace=facts.trace | {_ENDED: [str(key) for key in found.ended], _DUE: [str(key) for key in found.due]},
    )

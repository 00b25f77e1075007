"""Questions to the other side that an answer asks: brought to what it says now."""

from collections.abc import Sequence

from models.asks import queries as asks
from models.asks import service as across
from models.asks.rules import OPEN, AskEvent, AskState
from models.asks.service import Origin
from models.checkins.tables import CheckIn, Prompt
from models.db import Tx
from models.engagements.tables import Engagement, Participant


def bring(tx: Tx, checkin: CheckIn, prompt: Prompt, wanted: Sequence[str]) -> None:
    """Match the answer's questions with those it asked before: by text, then by order; ask or withdraw the rest.

    One that was taken back and is said again is asked again. One that was answered stays answered.
    """
    known = list(asks.of_prompt(tx, checkin.workspace_id, prompt.id))
    standing = {tx.unseal(row, "what"): row for row in known}
    fresh = []
    for text in wanted:
        row = standing.pop(text, None)
        if row is None:
            fresh.append(text)
        elif row.state is AskState.WITHDRAWN:
            across.happened(tx, row, AskEvent.REOPENED, prompt.participant_id)
    unmatched = [row for row in standing.values() if row.state in OPEN]
    for number, text in enumerate(fresh):
        if unmatched:
            across.reword(tx, unmatched.pop(0), text)
        else:
            _ask(tx, checkin, prompt, text, f"prompt:{prompt.id}:{len(known) + number}")
    for row in unmatched:
        across.happened(tx, row, AskEvent.WITHDRAWN, prompt.participant_id)


def _ask(tx: Tx, checkin: CheckIn, prompt: Prompt, text: str, source_key: str) -> None:
    engagement = tx.one(Engagement, checkin.workspace_id, checkin.engagement_id)
    by = tx.one(Participant, checkin.workspace_id, prompt.participant_id)
    across.ask(tx, engagement, by, text, Origin(source_key, checkin_id=checkin.id, prompt_id=prompt.id))

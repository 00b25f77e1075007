"""The card of a question: its key, and having it drawn again with everything else that shows the question."""

from models.asks.tables import Ask
from models.db import Tx
from models.outbox import queries as posts
from models.outbox import service as outbox


def card_key(row: Ask) -> str:
    """Key of a question's card."""
    return f"ask:{row.id}"


def show(tx: Tx, row: Ask) -> None:
    """Have the card and the live board drawn again."""
    board = posts.latest_board(tx, row.workspace_id, row.engagement_id)
    outbox.refresh(tx, row.workspace_id, card_key(row), *([board] if board else ()))

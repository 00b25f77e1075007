"""What became of a morning: what Slack saw and what people said, beside what is stored."""

from collections import Counter
from dataclasses import dataclass, field

from sqlmodel import select

from models.checkins.rules import PromptState
from models.checkins.tables import CheckIn, Prompt
from models.db import Tx
from models.outbox.rules import Operation, OutboxState
from models.outbox.tables import OutboxMessage
from tests.support import alike, counted
from tests.support.morning import Morning

_ONLY_WHILE_UNANSWERED = ("checkin.prompt",)


@dataclass
class Findings:
    """What was found at the end. `wrong` is empty if everything happened exactly once and nobody complained."""

    wrong: list[str] = field(default_factory=list)
    opened: int = 0
    posts: int = 0
    dropped: int = 0
    """Messages of no use any more when their turn came."""
    unclear: int = 0
    replies: int = 0
    forms: int = 0
    pressed_again: int = 0
    warnings: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0

    def figures(self) -> str:
        """How much there was, for a report."""
        messages = f"messages {self.posts:,}   not needed any more {self.dropped:,}   unclear {self.unclear}"
        answers = f"in threads {self.replies:,}   by forms {self.forms:,}   pressed again {self.pressed_again}"
        return f"  opened {self.opened:,}   {messages}\n  answers: {answers}"

    def logged(self) -> str:
        """The warnings, for a report."""
        return f"  warnings logged: {', '.join(f'{event} {n}' for event, n in self.warnings.items()) or 'none'}"

    def verdict(self) -> str:
        """What is wrong, for the end of a report."""
        total = f"wrong {len(self.wrong)}   over after {self.seconds:.0f} s"
        return "\n".join(f"  {line}" for line in (total, *self.wrong[:20]))

    def look(self, tx: Tx, day: Morning) -> None:
        """Count the messages in what Slack was told and shows, and look for what people said in what is stored."""
        self.wrong += day.wrong
        self._count(tx, day)
        self.wrong += day.crowd.wrong(tx)
        self.replies = sum(bool(said.ts) for said in day.crowd.said)
        self.forms = len(day.crowd.said) - self.replies
        self.pressed_again = day.crowd.pressed_again

    def _count(self, tx: Tx, day: Morning) -> None:
        posts = tx.session.exec(select(OutboxMessage).where(OutboxMessage.operation == Operation.POST)).all()
        opened = {row.id for row in tx.session.exec(select(CheckIn)) if row.opened_at}
        prompts = [row for row in tx.session.exec(select(Prompt)) if row.checkin_id in opened]
        answered = sum(row.state is PromptState.ANSWERED for row in prompts)
        if (len(opened), answered) != (day.checkins, day.checkins * len(alike.PEOPLE)):
            self.wrong.append(f"{len(opened)} check-ins were opened and {answered} people have answered")
        boards = {("checkin.board", row_id) for row_id in opened}
        self.wrong += counted.miswritten(
            posts, boards | {("checkin.prompt", row.id) for row in prompts if row.asked_at}
        )
        self.wrong += counted.miscounted(posts, day.sandbox, day.sandbox.workspace, may_drop=_ONLY_WHILE_UNANSWERED)
        states = Counter(row.state for row in posts)
        self.opened, self.posts = len(opened), states[OutboxState.SENT]
        self.dropped, self.unclear = states[OutboxState.DROPPED], states[OutboxState.UNSURE]

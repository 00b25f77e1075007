"""What became of a rolling upgrade: what Slack saw, beside what is stored, what was logged and who did it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlmodel import select

from models.checkins.rules import PromptState
from models.checkins.tables import CheckIn, Prompt
from models.db import Tx
from models.outbox.rules import Operation, OutboxState
from models.outbox.tables import OutboxMessage
from sandbox.server import SandboxServer
from tests.support import alike, counted
from tests.support.crowd import Crowd
from tests.support.processes import Running
from tests.support.witness import Witness

_ONLY_WHILE_UNANSWERED = ("checkin.prompt",)


@dataclass
class Findings:
    """What was found at the end. `wrong` is empty if everything happened exactly once and nobody complained."""

    wrong: list[str] = field(default_factory=list)
    before: str = ""
    """The revision of the schema that the old code laid down."""
    after: str = ""
    opened: int = 0
    posts: int = 0
    dropped: int = 0
    """Messages of no use any more when their turn came."""
    unclear: int = 0
    replies: int = 0
    forms: int = 0
    pressed_again: int = 0
    written: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    """Rows by table, process and revision of the schema."""
    warnings: Counter[str] = field(default_factory=Counter)
    at_stop: list[str] = field(default_factory=list)
    """Errors that the old code logged after it was told to end: they are its own, whatever release comes next."""
    seconds: float = 0.0

    def share(self, table: str, code: str, revision: str) -> int:
        """How many rows of a table the processes of a release (`old`, `new`) wrote on a schema."""
        return sum(
            count
            for (what, by, at), count in self.written.items()
            if what == table and by.startswith(f"{code}-") and at == revision
        )

    def look(self, tx: Tx, sandbox: SandboxServer, checkins: int) -> None:
        """Count the messages in what Slack was told and shows, beside what was to be said in so many check-ins."""
        posts = tx.session.exec(select(OutboxMessage).where(OutboxMessage.operation == Operation.POST)).all()
        opened = {row.id for row in tx.session.exec(select(CheckIn)) if row.opened_at}
        prompts = [row for row in tx.session.exec(select(Prompt)) if row.checkin_id in opened]
        answered = sum(row.state is PromptState.ANSWERED for row in prompts)
        if (len(opened), answered) != (checkins, checkins * len(alike.PEOPLE)):
            self.wrong.append(f"{len(opened)} check-ins were opened and {answered} people have answered")
        boards = {("checkin.board", row_id) for row_id in opened}
        self.wrong += counted.miswritten(
            posts, boards | {("checkin.prompt", row.id) for row in prompts if row.asked_at}
        )
        self.wrong += counted.miscounted(posts, sandbox, sandbox.workspace, may_drop=_ONLY_WHILE_UNANSWERED)
        states = Counter(row.state for row in posts)
        self.opened, self.posts = len(opened), states[OutboxState.SENT]
        self.dropped, self.unclear = states[OutboxState.DROPPED], states[OutboxState.UNSURE]

    def listen(self, tx: Tx, crowd: Crowd) -> None:
        """Look for what people said in what is stored."""
        self.wrong += crowd.wrong(tx)
        self.replies = sum(bool(said.ts) for said in crowd.said)
        self.forms = len(crowd.said) - self.replies
        self.pressed_again = crowd.pressed_again

    def read(self, crew: Sequence[Running], witness: Witness) -> None:
        """Read the logs, and who did what; without old and new code at work on the new schema nothing is proved."""
        for running in crew:
            (self.at_stop if running.name.startswith("old-") else self.wrong).extend(running.errors(at_stop=True))
            self.wrong += running.errors()
            self.warnings.update(f"{running.name[:3]}: {event}" for event in running.warnings())
        self.written = witness.written()
        for code in ("old", "new"):
            for table, what in (("post", "sent a message"), ("response", "took an answer")):
                if not self.share(table, code, self.after):
                    self.wrong.append(f"void: no process of the {code} code {what} on the new schema")

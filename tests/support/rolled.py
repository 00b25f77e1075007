"""What became of a rolling upgrade: besides the morning itself, what was logged, and who did what."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from tests.support.found import Findings
from tests.support.processes import Running
from tests.support.witness import Witness


@dataclass
class Rolled(Findings):
    """What was found at the end of an upgrade."""

    before: str = ""
    """The revision of the schema that the old code laid down."""
    after: str = ""
    written: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    """Rows by table, process and revision of the schema."""
    at_stop: list[str] = field(default_factory=list)
    """Errors that the old code logged after it was told to end: they are its own, whatever release comes next."""

    def share(self, table: str, code: str, revision: str) -> int:
        """How many rows of a table the processes of a release (`old`, `new`) wrote on a schema."""
        return sum(
            count
            for (what, by, at), count in self.written.items()
            if what == table and by.startswith(f"{code}-") and at == revision
        )

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

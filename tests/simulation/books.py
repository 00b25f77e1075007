"""What is stored, read as an outsider would: plain SQL on the file, none of the product's queries."""

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from models.vault import Vault, parse_keys, place
from sandbox.seed import HOME
from tests.support.stage import KEYS


@dataclass(frozen=True, slots=True)
class Post:
    """A message of ours as the database knows it."""

    kind: str
    subject: str
    key: str
    is_deleted: bool


class Books:
    """One connection that only reads."""

    def __init__(self, path: str) -> None:
        self._db = sqlite3.connect(f"file:{path}?mode=ro", uri=True, isolation_level=None, check_same_thread=False)
        self._vault = Vault(parse_keys(KEYS))
        self._posts: dict[tuple[str, str], Post] = {}
        self._seen: dict[str, int] = {}

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()

    @property
    def version(self) -> int:
        """Another number after every commit of anybody's."""
        return int(self.one("PRAGMA data_version"))

    def rows(self, sql: str, *values: Any) -> list[Any]:
        """All rows of a query."""
        return self._db.execute(sql, values).fetchall()

    def one(self, sql: str, *values: Any) -> Any:
        """The one value of a query."""
        return self._db.execute(sql, values).fetchone()[0]

    def new(self, table: str, columns: str) -> list[Any]:
        """What was added to a table since the last time this was asked. For tables whose rows are not deleted."""
        sql = f"SELECT rowid, {columns} FROM {table} WHERE rowid > ? ORDER BY rowid"  # noqa: S608 (names of ours)
        found = self.rows(sql, self._seen.get(table, 0))
        if found:
            self._seen[table] = found[-1][0]
        return [row[1:] for row in found]

    def post(self, channel: str, ts: str) -> Post | None:
        """What a message is, once its delivery is recorded."""
        if (channel, ts) not in self._posts:
            sql = "SELECT kind, subject_id, key, is_deleted FROM post WHERE channel_id = ? AND ts = ?"
            for kind, subject, key, is_deleted in self.rows(sql, channel, ts):
                self._posts[channel, ts] = Post(kind, subject, key, bool(is_deleted))
        return self._posts.get((channel, ts))

    def unsealed(self, table: str, column: str, row_id: str, sealed: str | None) -> str:
        """The plain text of a sealed column."""
        return self._vault.open(sealed, place(HOME, table, column, UUID(row_id))) if sealed else ""  # type: ignore[arg-type]

    def dates_of_boards(self, spots: Iterable[tuple[str, str]]) -> dict[tuple[str, str], date]:
        """The local dates of the check-ins whose boards these messages are."""
        boards = {spot: post.subject for spot in spots if (post := self.post(*spot)) and post.kind == "checkin.board"}
        days = dict(self.rows("SELECT id, local_date FROM check_in"))
        return {spot: date.fromisoformat(days[subject]) for spot, subject in boards.items()}

    def people(self) -> dict[str, str]:
        """Participant id to Slack user id, of the one engagement of the home workspace."""
        sql = """SELECT participant.id, person.slack_user_id FROM participant
                 JOIN person ON person.id = participant.person_id WHERE participant.workspace_id = ?"""
        return dict(self.rows(sql, HOME))


def moment(text: str | None) -> datetime | None:
    """A stored moment."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC) if text else None


def stored(when: datetime) -> str:
    """A moment as it is stored, to be compared with."""
    return when.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")


def marks(count: int) -> str:
    """Placeholders for so many values."""
    return ",".join("?" * count)


__all__ = ["Books", "Post", "Sequence", "marks", "moment", "stored"]

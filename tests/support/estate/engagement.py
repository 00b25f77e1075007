"""One engagement while it is laid down, and what all its parts agree on."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from models.access import Role, Side
from models.outbox.rules import Audience, Operation, OutboxState, Place
from models.outbox.tables import OutboxMessage, Post
from models.vault import Vault, place
from tests.support.estate.bulk import Bulk, next_id

NOW = datetime(2026, 11, 20, 16, 30, tzinfo=UTC)
"""A Friday afternoon: today's stand-up is open, and the weekly summary is due."""
SEATS = (
    ("owner", Side.INHOUSE, Role.OWNER, "Europe/Paris"),
    ("lead", Side.INHOUSE, Role.LEAD, "Europe/Paris"),
    ("member", Side.INHOUSE, Role.MEMBER, "Europe/Paris"),
    ("manager", Side.VENDOR, Role.LEAD, "Asia/Kolkata"),
    ("engineer", Side.VENDOR, Role.MEMBER, "Asia/Kolkata"),
    ("observer", Side.INHOUSE, Role.OBSERVER, "Europe/Paris"),
)
"""Who is in an engagement: name, side, role, zone. The observer is not asked."""
OWNER, LEAD, MEMBER, MANAGER, ENGINEER = range(5)


@dataclass
class OneEngagement:
    """The rows of one engagement on their way."""

    rows: Bulk
    vault: Vault
    workspace_id: str
    number: int
    people: Sequence[UUID]
    id: UUID = field(default_factory=next_id)
    places: list[UUID] = field(default_factory=list)
    daily_id: UUID = field(default_factory=next_id)
    summary_id: UUID = field(default_factory=next_id)
    questions_id: UUID = field(default_factory=next_id)

    @property
    def channel(self) -> str:
        """Its shared channel."""
        return f"C0SHARED{self.number:06}"

    def add(self, table: Any, **values: Any) -> UUID:
        """A row of this engagement; its id."""
        return self.rows.add(table, workspace_id=self.workspace_id, engagement_id=self.id, **values)

    def sealed(self, table: Any, column: str, words: str, **values: Any) -> UUID:
        """A row of this engagement with a sealed text in it; its id."""
        row_id: UUID = values.pop("id", None) or next_id()
        box = self.vault.seal(words, place(self.workspace_id, table.__tablename__, column, row_id))
        return self.add(table, id=row_id, **{column: box}, **values)

    def said(self, key: str, kind: str, subject_id: UUID, at: datetime, within: int) -> None:
        """A message that was sent, and its post; `within` tells the posts of one second apart."""
        about = {"key": key, "kind": kind, "subject_id": subject_id, "channel_id": self.channel}
        self.add(
            OutboxMessage,
            **about,
            operation=Operation.POST,
            place=Place.CHANNEL,
            audience=Audience.JOINT,
            post_key=key,
            lane=f"channel:{self.channel}",
            state=OutboxState.SENT,
            not_before=at,
            written_at=at,
        )
        self.add(Post, **about, ts=f"{at.timestamp():.0f}.{within:06}", posted_at=at)


def weekdays(count: int) -> list[date]:
    """So many working days before `NOW`, the oldest first."""
    found: list[date] = []
    day = NOW.date()
    while len(found) < count:
        day -= timedelta(days=1)
        if day.weekday() < 5:
            found.append(day)
    return found[::-1]

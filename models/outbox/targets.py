"""Where a message goes, or why it does not go (yet): decided when it is claimed, from what is true then."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import TypeVar
from uuid import UUID

from sqlmodel import select
from sqlmodel.sql.expression import SelectOfScalar

from models.db import Tx
from models.engagements.tables import Engagement, Person
from models.outbox.rules import MENTION, Operation, OutboxState, Place, base_key
from models.outbox.tables import OutboxMessage, Post
from models.prepared import at, is_named, with_ids

RowT = TypeVar("RowT", Engagement, Person)


@dataclass(frozen=True, slots=True)
class Target:
    """A place in Slack. Without a channel the direct message with `user_id` has to be opened first."""

    channel_id: str | None
    user_id: str | None = None
    thread_ts: str | None = None
    ts: str | None = None
    """The message to edit or remove."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """It is not sent now: its new state (READY: later) and why. `with_it` shares its fate."""

    state: OutboxState
    reason: str
    with_it: OutboxMessage | None = None


@dataclass(frozen=True, slots=True)
class Around:
    """Everything that decides about a batch of messages."""

    engagements: dict[UUID, Engagement]
    people: dict[UUID, Person]
    posts: dict[str, Post]
    messages: dict[str, OutboxMessage]
    """The messages that made, or are to make, the posts named."""
    followers: tuple[OutboxMessage, ...]
    """Waiting refreshes and deletions of the same posts."""

    def is_unwanted(self, post_key: str) -> bool:
        """Whether a deletion of this post waits."""
        key = base_key(post_key)
        return any(row.post_key == key and row.operation is Operation.DELETE for row in self.followers)

    def behind(self, row: OutboxMessage, wall: datetime) -> OutboxMessage | None:
        """The message that a post answers, should that wait behind it in its lane and may go now.

        Ids tell the time of the clock that made them: of two machines, or of one that was set back, the second message
        may sort first. It would wait for the other one, and the other one for it.
        """
        if row.operation is not Operation.POST or row.parent_key is None or row.parent_key in self.posts:
            return None
        parent = self.messages.get(row.parent_key)
        if parent is None or parent.state is not OutboxState.READY or parent.lane != row.lane or parent.id < row.id:
            return None
        return parent if not parent.attempts or parent.not_before <= wall else None


def around(tx: Tx, workspace_id: str, rows: Sequence[OutboxMessage]) -> Around:
    """Read what decides about these messages, all of one workspace."""
    bases = {base_key(row.post_key) for row in rows}
    parents = {row.parent_key for row in rows if row.parent_key}
    named = {row.post_key for row in rows} | parents
    named |= {row.post_key + MENTION for row in rows if row.operation is not Operation.POST}
    engagements = _of(tx, Engagement, workspace_id, {row.engagement_id for row in rows})
    people = _of(tx, Person, workspace_id, {row.person_id for row in rows if row.person_id})
    posts = tx.session.exec(_posts(), params=at(workspace_id, named=named)).all()
    unposted = named - {post.key for post in posts} - {row.key for row in rows}
    messages = _messages(tx, workspace_id, unposted)
    followers = tx.session.exec(_followers(), params=at(workspace_id, named=bases)).all()
    return Around(
        engagements=engagements,
        people=people,
        posts={post.key: post for post in posts},
        messages={row.key: row for row in [*messages, *rows] if row.operation is Operation.POST},
        followers=tuple(followers),
    )


def target(row: OutboxMessage, near: Around, wall: datetime) -> Target | Verdict:
    """Where this message goes now."""
    if row.operation is Operation.PUBLISH:
        return _of_person(row, near)
    if row.operation is not Operation.POST:
        return _to_follow(row, near, wall)
    if near.is_unwanted(row.post_key):
        return Verdict(OutboxState.DROPPED, "removed before it was sent")
    if row.post_key in near.posts:
        return Verdict(OutboxState.SENT, "was there already")
    return destination(row, near, wall)


def destination(row: OutboxMessage, near: Around, wall: datetime) -> Target | Verdict:
    """The channel and thread a post belongs to, wanted or not."""
    if row.place is Place.DIRECT:
        return _of_person(row, near)
    engagement = near.engagements[row.engagement_id]
    own = engagement.channel_id if row.place is Place.CHANNEL else engagement.inhouse_channel_id
    channel_id = row.channel_id or own
    if channel_id is None:
        return Verdict(OutboxState.DEAD, "there is no in-house channel")
    if row.thread_ts or not row.parent_key:
        return Target(channel_id, thread_ts=row.thread_ts)
    return _into_thread(row.parent_key, channel_id, near, wall)


def _of_person(row: OutboxMessage, near: Around) -> Target | Verdict:
    person = near.people.get(row.person_id) if row.person_id else None
    if person is None:
        return Verdict(OutboxState.DEAD, "nobody to write to")
    return Target(person.dm_channel_id, user_id=person.slack_user_id)


def _into_thread(parent_key: str, channel_id: str, near: Around, wall: datetime) -> Target | Verdict:
    """A child waits until its parent is in Slack, and dies with it: without its thread it would mean nothing."""
    post = near.posts.get(parent_key)
    if post is not None and not post.is_deleted:
        # Where it stands, should the engagement have another channel by now: a thread is found nowhere else.
        return Target(post.channel_id, thread_ts=post.thread_ts or post.ts)
    if post is not None:
        return Verdict(OutboxState.DEAD, "the message it answers was deleted")
    parent = near.messages.get(parent_key)
    if parent is None or parent.state is OutboxState.DEAD:
        return Verdict(OutboxState.DEAD, "the message it answers was never posted")
    if parent.state is OutboxState.DROPPED:
        return Verdict(OutboxState.DROPPED, "the message it answers was dropped")
    if _is_lost(parent, wall):
        return Verdict(OutboxState.DEAD, "nobody knows whether the message it answers is there")
    return Verdict(OutboxState.READY, "waits for the message it answers")


def _to_follow(row: OutboxMessage, near: Around, wall: datetime) -> Target | Verdict:
    """Edit or remove a post, or the mention that stands in for it."""
    post = near.posts.get(row.post_key) or near.posts.get(row.post_key + MENTION)
    is_refresh = row.operation is Operation.REFRESH
    if is_refresh and near.is_unwanted(row.post_key):
        return Verdict(OutboxState.DROPPED, "is to be removed")
    if post is not None and post.is_deleted:
        return Verdict(OutboxState.DROPPED, "was removed already")
    if post is not None:
        return Target(post.channel_id, ts=post.ts)
    originals = [near.messages.get(key) for key in (row.post_key, row.post_key + MENTION)]
    waiting = next((found for found in originals if found and found.state in _TO_COME), None)
    if waiting is None or (is_refresh and waiting.state is OutboxState.READY):
        return Verdict(OutboxState.DROPPED, "shows in the post itself" if waiting else "was never posted")
    if waiting.state is OutboxState.READY:
        return Verdict(OutboxState.DROPPED, "removed before it was sent", with_it=waiting)
    if _is_lost(waiting, wall):
        return Verdict(OutboxState.DEAD, "nobody knows whether the message is there")
    return Verdict(OutboxState.READY, "waits for the message itself")


_TO_COME = (OutboxState.READY, OutboxState.LEASED, OutboxState.UNSURE)


def _is_lost(row: OutboxMessage, wall: datetime) -> bool:
    """Whether a message has been in doubt for so long that its lane no longer waits for it."""
    return row.state is OutboxState.UNSURE and row.lease_until is not None and row.lease_until <= wall


@cache
def _posts() -> SelectOfScalar[Post]:
    return select(Post).where(is_named(Post, Post.key))


@cache
def _followers() -> SelectOfScalar[OutboxMessage]:
    return (
        select(OutboxMessage)
        .where(
            is_named(OutboxMessage, OutboxMessage.post_key),
            OutboxMessage.operation != Operation.POST,
            OutboxMessage.state == OutboxState.READY,
        )
        .with_for_update(skip_locked=True)
    )


def _messages(tx: Tx, workspace_id: str, keys: set[str]) -> Sequence[OutboxMessage]:
    return tx.session.exec(_with_keys(), params=at(workspace_id, named=keys)).all() if keys else ()


@cache
def _with_keys() -> SelectOfScalar[OutboxMessage]:
    return select(OutboxMessage).where(is_named(OutboxMessage, OutboxMessage.key))


def _of(tx: Tx, table: type[RowT], workspace_id: str, ids: set[UUID]) -> dict[UUID, RowT]:
    if not ids:
        return {}
    rows = tx.session.exec(with_ids(table), params=at(workspace_id, named=ids))
    return {row.id: row for row in rows}

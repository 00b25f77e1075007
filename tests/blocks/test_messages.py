"""Every kind of message has a renderer, and renders what the services really put into the outbox."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlmodel import col, select

from bot.blocks import home_owner
from bot.delivery.messages import KINDS, Rendered, render
from models.access import SYSTEM
from models.asks import service as asks
from models.blockers import service as blocking
from models.checkins import choices, replies, service
from models.checkins.rules import Source
from models.checkins.submissions import NewBlocker, Promise, Submission
from models.clock import ManualClock
from models.db import Database, Tx
from models.engagements.tables import Engagement
from models.escalations import service as escalating
from models.escalations.tables import Escalation
from models.outbox import homes
from models.outbox import service as outbox
from models.outbox.rules import Operation, OutboxState
from models.outbox.tables import OutboxMessage, Post
from tests.support.limits import assert_message, texts
from tests.support.world import CHANNEL, World, build

WEEK_END = datetime(2026, 11, 30, 0, 0, tzinfo=UTC)
SPEC = {
    "ask.card",
    "ask.nudge",
    "blocker.card",
    "checkin.answer",
    "checkin.board",
    "checkin.prompt",
    "checkin.receipt",
    "checkin.reminder",
    "escalation.ask",
    "escalation.card",
    "escalation.inhouse",
    "escalation.note",
    "escalation.owners",
    "escalation.private",
    "escalation.told",
    "home",
    "owner.notice",
    "reply.mention",
    "summary.detail",
    "engagement.handed_over",
    "greeting.inhouse",
    "greeting.shared",
    "summary.inhouse",
    "summary.weekly",
}
OTHER_OCCASIONS = {
    "escalation.owners",
    "engagement.handed_over",
    "greeting.inhouse",
    "greeting.shared",
    "home",
    "owner.notice",
}
"""Said when an engagement is set up, changes hands or is in trouble."""


@pytest.fixture
def world(db: Database, clock: ManualClock) -> World:
    return build(db, clock)


class Channel:
    """Renders each message at the moment it would be sent, as the dispatcher does."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.shown: dict[str, list[Rendered]] = {}
        self.dropped: list[str] = []

    def until(self, moment: datetime) -> None:
        self.flush()
        while (due := self.world.queue.next_due()) and due <= moment:
            self.world.clock.set(max(due, self.world.clock.now()))
            self.flush()
        self.world.clock.set(moment)
        self.flush()

    def flush(self) -> None:
        self.world.queue.run()
        waiting = select(OutboxMessage).where(OutboxMessage.state == OutboxState.READY).order_by(col(OutboxMessage.id))
        with self.world.db.read(SYSTEM) as tx:
            for message in tx.session.exec(waiting).all():
                if message.operation is not Operation.DELETE:
                    self._show(tx, message)
        self.world.sent()

    def _show(self, tx: Tx, message: OutboxMessage) -> None:
        rendered = render(tx, message)
        if rendered is None:
            self.dropped.append(message.kind)
            return
        assert_message(rendered.text, rendered.blocks)
        self.shown.setdefault(message.kind, []).append(rendered)


def answer(world: World, name: str, submission: Submission, key: str) -> None:
    checkin_id = world.sees(name, choices.answerable)[0].checkin_id
    world.does(name, service.submit, checkin_id, submission, source=Source.MODAL, source_key=key)


def board_ts(world: World) -> str:
    return next(post.ts for post in world.rows(Post) if post.kind == "checkin.board")


def mention(world: World, words: str) -> None:
    with world.db.transaction(SYSTEM) as tx:
        engagement = tx.session.exec(select(Engagement)).one()
        where = {"channel_id": CHANNEL, "thread_ts": "1.1"}
        extra = {"words": words, "user": "U0VERA"}
        outbox.post(tx, engagement, "reply.mention", engagement.id, key=f"mention:{words}", extra=extra, **where)


def test_every_kind_has_a_renderer_and_no_other_is_left_over() -> None:
    assert set(KINDS) == SPEC
    assert set(home_owner.KINDS) == SPEC - {homes.KIND}, "an owner is told which message could not be sent"


def test_a_week_renders_as_it_happens(world: World) -> None:
    channel = Channel(world)
    channel.until(datetime(2026, 11, 23, 8, 40, tzinfo=UTC))
    submission = Submission(
        promises=(Promise("Invoice export"),), is_blocked=True, blockers=(NewBlocker("No access <!channel>"),)
    )
    answer(world, "vera", submission, "v:1")
    channel.flush()
    heard = world.does(
        "vik", replies.heard, channel_id=CHANNEL, thread_ts=board_ts(world), ts="9.9", text="next: runbook by Friday"
    )
    world.does("ines", replies.heard, channel_id="D1", thread_ts=None, ts="9.8", text="no blockers")
    channel.flush()
    blocker_id: UUID = next(message.subject_id for message in world.said("blocker.card"))
    world.does("olaf", blocking.take, blocker_id)
    ask = {"channel_id": CHANNEL, "ts": "9.7", "thread_ts": "9.7", "text": "Which port? <!channel>"}
    world.does("ines", asks.mark, world.engagement_id, **ask)
    for words in (
        "questions",
        "status",
        "help",
        "answer",
        "summary",
        "skip busy",
        "away tomorrow",
        "away back",
        "frobnicate",
    ):
        mention(world, words)
    channel.until(datetime(2026, 11, 25, 16, 0, tzinfo=UTC))
    escalation = next(row for row in world.rows(Escalation) if row.subject_id == blocker_id)
    world.does("olaf", escalating.acknowledge, escalation.id)
    world.does("ines", escalating.note_privately, escalation.id, "Not their fault <!channel>")
    channel.until(WEEK_END)
    mention(world, "summary 2026-11-27")
    channel.flush()

    assert heard
    assert set(channel.shown) == SPEC - OTHER_OCCASIONS
    assert any("Vikram Rao (late): 1 promise (C-2)" in said.text for said in channel.shown["checkin.answer"])
    assert any("Closed" in message.text for message in channel.shown["checkin.board"])
    everything = [message for messages in channel.shown.values() for message in messages]
    parsed = [text["text"] for said in everything for text in texts(said.blocks) if text["type"] == "mrkdwn"]
    assert not any("<!channel>" in text for text in [*parsed, *(said.text for said in everything)])


def test_a_question_that_is_settled_is_not_posted_any_more(world: World) -> None:
    channel = Channel(world)
    channel.until(datetime(2026, 11, 23, 3, 0, tzinfo=UTC))
    world.clock.advance(timedelta(hours=1, minutes=5))
    world.queue.run()
    answer(world, "vera", Submission(is_blocked=False), "v:1")
    channel.flush()

    assert "checkin.prompt" in channel.dropped


def test_a_notice_says_what_happened_what_was_kept_and_what_to_do(world: World) -> None:
    with world.db.transaction(SYSTEM) as tx:
        engagement = tx.session.exec(select(Engagement)).one()
        extra = {"code": "is_archived", "channel": CHANNEL, "engagement": engagement.company}
        outbox.post(tx, engagement, "owner.notice", engagement.id, key="notice:1", extra=extra)
    channel = Channel(world)
    channel.flush()

    told = channel.shown["owner.notice"][0].text
    assert "archived" in told
    assert "What people wrote is stored" in told
    assert "What to do: Unarchive" in told

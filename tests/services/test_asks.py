"""Questions across the line on a real database: asked, replied to, asked again, nudged, closed, followed."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from itertools import count
from uuid import UUID

import pytest

from models.asks import queries, service, threads
from models.asks.rules import AskEvent, AskState, climbs_at, next_due
from models.asks.tables import Ask, AskEntry
from models.asks.views import AskCard
from models.clock import ManualClock
from models.db import Database, Tx
from models.engagements import queries as engagements
from models.engagements.rules import EngagementState
from models.engagements.tables import Absence, Engagement, Participant, Person
from models.errors import Conflict, Invalid, NotAllowed, NotFound
from models.outbox.rules import Operation
from models.outbox.tables import OutboxMessage, Post
from tests.support.databases import somebody_waits
from tests.support.world import CHANNEL, INHOUSE_CHANNEL, World, at, build, nov


@pytest.fixture
def world(db: Database, clock: ManualClock) -> World:
    """Holidays in-house only: Kolkata works the whole week."""
    return build(db, clock, countries=("FR", None))


_numbers = count(1)
TEN = at(23, 10)
"""Monday 23 November, 11:00 in Paris, 15:30 in Kolkata."""


def stamp(moment: datetime) -> str:
    """A Slack ts of that moment, each another one."""
    return f"{moment.timestamp():.0f}.{next(_numbers):06d}"


def asks(world: World, name: str = "ines", text: str = "Which port do you need?", moment: datetime = TEN) -> Ask:
    """Let a person ask in the channel at a moment."""
    world.until(moment)
    ts = stamp(moment)
    key = world.does(name, service.mark, world.engagement_id, channel_id=CHANNEL, ts=ts, thread_ts=ts, text=text)
    return world.one(Ask, id=key)


def says(world: World, name: str, ask: Ask, text: str, moment: datetime | None = None, ts: str | None = None) -> str:
    """Let a person write into a question's thread; the message's ts."""
    if moment:
        world.until(moment)
    ts = ts or stamp(world.clock.now())
    world.does(name, threads.heard, channel_id=CHANNEL, thread_ts=thread(world, ask), ts=ts, text=text)
    return ts


def thread(world: World, ask: Ask) -> str:
    """The thread in which replies count."""
    return ask.thread_ts or world.one(Post, key=f"ask:{ask.id}").ts


def now_is(world: World, ask: Ask) -> Ask:
    """The question as it stands; what it says of itself is what the fold over its entries says."""
    row = world.one(Ask, id=ask.id)
    found = world.sees("system", lambda tx: queries.course(queries.entries(tx, row)))
    assert (row.state, row.since, row.until) == (found.state, found.since, found.until)
    hours = world.sees("system", engagements.crew, row.workspace_id, row.engagement_id).hours(row.asked_side)
    base = row.watched_from or row.until
    wait = climbs_at(base, hours) if base and row.escalated_for != found.begun_by else None
    assert row.due_at == next_due(found, row.nudged_for, wait)
    return row


def card(world: World, ask: Ask) -> AskCard:
    return world.sees("system", queries.card, ask.workspace_id, ask.id)


def nudges(world: World) -> list[OutboxMessage]:
    return world.said("ask.nudge")


def test_a_question_waits_for_the_other_side_in_its_working_time(world: World) -> None:
    """Kolkata works until 17:00: an hour and a half on Monday, the rest of eight hours on Tuesday."""
    ask = now_is(world, asks(world))

    assert (ask.number, ask.state, ask.asked_side.value) == (1, AskState.WAITING, "vendor")
    assert ask.until == at(24, 10)
    assert world.sees("system", lambda tx: tx.unseal(ask, "what")) == "Which port do you need?"
    assert "port" not in ask.what
    assert [row.thread_ts for row in world.said("ask.card")] == [ask.thread_ts]


def test_a_weekend_and_a_holiday_of_who_must_answer_do_not_count(world: World) -> None:
    """Asked of Paris on Friday 18 December at 16:00: Christmas is a holiday there, and Saturday follows."""
    ask = asks(world, "vera", moment=at(24, 15, month=12))

    assert ask.asked_side.value == "inhouse"
    assert now_is(world, ask).until == at(28, 15, month=12)


def test_the_same_message_twice_is_one_question(world: World) -> None:
    first = asks(world)

    again = world.does(
        "olaf", service.mark, world.engagement_id, channel_id=CHANNEL, ts=first.ts, thread_ts=first.ts, text="Again?"
    )

    assert again == first.id
    assert len(world.rows(Ask)) == 1


def test_a_reply_of_that_side_stops_the_clock_and_a_further_word_of_the_asker_starts_it_again(world: World) -> None:
    ask = asks(world)

    says(world, "vik", ask, "We need 443", at(24, 4, 30))
    assert now_is(world, ask).state is AskState.REPLIED
    says(world, "ines", ask, "Thanks!", at(24, 5))
    assert now_is(world, ask).state is AskState.REPLIED
    says(world, "ines", ask, "And on staging?", at(24, 6))
    assert (now_is(world, ask).state, now_is(world, ask).until) == (AskState.WAITING, at(25, 6))
    says(world, "vera", ask, "The same", at(24, 7))

    view = card(world, ask)
    assert (view.line.state, view.rounds) == (AskState.REPLIED, 2)
    assert view.replied_by is not None
    assert (view.replied_by.name, view.replied_after) == ("Vera Iyer", timedelta(hours=1))


def test_thanks_of_the_side_that_was_asked_are_no_answer(world: World) -> None:
    ask = asks(world)

    says(world, "vera", ask, "thanks 🙏")

    assert now_is(world, ask).state is AskState.WAITING


def test_talk_of_others_moves_nothing(world: World) -> None:
    """A colleague of the asker, an observer and a stranger are no side that answers, nor the asker."""
    ask = asks(world)
    for name in ("olaf", "ada", "mallory"):
        says(world, name, ask, "I wonder too")

    says(world, "vera", ask, "443", at(23, 11))
    says(world, "olaf", ask, "Good to know, which protocol")

    assert now_is(world, ask).state is AskState.REPLIED
    assert len(world.rows(AskEntry)) == 2


def test_a_reply_delivered_twice_counts_once(world: World) -> None:
    ask = asks(world)
    ts = says(world, "vera", ask, "443")

    says(world, "vera", ask, "443", ts=ts)

    assert len(world.rows(AskEntry)) == 2


def test_what_was_said_before_the_question_was_marked_is_no_answer_to_it(world: World) -> None:
    ask = asks(world)

    says(world, "vera", ask, "Good morning", ts=stamp(TEN - timedelta(hours=1)))

    assert now_is(world, ask).state is AskState.WAITING


def test_an_edit_of_a_reply_is_followed(world: World) -> None:
    ask = asks(world)
    ts = says(world, "vera", ask, "thanks", at(23, 11))
    assert now_is(world, ask).state is AskState.WAITING

    world.until(at(24, 9))
    edit = {"channel_id": CHANNEL, "thread_ts": ask.thread_ts, "ts": ts, "text": "It is 443"}
    world.does("vera", threads.edited, **edit, revision=stamp(at(24, 9)))

    row = now_is(world, ask)
    assert (row.state, row.since) == (AskState.REPLIED, at(24, 9)), "thanks that became an answer say it only now"


def test_a_reply_edited_into_thanks_counts_no_more_and_an_older_edit_is_not_followed(world: World) -> None:
    ask = asks(world)
    ts = says(world, "vera", ask, "It is 443", at(23, 11))
    edit = {"channel_id": CHANNEL, "thread_ts": ask.thread_ts, "ts": ts}

    world.does("vera", threads.edited, **edit, text="Thanks", revision=stamp(at(23, 12)))
    assert now_is(world, ask).state is AskState.WAITING
    world.does("vera", threads.edited, **edit, text="It is 444", revision=stamp(at(23, 11, 30)))
    assert now_is(world, ask).state is AskState.WAITING


def test_a_deleted_reply_gives_the_turn_back_with_its_first_deadline(world: World) -> None:
    ask = asks(world)
    ts = says(world, "vera", ask, "It is 443", at(23, 11))
    world.until(at(24, 11))

    for _ in range(2):
        world.does("vera", threads.deleted, channel_id=CHANNEL, thread_ts=ask.thread_ts, ts=ts)

    assert (now_is(world, ask).state, now_is(world, ask).until) == (AskState.WAITING, at(24, 10))
    world.advance()
    assert len(nudges(world)) == 1


def test_a_deletion_that_overtakes_the_reply_is_not_undone_by_it(world: World) -> None:
    ask = asks(world)
    ts = stamp(TEN)
    world.does("vera", threads.deleted, channel_id=CHANNEL, thread_ts=ask.thread_ts, ts=ts)

    says(world, "vera", ask, "It is 443", ts=ts)

    assert now_is(world, ask).state is AskState.WAITING


def test_an_edit_of_the_question_changes_its_words_and_its_deletion_takes_it_back(world: World) -> None:
    ask = asks(world)
    edit = {"channel_id": CHANNEL, "thread_ts": None, "ts": ask.ts}

    world.does("ines", threads.edited, **edit, text="needs an answer: which port, please?", revision=stamp(TEN))
    assert card(world, ask).line.what == "which port, please?"

    world.does("ines", threads.deleted, channel_id=CHANNEL, thread_ts=None, ts=ask.ts)
    assert now_is(world, ask).state is AskState.WITHDRAWN


def test_one_nudge_a_turn_goes_to_the_lead_of_the_side_that_lets_it_wait(world: World) -> None:
    ask = asks(world)
    world.until(at(24, 10))
    assert nudges(world) == [], "equality counts as in time"

    world.until(at(24, 12))

    (nudge,) = nudges(world)
    assert world.one(Person, id=nudge.person_id).name == "Vera Iyer"
    assert nudge.parent_key == f"ask:{ask.id}"
    world.until(at(27, 12))
    assert len(nudges(world)) == 1
    assert now_is(world, ask).due_at is None, "it climbs: nothing more happens to the question by itself"


def test_a_nudge_is_taken_away_when_the_answer_comes_and_the_next_turn_has_its_own(world: World) -> None:
    ask = asks(world)
    world.until(at(24, 12))

    says(world, "vera", ask, "443")
    gone = [row for row in world.rows(OutboxMessage) if row.operation is Operation.DELETE]
    assert [row.post_key for row in gone if row.kind == "ask.nudge"] == [nudges(world)[0].key]

    says(world, "ines", ask, "And staging?")
    world.until(at(26, 12))
    assert len(nudges(world)) == 2


def test_the_person_named_is_nudged_before_the_lead_unless_they_are_away(world: World) -> None:
    asks(world, text="@U0VIKRAM which port?")
    world.until(at(24, 12))
    assert world.one(Person, id=nudges(world)[0].person_id).name == "Vikram Rao"

    vik = world.one(Person, name="Vikram Rao")
    with world.db.transaction(world.actor("system")) as tx:
        tx.add(Absence(workspace_id=vik.workspace_id, person_id=vik.id, first_day=nov(26), last_day=nov(26)))
    asks(world, text="@U0VIKRAM and staging?", moment=at(25, 10))
    world.until(at(26, 12))

    assert world.one(Person, id=nudges(world)[1].person_id).name == "Vera Iyer"


def test_a_nudge_that_comes_late_does_not_come_at_night(world: World) -> None:
    """We were not running from Tuesday morning to Tuesday night."""
    asks(world)
    world.clock.set(at(24, 20))

    world.advance()
    assert nudges(world) == []
    world.until(at(25, 3, 30))

    assert len(nudges(world)) == 1


def test_a_paused_engagement_nudges_nobody(world: World) -> None:
    asks(world)
    world.change(Engagement, {}, state=EngagementState.PAUSED)

    world.until(at(27, 12))
    assert nudges(world) == []

    world.change(Engagement, {}, state=EngagementState.ACTIVE)
    world.until(at(30, 12))
    assert len(nudges(world)) == 1


def test_a_reply_that_nobody_questions_for_five_working_days_is_the_answer(world: World) -> None:
    ask = asks(world)
    says(world, "vera", ask, "443", at(23, 11))

    world.until(at(30, 10))
    assert now_is(world, ask).state is AskState.REPLIED
    world.until(at(30, 12))

    assert now_is(world, ask).state is AskState.ANSWERED
    assert card(world, ask).closed_by is None


def test_the_side_that_asked_closes_takes_back_and_asks_again(world: World) -> None:
    ask = asks(world)

    world.does("olaf", service.answered, ask.id)
    assert now_is(world, ask).state is AskState.ANSWERED
    with pytest.raises(Conflict, match="Q-1 is answered already"):
        world.does("ines", service.withdraw, ask.id)
    world.does("ines", service.reopen, ask.id)
    with pytest.raises(Conflict, match="waits for an answer already"):
        world.does("ines", service.reopen, ask.id)
    world.does("ines", service.withdraw, ask.id)

    assert (now_is(world, ask).state, now_is(world, ask).due_at) == (AskState.WITHDRAWN, None)


def test_the_side_that_was_asked_cannot_close_it(world: World) -> None:
    ask = asks(world)

    for deed in (service.answered, service.withdraw, service.reopen):
        with pytest.raises(NotAllowed, match="Northwind Retail asked this"):
            world.does("vera", deed, ask.id)


@pytest.mark.parametrize(
    ("words", "state"),
    [
        ("Q-1 answered", AskState.ANSWERED),
        ("Q-1 withdrawn", AskState.WITHDRAWN),
        ("Q-1 not needed", AskState.WITHDRAWN),
    ],
)
def test_the_side_that_asked_can_close_it_by_a_plain_reply(world: World, words: str, state: AskState) -> None:
    ask = asks(world, "vera")
    says(world, "vik", ask, words)

    assert now_is(world, ask).state is state
    says(world, "vera", ask, "Q-1 again")
    assert now_is(world, ask).state is AskState.WAITING


def test_the_same_words_of_the_side_that_was_asked_are_a_reply(world: World) -> None:
    ask = asks(world)

    says(world, "vera", ask, "Q-1 done")

    assert now_is(world, ask).state is AskState.REPLIED


def test_in_a_thread_with_several_questions_a_number_answers_only_that_one(world: World) -> None:
    first = asks(world)
    second_ts = stamp(TEN)
    key = world.does(
        "ines", service.mark, world.engagement_id,
        channel_id=CHANNEL, ts=second_ts, thread_ts=first.thread_ts, text="And who?",
    )  # fmt: skip
    second = world.one(Ask, id=key)

    says(world, "vera", first, "Q-2: Vik does it")
    assert (now_is(world, first).state, now_is(world, second).state) == (AskState.WAITING, AskState.REPLIED)
    says(world, "vera", first, "443, by the way")
    assert now_is(world, first).state is AskState.REPLIED


def test_a_message_in_the_channel_that_begins_with_the_number_is_a_reply(world: World) -> None:
    ask = asks(world)

    world.does("vera", threads.heard, channel_id=CHANNEL, thread_ts=None, ts=stamp(TEN), text="Q-1: it is 443")

    assert now_is(world, ask).state is AskState.REPLIED


def test_an_edit_can_turn_a_reply_to_another_question(world: World) -> None:
    first, second = asks(world), asks(world, text="Who?")
    ts = stamp(TEN)
    where = {"channel_id": CHANNEL, "thread_ts": None, "ts": ts}
    world.does("vera", threads.heard, **where, text="Q-1: Vik")

    world.does("vera", threads.edited, **where, text="Q-2: Vik", revision=stamp(TEN))

    assert (now_is(world, first).state, now_is(world, second).state) == (AskState.WAITING, AskState.REPLIED)


def test_a_question_in_a_check_ins_thread_gets_a_thread_of_its_own(world: World) -> None:
    world.until(TEN)
    board = world.thread(nov(23))
    key = world.does(
        "vera", service.mark, world.engagement_id, channel_id=CHANNEL, ts=stamp(TEN), thread_ts=board, text="Who?"
    )
    world.sent()
    ask = world.one(Ask, id=key)

    assert (ask.thread_ts, card(world, ask).has_own_thread) == (None, True)
    world.does("ines", threads.heard, channel_id=CHANNEL, thread_ts=board, ts=stamp(TEN), text="next: tests")
    assert now_is(world, ask).state is AskState.WAITING
    says(world, "ines", ask, "Olaf")
    assert now_is(world, ask).state is AskState.REPLIED


def test_somebody_elses_words_are_their_question(world: World) -> None:
    world.until(TEN)
    key = world.does(
        "ines", service.mark, world.engagement_id,
        channel_id=CHANNEL, ts=stamp(TEN), thread_ts=stamp(TEN), text="Who decides?", author="U0VERA",
    )  # fmt: skip

    ask = world.one(Ask, id=key)
    assert (ask.asker_id, ask.marked_by_id) == (world.place("vera"), world.place("ines"))
    assert ask.asked_side.value == "inhouse"


def test_when_the_asker_has_left_their_side_speaks_for_them(world: World) -> None:
    ask = asks(world, "vik")
    says(world, "ines", ask, "443")
    world.change(Participant, {"id": world.place("vik")}, is_active=False)

    says(world, "vera", ask, "And staging?")

    assert now_is(world, ask).state is AskState.WAITING


def test_a_question_is_asked_where_the_other_side_can_see_it(world: World) -> None:
    where = {"ts": "1.1", "thread_ts": "1.1", "text": "Who?"}
    with pytest.raises(Conflict, match="shared channel"):
        world.does("ines", service.mark, world.engagement_id, channel_id=INHOUSE_CHANNEL, **where)
    with pytest.raises(Invalid, match="what you want to know"):
        world.does("ines", service.mark, world.engagement_id, channel_id=CHANNEL, **{**where, "text": " "})


def test_another_time_to_answer_holds_from_the_next_turn_on(world: World) -> None:
    ask = asks(world)
    world.change(Engagement, {}, answer_minutes=60)
    assert now_is(world, ask).until == at(24, 10)

    says(world, "vera", ask, "443")
    says(world, "ines", ask, "And staging?")

    assert now_is(world, ask).until == at(23, 11)


def test_each_side_reads_what_waits_for_it(world: World) -> None:
    """A reply waits for the asker's word."""
    for_vendor, for_inhouse = asks(world), asks(world, "vera", "Who decides?")
    replied = asks(world, "olaf", "And the firewall?")
    says(world, "vik", replied, "Done in the morning")

    def numbers(name: str) -> list[int]:
        side = world.actor(name).memberships[0].side
        return [line.number for line in world.sees(name, queries.waiting_for, world.engagement_id, side)]

    assert numbers("vera") == [for_vendor.number]
    assert numbers("ines") == [for_inhouse.number, replied.number]
    with pytest.raises(NotFound):
        world.sees("mallory", queries.listed, world.engagement_id)
    assert isinstance(for_vendor.id, UUID)


def test_the_entries_keep_no_text(world: World) -> None:
    ask = asks(world)
    says(world, "vera", ask, "The secret is swordfish")

    assert "swordfish" not in repr([row.model_dump() for row in world.rows(AskEntry)])
    assert AskEvent.REPLIED in {row.event for row in world.rows(AskEntry)}


def test_of_two_edits_of_a_question_at_once_the_later_one_stands(postgres_db: Database) -> None:
    world = build(postgres_db, postgres_db.clock, countries=(None, None))  # type: ignore[arg-type]
    row = asks(world)
    assert row.ts is not None

    def edit(tx: Tx, text: str, revision: str) -> bool:
        return threads.edited(tx, channel_id=CHANNEL, thread_ts=row.ts, ts=row.ts or "", text=text, revision=revision)

    with ThreadPoolExecutor(1) as pool:
        with world.db.transaction(world.actor("ines")) as tx:
            edit(tx, "Last words?", "3")
            tx.session.flush()
            older = pool.submit(world.does, "ines", edit, "Second words?", "2")
            somebody_waits(world.db)
        assert older.result()

    assert card(world, row).line.what == "Last words?"

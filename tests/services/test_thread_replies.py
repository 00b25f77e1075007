"""Replies in a thread and direct messages: what counts, and how edits and deletions are followed."""

import itertools
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from models.access import SYSTEM
from models.blockers.rules import BlockerState
from models.blockers.tables import Blocker
from models.checkins import queries, replies
from models.checkins import service as checkins
from models.checkins.rules import PromptState, Source
from models.checkins.submissions import NewBlocker, Submission
from models.checkins.tables import Reply, Response
from models.commitments.rules import CommitmentState
from models.commitments.tables import Commitment
from models.db import Database
from models.engagements.tables import Participant
from models.errors import Conflict
from tests.support.databases import somebody_waits
from tests.support.world import CHANNEL, World, at, build, nov

TS, EDIT = "1795409000.000100", "1795409060.000000"


@pytest.fixture
def open_world(world: World) -> World:
    """Monday's check-in is open, Vera and Vik have been asked."""
    world.until(at(23, 4, 30))
    return world


def edits(world: World, ts: str, text: str, revision: str = "2", name: str = "vera") -> bool:
    return world.does(name, replies.edited, channel_id=CHANNEL, ts=ts, text=text, revision=revision)


def deletes(world: World, ts: str, name: str = "vera") -> bool:
    return world.does(name, replies.deleted, channel_id=CHANNEL, ts=ts)


def note(world: World, name: str = "vera") -> str:
    with world.db.read(SYSTEM) as tx:
        last = queries.latest_response(tx, world.prompt(name, nov(23)))
        return queries.said(tx, last).note if last else ""


def state(world: World, name: str = "vera") -> PromptState:
    return world.prompt(name, nov(23)).state


def test_the_first_reply_is_the_answer(open_world: World) -> None:
    open_world.replies("vera", nov(23), "Finished the login page")

    assert (state(open_world), note(open_world)) == (PromptState.ANSWERED, "Finished the login page")


def test_talk_after_the_answer_is_not_stored(open_world: World) -> None:
    open_world.replies("vera", nov(23), "Finished the login page")

    open_world.replies("vera", nov(23), "Thanks, Olaf!")

    assert len(open_world.rows(Reply)) == 1


def test_a_conventional_line_counts_in_the_middle_of_talk(open_world: World) -> None:
    open_world.replies("vera", nov(23), "Finished the login page")

    open_world.replies("vera", nov(23), "blocked: no VPN")

    assert [row.state for row in open_world.rows(Blocker)] == [BlockerState.OPEN]


@pytest.mark.parametrize("name", ["ada", "mallory"])
def test_words_of_who_is_not_asked_are_not_stored(open_world: World, name: str) -> None:
    open_world.replies(name, nov(23), "blocked: everything")

    assert (open_world.rows(Reply), open_world.rows(Blocker)) == ([], [])


def test_a_reply_in_another_thread_is_not_stored(open_world: World) -> None:
    heard = open_world.does("vera", replies.heard, channel_id=CHANNEL, thread_ts="1.1", ts="2.2", text="blocked: x")

    assert (heard, open_world.rows(Reply)) == (False, [])


@pytest.mark.parametrize("text", ["", "  \n ", "\u200b"[:0]])
def test_a_message_without_words_is_no_answer(open_world: World, text: str) -> None:
    open_world.replies("vera", nov(23), text)

    assert state(open_world) is PromptState.ASKED


def test_a_reply_delivered_twice_is_one(open_world: World) -> None:
    for _ in range(2):
        open_world.replies("vera", nov(23), "next: A", ts=TS)

    assert (len(open_world.rows(Response)), len(open_world.rows(Commitment))) == (1, 1)


def test_an_edit_is_followed(open_world: World) -> None:
    ts = open_world.replies("vera", nov(23), "Finised")

    edits(open_world, ts, "Finished")

    assert note(open_world) == "Finished"


def test_an_edit_delivered_twice_is_one_version(open_world: World) -> None:
    ts = open_world.replies("vera", nov(23), "Finised")

    for _ in range(2):
        edits(open_world, ts, "Finished")

    assert [row.version for row in open_world.rows(Response)] == [1, 2]


def test_an_older_edit_that_comes_late_changes_nothing(open_world: World) -> None:
    ts = open_world.replies("vera", nov(23), "A")
    edits(open_world, ts, "C", "3")

    edits(open_world, ts, "B", "2")

    assert note(open_world) == "C"


def test_of_two_edits_at_once_the_later_one_stands(postgres_db: Database) -> None:
    world = build(postgres_db, postgres_db.clock)  # type: ignore[arg-type]
    world.until(at(23, 4, 30))
    ts = world.replies("vera", nov(23), "First words")

    with ThreadPoolExecutor(1) as pool:
        with world.db.transaction(world.actor("vera")) as tx:
            replies.edited(tx, channel_id=CHANNEL, ts=ts, text="Last words", revision="3")
            tx.session.flush()
            older = pool.submit(edits, world, ts, "Second words", "2")
            somebody_waits(world.db)
        assert older.result()

    assert note(world) == "Last words"


def test_an_edit_after_the_deletion_changes_nothing(open_world: World) -> None:
    ts = open_world.replies("vera", nov(23), "A")
    deletes(open_world, ts)

    edits(open_world, ts, "B")

    assert state(open_world) is PromptState.ASKED


def test_an_edit_that_overtakes_its_message_is_the_message(open_world: World) -> None:
    where = {"channel_id": CHANNEL, "ts": TS, "thread_ts": open_world.thread(nov(23))}
    open_world.does("vera", replies.edited, **where, text="Finished", revision=EDIT)

    open_world.replies("vera", nov(23), "Finised", ts=TS)

    assert (note(open_world), len(open_world.rows(Response))) == ("Finished", 1)


def test_an_edit_of_old_talk_is_no_answer(open_world: World) -> None:
    where = {"channel_id": CHANNEL, "ts": "1795300000.000100", "thread_ts": open_world.thread(nov(23))}

    open_world.does("vera", replies.edited, **where, text="As I said", revision=EDIT)

    assert state(open_world) is PromptState.ASKED


def test_an_edit_of_what_was_said_directly_before_anybody_was_asked_is_no_answer(open_world: World) -> None:
    where = {"channel_id": "D0VERA", "ts": f"{at(22, 20).timestamp():.0f}.000100", "is_direct": True}

    open_world.does("vera", replies.edited, **where, text="Thank you!", revision=EDIT)
    assert state(open_world) is PromptState.ASKED

    open_world.does("vera", replies.edited, **where, text="next: the report", revision=EDIT)
    assert state(open_world) is PromptState.ANSWERED


def test_a_deletion_that_overtakes_its_message_is_remembered(open_world: World) -> None:
    ts = f"{at(23, 4, 30).timestamp():.0f}.000100"
    open_world.does("vera", replies.deleted, channel_id=CHANNEL, ts=ts, thread_ts=open_world.thread(nov(23)))

    open_world.replies("vera", nov(23), "Never mind", ts=ts)

    assert state(open_world) is PromptState.ASKED


@pytest.mark.parametrize("order", list(itertools.permutations(["heard", "edited", "deleted"])))
def test_in_whatever_order_slack_delivers_a_deleted_message_is_no_answer(
    open_world: World, order: tuple[str, ...]
) -> None:
    now = at(23, 4, 30).timestamp()
    where = {"channel_id": CHANNEL, "ts": f"{now:.0f}.000100", "thread_ts": open_world.thread(nov(23))}
    calls = {
        "heard": lambda: open_world.does("vera", replies.heard, **where, text="next: A"),
        "edited": lambda: open_world.does("vera", replies.edited, **where, text="next: B", revision=f"{now + 5:.0f}.0"),
        "deleted": lambda: open_world.does("vera", replies.deleted, **where),
    }

    for call in (*order, *order):
        calls[call]()

    assert state(open_world) is PromptState.ASKED
    assert {row.state for row in open_world.rows(Commitment)} <= {CommitmentState.WITHDRAWN}


def test_a_direct_message_that_comes_a_day_late_answers_what_was_asked_when_it_was_written(open_world: World) -> None:
    written = f"{at(23, 5).timestamp():.0f}.000100"
    open_world.until(at(24, 5))

    where = {"channel_id": "D0VERA", "thread_ts": None}
    open_world.does("vera", replies.heard, **where, ts=written, text="Finished the login page")

    assert (state(open_world), note(open_world)) == (PromptState.ANSWERED, "Finished the login page")
    assert open_world.prompt("vera", nov(24)).answered_at is None


@pytest.mark.parametrize("thread", [True, False], ids=["thread", "direct"])
def test_what_was_said_in_time_while_we_were_away_is_not_late(open_world: World, thread: bool) -> None:
    said_at = at(23, 7, 50)
    ts = f"{said_at.timestamp():.0f}.000100"
    place = {"channel_id": CHANNEL, "thread_ts": open_world.thread(nov(23))}
    open_world.until(at(24, 5))

    where = place if thread else {"channel_id": "D0VERA", "thread_ts": None}
    open_world.does("vera", replies.heard, **where, ts=ts, text="Finished the login page")

    prompt = open_world.prompt("vera", nov(23))
    assert (prompt.state, prompt.is_late) == (PromptState.ANSWERED, False)
    assert prompt.answered_at == said_at + timedelta(microseconds=100)


@pytest.mark.parametrize("ts", ["", "nonsense", "-1", "200.1", "9e99", "nan", "1895409000.000100"])
def test_a_ts_at_which_nothing_can_have_been_said_counts_as_now(open_world: World, ts: str) -> None:
    open_world.until(at(23, 13))

    open_world.replies("vera", nov(23), "Finished the login page", ts=ts or None)

    prompt = open_world.prompt("vera", nov(23))
    assert (prompt.is_late, prompt.answered_at) == (True, at(23, 13))


def test_what_was_changed_within_a_week_while_we_were_away_is_followed(open_world: World) -> None:
    ts = open_world.replies("vera", nov(23), "Finised")
    gone = open_world.replies("vera", nov(23), "blocked: no VPN")
    before, after = at(30, 7), at(30, 13)
    open_world.until(after)

    for name, revision in (("Finished", before), ("Too late", after)):
        open_world.does(
            "vera", replies.edited, channel_id=CHANNEL, ts=ts, text=name, revision=f"{revision.timestamp():.0f}.0"
        )
    open_world.does("vera", replies.deleted, channel_id=CHANNEL, ts=gone, revision=f"{before.timestamp():.0f}.1")

    assert note(open_world) == "Finished"
    with open_world.db.read(SYSTEM) as tx:
        last = queries.latest_response(tx, open_world.prompt("vera", nov(23)))
        assert last
        assert queries.said(tx, last).blockers == ()


@pytest.mark.parametrize("order", list(itertools.permutations(["heard", "edited", "deleted"], 2)))
def test_what_waited_while_we_were_away_counts_in_the_order_it_was_said(
    open_world: World, order: tuple[str, ...]
) -> None:
    """Slack brings an event again for a day, and keeps no order: an edit may come long before its message."""
    said = at(23, 4, 30).timestamp()
    where = {"channel_id": CHANNEL, "ts": f"{said:.0f}.000100", "thread_ts": open_world.thread(nov(23))}
    calls = {
        "heard": lambda: open_world.does("vera", replies.heard, **where, text="Finised"),
        "edited": lambda: open_world.does(
            "vera", replies.edited, **where, text="Done", revision=f"{said + 2400:.0f}.0"
        ),
        "deleted": lambda: open_world.does("vera", replies.deleted, **where),
    }
    open_world.until(at(23, 7, 50))

    for call in order:
        calls[call]()

    assert note(open_world) == ("" if "deleted" in order else "Done")
    assert (state(open_world) is PromptState.ANSWERED) == ("deleted" not in order)


def test_the_first_words_count_though_the_thanks_after_them_came_first(open_world: World) -> None:
    open_world.replies("vera", nov(23), "Thanks, Olaf!", ts="1795409100.000100")

    open_world.replies("vera", nov(23), "Finished the login page", ts=TS)
    open_world.replies("vera", nov(23), "See you", ts="1795409200.000100")

    assert note(open_world) == "Finished the login page\nThanks, Olaf!"


def test_words_from_before_the_form_count_though_they_come_after_it(open_world: World) -> None:
    open_world.answers("vera", nov(23), Submission(note="Working."))

    open_world.replies("vera", nov(23), "See you", ts=f"{at(23, 4, 40).timestamp():.0f}.000100")
    open_world.replies("vera", nov(23), "Finished the login page", ts=f"{at(23, 4, 10).timestamp():.0f}.000100")

    assert note(open_world) == "Working.\nFinished the login page"


def test_the_deletion_of_the_only_reply_takes_the_answer_back(open_world: World) -> None:
    ts = open_world.replies("vera", nov(23), "next: A\nblocked: no VPN")

    deletes(open_world, ts)

    assert state(open_world) is PromptState.ASKED
    assert [row.state for row in open_world.rows(Commitment)] == [CommitmentState.WITHDRAWN]
    assert [row.state for row in open_world.rows(Blocker)] == [BlockerState.RESOLVED]


def test_a_deletion_delivered_twice_is_one(open_world: World) -> None:
    ts = open_world.replies("vera", nov(23), "A")

    for _ in range(2):
        deletes(open_world, ts)

    assert [row.is_withdrawn for row in open_world.rows(Response)] == [False, True]


def test_who_took_the_answer_back_is_reminded_again(open_world: World) -> None:
    deletes(open_world, open_world.replies("vera", nov(23), "A"))

    open_world.until(at(23, 7, 30))

    assert open_world.prompt("vera", nov(23)).reminded_at == at(23, 7)


def test_who_was_excused_is_excused_again_when_the_answer_goes(world: World) -> None:
    world.does("vera", checkins.away, nov(23), nov(23))
    world.until(at(23, 5))
    ts = world.replies("vera", nov(23), "Here all the same")

    deletes(world, ts)

    assert state(world) is PromptState.EXCUSED


def test_a_late_answer_that_is_deleted_is_missed_again(open_world: World) -> None:
    open_world.until(at(23, 13))
    ts = open_world.replies("vera", nov(23), "A")

    deletes(open_world, ts)

    assert state(open_world) is PromptState.MISSED


def test_a_deletion_after_a_week_changes_nothing_that_was_counted(open_world: World) -> None:
    ts = open_world.replies("vera", nov(23), "next: A by Wednesday")
    open_world.until(at(30, 13))

    deletes(open_world, ts)

    assert (state(open_world), len(open_world.rows(Response))) == (PromptState.ANSWERED, 1)


@pytest.mark.parametrize("days", [0, 8])
def test_a_reply_that_is_deleted_leaves_none_of_its_text(open_world: World, days: int) -> None:
    ts = open_world.replies("vera", nov(23), "Finished the login page")
    open_world.until(at(23, 4, 40) + timedelta(days=days))

    deletes(open_world, ts)

    assert [(row.is_deleted, row.text) for row in open_world.rows(Reply)] == [(True, "")]
    with open_world.db.read(SYSTEM) as tx:
        assert tx.unseal(open_world.rows(Reply)[0], "text") == ""


def test_one_of_two_replies_deleted_leaves_the_other(open_world: World) -> None:
    first = open_world.replies("vera", nov(23), "Finished the login page")
    open_world.replies("vera", nov(23), "next: A")

    deletes(open_world, first)

    assert (state(open_world), note(open_world)) == (PromptState.ANSWERED, "")
    assert [row.state for row in open_world.rows(Commitment)] == [CommitmentState.OPEN]


def test_a_form_after_a_reply_keeps_both(open_world: World) -> None:
    open_world.replies("vera", nov(23), "next: A")

    open_world.answers("vera", nov(23), Submission(blockers=(NewBlocker("no VPN"),), is_blocked=True))

    assert (len(open_world.rows(Blocker)), [row.state for row in open_world.rows(Commitment)]) == (
        1,
        [CommitmentState.OPEN],
    )


def test_a_blocked_line_after_a_form_adds_to_it(open_world: World) -> None:
    open_world.answers("vera", nov(23), Submission(note="Working.", is_blocked=False))

    open_world.replies("vera", nov(23), "blocked: no VPN")

    assert len(open_world.rows(Blocker)) == 1
    assert note(open_world) == "Working."


def test_a_deleted_reply_leaves_the_form(open_world: World) -> None:
    open_world.answers("vera", nov(23), Submission(note="Working."))
    ts = open_world.replies("vera", nov(23), "blocked: no VPN")

    deletes(open_world, ts)

    assert (state(open_world), note(open_world)) == (PromptState.ANSWERED, "Working.")
    assert [row.state for row in open_world.rows(Blocker)] == [BlockerState.RESOLVED]


def test_a_skip_line_skips(open_world: World) -> None:
    open_world.replies("vera", nov(23), "skip: at the dentist")

    assert state(open_world) is PromptState.SKIPPED


def test_an_edited_skip_line_still_skips(open_world: World) -> None:
    ts = open_world.replies("vera", nov(23), "skip: at the dentist")

    edits(open_world, ts, "skip: at the dentist until noon")

    with open_world.db.read(SYSTEM) as tx:
        vera = open_world.prompt("vera", nov(23))
        assert (vera.state, tx.unseal(vera, "skip_reason")) == (PromptState.SKIPPED, "at the dentist until noon")


def test_a_skip_line_edited_to_an_answer_answers(open_world: World) -> None:
    ts = open_world.replies("vera", nov(23), "skip: at the dentist")

    edits(open_world, ts, "Finished the login page")

    assert state(open_world) is PromptState.ANSWERED


def test_an_answer_edited_to_a_skip_line_skips(open_world: World) -> None:
    ts = open_world.replies("vera", nov(23), "next: A")

    edits(open_world, ts, "skip: at the dentist")

    assert state(open_world) is PromptState.SKIPPED
    assert [row.state for row in open_world.rows(Commitment)] == [CommitmentState.WITHDRAWN]


def test_a_deleted_skip_line_does_not_skip_any_more(open_world: World) -> None:
    ts = open_world.replies("vera", nov(23), "skip: at the dentist")

    deletes(open_world, ts)

    assert state(open_world) is PromptState.ASKED


def test_an_answer_deleted_after_a_skip_line_leaves_the_skip(open_world: World) -> None:
    open_world.replies("vera", nov(23), "skip: at the dentist")
    ts = open_world.replies("vera", nov(23), "Finished the login page")

    deletes(open_world, ts)

    assert state(open_world) is PromptState.SKIPPED


def test_a_skip_line_after_the_closing_is_no_answer(open_world: World) -> None:
    open_world.until(at(23, 13))

    open_world.replies("vera", nov(23), "skip: was at the dentist")

    assert state(open_world) is PromptState.MISSED


def test_a_skip_line_after_the_answer_changes_nothing(open_world: World) -> None:
    open_world.replies("vera", nov(23), "Finished the login page")

    open_world.replies("vera", nov(23), "skip: the meeting later")

    assert len(open_world.rows(Response)) == 1


def test_a_skip_line_with_a_blocker_raises_the_blocker(open_world: World) -> None:
    open_world.replies("vera", nov(23), "skip: away this afternoon\nblocked: no VPN")

    assert (state(open_world), len(open_world.rows(Blocker))) == (PromptState.ANSWERED, 1)


def test_a_direct_message_answers_what_is_open(open_world: World) -> None:
    open_world.direct("vera", "Finished the login page")

    assert [row.source for row in open_world.rows(Response)] == [Source.DIRECT]


def test_a_second_direct_message_belongs_to_the_same_check_in(open_world: World) -> None:
    open_world.direct("vera", "Finished the login page")

    open_world.direct("vera", "blocked: no VPN")

    assert {row.checkin_id for row in open_world.rows(Response)} == {open_world.checkin(nov(23)).id}


def test_a_direct_message_after_the_closing_is_a_late_answer_to_what_was_asked(open_world: World) -> None:
    open_world.until(at(23, 13))

    open_world.direct("vera", "Finished the login page")

    assert (state(open_world), open_world.prompt("vera", nov(23)).is_late) == (PromptState.ANSWERED, True)


def test_small_talk_with_the_bot_is_no_answer_to_tomorrow(open_world: World) -> None:
    open_world.direct("vera", "Finished the login page")
    open_world.until(at(23, 13))

    open_world.direct("vera", "Thanks!")

    assert open_world.prompt("vera", nov(24)).state is PromptState.WAITING


def test_an_early_direct_message_in_the_conventions_answers_tomorrow(open_world: World) -> None:
    open_world.direct("vera", "Finished the login page")
    open_world.until(at(23, 13))

    open_world.direct("vera", "next: the search page")

    assert open_world.prompt("vera", nov(24)).state is PromptState.ANSWERED


def test_only_the_writer_changes_a_reply(open_world: World) -> None:
    ts = open_world.replies("vera", nov(23), "A")

    with pytest.raises(Conflict):
        edits(open_world, ts, "B", name="vik")

    assert note(open_world) == "A"


@pytest.mark.parametrize("change", [edits, lambda world, ts, _: deletes(world, ts)])
def test_what_somebody_said_stands_after_they_left(open_world: World, change: Callable[..., bool]) -> None:
    ts = open_world.replies("vera", nov(23), "A")
    open_world.change(Participant, {"id": open_world.place("vera")}, is_active=False)

    assert change(open_world, ts, "B") is True
    assert len(open_world.rows(Response)) == 1


@pytest.mark.parametrize("text", ["\ud800 half a character", "nul \x00 inside", "💥" * 4000, "\u202egnihtemos"])
def test_hostile_text_is_stored(open_world: World, text: str) -> None:
    open_world.replies("vera", nov(23), text)

    assert state(open_world) is PromptState.ANSWERED

"""Questions to the other side that are asked in a check-in: in a reply, in the form, edited, taken back."""

import pytest

from models.asks.rules import AskState
from models.asks.tables import Ask
from models.checkins import answers, boards, replies
from models.checkins.submissions import Submission, from_json, to_json
from models.clock import ManualClock
from models.db import Database
from models.home import standing
from tests.support.world import CHANNEL, World, at, build, nov

FIRST = "0000000001.000100"


@pytest.fixture
def world(db: Database, clock: ManualClock) -> World:
    """Monday 23 November, when both sides have been asked."""
    world = build(db, clock, countries=(None, None))
    world.until(at(23, 9))
    return world


def found(world: World) -> list[tuple[str, AskState]]:
    rows = world.rows(Ask)
    return world.sees("system", lambda tx: [(tx.unseal(row, "what"), row.state) for row in rows])


def edits(world: World, text: str, revision: str) -> None:
    world.does("vera", replies.edited, channel_id=CHANNEL, ts=FIRST, text=text, revision=revision)


def test_a_line_of_a_reply_asks_the_other_side(world: World) -> None:
    world.replies("vera", nov(23), "Index done\n- question: which port?\n*Question*: who signs?", ts=FIRST)

    assert found(world) == [("which port?", AskState.WAITING), ("who signs?", AskState.WAITING)]
    assert {row.asked_side.value for row in world.rows(Ask)} == {"inhouse"}
    view = world.sees("system", answers.answer_view, world.workspace_id, world.prompt("vera", nov(23)).id)
    assert view is not None
    assert (view.asked, view.submission.note) == ((1, 2), "Index done")


def test_an_edit_rewords_takes_back_and_asks_again(world: World) -> None:
    world.replies("vera", nov(23), "question: which port?\nquestion: who signs?", ts=FIRST)

    edits(world, "question: which ports?\nquestion: who signs?", "2.1")
    assert found(world) == [("which ports?", AskState.WAITING), ("who signs?", AskState.WAITING)]
    edits(world, "question: who signs?", "2.2")
    assert found(world) == [("which ports?", AskState.WITHDRAWN), ("who signs?", AskState.WAITING)]
    edits(world, "question: who signs?\nquestion: which ports?\nquestion: and when?", "2.3")
    assert [state for _, state in found(world)] == [AskState.WAITING] * 3


def test_deleting_the_reply_takes_its_questions_back(world: World) -> None:
    world.replies("vera", nov(23), "question: which port?", ts=FIRST)

    world.does("vera", replies.deleted, channel_id=CHANNEL, ts=FIRST)

    assert found(world) == [("which port?", AskState.WITHDRAWN)]


def test_a_line_of_a_forms_text_asks_too_and_sending_it_again_asks_nothing_twice(world: World) -> None:
    said = Submission(answers={"done": "The index\nquestion: which port?"})
    world.answers("ines", nov(23), said)
    world.answers("ines", nov(23), said)

    assert found(world) == [("which port?", AskState.WAITING)]
    assert world.one(Ask).asked_side.value == "vendor"


def test_what_a_direct_message_asks_is_asked_in_the_channel(world: World) -> None:
    world.direct("vik", "question: which port?")

    assert [(row.place.value, row.thread_ts) for row in world.said("ask.card")] == [("channel", None)]


def test_open_questions_stand_on_the_board_and_in_the_status(world: World) -> None:
    world.replies("vera", nov(23), "question: which port?", ts=FIRST)

    board = world.sees("system", boards.board, world.workspace_id, world.checkin(nov(23)).id)
    status = world.sees("ines", standing.status, world.engagement_id)

    assert [line.what for line in board.asks] == [line.what for line in status.asks] == ["which port?"]


def test_answers_of_earlier_releases_have_no_questions() -> None:
    data = to_json(Submission(asks=("Which port?",)))
    assert from_json(data).asks == ("Which port?",)
    del data["asks"]

    assert from_json(data).asks == ()

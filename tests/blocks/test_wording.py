"""What the messages say, and what they keep to themselves."""

import json
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from bot import ids
from bot.blocks import kit
from bot.blocks.answer_modal import answer_modal
from bot.blocks.answers import answer
from bot.blocks.blockers import card
from bot.blocks.checkins import board, prompt
from bot.blocks.home import home
from bot.blocks.kit import Rendered
from bot.blocks.summaries import inhouse, weekly
from models.blockers.rules import BlockerState
from models.checkins.rules import LATE_FOR, CheckInState, PromptState, Source
from models.checkins.submissions import Submission
from tests.support import shown
from tests.support.limits import texts
from tests.support.views import NOW, Sample

SAMPLE = Sample()


def said(message: Rendered) -> str:
    """Everything in a message."""
    return message.text + json.dumps(message.blocks, ensure_ascii=False)


def buttons(message: Rendered) -> list[str]:
    rows = [block["elements"] for block in message.blocks if block["type"] == "actions"]
    return [element["action_id"] for row in rows for element in row]


def fields(view: dict[str, Any]) -> list[str]:
    return [block["block_id"] for block in view["blocks"] if block["type"] == "input"]


@pytest.mark.parametrize("state", [CheckInState.OPEN, CheckInState.CLOSED])
def test_a_board_names_who_answered_and_who_is_away_but_not_who_is_missing(state: CheckInState) -> None:
    told = said(board(SAMPLE.board(state), NOW))

    assert "Ines" in told
    assert "Olaf (away until Fri 27 Nov)" in told
    assert "Tara (In a workshop all day)" in told
    assert "Vik" not in told


def test_people_who_are_away_are_not_in_the_denominator() -> None:
    told = said(board(SAMPLE.board(), NOW))

    assert "*Acme* · 1 of 1 answered" in told
    assert "1 still to answer" in told


def test_a_side_of_which_everybody_is_away_has_no_share() -> None:
    view = SAMPLE.board()
    told = said(board(replace(view, lines=(SAMPLE.line(SAMPLE.ines, PromptState.EXCUSED, "Christmas Day"),)), NOW))

    assert "*Acme* · nobody to ask" in told
    assert "Ines (Christmas Day)" in told


def test_a_closed_check_in_takes_late_answers_for_a_while() -> None:
    view = SAMPLE.board(CheckInState.CLOSED)

    assert buttons(board(view, view.closes_at + timedelta(days=1))) == [ids.ANSWER_OPEN]
    assert buttons(board(view, view.closes_at + LATE_FOR)) == []


@pytest.mark.parametrize(
    ("state", "legal"),
    [
        (BlockerState.OPEN, [ids.MINE_PRESS, ids.UPDATE_OPEN, ids.RESOLVE_OPEN, ids.ESCALATE_OPEN]),
        (BlockerState.OWNED, [ids.MINE_PRESS, ids.UPDATE_OPEN, ids.RESOLVE_OPEN, ids.ESCALATE_OPEN]),
        (BlockerState.RESOLVED, []),
    ],
)
def test_a_card_has_the_buttons_that_are_legal(state: BlockerState, legal: list[str]) -> None:
    assert buttons(card(SAMPLE.card(state))) == legal


def test_a_prompt_names_the_last_working_day_and_both_ways_to_answer() -> None:
    message = prompt(SAMPLE.prompt())

    assert "since Friday" in message.text
    assert "just reply here" in message.text
    assert buttons(message) == [ids.ANSWER_OPEN, ids.SKIP_OPEN]


def test_a_prompt_that_is_answered_says_so_and_can_be_changed() -> None:
    message = prompt(SAMPLE.prompt(PromptState.ANSWERED))

    assert "answered" in message.text
    assert buttons(message) == [ids.ANSWER_OPEN]


def test_a_thread_reply_is_answered_in_one_short_line() -> None:
    message = answer(SAMPLE.answer(Source.THREAD))

    assert len(message.blocks) == 1
    assert message.text.startswith("Understood from Vera")
    assert "2 promises (C-12, C-13)" in message.text
    assert "blocked: B-2" in message.text
    assert message.text.endswith("Edit your reply to correct it.")


def test_a_reply_in_which_nothing_was_found_says_so() -> None:
    view = replace(SAMPLE.answer(Source.THREAD), submission=Submission(), outcomes=(), promised=(), blockers=())

    assert "nothing yet" in answer(view).text


def test_nobody_asked_is_no_data_and_not_a_share() -> None:
    view = SAMPLE.summary()
    row = replace(view.facts.participation[0], scheduled=2, excused=2, on_time=0, late=0, missing=0)
    told = said(weekly(replace(view, facts=replace(view.facts, participation=(row,)))))

    assert "Acme: no data, nobody was asked" in told
    assert "0 %" not in told.split("Promises")[0]


def test_the_summary_names_nobody_who_is_missing_but_the_in_house_part_does() -> None:
    view = SAMPLE.summary()
    view = replace(view, facts=replace(view.facts, still_open=(), overdue=()))

    assert "Olaf" not in said(weekly(view))
    assert "Olaf" in said(inhouse(view))


def test_few_answers_are_called_little() -> None:
    assert "Low confidence" in said(weekly(SAMPLE.summary(is_low_confidence=True)))
    assert "Low confidence" not in said(weekly(SAMPLE.summary()))


@pytest.mark.parametrize(
    ("part", "whole", "words"),
    [
        (7, 8, "7 of 8 · 88 %"),
        (0, 4, "0 of 4 · 0 %"),
        (4, 4, "4 of 4 · 100 %"),
        (999, 1000, "999 of 1000 · 99 %"),
        (1, 1000, "1 of 1000 · 1 %"),
        (0, 0, "no data"),
    ],
)
def test_a_share_has_its_numbers_and_never_flatters(part: int, whole: int, words: str) -> None:
    assert kit.share(part, whole) == words


def test_a_date_has_its_year_only_where_it_is_another_one() -> None:
    assert kit.day(date(2026, 11, 27)) == "Fri 27 Nov"
    assert kit.day(date(2027, 1, 4), date(2026, 11, 27)) == "Mon 4 Jan 2027"


def test_the_form_asks_further_only_where_it_is_needed() -> None:
    shown_first = fields(answer_modal(SAMPLE.form()))

    assert "answer.blocked" in shown_first
    assert not any(name.endswith((".what", ".reason", ".cause")) for name in shown_first)
    assert "answer.when" not in shown_first


def test_the_form_opens_filled_in_with_what_was_answered() -> None:
    shown_again = fields(answer_modal(SAMPLE.form(SAMPLE.submission)))

    assert {"answer.blocked.what", "answer.when"} <= set(shown_again)


def test_a_promise_that_is_due_or_overdue_is_not_on_track_by_itself() -> None:
    blocks = answer_modal(SAMPLE.form())["blocks"]
    selects = {
        block["label"]["text"][:4]: block["element"].get("initial_option", {}).get("value")
        for block in blocks
        if block.get("block_id", "").endswith(".verdict")
    }

    assert selects == {"C-11": None, "C-9 ": None, "C-10": "on_track"}


EVERYTHING = [text["text"] for message in shown.messages(SAMPLE).values() for text in texts(message.blocks)]
EVERYTHING += [message.text for message in shown.messages(SAMPLE).values()]
EVERYTHING += [text["text"] for view in shown.views(SAMPLE).values() for text in texts(view)]


@pytest.mark.parametrize("text", sorted(set(EVERYTHING)))
def test_the_tone_is_calm_and_a_line_has_one_sign_at_most(text: str) -> None:
    without_dates = text.replace("<!date", "")

    assert "!" not in without_dates
    for line in text.splitlines():
        if len(line) < 200:
            assert sum(line.count(sign) for sign in "🔴🟡🟢✅📅✖⚠⏰") <= 1


def test_a_board_says_until_when_each_side_answers_and_when_it_closes() -> None:
    view = SAMPLE.board()
    ends = view.closes_at - timedelta(hours=4, minutes=30)
    vera, ines = replace(SAMPLE.vera, zone="Asia/Kolkata"), replace(SAMPLE.ines, zone="Europe/Paris")
    kolkata = replace(SAMPLE.line(vera, PromptState.ASKED), deadline_at=ends)
    paris = replace(SAMPLE.line(ines, PromptState.ASKED), deadline_at=view.closes_at)
    closes = kit.when(view.closes_at)

    alike = said(board(replace(view, lines=(kolkata, paris)), NOW))
    alone = said(board(replace(view, lines=(paris,)), NOW))
    mixed = said(board(replace(view, lines=(replace(kolkata, deadline_at=ends - timedelta(minutes=7)), paris)), NOW))

    assert f"Answers until 13:00, each in their own time zone · closes {closes}" in alike
    assert f"Answers until {closes}" in alone
    assert f"Open until {closes}" in mixed
    assert "Answers until" not in mixed


def test_what_was_not_understood_of_a_reply_is_said() -> None:
    view = SAMPLE.answer(Source.THREAD)
    promised = (replace(SAMPLE.commitment(5), what="Runbook by 2020-01-01"), SAMPLE.commitment(6))

    told = said(answer(replace(view, submission=Submission(note="C-9 done"), promised=promised)))

    assert "not the date of C-5" in told
    assert "not C-9: no open promise of yours, or no date" in told


def test_home_says_when_ones_own_time_is_over_though_the_check_in_is_open() -> None:
    view = SAMPLE.home()
    (due,) = view.due

    assert "open until" in said(home(view))
    over = said(home(replace(view, now=due.deadline_at + timedelta(minutes=1))))
    assert "your time ended" in over
    assert "a late answer still counts" in over

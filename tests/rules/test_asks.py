"""Whose turn it is: the fold over what happened to a question, what counts as thanks, and the figures."""

from datetime import UTC, datetime, timedelta
from itertools import count
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.access import Side
from models.asks.courtesy import is_courtesy, is_thanks
from models.asks.figures import Measured, figures, response
from models.asks.reading import Word, asked, asking, named
from models.asks.rules import GRACE, AskEvent, AskState, Happening, Turn, course, heard_as, next_due, turn_of

START = datetime(2026, 11, 23, 9, tzinfo=UTC)
_HOUR = timedelta(hours=1)
A, R, F, T = AskEvent.ASKED, AskEvent.REPLIED, AskEvent.FOLLOWED_UP, AskEvent.THANKED
X, W, AGAIN, S = AskEvent.ANSWERED, AskEvent.WITHDRAWN, AskEvent.REOPENED, AskEvent.SETTLED


def told(*events: AskEvent) -> list[Happening]:
    """Things that happened an hour apart, each with the next word due eight hours later."""
    found = []
    for number, event in enumerate(events):
        at = START + number * _HOUR
        found.append(Happening(UUID(int=number + 1), event, at, at + 8 * _HOUR))
    return found


@pytest.mark.parametrize(
    ("events", "state", "turns"),
    [
        ([A], AskState.WAITING, 1),
        ([A, T], AskState.WAITING, 1),
        ([A, F, F], AskState.WAITING, 1),
        ([A, R], AskState.REPLIED, 1),
        ([A, R, R], AskState.REPLIED, 1),
        ([A, R, T], AskState.REPLIED, 1),
        ([A, R, F], AskState.WAITING, 2),
        ([A, R, F, F, R], AskState.REPLIED, 2),
        ([A, R, F, R, F], AskState.WAITING, 3),
        ([A, X], AskState.ANSWERED, 1),
        ([A, R, X], AskState.ANSWERED, 1),
        ([A, R, S], AskState.ANSWERED, 1),
        ([A, S], AskState.WAITING, 1),
        ([A, W], AskState.WITHDRAWN, 1),
        ([A, R, W], AskState.WITHDRAWN, 1),
        ([A, R, X, F, R], AskState.ANSWERED, 1),
        ([A, W, AGAIN], AskState.WAITING, 2),
        ([A, R, X, AGAIN], AskState.WAITING, 2),
        ([A, R, AGAIN], AskState.WAITING, 2),
        ([A, AGAIN], AskState.WAITING, 1),
        ([A, X, W], AskState.ANSWERED, 1),
    ],
)
def test_the_state_and_the_turns_that_follow_from_what_happened(
    events: list[AskEvent], state: AskState, turns: int
) -> None:
    found = course(told(*events))

    assert (found.state, len(found.turns)) == (state, turns)


def test_a_turn_lasts_from_the_word_that_began_it_to_the_first_reply() -> None:
    found = course(told(A, T, R, R, T, F, F, R))

    assert [(turn.started_at, turn.ended_at) for turn in found.turns] == [
        (START, START + 2 * _HOUR),
        (START + 5 * _HOUR, START + 7 * _HOUR),
    ]


def test_what_was_withdrawn_before_an_answer_is_measured_nowhere_and_asking_again_is() -> None:
    first, second = course(told(A, W, AGAIN, R)).turns

    assert (first.is_void, first.ended_at) == (True, None)
    assert (second.is_void, second.ended_at) == (False, START + 3 * _HOUR)


def test_a_question_needs_to_have_been_asked() -> None:
    for events in ([], told(R)):
        with pytest.raises(ValueError, match="begins with being asked"):
            course(events)


@given(st.lists(st.sampled_from([R, F, T, X, W, AGAIN, S]), max_size=12), st.randoms())
def test_the_course_is_the_same_in_whatever_order_it_is_heard(events: list[AskEvent], rnd: object) -> None:
    happened = told(A, *events)
    shuffled = list(happened)
    rnd.shuffle(shuffled)  # type: ignore[attr-defined]

    assert course(shuffled) == course(happened)


@given(st.lists(st.sampled_from([R, F, T, X, W, AGAIN, S]), max_size=12))
def test_exactly_one_side_or_nobody_has_the_turn_and_only_the_last_turn_can_run(events: list[AskEvent]) -> None:
    found = course(told(A, *events))
    running = [turn for turn in found.turns if turn.ended_at is None and not turn.is_void]

    assert len(running) == (found.state is AskState.WAITING)
    assert not running or running == [found.turns[-1]]
    assert (turn_of(found.state, Side.VENDOR) is None) == (found.until is None)
    assert all(
        before.started_at <= after.started_at for before, after in zip(found.turns, found.turns[1:], strict=False)
    )


@given(st.lists(st.sampled_from([R, F, T, X, W, AGAIN, S]), max_size=12))
def test_thanks_never_change_anything(events: list[AskEvent]) -> None:
    happened = told(A, *events)
    without = [item for item in happened if item.event is not T]

    assert course(happened) == course(without)


def test_it_is_looked_at_when_its_time_runs_out_once_a_turn_and_when_a_reply_has_stood_long_enough() -> None:
    waiting, replied, closed = course(told(A)), course(told(A, R)), course(told(A, X))
    climbs_at = START + 12 * _HOUR

    assert next_due(waiting, None, climbs_at) == START + 8 * _HOUR + GRACE
    assert next_due(waiting, waiting.begun_by, climbs_at) == climbs_at
    assert next_due(waiting, waiting.begun_by, None) is None, "it climbs already"
    assert next_due(replied, waiting.begun_by, climbs_at) == START + 9 * _HOUR + GRACE
    assert next_due(course(told(A, R, F)), waiting.begun_by, climbs_at) == START + 10 * _HOUR + GRACE
    assert next_due(closed, None, climbs_at) is None


THANKS = [
    "Thanks!",
    "thank you so much",
    "thx 🙏",
    "🙏",
    ":pray:",
    "Merci beaucoup",
    "vielen Dank!",
    "@U0VERA thanks for the quick reply",
]
CONTENT = [
    "ok",
    "OK, thanks",
    "Perfect, thank you!",
    "👍",
    ":+1:",
    "+1",
    "got it",
    "all good now",
    "Great!",
    "Noted, thanks Vera".replace(" Vera", ""),
]
MORE = [
    "Thanks, but which port is it?",
    "thanks?",
    "Not ok",
    "no thanks",
    "Thanks, and please open port 443 too",
    "do it again",
    "",
    "See the ticket",
    "thank " * 40,
    "Ok, and the staging server",
    "not yet",
]  # fmt: skip


@pytest.mark.parametrize("text", THANKS)
def test_thanks_are_no_word_from_either_side(text: str) -> None:
    assert is_thanks(text)
    assert heard_as(text, by_asker=True) is T
    assert heard_as(text, by_asker=False) is T


@pytest.mark.parametrize("text", CONTENT)
def test_content_is_a_courtesy_of_who_asked_and_an_answer_of_who_was_asked(text: str) -> None:
    assert is_courtesy(text)
    assert heard_as(text, by_asker=True) is T
    assert heard_as(text, by_asker=False) is R


@pytest.mark.parametrize("text", MORE)
def test_whatever_says_more_than_thanks_counts(text: str) -> None:
    assert heard_as(text, by_asker=True) is F
    assert heard_as(text, by_asker=False) is R


@given(st.text(max_size=200))
def test_every_text_is_heard_as_something(text: str) -> None:
    assert heard_as(text, by_asker=True) in (T, F)
    assert heard_as(text, by_asker=False) in (T, R)
    assert not is_thanks(text) or is_courtesy(text)


@pytest.mark.parametrize(
    ("text", "question"),
    [
        ("needs an answer: can you open port 443?", "can you open port 443?"),
        ("@U0BOT Needs answer: why?", "why?"),
        ("question: which region", "which region"),
        ("Question – which region", "which region"),
        ("*needs an answer*: bold?", "bold?"),
        ("this needs an answer", ""),
        ("needs an answer", ""),
        ("needs an answer from you all", None),
        ("status", None),
        ("I have a question: later", None),
        ("questions", None),
    ],
)
def test_what_is_read_as_a_question_to_the_other_side(text: str, question: str | None) -> None:
    assert asked(text) == question


@pytest.mark.parametrize(
    ("text", "number", "word"),
    [
        ("Q-7 answered", 7, Word.ANSWERED),
        ("q7: Answered.", 7, Word.ANSWERED),
        ("*Q-12* withdrawn", 12, Word.WITHDRAWN),
        ("@U0BOT Q-3 not needed", 3, Word.WITHDRAWN),
        ("Q-3 again", 3, Word.AGAIN),
        ("Q-3: it is answered by the ticket", 3, None),
        ("Q-3", 3, None),
    ],
)
def test_a_question_named_by_its_number(text: str, number: int, word: Word | None) -> None:
    found = named(text)

    assert found is not None
    assert (found.number, found.word) == (number, word)


@pytest.mark.parametrize("text", ["Is Q-7 done?", "Quality", "Q-", "FAQ-7", "Q-1234567 x"])
def test_a_number_within_a_sentence_names_no_question(text: str) -> None:
    assert named(text) is None


@given(st.text(max_size=300))
def test_any_text_can_be_read(text: str) -> None:
    asked(text)
    named(text)


_ids = count(1)


def measured(
    hours: float, *, first: bool = True, side: Side = Side.VENDOR, until: float = 8, is_open: bool = False
) -> Measured:
    """A turn of so many working hours that was due after `until` of them."""
    end = None if is_open else START + timedelta(hours=hours)
    turn = Turn(UUID(int=next(_ids)), START, START + timedelta(hours=until), end)
    return Measured(turn, side, first, timedelta(hours=hours))


def test_first_and_later_responses_have_mean_median_and_nearest_rank_p90() -> None:
    """The lengths of the worked example of times to acknowledge: 20, 45, 10 and 150 minutes."""
    ended = [measured(minutes / 60) for minutes in (20, 45, 10, 150)] + [measured(1, first=False)]

    found = figures(Side.VENDOR, ended, [], [], START)

    assert (found.first.count, found.later.count) == (4, 1)
    assert found.first.mean == timedelta(minutes=56, seconds=15)
    assert found.first.median == timedelta(minutes=32, seconds=30)
    assert found.first.p90 == timedelta(minutes=150)
    assert found.later.mean == found.later.median == found.later.p90 == _HOUR


def test_an_open_question_past_its_time_is_a_breach_now() -> None:
    """Three in time, one open past its time: 3 of 4, not 3 of 3. One that is still in time is left out."""
    due = [measured(1), measured(2), measured(8), measured(9, is_open=True)]
    waiting = [due[-1], measured(1, is_open=True)]

    found = figures(Side.VENDOR, [], due, waiting, START + 9 * _HOUR)

    assert (found.met, found.breached, found.in_time) == (3, 1, 0.75)
    assert (found.waiting, found.overdue, found.oldest) == (2, 1 + 1, 9 * _HOUR)


def test_nothing_is_no_data_and_never_a_hundred_per_cent() -> None:
    found = figures(Side.INHOUSE, [measured(1)], [measured(1)], [], START)

    assert (found.first.mean, found.first.count, found.in_time, found.oldest) == (None, 0, None, None)


@given(st.lists(st.integers(0, 10_000), min_size=1, max_size=40))
def test_the_percentile_is_one_of_the_lengths_and_the_median_lies_between_them(minutes: list[int]) -> None:
    lengths = [timedelta(minutes=item) for item in minutes]

    found = response(lengths)

    assert found.p90 in lengths
    assert found.median is not None
    assert min(lengths) <= found.median <= max(lengths)
    assert sum(length <= found.p90 for length in lengths) >= 0.9 * len(lengths) - 1e-9


def test_both_sides_are_measured_alike() -> None:
    def both(side: Side) -> tuple[object, ...]:
        turns = [measured(hours, side=side, first=hours < 4) for hours in (1, 3, 5, 9)]
        found = figures(side, turns, turns, [], START + 99 * _HOUR)
        return found.first, found.later, found.met, found.breached

    assert both(Side.VENDOR) == both(Side.INHOUSE)


@pytest.mark.parametrize(
    ("text", "asks"),
    [
        ("Import runs. Which port does it need? And who opens it?", "Which port does it need? And who opens it?"),
        ("blocked: no. Who has the key?\nnext: deploy", "Who has the key?"),
        ("- is v2.1 out?\n> and the docs??", "is v2.1 out? and the docs??"),
        ("see http://wiki/?page=3 for it", ""),
        ("What?! No way", ""),
        ("?", ""),
        ("question: which port?", ""),
        ("Q-7: is it 443?", ""),
        ("", ""),
    ],
)
def test_what_a_text_asks_are_its_sentences_that_end_with_a_question_mark(text: str, asks: str) -> None:
    assert asking(text) == asks

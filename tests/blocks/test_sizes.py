"""However much there is to show: Slack takes it, and nothing is cut off without saying so."""

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.blocks import modals, replies
from bot.blocks.admin.settings import settings_modal
from bot.blocks.answer_modal import answer_modal
from bot.blocks.answers import answer, receipt
from bot.blocks.blockers import card
from bot.blocks.checkins import board
from bot.blocks.home import home
from bot.blocks.summaries import detail, inhouse, weekly
from bot.fields import Draft
from models.access import Side
from models.cadences.rules import Question, QuestionType
from models.checkins.rules import CheckInState, PromptState, Source
from models.checkins.submissions import Outcome, Submission, Verdict
from models.checkins.views import AnswerForm
from models.commitments.rules import CommitmentState
from models.engagements.views import Who
from models.home.owners import PAGE
from models.setup.file import PersonEntry
from tests.support import settings_views
from tests.support.limits import assert_message, assert_view
from tests.support.views import NOW, Sample, row_id

COUNTS = st.sampled_from([0, 1, 3, 12, 60, 250])
TEXTS = st.sampled_from(["short", "&" * 400, "A line of some length with words in it. " * 12, "😀" * 200])
SETTINGS = settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))


def people(sample: Sample, count: int) -> tuple[Who, ...]:
    sides = (Side.INHOUSE, Side.VENDOR)
    return tuple(replace(sample.who(1000 + n, f"P{n}", sides[n % 2]), slack_user_id=f"U{n}") for n in range(count))


def big_form(sample: Sample, count: int, *, is_unfolded: bool) -> tuple[AnswerForm, Draft]:
    questions = tuple(
        Question(f"q{n}", kind, sample.text("Question"), options=tuple(sample.text(str(o)) for o in range(count)))
        for n, kind in enumerate(list(QuestionType) * (1 + count // 10))
    )
    form = replace(
        sample.form(),
        questions=questions,
        commitments=tuple(sample.commitment(n) for n in range(count)),
        open_blockers=tuple(sample.blocker(n, raised_by=(sample.vera, sample.ines)[n % 2]) for n in range(count)),
        roster=people(sample, count),
    )
    values = {f"review.{row_id(100 + n)}.verdict": "moved" for n in range(count)}
    values |= {f"answer.{question.id}": "yes" for question in questions if question.type is QuestionType.BLOCKER}
    return form, Draft(values if is_unfolded else {})


@SETTINGS
@given(COUNTS, TEXTS, st.sampled_from(list(CheckInState)))
def test_a_board_of_any_size(count: int, text: str, state: CheckInState) -> None:
    sample = Sample(lambda _: text)
    states = list(PromptState)
    lines = tuple(
        sample.line(who, states[n % len(states)], "Some reason") for n, who in enumerate(people(sample, count))
    )
    rows, blocking = tuple(sample.commitment(n, was_moved=True) for n in range(count)), (sample.blocker(),) * count
    report = replace(
        sample.report, kept=rows, moved=rows, dropped=rows, promised=rows, raised=blocking, resolved=blocking
    )
    view = replace(sample.board(state), lines=lines, blockers=blocking)
    shown = board(replace(view, report=replace(report, act_first=blocking) if view.report else None), NOW)

    assert_message(shown.text, shown.blocks)
    assert len(shown.blocks) <= 20


@SETTINGS
@given(COUNTS, TEXTS, st.booleans())
def test_an_answer_form_of_any_size(count: int, text: str, is_unfolded: bool) -> None:
    sample = Sample(lambda _: text)
    form, draft = big_form(sample, count, is_unfolded=is_unfolded)

    assert_view(answer_modal(form, draft, others=sample.answerables * count))


@SETTINGS
@given(COUNTS, TEXTS, st.sampled_from(list(Source)))
def test_an_answer_of_any_size(count: int, text: str, source: Source) -> None:
    sample = Sample(lambda _: text)
    questions = tuple(Question(f"q{n}", QuestionType.TEXT, text) for n in range(count))
    rows = tuple(sample.commitment(n, state=CommitmentState.KEPT, was_moved=True) for n in range(count))
    submission = Submission(
        answers={question.id: text for question in questions},
        outcomes=tuple(Outcome(row.id, list(Verdict)[n % 4]) for n, row in enumerate(rows)),
        note=text,
    )
    view = replace(sample.answer(source), questions=questions, submission=submission, outcomes=rows, promised=rows)
    view = replace(view, blockers=(sample.blocker(),) * count)

    for shown in (answer(view), receipt(view)):
        assert_message(shown.text, shown.blocks)


@SETTINGS
@given(COUNTS, TEXTS)
def test_a_summary_of_any_size(count: int, text: str) -> None:
    sample = Sample(lambda _: text)
    rows, blocking = (sample.commitment(was_moved=True),) * count, (sample.blocker(is_overdue=True),) * count
    facts = replace(sample.summary().facts, kept=rows, moved=rows, dropped=rows, overdue=rows, raised=blocking)
    facts = replace(facts, resolved=blocking, still_open=blocking, skipped_checkins=(text,) * count)
    view = replace(sample.summary(), facts=replace(facts, missing_inhouse=people(sample, count)))

    for shown in (weekly(view), detail(view), inhouse(view), replies.summary(view)):
        assert_message(shown.text, shown.blocks)
    assert len(weekly(view).blocks) <= 12


@SETTINGS
@given(COUNTS, TEXTS)
def test_everything_else_of_any_size(count: int, text: str) -> None:
    sample = Sample(lambda _: text)
    rows, blocking = (sample.commitment(),) * count, (sample.blocker(),) * count
    status = replace(sample.status, cadences=sample.status.cadences * count, commitments=rows, blockers=blocking)
    history = sample.card().history * count

    for shown in (
        replies.status(status, NOW),
        replies.shared_status(status),
        card(replace(sample.card(), history=history)),
    ):
        assert_message(shown.text, shown.blocks)
    assert_view(modals.choose_modal(sample.answerables * count))


@pytest.mark.parametrize("count", [4, 40])
def test_what_is_cut_off_is_counted(count: int) -> None:
    sample = Sample()
    report = replace(sample.report, promised=tuple(sample.commitment(n) for n in range(count)))
    shown = board(replace(sample.board(CheckInState.CLOSED), report=report), NOW)

    said = "\n".join(block["text"]["text"] for block in shown.blocks if block["type"] == "section")
    assert f"*Promised* · {count}" in said
    assert f"and {count - 3} more, in the thread" in said


def test_a_form_that_has_no_room_for_everything_says_so_and_how_to_speak_of_the_rest() -> None:
    sample = Sample(lambda text: text)
    form, draft = big_form(sample, 30, is_unfolded=False)

    shown = str(answer_modal(form, draft))

    assert "The 12 due first are shown; 18 more stay as they are." in shown
    assert "A reply like `C-" in shown
    assert "14 blockers open besides: say how they stand on their cards." in shown


@pytest.mark.parametrize("count", [1, 60])
def test_a_home_however_much_there_is_shows_all_its_sections(count: int) -> None:
    sample = Sample(lambda _: "A line of some length with words in it. " * 12)
    view = sample.home()
    many = {
        name: tuple(item for _ in range(count) for item in getattr(view, name))
        for name in ("due", "late", "commitments", "blockers", "escalations", "questions", "orphans", "upcoming")
    }

    blocks = home(replace(view, health=(view.health * count)[:PAGE], **many)).blocks

    assert "Updated" in str(blocks[-1])
    assert_view({"type": "home", "blocks": blocks})


def test_the_people_of_a_full_roster_can_still_be_chosen_in_the_settings() -> None:
    crowd = [
        PersonEntry(side, f"U0{side.value.upper()}{number}", f"Somebody With A Longer Name {number}", "Europe/Paris")
        for side in Side
        for number in range(99)
    ]
    shown = settings_views.file(str)
    full = replace(shown, people=(*shown.people, *crowd))

    rows = {str(row.get("block_id", "")): row for row in settings_modal(settings_views.ENGAGEMENT, full, "m")["blocks"]}

    for side in Side:
        row = rows[f"people.{side}.m"]
        assert len(row["text"]["text"]) <= 3000
        assert "more" in row["text"]["text"]
        assert len(row["accessory"]["options"]) == 100

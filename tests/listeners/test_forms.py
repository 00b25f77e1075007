"""A modal that is sent becomes records, or every problem at once on its own field; whatever the view is."""

from copy import deepcopy
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from bot import forms, ids
from bot.blocks import modals
from bot.blocks.answer_modal import answer_modal, shown_fields
from bot.promises import as_lines, from_lines
from models.access import Side
from models.checkins.submissions import NewBlocker, Outcome, Promise, Still, Submission, Verdict
from models.checkins.views import AnswerForm
from models.commitments.rules import MoveCause
from models.errors import Invalid
from models.escalations.ladders import Severity
from sandbox import forms as client
from tests.support.views import TODAY, Sample, row_id

SAMPLE = Sample()
FORM = SAMPLE.form()
PLAIN = {
    f"review.{row_id(109)}.verdict": "kept",
    f"review.{row_id(111)}.verdict": "on_track",
    f"still.{row_id(202)}": "yes",
    "answer.release": "no",
    "answer.blocked": "no",
}
"""The least a person has to fill in."""


def sent(form: AnswerForm, entries: dict[str, Any]) -> dict[str, Any]:
    """The view as Slack sends it, once a person filled in `entries`: drawn again after each, as fields unfold."""
    view = answer_modal(form)
    view["state"] = {"values": client.initial(view)}
    for block_id, value in entries.items():
        view["state"]["values"] = client.filled(view, {block_id: value})
        drawn = answer_modal(form, forms.read_draft(view))
        drawn["state"] = {"values": client.kept(drawn, view["state"]["values"])}
        view = drawn
    return view


def problems(form: AnswerForm, entries: dict[str, Any]) -> dict[str, str]:
    with pytest.raises(Invalid) as raised:
        forms.answer(sent(form, entries), form)
    return raised.value.fields


def test_the_least_that_has_to_be_said() -> None:
    said = forms.answer(sent(FORM, PLAIN), FORM)

    assert said == Submission(
        answers={"release": False},
        outcomes=(
            Outcome(row_id(111), Verdict.ON_TRACK),
            Outcome(row_id(109), Verdict.KEPT),
            Outcome(row_id(110), Verdict.ON_TRACK),
        ),
        is_blocked=False,
        still=(Still(row_id(202), True),),
    )


def test_every_line_of_the_last_field_asks_the_other_side_once() -> None:
    asked = "Which port?\n\nquestion:\n- question: who signs?\nWhich port?\n  and when? "

    assert forms.answer(sent(FORM, {**PLAIN, ids.ASKS: asked}), FORM).asks == ("Which port?", "who signs?", "and when?")


def test_everything_that_can_be_said() -> None:
    entries = PLAIN | {
        f"review.{row_id(109)}.verdict": "moved",
        f"review.{row_id(109)}.due": "2026-12-02",
        f"review.{row_id(109)}.cause": "joint",
        f"review.{row_id(109)}.reason": "Test data came late",
        f"review.{row_id(111)}.verdict": "dropped",
        f"review.{row_id(111)}.reason": "Not needed",
        "answer.done": "The export runs.\nThe import too.",
        "answer.next": "- Runbook by Friday\nDemo\n\n2. Notes by 2026-12-01",
        "answer.next.due": "2026-11-26",
        "answer.mood": "4",
        "answer.release": "yes",
        "answer.when": "2026-11-26",
        "answer.area": "Billing",
        "answer.hours": "6.5",
        "answer.with": str(SAMPLE.vik.participant_id),
        "answer.blocked": "yes",
        "answer.blocked.what": "No access",
        "answer.blocked.person": str(SAMPLE.olaf.participant_id),
        "answer.blocked.needed": "2026-11-25",
        "answer.blocked.severity": "S1",
    }
    said = forms.answer(sent(FORM, entries), FORM)

    assert said.answers == {
        "done": "The export runs.\nThe import too.",
        "mood": 4,
        "release": True,
        "when": "2026-11-26",
        "area": "Billing",
        "hours": 6.5,
        "with": str(SAMPLE.vik.participant_id),
    }
    assert said.outcomes[:2] == (
        Outcome(row_id(111), Verdict.DROPPED, reason="Not needed"),
        Outcome(row_id(109), Verdict.MOVED, date(2026, 12, 2), MoveCause.JOINT, "Test data came late"),
    )
    assert said.promises == (
        Promise("Runbook", date(2026, 11, 27)),
        Promise("Demo", date(2026, 11, 26)),
        Promise("Notes", date(2026, 12, 1)),
    )
    assert said.blockers == (
        NewBlocker("No access", Side.INHOUSE, SAMPLE.olaf.participant_id, date(2026, 11, 25), Severity.S1),
    )


def test_a_form_that_opens_filled_in_and_is_sent_unchanged_says_the_same() -> None:
    form = SAMPLE.form(SAMPLE.submission)

    assert forms.answer(sent(form, {}), form) == replace(
        SAMPLE.submission, outcomes=tuple(sorted(SAMPLE.submission.outcomes, key=lambda item: order(form, item)))
    )


def order(form: AnswerForm, outcome: Outcome) -> date:
    return next(line.current_due for line in form.commitments if line.id == outcome.commitment_id)


def test_a_new_date_that_was_given_before_may_be_said_again() -> None:
    moved_to = TODAY + timedelta(days=5)
    line = replace(SAMPLE.commitment(10), current_due=moved_to)
    form = replace(SAMPLE.form(SAMPLE.submission), commitments=(line,))

    assert forms.answer(sent(form, {}), form).outcomes[0].new_due == moved_to


def test_a_named_person_s_side_must_act_whatever_else_was_chosen() -> None:
    entries = PLAIN | {
        "answer.blocked": "yes",
        "answer.blocked.what": "No time",
        "answer.blocked.side": "inhouse",
        "answer.blocked.person": str(SAMPLE.vik.participant_id),
    }

    assert forms.answer(sent(FORM, entries), FORM).blockers[0].acting_side is Side.VENDOR


def test_every_problem_is_said_at_once_on_its_own_field() -> None:
    moved = f"review.{row_id(110)}"
    found = problems(
        FORM,
        {
            f"{moved}.verdict": "moved",
            f"{moved}.due": (TODAY - timedelta(days=1)).isoformat(),
            f"review.{row_id(111)}.verdict": "dropped",
            "answer.release": "yes",
            "answer.blocked": "yes",
            "answer.blocked.needed": "2028-01-01",
            "answer.next": "x" * 301,
            "answer.hours": "1e99",
        },
    )

    assert set(found) == {
        f"{moved}.due",
        f"{moved}.cause",
        f"{moved}.reason",
        f"review.{row_id(109)}.verdict",
        f"review.{row_id(111)}.reason",
        f"still.{row_id(202)}",
        "answer.next",
        "answer.when",
        "answer.hours",
        "answer.blocked.what",
        "answer.blocked.needed",
    }


def test_blocked_or_not_has_to_be_chosen() -> None:
    assert problems(FORM, {})["answer.blocked"] == "Please choose yes or no."


@pytest.mark.parametrize(
    "promise", ["Runbook by 2023-01-01", "Runbook by 2029-01-01", "Runbook by 2011-01-01", "Runbook by 2096-12-04"]
)
def test_a_promise_s_own_date_has_to_lie_ahead_within_a_year(promise: str) -> None:
    assert "Line 1" in problems(FORM, PLAIN | {"answer.next": promise})["answer.next"]


def test_a_move_to_the_same_date_is_no_move() -> None:
    moved = f"review.{row_id(110)}"
    line = SAMPLE.commitment(10)
    entries = {f"{moved}.verdict": "moved", f"{moved}.due": line.current_due.isoformat()}

    assert "its date already" in problems(FORM, PLAIN | entries)[f"{moved}.due"]


def test_a_field_that_was_not_shown_yet_has_its_problem_on_the_one_that_governs_it() -> None:
    view = answer_modal(FORM)
    view["state"] = {"values": client.filled({**view, "state": {"values": client.initial(view)}}, PLAIN)}
    view["state"]["values"]["answer.blocked"][ids.ANSWER_CHANGE]["selected_option"] = {"value": "yes"}

    with pytest.raises(Invalid) as raised:
        forms.answer(view, FORM)

    assert raised.value.fields == {"answer.blocked": "Please say what is in the way."}
    draft = forms.read_draft(view)
    assert forms.is_stale(view, shown_fields(FORM, draft))
    assert not forms.is_stale(answer_modal(FORM, draft), shown_fields(FORM, draft))


@pytest.mark.parametrize(
    ("block_id", "action_id", "value"),
    [
        ("answer.blocked.person", ids.VALUE, {"selected_option": {"value": str(row_id(99))}}),
        ("answer.blocked.side", ids.VALUE, {"selected_option": {"value": "outsiders"}}),
        ("answer.with", ids.VALUE, {"selected_option": {"value": str(row_id(99))}}),
        ("answer.area", ids.VALUE, {"selected_option": {"value": "7"}}),
        ("answer.mood", ids.VALUE, {"selected_option": {"value": "11"}}),
        (f"review.{row_id(109)}.verdict", ids.ANSWER_CHANGE, {"selected_option": {"value": "paid"}}),
        (f"review.{row_id(999)}.verdict", ids.ANSWER_CHANGE, {"selected_option": {"value": "kept"}}),
        (f"still.{row_id(999)}", ids.VALUE, {"selected_option": {"value": "no"}}),
        ("answer.nonsense", ids.VALUE, {"value": "x"}),
        ("answer.when", ids.VALUE, {"selected_date": "yesterday"}),
        ("answer.done", ids.VALUE, {"value": ["a", "list"]}),
        ("answer.done", ids.VALUE, {"value": 7}),
        ("answer.done", ids.VALUE, "text"),
        ("answer.done", "other", {"value": "x"}),
        ("answer.blocked", ids.ANSWER_CHANGE, {"selected_option": "yes"}),
    ],
)
def test_what_is_not_on_the_form_is_refused(block_id: str, action_id: str, value: Any) -> None:
    entries = PLAIN | {"answer.release": "yes", "answer.when": "2026-11-26"}
    view = sent(FORM, entries | {"answer.blocked": "yes", "answer.blocked.what": "No access"})
    view["state"]["values"][block_id] = {action_id: value}

    with pytest.raises(Invalid) as raised:
        forms.answer(view, FORM)

    shown = {block["block_id"] for block in view["blocks"] if block["type"] == "input"}
    assert set(raised.value.fields) <= shown


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
PATHS = st.sampled_from(["answer.blocked", "answer.next", "answer.hours", "answer.when", f"still.{row_id(202)}", "x"])
QUICK = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


@QUICK
@given(JUNK)
def test_a_view_of_any_shape_is_refused_not_tripped_over(junk: Any) -> None:
    for view in (junk, {"state": junk}, {"state": {"values": junk}}, {"blocks": junk, "state": {}}):
        with pytest.raises(Invalid):
            forms.answer(view, FORM)
        forms.read_draft(view)
        forms.is_stale(view, frozenset())


@QUICK
@given(PATHS, JUNK)
def test_a_field_of_any_shape_is_refused_or_read(block_id: str, junk: Any) -> None:
    for entry in (
        junk,
        {ids.VALUE: junk},
        {ids.VALUE: {"value": junk}},
        {ids.ANSWER_CHANGE: {"selected_option": junk}},
    ):
        view = sent(FORM, {})
        view["state"]["values"] = deepcopy(view["state"]["values"]) | {block_id: entry}
        with pytest.raises(Invalid):
            forms.answer(view, FORM)
        answer_modal(FORM, forms.read_draft(view))


LINES = st.lists(
    st.tuples(st.text("abc .,()-*by123", max_size=14), st.none() | st.integers(0, 300)), min_size=1, max_size=6
)


@given(LINES, st.integers(0, 30))
@example(rows=[("1.", None), ("1).", 0)], days=1)
def test_promises_written_into_the_field_are_read_as_the_same(rows: list[tuple[str, int | None]], days: int) -> None:
    lines = [what if own is None else f"{what} by {TODAY + timedelta(days=own)}" for what, own in rows]
    given_first = from_lines("\n".join(lines), TODAY + timedelta(days=days), TODAY)

    text, due = as_lines(given_first, TODAY, TODAY)

    assert from_lines(text, due, TODAY) == given_first


def test_a_reason_has_to_be_given() -> None:
    view = modals.skip_modal(row_id(2), "Daily stand-up")
    view["state"] = {"values": client.filled({**view, "state": {"values": client.initial(view)}}, {"reason": " Ill "})}

    assert forms.reason(view) == "Ill"
    with pytest.raises(Invalid) as raised:
        forms.reason({**view, "state": {"values": {}}})
    assert set(raised.value.fields) == {"reason"}


def test_a_note_may_be_left_out_where_it_is_optional() -> None:
    view = {"state": {"values": {"note": {"value": {"type": "plain_text_input", "value": None}}}}}

    assert forms.note(view, is_required=False) == ""
    with pytest.raises(Invalid):
        forms.note(view, is_required=True)


@pytest.mark.parametrize(
    ("first", "last", "wrong"),
    [
        ("2026-11-25", "2026-11-27", set()),
        ("2026-11-27", "2026-11-25", {"last_day"}),
        ("2026-11-20", "2026-11-23", {"last_day"}),
        ("2020-01-01", "2026-11-25", {"first_day"}),
        ("2026-11-25", "2029-01-01", {"last_day"}),
        (None, None, {"first_day", "last_day"}),
        ("junk", "2026-13-45", {"first_day", "last_day"}),
    ],
)
def test_an_absence_lies_ahead_and_ends_after_it_begins(first: str | None, last: str | None, wrong: set[str]) -> None:
    days = {"first_day": {"value": {"selected_date": first}}, "last_day": {"value": {"selected_date": last}}}
    view = {"state": {"values": days}}
    if not wrong:
        assert forms.away(view, TODAY) == forms.Away(date(2026, 11, 25), date(2026, 11, 27))
        return

    with pytest.raises(Invalid) as raised:
        forms.away(view, TODAY)

    assert set(raised.value.fields) == wrong


@pytest.mark.parametrize("value", ["not-an-id", None, "{}"])
def test_a_check_in_is_chosen_by_its_id(value: str | None) -> None:
    def view(chosen: str | None) -> dict[str, Any]:
        return {"state": {"values": {"checkin": {"value": {"selected_option": chosen and {"value": chosen}}}}}}

    assert forms.chosen_checkin(view(str(row_id(2)))) == row_id(2)
    with pytest.raises(Invalid):
        forms.chosen_checkin(view(value))

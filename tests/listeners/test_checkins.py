"""Answering: by button and form, whoever presses, however often it is delivered, whatever the ids say."""

from typing import Any

import pytest

from bot import ids
from models.asks.rules import AskState
from models.asks.tables import Ask
from models.base import new_id
from models.checkins.tables import Prompt, Response
from models.engagements.tables import Absence, Person
from models.outbox.tables import OutboxMessage
from tests.listeners.conftest import Desk
from tests.support import payloads
from tests.support.payloads import TEAM, VENDOR_TEAM, Json

FILLED: Json = {
    ids.question("done"): {ids.VALUE: {"type": "plain_text_input", "value": "The index"}},
    ids.question("next"): {ids.VALUE: {"type": "plain_text_input", "value": "The report"}},
    ids.question("next", "due"): {ids.VALUE: {"type": "datepicker", "selected_date": "2026-11-25"}},
    ids.question("blocked"): {
        ids.ANSWER_CHANGE: {"type": "radio_buttons", "selected_option": {"value": "no", "text": {}}}
    },
}
PEOPLE = [("U0INES", TEAM), ("U0OLAF", TEAM), ("U0VERA", VENDOR_TEAM), ("U0VIKRAM", VENDOR_TEAM)]
REFUSAL = "is not here any more, or it is not yours to see"
JUNK: list[Any] = [
    "",
    None,
    "null",
    "1",
    "' OR 1=1 --",
    '{"id": 1}',
    "../../etc/passwd",
    "x" * 10_000,
    ["a"],
    str(new_id()),
    "00000000-0000-0000-0000-000000000000",
]


def counts(desk: Desk) -> tuple[int, ...]:
    return tuple(len(desk.world.rows(table)) for table in (Response, Prompt, OutboxMessage, Absence))


def fields(form: Json) -> set[str]:
    return {block["block_id"] for block in form["blocks"] if block["type"] == "input"}


async def open_form(desk: Desk, user: str, team: str = TEAM) -> Json:
    answer = await desk.sends(desk.press(user, ids.ANSWER_OPEN, str(desk.checkin.id), team=team))
    assert answer.status == 200
    form = desk.form(user)
    assert form is not None, desk.told(user)
    return form


@pytest.mark.parametrize(("user", "team"), PEOPLE)
async def test_the_button_opens_the_form_for_both_sides(desk: Desk, user: str, team: str) -> None:
    form = await open_form(desk, user, team)

    assert form["callback_id"] == ids.ANSWER_SUBMIT
    assert form["private_metadata"] == str(desk.checkin.id)


@pytest.mark.parametrize(("user", "team"), PEOPLE)
async def test_a_form_that_was_sent_is_stored_and_closed(desk: Desk, user: str, team: str) -> None:
    form = await open_form(desk, user, team)

    answer = await desk.sends(payloads.submission(user, form, FILLED, team=team))

    assert (answer.status, answer.body) == (200, "")
    (response,) = desk.world.rows(Response)
    assert response.checkin_id == desk.checkin.id


async def test_the_same_submission_delivered_twice_is_one_answer(desk: Desk) -> None:
    body = payloads.submission("U0INES", await open_form(desk, "U0INES"), FILLED)

    answers = [await desk.sends(body) for _ in range(3)]

    assert {answer.status for answer in answers} == {200}
    assert len(desk.world.rows(Response)) == 1


async def test_the_forms_questions_are_asked_once_stand_in_it_again_and_are_taken_back_with_it(desk: Desk) -> None:
    def asked(text: str) -> Json:
        return FILLED | {ids.ASKS: {ids.VALUE: {"type": "plain_text_input", "value": text}}}

    def found() -> list[AskState]:
        return [row.state for row in desk.world.rows(Ask)]

    form = await open_form(desk, "U0VERA", VENDOR_TEAM)
    await desk.sends(payloads.submission("U0VERA", form, asked("Which port?\nWho signs?"), team=VENDOR_TEAM))
    assert found() == [AskState.WAITING, AskState.WAITING]
    assert {row.asked_side.value for row in desk.world.rows(Ask)} == {"inhouse"}

    again = await open_form(desk, "U0VERA", VENDOR_TEAM)
    field = next(block for block in again["blocks"] if block["block_id"] == ids.ASKS)
    assert field["element"]["initial_value"] == "Which port?\nWho signs?"
    await desk.sends(payloads.submission("U0VERA", again, asked("Who signs?"), team=VENDOR_TEAM))
    assert found() == [AskState.WITHDRAWN, AskState.WAITING]


async def test_what_is_missing_is_said_on_its_field(desk: Desk) -> None:
    values = {key: value for key, value in FILLED.items() if key != ids.question("blocked")}

    answer = await desk.sends(payloads.submission("U0INES", await open_form(desk, "U0INES"), values))

    assert list(answer.errors) == [ids.question("blocked")]
    assert not desk.world.rows(Response)


async def test_a_field_on_which_others_depend_draws_the_form_again(desk: Desk) -> None:
    form = await open_form(desk, "U0INES")
    yes = {"selected_option": {"value": "yes", "text": {"type": "plain_text", "text": "Yes"}}, "type": "radio_buttons"}
    form["state"] = {"values": {ids.question("blocked"): {ids.ANSWER_CHANGE: yes}}}

    action = {"action_id": ids.ANSWER_CHANGE, "block_id": ids.question("blocked"), **yes}
    answer = await desk.sends(payloads.view_press("U0INES", form, action))

    assert answer.status == 200
    drawn = desk.form("U0INES")
    assert drawn is not None
    assert fields(drawn) > fields(form)


async def test_a_form_changed_meanwhile_is_left_in_peace(desk: Desk) -> None:
    form = await open_form(desk, "U0INES")
    stale = form | {"hash": "1.00000000"}
    action = {"action_id": ids.ANSWER_CHANGE, "type": "radio_buttons"}

    answer = await desk.sends(payloads.view_press("U0INES", stale, action))

    assert answer.status == 200
    assert "Slack did not" not in desk.told("U0INES")


async def test_a_stranger_is_refused_in_the_same_words_as_for_nothing(desk: Desk) -> None:
    before = counts(desk)

    await desk.sends(desk.press("U0MALLORY", ids.ANSWER_OPEN, str(desk.checkin.id)))
    refused = desk.told("U0MALLORY")
    await desk.sends(desk.press("U0INES", ids.ANSWER_OPEN, str(new_id())))

    assert desk.form("U0MALLORY") is None
    for words in (refused, desk.told("U0INES")):
        assert "is not here any more, or it is not yours to see" in words
    assert counts(desk) == before


async def test_a_known_id_with_another_home_workspace_is_nobody(desk: Desk) -> None:
    body = desk.press("U0INES", ids.ANSWER_OPEN, str(desk.checkin.id))
    body["user"]["team_id"] = "T0ELSEWHERE0"
    desk.world.change(Person, {"slack_user_id": "U0INES"}, slack_team_id=TEAM)

    await desk.sends(body)

    assert desk.form("U0INES") is None
    assert "not yours to see" in desk.told("U0INES")


@pytest.mark.parametrize(
    "action_id", [ids.ANSWER_OPEN, ids.SKIP_OPEN, ids.MINE_PRESS, ids.UPDATE_OPEN, ids.RESOLVE_OPEN]
)
async def test_a_value_that_is_none_of_ours_changes_nothing(desk: Desk, action_id: str) -> None:
    before = counts(desk)
    for number, junk in enumerate([*JUNK, str(desk.world.rows(Prompt)[0].id)], 1):
        body = desk.press("U0INES", action_id, junk)
        if junk is None:
            del body["actions"][0]["value"]

        answer = await desk.sends(body)

        assert answer.status == 200, junk
        assert desk.form("U0INES") is None, junk
        assert desk.told("U0INES").count(REFUSAL) == 2 * number, junk  # in the text and in the block
    assert counts(desk) == before


@pytest.mark.parametrize("callback_id", [ids.ANSWER_SUBMIT, ids.SKIP_SUBMIT, ids.UPDATE_SUBMIT, ids.RESOLVE_SUBMIT])
async def test_a_form_about_none_of_ours_changes_nothing(desk: Desk, callback_id: str) -> None:
    before = counts(desk)
    form = await open_form(desk, "U0INES") | {"callback_id": callback_id}
    note = {ids.VALUE: {"type": "plain_text_input", "value": "because"}}
    fields = {ids.ANSWER_SUBMIT: FILLED, ids.SKIP_SUBMIT: {ids.REASON: note}}
    for junk in (*JUNK, str(desk.world.rows(Prompt)[0].id)):
        sent = form | {"private_metadata": junk}

        answer = await desk.sends(payloads.submission("U0INES", sent, fields.get(callback_id, {ids.NOTE: note})))

        assert answer.status == 200, junk
        assert REFUSAL in answer.text, junk
    assert counts(desk) == before


async def test_rights_are_looked_up_again_when_the_form_is_sent(desk: Desk) -> None:
    form = await open_form(desk, "U0INES")

    answer = await desk.sends(payloads.submission("U0MALLORY", form, FILLED))

    assert "not yours to see" in answer.text
    assert not desk.world.rows(Response)


async def test_skipping_asks_why_and_keeps_the_reason(desk: Desk) -> None:
    await desk.sends(desk.press("U0OLAF", ids.SKIP_OPEN, str(desk.checkin.id)))
    form = desk.form("U0OLAF")
    assert form is not None
    empty = {ids.REASON: {ids.VALUE: {"type": "plain_text_input", "value": "  "}}}
    why = {ids.REASON: {ids.VALUE: {"type": "plain_text_input", "value": "In a workshop"}}}

    refused = await desk.sends(payloads.submission("U0OLAF", form, empty))
    taken = await desk.sends(payloads.submission("U0OLAF", form, why))

    assert list(refused.errors) == [ids.REASON]
    assert taken.body == ""
    assert [row.state for row in desk.world.rows(Prompt)].count("skipped") == 1


async def test_an_unknown_button_is_answered_politely(desk: Desk) -> None:
    answer = await desk.sends(desk.press("U0INES", "something.of.old", "1"))

    assert answer.status == 200
    assert "not here any more" in desk.told("U0INES")


async def test_a_bug_is_told_with_a_reference_and_keeps_the_form(desk: Desk) -> None:
    form = await open_form(desk, "U0INES")
    body = payloads.submission("U0INES", form, FILLED)
    del body["view"]["id"]

    answer = await desk.sends(body)

    assert answer.status == 200
    assert "reference" in next(iter(answer.errors.values()))
    assert not desk.world.rows(Response)

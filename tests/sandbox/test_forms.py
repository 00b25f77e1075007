"""What Slack's client fills in, keeps and refuses in a form."""

from typing import Any

import pytest

from sandbox import forms

Json = dict[str, Any]


def view(element: Json, **block: Any) -> Json:
    label = {"type": "plain_text", "text": "Label"}
    one = {"type": "input", "block_id": "b", "label": label, "element": {"action_id": "a", **element}, **block}
    made: Json = {"blocks": [one], "state": {"values": {}}}
    made["state"]["values"] = forms.initial(made)
    return made


def options(*names: str) -> list[Json]:
    return [{"text": {"type": "plain_text", "text": name}, "value": name.lower()} for name in names]


SELECT = {"type": "static_select", "options": options("Red", "Green")}
CASES: list[tuple[str, Json, Any, Json]] = [
    ("text", {"type": "plain_text_input"}, "hi", {"value": "hi"}),
    ("nothing", {"type": "plain_text_input"}, "", {"value": None}),
    ("by text", SELECT, "Green", {"selected_option": options("Green")[0]}),
    ("by value", SELECT, "green", {"selected_option": options("Green")[0]}),
    (
        "grouped",
        {"type": "static_select", "option_groups": [{"options": options("Red")}]},
        "red",
        {"selected_option": options("Red")[0]},
    ),
    (
        "several",
        {"type": "checkboxes", "options": options("A", "B")},
        ["a", "b"],
        {"selected_options": options("A", "B")},
    ),
    ("date", {"type": "datepicker"}, "2026-12-01", {"selected_date": "2026-12-01"}),
    ("people", {"type": "multi_users_select"}, ["U1"], {"selected_users": ["U1"]}),
    ("number", {"type": "number_input", "is_decimal_allowed": False}, 5, {"value": "5"}),
]


@pytest.mark.parametrize(("element", "answer", "entry"), [c[1:] for c in CASES], ids=[c[0] for c in CASES])
def test_answers_become_state_values(element: Json, answer: Any, entry: Json) -> None:
    for name in ("b", "a", "Label"):
        values = forms.filled(view(element), {name: answer})
        assert values == {"b": {"a": {"type": element["type"], **entry}}}


def test_unknown_fields_and_options_are_named() -> None:
    with pytest.raises(KeyError, match="no field 'Colour'"):
        forms.filled(view(SELECT), {"Colour": "red"})
    with pytest.raises(KeyError, match="no option 'blue'"):
        forms.filled(view(SELECT), {"a": "blue"})


def test_initial_values_are_there_from_the_start() -> None:
    chosen = view({**SELECT, "initial_option": options("Red")[0]})
    assert chosen["state"]["values"]["b"]["a"]["selected_option"]["value"] == "red"
    assert view({"type": "checkboxes", "options": options("A")})["state"]["values"]["b"]["a"]["selected_options"] == []


REFUSED: list[tuple[Json, Any, str]] = [
    ({"type": "plain_text_input"}, "", "Please complete this required field."),
    ({"type": "plain_text_input", "max_length": 2}, "abc", "at most 2 characters"),
    ({"type": "plain_text_input", "min_length": 2}, "a", "at least 2 characters"),
    ({"type": "number_input", "is_decimal_allowed": False}, "1.5", "whole number"),
    ({"type": "number_input", "is_decimal_allowed": True}, "many", "enter a number"),
    ({"type": "number_input", "is_decimal_allowed": True, "min_value": "2"}, "1", "at least 2"),
    ({"type": "number_input", "is_decimal_allowed": True, "max_value": "2"}, "3", "at most 2"),
    ({"type": "email_text_input"}, "nobody", "valid email"),
    ({"type": "url_text_input"}, "ftp", "valid URL"),
    ({"type": "multi_static_select", "options": options("A", "B"), "max_selected_items": 1}, ["a", "b"], "at most 1"),
]


@pytest.mark.parametrize(("element", "answer", "words"), REFUSED)
def test_what_the_client_does_not_send(element: Json, answer: Any, words: str) -> None:
    shown = view(element)
    assert words in forms.problems(shown, forms.filled(shown, {"a": answer}))["b"]


def test_an_optional_field_may_stay_empty() -> None:
    shown = view({"type": "plain_text_input"}, optional=True)
    assert forms.problems(shown, forms.filled(shown, {})) == {}

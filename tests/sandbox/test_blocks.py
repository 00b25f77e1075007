"""Block Kit's rules: one case for every limit, each just allowed and just refused."""

from typing import Any

import pytest

from sandbox import blocks as block_kit
from sandbox.blocks import Surface

Json = dict[str, Any]


def plain(length: int) -> Json:
    return {"type": "plain_text", "text": "x" * length}


def mrkdwn(length: int) -> Json:
    return {"type": "mrkdwn", "text": "x" * length}


def option(number: int = 0, **more: Any) -> Json:
    return {"text": plain(3), "value": f"v{number}", **more}


def button(**more: Any) -> Json:
    return {"type": "button", "text": plain(3), **more}


def actions(*elements: Json) -> Json:
    return {"type": "actions", "elements": list(elements)}


def select(**more: Any) -> Json:
    return {"type": "static_select", "options": [option()], **more}


def entry(element: Json, **more: Any) -> Json:
    return {"type": "input", "label": plain(3), "element": element, **more}


def confirm(**more: Any) -> Json:
    return {"title": plain(3), "text": mrkdwn(3), "confirm": plain(3), "deny": plain(3), **more}


LIMITS: list[tuple[str, Any, int]] = [
    ("section text", lambda n: {"type": "section", "text": mrkdwn(n)}, 3000),
    ("section fields", lambda n: {"type": "section", "fields": [mrkdwn(1)] * n}, 10),
    ("section field", lambda n: {"type": "section", "fields": [mrkdwn(n)]}, 2000),
    ("header", lambda n: {"type": "header", "text": plain(n)}, 150),
    ("context elements", lambda n: {"type": "context", "elements": [mrkdwn(1)] * n}, 10),
    ("actions elements", lambda n: actions(*[button(action_id=str(i)) for i in range(n)]), 25),
    ("block_id", lambda n: {"type": "divider", "block_id": "x" * n}, 255),
    ("action_id", lambda n: actions(button(action_id="x" * n)), 255),
    ("button text", lambda n: actions({"type": "button", "text": plain(n)}), 75),
    ("button value", lambda n: actions(button(value="x" * n)), 2000),
    ("button url", lambda n: actions(button(url="x" * n)), 3000),
    ("accessibility_label", lambda n: actions(button(accessibility_label="x" * n)), 75),
    ("select options", lambda n: actions(select(options=[option(i) for i in range(n)])), 100),
    ("placeholder", lambda n: actions(select(placeholder=plain(n))), 150),
    ("option text", lambda n: actions(select(options=[{"text": plain(n), "value": "v"}])), 75),
    ("option value", lambda n: actions(select(options=[{"text": plain(1), "value": "x" * n}])), 150),
    ("option description", lambda n: actions(select(options=[option(description=plain(n))])), 75),
    ("overflow options", lambda n: actions({"type": "overflow", "options": [option(i) for i in range(n)]}), 5),
    ("checkbox options", lambda n: entry({"type": "checkboxes", "options": [option(i) for i in range(n)]}), 10),
    ("radio options", lambda n: entry({"type": "radio_buttons", "options": [option(i) for i in range(n)]}), 10),
    ("confirm title", lambda n: actions(button(confirm=confirm(title=plain(n)))), 100),
    ("confirm text", lambda n: actions(button(confirm=confirm(text=mrkdwn(n)))), 300),
    ("confirm deny", lambda n: actions(button(confirm=confirm(deny=plain(n)))), 30),
    ("image alt", lambda n: {"type": "image", "image_url": "https://x", "alt_text": "x" * n}, 2000),
    ("label", lambda n: {**entry(select()), "label": plain(n)}, 2000),
    ("hint", lambda n: entry(select(), hint=plain(n)), 2000),
    ("max_length", lambda n: entry({"type": "plain_text_input", "max_length": n}), 3000),
    ("initial_value", lambda n: entry({"type": "plain_text_input", "initial_value": "x" * n}), 3000),
    ("markdown", lambda n: {"type": "markdown", "text": "x" * n}, 12000),
]


@pytest.mark.parametrize(("build", "most"), [case[1:] for case in LIMITS], ids=[case[0] for case in LIMITS])
def test_each_limit_lets_the_last_one_through_and_refuses_the_next(build: Any, most: int) -> None:
    assert block_kit.problems([build(most)], "message") == []
    assert len(block_kit.problems([build(most + 1)], "message")) == 1


@pytest.mark.parametrize(("surface", "most"), [("message", 50), ("modal", 100), ("home", 100)])
def test_how_many_blocks_a_surface_takes(surface: Surface, most: int) -> None:
    assert block_kit.problems([{"type": "divider"}] * most, surface) == []
    found = block_kit.problems([{"type": "divider"}] * (most + 1), surface)
    assert found == [f"[ERROR] no more than {most} items allowed [json-pointer:/blocks]"]


WRONG: list[tuple[str, Any, str]] = [
    ("no text", {"type": "section"}, "missing required field: text or fields [json-pointer:/blocks/0]"),
    ("unknown block", {"type": "banner"}, "unsupported type: banner [json-pointer:/blocks/0/type]"),
    ("unknown element", actions({"type": "knob"}), "unsupported type: knob [json-pointer:/blocks/0/elements/0/type]"),
    ("unknown field", {"type": "divider", "colour": 1}, "additional property: colour [json-pointer:/blocks/0]"),
    ("empty text", {"type": "section", "text": mrkdwn(0)}, "must be more than 0 characters"),
    ("no options", actions(select(options=[])), "must have at least 1 items"),
    ("mrkdwn button", actions(button(text=mrkdwn(1))), "must be a plain_text object"),
    ("plain header", {"type": "header", "text": mrkdwn(1)}, "must be a plain_text object"),
    ("button in input", entry(button()), "unsupported type: button [json-pointer:/blocks/0/element/type]"),
    ("input in actions", actions({"type": "email_text_input"}), "unsupported type: email_text_input"),
    ("no label", {"type": "input", "element": select()}, "missing required field: label"),
    ("decimal unsaid", entry({"type": "number_input"}), "missing required field: is_decimal_allowed"),
    ("bad date", entry({"type": "datepicker", "initial_date": "1.2.2026"}), "invalid format for initial_date"),
    ("bad time", entry({"type": "timepicker", "initial_time": "25:00"}), "invalid format for initial_time"),
    ("same action", actions(button(action_id="a"), button(action_id="a")), "action_id `a` already exists"),
    ("not a block", "text", "must be an object [json-pointer:/blocks/0]"),
    ("image source", {"type": "image", "alt_text": "x"}, "missing required field: image_url or slack_file"),
]


@pytest.mark.parametrize(("block", "problem"), [case[1:] for case in WRONG], ids=[case[0] for case in WRONG])
def test_what_is_wrong_is_said_with_its_place(block: Any, problem: str) -> None:
    found = block_kit.problems([block], "message")
    assert len(found) == 1
    assert found[0].startswith("[ERROR] ")
    assert problem in found[0]


def test_block_ids_are_unique_in_a_message() -> None:
    twice = [{"type": "divider", "block_id": "a"}, {"type": "divider", "block_id": "a"}]
    assert "block_id `a` already exists [json-pointer:/blocks/1/block_id]" in block_kit.problems(twice, "message")[0]


def test_some_blocks_belong_to_some_surfaces() -> None:
    assert block_kit.problems([{"type": "markdown", "text": "x"}], "message") == []
    assert "not supported in a modal" in block_kit.problems([{"type": "markdown", "text": "x"}], "modal")[0]
    alert = {"type": "alert", "text": plain(3)}
    assert block_kit.problems([alert], "modal") == []
    assert "not supported in a message" in block_kit.problems([alert], "message")[0]
    tables = [{"type": "table", "rows": [[{"type": "raw_text", "text": "x"}]]}] * 2
    assert "only_one_table_allowed" in block_kit.problems(tables, "message")[0]


def view(**more: Any) -> Json:
    return {"type": "modal", "title": plain(3), "blocks": [{"type": "divider"}], **more}


VIEWS: list[tuple[str, Json, Json]] = [
    ("title", view(title=plain(24)), view(title=plain(25))),
    ("submit", view(submit=plain(24)), view(submit=plain(25))),
    ("close", view(close=plain(24)), view(close=plain(25))),
    ("private_metadata", view(private_metadata="x" * 3000), view(private_metadata="x" * 3001)),
    ("callback_id", view(callback_id="x" * 255), view(callback_id="x" * 256)),
    ("external_id", view(external_id="x" * 255), view(external_id="x" * 256)),
    ("submit with input", view(blocks=[entry(select())], submit=plain(3)), view(blocks=[entry(select())])),
    ("title needed", view(), {"type": "modal", "blocks": []}),
    ("home", {"type": "home", "blocks": []}, {"type": "home", "blocks": [], "submit": plain(3)}),
    ("kind", view(), view(type="drawer")),
]


@pytest.mark.parametrize(("good", "bad"), [case[1:] for case in VIEWS], ids=[case[0] for case in VIEWS])
def test_the_rules_of_views(good: Json, bad: Json) -> None:
    assert block_kit.view_problems(good) == []
    assert len(block_kit.view_problems(bad)) == 1

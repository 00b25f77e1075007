"""Slack's limits, checked strictly: what the SDK checks, what it leaves out, and the sandbox's own validator."""

import json
from collections.abc import Iterator
from typing import Any

from sandbox import blocks as block_kit

Json = dict[str, Any]

MOST_TEXT = 4000
MOST_BYTES = 250_000
_MESSAGE_BLOCKS, _VIEW_BLOCKS = 50, 100


def assert_message(text: str, blocks: list[Json]) -> None:
    """A message that Slack takes as a post and as an edit."""
    assert text.strip(), "a message without its plain text says nothing to a screen reader"
    assert _size(text) <= MOST_TEXT
    assert 1 <= len(blocks) <= _MESSAGE_BLOCKS
    assert block_kit.problems(blocks, "message") == []
    _assert_blocks(blocks)
    assert not any(block["type"] == "input" for block in blocks)


def assert_view(view: Json) -> None:
    """A modal that Slack opens, or a Home tab that it shows."""
    assert block_kit.view_problems(view) == []
    assert view["type"] == "home" or 1 <= _size(view["title"]["text"]) <= 24
    assert 1 <= len(view["blocks"]) <= _VIEW_BLOCKS
    assert len(json.dumps(view, ensure_ascii=False).encode()) <= MOST_BYTES
    assert view.get("submit") or not any(block["type"] == "input" for block in view["blocks"])
    _assert_blocks(view["blocks"])


def texts(thing: Any) -> Iterator[Json]:
    """Every text object in blocks or a view, at any depth."""
    if isinstance(thing, dict):
        if thing.get("type") in ("mrkdwn", "plain_text") and isinstance(thing.get("text"), str):
            yield thing
        for part in thing.values():
            yield from texts(part)
    if isinstance(thing, list):
        for part in thing:
            yield from texts(part)


def _assert_blocks(blocks: list[Json]) -> None:
    named = [block["block_id"] for block in blocks if "block_id" in block]
    assert len(named) == len(set(named)), "a block id twice"
    for block in blocks:
        for element in _elements(block):
            _assert_element(element)
    for text in texts(blocks):
        text["text"].encode()  # a lone surrogate cannot be sent
        assert text["text"].strip()
        assert _size(text["text"]) <= 3000
        assert text["type"] == "plain_text" or text.get("verbatim") is True


def _elements(block: Json) -> list[Json]:
    single = [block[name] for name in ("element", "accessory") if name in block]
    return [*single, *(block.get("elements", []) if block["type"] == "actions" else [])]


def _assert_element(element: Json) -> None:
    """What the SDK leaves unchecked, first of all."""
    if element["type"] in ("radio_buttons", "checkboxes"):
        assert 1 <= len(element["options"]) <= 10
    if element["type"] == "plain_text_input":
        assert 1 <= element["max_length"] <= 3000
        assert _size(element.get("initial_value", "")) <= element["max_length"]
    grouped = [choice for group in element.get("option_groups", []) for choice in group["options"]]
    options = [*element.get("options", []), *grouped]
    assert "initial_option" not in element or element["initial_option"] in options
    for choice in options:
        assert _size(choice["text"]["text"]) <= 75
        assert _size(choice["value"]) <= 150


def _size(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2

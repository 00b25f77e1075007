"""Checks messages and views against Block Kit's rules and says what is wrong the way Slack does.

Every problem reads like `[ERROR] must be less than 3001 characters [json-pointer:/blocks/0/text/text]`.
"""

import re
from typing import Any, Literal

from sandbox import block_rules
from sandbox.block_rules import Field, Shape
from sandbox.state import Json

Surface = Literal["message", "modal", "home"]
MOST_BLOCKS: dict[Surface, int] = {"message": 50, "modal": 100, "home": 100}
_FORMATS = {
    "initial_date": re.compile(r"\d{4}-\d{2}-\d{2}"),
    "initial_time": re.compile(r"([01]\d|2[0-3]):[0-5]\d"),
}


def problems(blocks: Any, surface: Surface, pointer: str = "/blocks") -> list[str]:
    """Everything wrong with a list of blocks, [] if Slack would take it."""
    check = _Check(surface)
    if not isinstance(blocks, list):
        return [_error("must be an array", pointer)]
    if len(blocks) > MOST_BLOCKS[surface]:
        check.add(f"no more than {MOST_BLOCKS[surface]} items allowed", pointer)
    for index, block in enumerate(blocks):
        check.block(block, f"{pointer}/{index}")
    check.whole(blocks, pointer)
    return check.found


def view_problems(view: Json) -> list[str]:
    """Everything wrong with a view, [] if Slack would take it."""
    kind = view.get("type")
    if kind not in ("modal", "home"):
        return [_error("unsupported type: " + str(kind), "/view/type")]
    surface: Surface = "modal" if kind == "modal" else "home"
    fields = dict(_VIEW)
    if surface == "modal":
        fields["title"] = Field("plain", True, 24, 1)
    check = _Check(surface)
    for forbidden in ("submit", "close", "title") if surface == "home" else ():
        if view.get(forbidden) is not None:
            check.add(f"additional property: {forbidden}", "/view")
    check.fields(view, fields, "/view", open_ended=False)
    found = check.found + problems(view.get("blocks", []), surface, "/view/blocks")
    if surface == "modal" and not found and _has_input(view["blocks"]) and not view.get("submit"):
        found.append(_error("missing required field: submit (required when an input block is present)", "/view"))
    return found


def _error(text: str, pointer: str) -> str:
    return f"[ERROR] {text} [json-pointer:{pointer}]"


def _has_input(blocks: list[Json]) -> bool:
    return any(b.get("type") == "input" for b in blocks)


_LABEL = Field("plain", False, 24, 1)
_VIEW: dict[str, Field] = {
    "type": Field("str", True),
    "blocks": Field("any", True),
    "title": _LABEL,
    "submit": _LABEL,
    "close": _LABEL,
    "private_metadata": Field("str", most=3000),
    "callback_id": Field("str", most=255),
    "external_id": Field("str", most=255),
    "clear_on_close": Field("bool"),
    "notify_on_close": Field("bool"),
    "submit_disabled": Field("bool"),
}


class _Check:
    """One walk over one message or view."""

    def __init__(self, surface: Surface) -> None:
        self.surface = surface
        self.found: list[str] = []

    def add(self, text: str, pointer: str) -> None:
        self.found.append(_error(text, pointer))

    def block(self, block: Any, pointer: str) -> None:
        shape = self._shape(block, block_rules.BLOCKS, pointer)
        if shape is None:
            return
        self.fields(block, shape.fields, pointer, open_ended=block["type"] in block_rules.OPEN, shape=shape)
        self._same_action_twice(block, pointer)

    def whole(self, blocks: list[Any], pointer: str) -> None:
        """Rules that concern all blocks together."""
        known = [b for b in blocks if isinstance(b, dict)]
        seen: set[str] = set()
        for index, block in enumerate(blocks):
            block_id = block.get("block_id") if isinstance(block, dict) else None
            if isinstance(block_id, str) and block_id in seen:
                self.add(f"block_id `{block_id}` already exists", f"{pointer}/{index}/block_id")
            seen.add(str(block_id))
        if sum(len(str(b.get("text", ""))) for b in known if b.get("type") == "markdown") > 12000:
            self.add("markdown blocks must be less than 12001 characters in all", pointer)
        if sum(b.get("type") == "table" for b in known) > 1:
            self.add("only_one_table_allowed", pointer)

    def fields(
        self, thing: Json, fields: dict[str, Field], pointer: str, *, open_ended: bool, shape: Shape | None = None
    ) -> None:
        """The fields of one block, element or object against the table."""
        for name, rule in fields.items():
            value = thing.get(name)
            if value is None:
                if rule.required:
                    self.add(f"missing required field: {name}", pointer)
                continue
            self._value(value, rule, f"{pointer}/{name}", shape)
            if name in _FORMATS and not _FORMATS[name].fullmatch(str(value)):
                self.add(f"invalid format for {name}", f"{pointer}/{name}")
        if shape is not None and shape.one_of and all(thing.get(n) is None for n in shape.one_of):
            self.add("missing required field: " + " or ".join(shape.one_of), pointer)
        unknown = [] if open_ended else [n for n in thing if n not in fields and n != "type"]
        for name in unknown:
            self.add(f"additional property: {name}", pointer)

    def _shape(self, thing: Any, shapes: dict[str, Shape], pointer: str) -> Shape | None:
        if not isinstance(thing, dict):
            self.add("must be an object", pointer)
            return None
        shape = shapes.get(str(thing.get("type")))
        if shape is None:
            self.add(f"unsupported type: {thing.get('type')}", f"{pointer}/type")
        elif self.surface not in shape.surfaces:
            self.add(f"{thing['type']} is not supported in a {self.surface}", pointer)
        return shape

    def _value(self, value: Any, rule: Field, pointer: str, shape: Shape | None) -> None:
        match rule.kind:
            case "any":
                pass
            case "text" | "plain" | "mrkdwn":
                self._text(value, rule, pointer)
            case "str":
                self._string(value, rule, pointer)
            case "int":
                self._number(value, rule, pointer)
            case "bool":
                if not isinstance(value, bool):
                    self.add("must be a boolean", pointer)
            case "list":
                self._list(value, rule, pointer, shape)
            case "object":
                self._item(value, rule.items, pointer, shape)

    def _text(self, value: Any, rule: Field, pointer: str) -> None:
        if not isinstance(value, dict) or not isinstance(value.get("text"), str):
            self.add("must be a text object", pointer)
            return
        allowed = ("plain_text",) if rule.kind == "plain" else ("plain_text", "mrkdwn")
        if value.get("type") not in allowed:
            self.add(f"must be a {' or '.join(allowed)} object", f"{pointer}/type")
        self._string(value["text"], Field("str", most=rule.most, least=rule.least), f"{pointer}/text")

    def _string(self, value: Any, rule: Field, pointer: str) -> None:
        if not isinstance(value, str):
            self.add("must be a string", pointer)
        elif rule.most and len(value) > rule.most:
            self.add(f"must be less than {rule.most + 1} characters", pointer)
        elif len(value) < rule.least:
            self.add(f"must be more than {rule.least - 1} characters", pointer)

    def _number(self, value: Any, rule: Field, pointer: str) -> None:
        if not isinstance(value, int) or isinstance(value, bool):
            self.add("must be an integer", pointer)
        elif (rule.most and value > rule.most) or value < rule.least:
            self.add(f"must be between {rule.least} and {rule.most or 'any number'}", pointer)

    def _list(self, value: Any, rule: Field, pointer: str, shape: Shape | None) -> None:
        if not isinstance(value, list):
            self.add("must be an array", pointer)
            return
        if rule.most and len(value) > rule.most:
            self.add(f"no more than {rule.most} items allowed", pointer)
        if len(value) < rule.least:
            self.add(f"must have at least {rule.least} items", pointer)
        for index, item in enumerate(value):
            self._item(item, rule.items, f"{pointer}/{index}", shape)

    def _item(self, item: Any, kind: str, pointer: str, shape: Shape | None) -> None:
        if kind == "raw":
            return
        if not isinstance(item, dict):
            self.add("must be an object", pointer)
            return
        match kind:
            case "element":
                self._element(item, pointer, shape)
            case "field":
                self._text(item, Field("text", most=2000, least=1), pointer)
            case "option":
                self.fields(item, block_rules.OPTION, pointer, open_ended=False)
            case "group":
                self.fields(item, block_rules.GROUP, pointer, open_ended=False)
            case "confirm":
                self.fields(item, block_rules.CONFIRMATION, pointer, open_ended=False)
            case _:
                raise ValueError(f"the table of rules knows no {kind}")

    def _element(self, item: Json, pointer: str, holder: Shape | None) -> None:
        shape = self._shape(item, block_rules.ELEMENTS, pointer)
        if shape is None:
            return
        if holder is not None and item["type"] not in holder.elements:
            self.add(f"unsupported type: {item['type']}", f"{pointer}/type")
            return
        self.fields(item, shape.fields, pointer, open_ended=False, shape=shape)

    def _same_action_twice(self, block: Json, pointer: str) -> None:
        elements = block.get("elements")
        seen: set[str] = set()
        for index, element in enumerate(elements if isinstance(elements, list) else []):
            action_id = element.get("action_id") if isinstance(element, dict) else None
            if isinstance(action_id, str) and action_id in seen:
                self.add(f"action_id `{action_id}` already exists", f"{pointer}/elements/{index}/action_id")
            seen.add(str(action_id))

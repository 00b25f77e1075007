"""The rules of Block Kit as a table: which fields a block, element or object has, and how long each may be.

The numbers are those of Slack's reference. `blocks.py` walks a message or view along this table.
"""

from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["text", "plain", "mrkdwn", "str", "int", "bool", "list", "object", "any"]


@dataclass(frozen=True, slots=True)
class Field:
    """One field: what it holds, whether it must be there, and the least and most characters or items.

    `items` says what a list or object holds: "block", "option", "group", "confirm", "raw" (not looked into) or
    "element" (one of the elements the block allows).
    """

    kind: Kind
    required: bool = False
    most: int = 0
    least: int = 0
    items: str = "raw"


@dataclass(frozen=True, slots=True)
class Shape:
    """A block or element: its fields, the elements it may hold, and groups of fields of which one is needed."""

    fields: dict[str, Field]
    elements: frozenset[str] = frozenset()
    one_of: tuple[str, ...] = ()
    surfaces: frozenset[str] = field(default=frozenset({"message", "modal", "home"}))


ANY = Field("any")
ACTION_ID = Field("str", most=255)
CONFIRM = Field("object", items="confirm")
PLACEHOLDER = Field("plain", most=150)
OPTIONS = Field("list", most=100, least=1, items="option")
FEW_OPTIONS = Field("list", required=True, most=10, least=1, items="option")
GROUPS = Field("list", most=100, least=1, items="group")
IMAGE_URL = Field("str", most=3000)
ALT = Field("str", required=True, most=2000)

_SELECT = {"action_id": ACTION_ID, "placeholder": PLACEHOLDER, "confirm": CONFIRM, "focus_on_load": Field("bool")}
_MULTI = {**_SELECT, "max_selected_items": Field("int", least=1)}
_STATIC = {"options": OPTIONS, "option_groups": GROUPS}
_INPUT = {
    "action_id": ACTION_ID,
    "placeholder": PLACEHOLDER,
    "initial_value": ANY,
    "dispatch_action_config": ANY,
    "focus_on_load": Field("bool"),
}
_CHOICES = {**_SELECT, "options": FEW_OPTIONS, "initial_options": ANY, "initial_option": ANY}
_IMAGE = {"image_url": IMAGE_URL, "slack_file": Field("object"), "alt_text": ALT}

ELEMENTS: dict[str, Shape] = {
    "button": Shape(
        {
            "text": Field("plain", required=True, most=75, least=1),
            "action_id": ACTION_ID,
            "url": Field("str", most=3000),
            "value": Field("str", most=2000),
            "style": Field("str"),
            "confirm": CONFIRM,
            "accessibility_label": Field("str", most=75),
        }
    ),
    "static_select": Shape({**_SELECT, **_STATIC, "initial_option": ANY}, one_of=("options", "option_groups")),
    "multi_static_select": Shape({**_MULTI, **_STATIC, "initial_options": ANY}, one_of=("options", "option_groups")),
    "external_select": Shape({**_SELECT, "min_query_length": Field("int"), "initial_option": ANY}),
    "multi_external_select": Shape({**_MULTI, "min_query_length": Field("int"), "initial_options": ANY}),
    "users_select": Shape({**_SELECT, "initial_user": Field("str")}),
    "multi_users_select": Shape({**_MULTI, "initial_users": ANY}),
    "conversations_select": Shape(
        {**_SELECT, "initial_conversation": ANY, "default_to_current_conversation": ANY, "filter": ANY}
        | {"response_url_enabled": ANY}
    ),
    "multi_conversations_select": Shape(
        {**_MULTI, "initial_conversations": ANY, "default_to_current_conversation": ANY, "filter": ANY}
    ),
    "channels_select": Shape({**_SELECT, "initial_channel": ANY, "response_url_enabled": ANY}),
    "multi_channels_select": Shape({**_MULTI, "initial_channels": ANY}),
    "overflow": Shape({"action_id": ACTION_ID, "options": Field("list", True, 5, 1, "option"), "confirm": CONFIRM}),
    "datepicker": Shape({**_SELECT, "initial_date": Field("str")}),
    "timepicker": Shape({**_SELECT, "initial_time": Field("str"), "timezone": Field("str")}),
    "datetimepicker": Shape({**_SELECT, "initial_date_time": Field("int")}),
    "checkboxes": Shape(_CHOICES),
    "radio_buttons": Shape(_CHOICES),
    "plain_text_input": Shape(
        {**_INPUT, "multiline": Field("bool"), "min_length": Field("int", most=3000)}
        | {"max_length": Field("int", most=3000, least=1), "initial_value": Field("str", most=3000)}
    ),
    "rich_text_input": Shape(_INPUT),
    "number_input": Shape(
        {**_INPUT, "is_decimal_allowed": Field("bool", required=True), "min_value": Field("str")}
        | {"max_value": Field("str"), "initial_value": Field("str")}
    ),
    "email_text_input": Shape(_INPUT),
    "url_text_input": Shape(_INPUT),
    "file_input": Shape(
        {"action_id": ACTION_ID, "filetypes": ANY, "max_files": Field("int", most=10, least=1)},
        surfaces=frozenset({"modal"}),
    ),
    "image": Shape(_IMAGE, one_of=("image_url", "slack_file")),
    "feedback_buttons": Shape({"action_id": ACTION_ID, "positive_button": ANY, "negative_button": ANY}),
    "icon_button": Shape(
        {"action_id": ACTION_ID, "icon": ANY, "text": ANY, "value": ANY, "confirm": CONFIRM}
        | {"accessibility_label": ANY, "visible_to_user_ids": ANY}
    ),
    "workflow_button": Shape(
        {"action_id": ACTION_ID, "text": ANY, "workflow": ANY, "style": ANY} | {"accessibility_label": ANY}
    ),
    "plain_text": Shape({"text": Field("str", True, 3000, 1), "emoji": ANY}),
    "mrkdwn": Shape({"text": Field("str", True, 3000, 1), "verbatim": ANY}),
}

_SELECTS = frozenset(
    f"{many}{kind}_select"
    for many in ("", "multi_")
    for kind in ("static", "external", "users", "conversations", "channels")
)
_PICKERS = frozenset({"datepicker", "timepicker", "datetimepicker"})
_CHOOSERS = frozenset({"checkboxes", "radio_buttons"})
_TYPED = frozenset({"plain_text_input", "rich_text_input", "number_input", "email_text_input", "url_text_input"})
_ACTIONS = _SELECTS | _PICKERS | _CHOOSERS | {"button", "overflow", "workflow_button"}
IN_INPUT = _SELECTS | _PICKERS | _CHOOSERS | _TYPED | {"file_input"}

_MESSAGE = frozenset({"message"})
_MESSAGE_AND_MODAL = frozenset({"message", "modal"})
_BLOCK_ID = Field("str", most=255)

BLOCKS: dict[str, Shape] = {
    "section": Shape(
        {
            "block_id": _BLOCK_ID,
            "text": Field("text", most=3000, least=1),
            "fields": Field("list", most=10, least=1, items="field"),
            "accessory": Field("object", items="element"),
            "expand": Field("bool"),
        },
        elements=_ACTIONS | {"image"},
        one_of=("text", "fields"),
    ),
    "actions": Shape(
        {"block_id": _BLOCK_ID, "elements": Field("list", True, 25, 1, "element")},
        elements=_ACTIONS | {"plain_text_input", "rich_text_input"},
    ),
    "context": Shape(
        {"block_id": _BLOCK_ID, "elements": Field("list", True, 10, 1, "element")},
        elements=frozenset({"image", "plain_text", "mrkdwn"}),
    ),
    "context_actions": Shape(
        {"block_id": _BLOCK_ID, "elements": Field("list", True, 5, 1, "element")},
        elements=frozenset({"feedback_buttons", "icon_button"}),
        surfaces=_MESSAGE,
    ),
    "header": Shape({"block_id": _BLOCK_ID, "text": Field("plain", True, 150, 1), "level": ANY}),
    "divider": Shape({"block_id": _BLOCK_ID}),
    "image": Shape(
        {"block_id": _BLOCK_ID, **_IMAGE, "title": Field("plain", most=2000)}, one_of=("image_url", "slack_file")
    ),
    "input": Shape(
        {
            "block_id": _BLOCK_ID,
            "label": Field("plain", True, 2000, 1),
            "element": Field("object", required=True, items="element"),
            "hint": Field("plain", most=2000),
            "optional": Field("bool"),
            "dispatch_action": Field("bool"),
        },
        elements=IN_INPUT,
    ),
    "rich_text": Shape({"block_id": _BLOCK_ID, "elements": Field("list", required=True)}),
    "markdown": Shape({"block_id": _BLOCK_ID, "text": Field("str", True, 0, 1)}, surfaces=_MESSAGE),
    "table": Shape(
        {"block_id": _BLOCK_ID, "rows": Field("list", True, 100, 1), "column_settings": Field("list", most=20)},
        surfaces=_MESSAGE,
    ),
    "data_table": Shape(
        {"block_id": _BLOCK_ID, "rows": Field("list", True, 201, 2), "columns": ANY, "caption": ANY}
        | {"page_size": Field("int", most=100, least=1)},
        surfaces=_MESSAGE,
    ),
    "data_visualization": Shape({"block_id": _BLOCK_ID, "title": ANY, "chart": ANY}, surfaces=_MESSAGE),
    "card": Shape({"block_id": _BLOCK_ID}, surfaces=_MESSAGE),
    "carousel": Shape({"block_id": _BLOCK_ID, "elements": Field("list", True, 10, 1)}, surfaces=_MESSAGE),
    "container": Shape({"block_id": _BLOCK_ID, "blocks": Field("list", most=10)}, surfaces=_MESSAGE),
    "alert": Shape(
        {"block_id": _BLOCK_ID, "text": Field("text", True, 200, 1), "level": ANY}, surfaces=frozenset({"modal"})
    ),
    "file": Shape(
        {"block_id": _BLOCK_ID, "external_id": Field("str", True), "source": Field("str", True)}, surfaces=_MESSAGE
    ),
    "video": Shape(
        {"block_id": _BLOCK_ID, "video_url": Field("str", True), "alt_text": Field("str", True)}
        | {"title": Field("plain", True, 200, 1), "thumbnail_url": Field("str", True)}
        | {"author_name": Field("str", most=50)}
    ),
    "call": Shape({"block_id": _BLOCK_ID, "call_id": Field("str", True)}, surfaces=_MESSAGE),
    "plan": Shape({"block_id": _BLOCK_ID}, surfaces=_MESSAGE_AND_MODAL),
    "task_card": Shape({"block_id": _BLOCK_ID}, surfaces=_MESSAGE_AND_MODAL),
}

# Whose further fields are not looked into: Slack is still adding to them.
OPEN = frozenset({"card", "carousel", "container", "data_visualization", "data_table", "plan", "task_card", "video"})
OPTION: dict[str, Field] = {
    "text": Field("text", True, 75, 1),
    "value": Field("str", most=150),
    "description": Field("text", most=75),
    "url": Field("str", most=3000),
}
GROUP: dict[str, Field] = {"label": Field("plain", True, 75, 1), "options": Field("list", True, 100, 1, "option")}
CONFIRMATION: dict[str, Field] = {
    "title": Field("plain", True, 100, 1),
    "text": Field("text", True, 300, 1),
    "confirm": Field("plain", True, 30, 1),
    "deny": Field("plain", True, 30, 1),
    "style": ANY,
}

"""Every block and element the page draws, in one message and one modal."""

from typing import Any

from sandbox import seed

Block = dict[str, Any]


def plain(text: str) -> Block:
    return {"type": "plain_text", "text": text, "emoji": True}


def mrkdwn(text: str) -> Block:
    return {"type": "mrkdwn", "text": text}


def options(*names: str) -> list[Block]:
    return [{"text": plain(name), "value": name.lower().replace(" ", "-")} for name in names]


def _rich(*elements: Block) -> Block:
    return {"type": "rich_text_section", "elements": list(elements)}


RICH = {
    "type": "rich_text",
    "elements": [
        _rich(
            {"type": "text", "text": "Agreed ", "style": {"bold": True}},
            {"type": "text", "text": "in writing", "style": {"italic": True, "strike": True}},
            {"type": "emoji", "name": "handshake"},
            {"type": "user", "user_id": seed.VERA},
            {"type": "channel", "channel_id": seed.SHARED},
            {"type": "broadcast", "range": "here"},
            {"type": "date", "timestamp": 1795420800, "format": "{time}", "fallback": "eight"},
            {"type": "link", "url": "https://example.org/change", "text": "change 12"},
            {"type": "color", "value": "#00704f"},
        ),
        {
            "type": "rich_text_list",
            "style": "bullet",
            "elements": [_rich({"type": "text", "text": "backup"}), _rich({"type": "text", "text": "restore"})],
        },
        {
            "type": "rich_text_list",
            "style": "ordered",
            "indent": 1,
            "elements": [_rich({"type": "text", "text": "on tape", "style": {"code": True}})],
        },
        {"type": "rich_text_quote", "elements": [{"type": "text", "text": "as promised"}]},
        {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": "rsync -a\nok"}]},
    ],
}

MARKDOWN = """## Findings
**Two** are *open*, ~~one~~ is `closed`, see [the report](https://example.org/r).

- access review
  - shared accounts
- [x] patching

1. first
2. second

> quoted

| Target | Value |
|---|---|
| Response | 95 % |
"""

STATUS: Block = {
    "type": "static_select",
    "action_id": "status",
    "placeholder": plain("Status"),
    "options": options("On track", "At risk", "Late"),
}

MESSAGE: list[Block] = [
    {"type": "header", "text": plain(":clipboard: Daily stand-up")},
    {
        "type": "section",
        "block_id": "lead",
        "text": mrkdwn(f"*Monday* for <@{seed.VERA}> and <@{seed.INES}>, closes <!date^1795428000^{{time}}|at eleven>"),
        "accessory": {"type": "button", "action_id": "details", "text": plain("Details"), "value": "d1"},
    },
    {"type": "section", "fields": [mrkdwn("*Northwind*\n2 of 3"), mrkdwn("*Brightlane*\n1 of 2")]},
    {"type": "divider"},
    {
        "type": "actions",
        "block_id": "doings",
        "elements": [
            {
                "type": "button",
                "action_id": "answer",
                "text": plain("Answer"),
                "style": "primary",
                "value": "occurrence-1",
            },
            {
                "type": "button",
                "action_id": "skip",
                "text": plain("Skip"),
                "style": "danger",
                "value": "occurrence-1",
                "confirm": {
                    "title": plain("Skip today?"),
                    "text": mrkdwn("Your side is told *nothing*."),
                    "confirm": plain("Skip it"),
                    "deny": plain("Keep it"),
                },
            },
            STATUS,
            {"type": "datepicker", "action_id": "day", "initial_date": "2026-11-25"},
            {"type": "overflow", "action_id": "more", "options": options("Hand over", "Snooze")},
        ],
    },
    {"type": "context", "elements": [mrkdwn("Asked by *Vendor Cadence*"), plain("once a day")]},
    RICH,
    {"type": "markdown", "text": MARKDOWN},
    {
        "type": "table",
        "rows": [
            [{"type": "raw_text", "text": "Service level"}, {"type": "raw_text", "text": "Kept"}],
            [{"type": "raw_text", "text": "Response"}, {"type": "raw_text", "text": "95 %"}],
        ],
    },
    {"type": "image", "image_url": "/static/nothing.png", "alt_text": "Trend of the month", "title": plain("Trend")},
]


def _input(block_id: str, label: str, element: Block, **more: Any) -> Block:
    return {
        "type": "input",
        "block_id": block_id,
        "label": plain(label),
        "element": {"action_id": "a", **element},
        **more,
    }


FIELDS: list[Block] = [
    _input(
        "done",
        "What got done?",
        {"type": "plain_text_input", "multiline": True, "max_length": 200, "placeholder": plain("Two lines will do")},
        hint=plain("The other side reads this."),
    ),
    _input("going", "How is it going?", {"type": "radio_buttons", "options": options("On track", "At risk")}),
    _input("also", "Also", {"type": "checkboxes", "options": options("Tell my lead", "Remind me")}, optional=True),
    _input("topic", "Topic", {"type": "static_select", "options": options("Network", "Backup")}, optional=True),
    _input(
        "topics",
        "Topics",
        {
            "type": "multi_static_select",
            "options": options("Network", "Backup", "Cost"),
            "initial_options": options("Cost"),
        },
        optional=True,
    ),
    _input("who", "Who must act?", {"type": "users_select"}, optional=True),
    _input("team", "Who else?", {"type": "multi_users_select"}, optional=True),
    _input("room", "Where?", {"type": "conversations_select"}, optional=True),
    _input("rooms", "Channel", {"type": "channels_select"}, optional=True),
    _input("by", "Needed by", {"type": "datepicker", "initial_date": "2026-11-27"}, optional=True),
    _input("at", "At", {"type": "timepicker", "initial_time": "09:30"}, optional=True),
    _input("moment", "Moment", {"type": "datetimepicker", "initial_date_time": 1795420800}, optional=True),
    _input(
        "hours",
        "Hours",
        {"type": "number_input", "is_decimal_allowed": False, "min_value": "0", "max_value": "8"},
        optional=True,
    ),
    _input("mail", "E-mail", {"type": "email_text_input"}, optional=True),
    _input("link", "Link", {"type": "url_text_input"}, optional=True),
]


def modal(blocks: list[Block], title: str = "Your check-in") -> Block:
    return {
        "type": "modal",
        "callback_id": "checkin",
        "title": plain(title),
        "submit": plain("Send"),
        "close": plain("Cancel"),
        "notify_on_close": True,
        "blocks": blocks,
    }

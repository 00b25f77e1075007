"""The input side of a view: what is filled in at first, what survives an update, what the client refuses to send."""

import re
from typing import Any

from sandbox.state import Json

_BY_TYPE = {
    "users_select": "selected_user",
    "multi_users_select": "selected_users",
    "conversations_select": "selected_conversation",
    "multi_conversations_select": "selected_conversations",
    "channels_select": "selected_channel",
    "multi_channels_select": "selected_channels",
    "datepicker": "selected_date",
    "timepicker": "selected_time",
    "datetimepicker": "selected_date_time",
    "checkboxes": "selected_options",
    "radio_buttons": "selected_option",
    "static_select": "selected_option",
    "external_select": "selected_option",
    "multi_static_select": "selected_options",
    "multi_external_select": "selected_options",
    "rich_text_input": "rich_text_value",
    "file_input": "files",
}
_INITIAL = {
    "selected_user": "initial_user",
    "selected_users": "initial_users",
    "selected_conversation": "initial_conversation",
    "selected_conversations": "initial_conversations",
    "selected_channel": "initial_channel",
    "selected_channels": "initial_channels",
    "selected_date": "initial_date",
    "selected_time": "initial_time",
    "selected_date_time": "initial_date_time",
    "selected_options": "initial_options",
    "selected_option": "initial_option",
}
_STATEFUL = frozenset(_BY_TYPE) | {"plain_text_input", "number_input", "email_text_input", "url_text_input"}
REQUIRED = "Please complete this required field."


def value_key(element_type: str) -> str:
    """The field of an action or of `state.values` that holds what was chosen, for example `selected_date`."""
    return _BY_TYPE.get(element_type, "value")


def elements(blocks: list[Json]) -> list[tuple[Json, Json]]:
    """All interactive elements with their block, in order."""
    found = []
    for block in blocks:
        inside = block.get("elements", []) if block["type"] in ("actions", "context_actions") else []
        singles = [block[k] for k in ("accessory", "element") if isinstance(block.get(k), dict)]
        found += [(block, e) for e in [*inside, *singles] if isinstance(e, dict) and "action_id" in e]
    return found


def options(element: Json) -> list[Json]:
    """All options of an element, groups flattened."""
    grouped = [o for group in element.get("option_groups", []) for o in group["options"]]
    return [*element.get("options", []), *grouped]


def initial(view: Json) -> Json:
    """`state.values` of a view as it opens."""
    values: Json = {}
    for block, element in elements(view["blocks"]):
        if element["type"] in _STATEFUL:
            entry = {"type": element["type"], **_initial_value(element)}
            values.setdefault(block["block_id"], {})[element["action_id"]] = entry
    return values


def kept(view: Json, old: Json) -> Json:
    """`state.values` after an update: what was typed stays where block id, action id and type are the same."""
    values = initial(view)
    for block_id, entries in values.items():
        for action_id, entry in entries.items():
            before = old.get(block_id, {}).get(action_id)
            if before is not None and before["type"] == entry["type"]:
                entries[action_id] = before
    return values


def filled(view: Json, answers: dict[str, Any]) -> Json:
    """`state.values` once a person has entered `answers`, given by block id, action id or label of the input.

    A select takes an option's value or text; a date `YYYY-MM-DD`; several choices a list. Raises KeyError for a
    field or option the view does not have.
    """
    values = kept(view, view["state"]["values"])
    for name, answer in answers.items():
        block, element = _named(view, name)
        values[block["block_id"]][element["action_id"]] = entered(element, answer)
    return values


def entered(element: Json, answer: Any) -> Json:
    """One entry of `state.values`. Raises KeyError for an option the element does not have."""
    key = value_key(element["type"])
    if key == "selected_option":
        return {"type": element["type"], key: None if answer is None else option(element, answer)}
    if key == "selected_options":
        return {"type": element["type"], key: [option(element, one) for one in answer]}
    if key == "value" and answer is not None:
        answer = str(answer)
    return {"type": element["type"], key: None if answer == "" else answer}


def option(element: Json, wanted: Any) -> Json:
    """The option with this value or text. Raises KeyError."""
    if isinstance(wanted, dict):
        wanted = wanted["value"]
    for one in options(element):
        if wanted in (one.get("value"), one["text"]["text"]):
            return one
    raise KeyError(f"no option {wanted!r} in {element.get('action_id')}: {[o.get('value') for o in options(element)]}")


def problems(view: Json, values: Json) -> dict[str, str]:
    """What Slack's client refuses to send: block id -> its words, {} if it would send."""
    found: dict[str, str] = {}
    for block in view["blocks"]:
        if block["type"] != "input":
            continue
        element = block["element"]
        entry = values.get(block["block_id"], {}).get(element["action_id"], {})
        problem = _problem(element, entry.get(value_key(element["type"])), bool(block.get("optional")))
        if problem:
            found[block["block_id"]] = problem
    return found


def _problem(element: Json, value: Any, optional: bool) -> str:
    if value in (None, "", []):
        return "" if optional else REQUIRED
    match element["type"]:
        case "plain_text_input":
            return _length(element, value)
        case "number_input":
            return _number(element, str(value))
        case "email_text_input" if not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", value):
            return "Please enter a valid email address."
        case "url_text_input" if not re.match(r"https?://\S+", value):
            return "Please enter a valid URL."
        case "multi_static_select" | "checkboxes" if len(value) > element.get("max_selected_items", 100):
            return f"Please select at most {element['max_selected_items']} options."
    return ""


def _length(element: Json, value: str) -> str:
    most, least = element.get("max_length", 3000), element.get("min_length", 0)
    if len(value) > most:
        return f"Please enter at most {most} characters."
    return f"Please enter at least {least} characters." if len(value) < least else ""


def _number(element: Json, value: str) -> str:
    if not re.fullmatch(r"-?\d+(\.\d+)?", value):
        return "Please enter a number."
    if "." in value and not element["is_decimal_allowed"]:
        return "Please enter a whole number."
    if "min_value" in element and float(value) < float(element["min_value"]):
        return f"Please enter a number of at least {element['min_value']}."
    if "max_value" in element and float(value) > float(element["max_value"]):
        return f"Please enter a number of at most {element['max_value']}."
    return ""


def _initial_value(element: Json) -> Json:
    key = value_key(element["type"])
    default: Any = [] if key.endswith("s") else None
    return {key: element.get(_INITIAL.get(key, "initial_value"), default)}


def _named(view: Json, name: str) -> tuple[Json, Json]:
    for block, element in elements(view["blocks"]):
        label = block.get("label", {}).get("text")
        if element["type"] in _STATEFUL and name in (block["block_id"], element["action_id"], label):
            return block, element
    raise KeyError(
        f"no field {name!r} in the view: {[(b['block_id'], e['action_id']) for b, e in elements(view['blocks'])]}"
    )

"""Modals and Home tabs: the stack of each person, hashes, and what an answer to a submission does."""

import json
import secrets

from sandbox import blocks as block_kit
from sandbox import content, forms
from sandbox.errors import SlackError
from sandbox.state import Json, User
from sandbox.workspace import Workspace

MOST_VIEWS = 3
MOST_BYTES = 250_000


def open_modal(ws: Workspace, trigger_id: str, view: Json) -> Json:
    """Show a new modal to whoever acted; an older stack of theirs is gone.

    Raises the trigger codes of `Workspace.use_trigger`, `invalid_arguments` with reasons, `view_too_large`,
    `duplicate_external_id`.
    """
    _check(ws, view, "modal")
    user = ws.use_trigger(trigger_id)
    made = _made(ws, user, view)
    made["root_view_id"] = made["id"]
    ws.modals[user.id] = [made]
    _tell_stack(ws, user.id)
    return made


def push_modal(ws: Workspace, trigger_id: str, view: Json) -> Json:
    """Put a modal on top of the one the trigger came from.

    Raises what `open_modal` raises, `not_found` without a modal, `push_limit_reached` on the fourth.
    """
    _check(ws, view, "modal")
    user = ws.use_trigger(trigger_id)
    if not ws.modals.get(user.id):
        raise SlackError("not_found")
    made = _push(ws, user, view)
    _tell_stack(ws, user.id)
    return made


def update_modal(ws: Workspace, view: Json, *, view_id: str = "", external_id: str = "", view_hash: str = "") -> Json:
    """Replace the content of an open modal; typed values stay where block and action ids stay.

    Raises `not_found`, `hash_conflict`, and the content codes of `open_modal`.
    """
    old = find(ws, view_id=view_id, external_id=external_id)
    _check(ws, view, "modal", same_as=old["id"])
    if view_hash and view_hash != old["hash"]:
        raise SlackError("hash_conflict")
    user_id = holder(ws, old["id"])
    _replace(ws, ws.user(user_id), old, view)
    _tell_stack(ws, user_id)
    return old


def publish_home(ws: Workspace, user_id: str, view: Json, view_hash: str = "") -> Json:
    """Set a person's Home tab. External people go on seeing Slack's placeholder, though the answer is ok.

    Raises `not_enabled`, `user_not_found`, `hash_conflict`, and the content codes of `open_modal`.
    """
    if not ws.app.home_tab_enabled:
        raise SlackError("not_enabled")
    _check(ws, view, "home", same_as=ws.homes.get(user_id, {}).get("id", ""))
    user = ws.user(user_id)
    old = ws.homes.get(user_id)
    if view_hash and (old is None or view_hash != old["hash"]):
        raise SlackError("hash_conflict")
    made = _made(ws, user, view)
    if old is not None:
        made["id"] = old["id"]
        made["state"]["values"] = forms.kept(made, old["state"]["values"])
    made["root_view_id"] = made["id"]
    ws.homes[user_id] = made
    if not ws.is_external(user):
        ws.tell_pages("home", {"view": made}, user=user_id)
    return made


def home_of(ws: Workspace, user_id: str) -> Json | None:
    """What a person sees in the Home tab: None is Slack's placeholder (external people see nothing else)."""
    return None if ws.is_external(ws.user(user_id)) else ws.homes.get(user_id)


def find(ws: Workspace, *, view_id: str = "", external_id: str = "") -> Json:
    """An open modal. Raises `not_found`."""
    for stack in ws.modals.values():
        for view in stack:
            if view["id"] == view_id or (external_id and view["external_id"] == external_id):
                return view
    raise SlackError("not_found")


def holder(ws: Workspace, view_id: str) -> str:
    """Whose modal it is. Raises `not_found`."""
    for user_id, stack in ws.modals.items():
        if any(view["id"] == view_id for view in stack):
            return user_id
    raise SlackError("not_found")


def close(ws: Workspace, user_id: str, view_id: str, *, clear: bool = False) -> list[Json]:
    """A person closes a modal, or with `clear` (the X) the whole stack; the closed views, top first."""
    stack = ws.modals.get(user_id, [])
    index = next((i for i, v in enumerate(stack) if v["id"] == view_id), None)
    if index is None:
        return []
    clear = clear or stack[index]["clear_on_close"]
    closed = list(reversed(stack if clear else stack[index:]))
    ws.modals[user_id] = [] if clear else stack[:index]
    _tell_stack(ws, user_id)
    return closed


def answered(ws: Workspace, user_id: str, view_id: str, answer: Json | None) -> dict[str, str]:
    """Act on what the app answered to a submission; the field errors it gave, {} if none.

    Nothing closes this view; `update`, `push` and `clear` do what they say. Raises SlackError for an answer Slack
    would not take (the person then sees that the app did not work).
    """
    action = (answer or {}).get("response_action")
    stack = ws.modals.get(user_id, [])
    current = next((v for v in stack if v["id"] == view_id), None)
    if current is None:
        return {}
    user = ws.user(user_id)
    match action:
        case None:
            ws.modals[user_id] = stack[: stack.index(current)]
        case "clear":
            ws.modals[user_id] = []
        case "errors":
            return _field_errors(current, answer or {})
        case "update":
            _check(ws, (answer or {}).get("view"), "modal", same_as=view_id)
            _replace(ws, user, current, (answer or {})["view"])
        case "push":
            _check(ws, (answer or {}).get("view"), "modal")
            _push(ws, user, (answer or {})["view"])
        case _:
            raise SlackError("invalid_arguments", messages=[f"unknown response_action {action}"])
    _tell_stack(ws, user_id)
    return {}


def _field_errors(view: Json, answer: Json) -> dict[str, str]:
    errors = answer.get("errors")
    inputs = {b["block_id"] for b in view["blocks"] if b["type"] == "input"}
    if not isinstance(errors, dict) or not errors or not set(errors) <= inputs:
        raise SlackError("invalid_arguments", messages=["errors must name input blocks of the view"])
    return {str(k): str(v) for k, v in errors.items()}


def _check(ws: Workspace, view: object, kind: str, same_as: str = "") -> None:
    if not isinstance(view, dict):
        raise SlackError("invalid_arguments", messages=["[ERROR] missing required field: view"])
    if len(json.dumps(view, ensure_ascii=False).encode()) > MOST_BYTES:
        raise SlackError("view_too_large")
    found = block_kit.view_problems(view)
    if view.get("type") != kind:
        found.append(f"[ERROR] must be a {kind} [json-pointer:/view/type]")
    if found:
        raise SlackError("invalid_arguments", messages=found)
    taken = [v for stack in ws.modals.values() for v in stack] + list(ws.homes.values())
    external_id = view.get("external_id")
    if external_id and any(v["external_id"] == external_id and v["id"] != same_as for v in taken):
        raise SlackError("duplicate_external_id")


def _made(ws: Workspace, user: User, view: Json) -> Json:
    blocks = content.with_ids(ws, view.get("blocks", []))
    made: Json = {
        "id": ws.new_id("V"),
        "team_id": user.team_id,
        "type": view["type"],
        "blocks": blocks,
        "private_metadata": view.get("private_metadata") or "",
        "callback_id": view.get("callback_id") or "",
        "state": {"values": {}},
        "hash": _hash(ws),
        "title": view.get("title"),
        "clear_on_close": bool(view.get("clear_on_close")),
        "notify_on_close": bool(view.get("notify_on_close")),
        "close": view.get("close"),
        "submit": view.get("submit"),
        "previous_view_id": None,
        "root_view_id": "",
        "app_id": ws.app.id,
        "external_id": view.get("external_id") or "",
        "app_installed_team_id": ws.home.id,
        "bot_id": ws.app.bot_id,
    }
    made["state"]["values"] = forms.initial(made)
    return made


def _replace(ws: Workspace, user: User, old: Json, view: Json) -> None:
    """Replace a view in place: it keeps its id, its place in the stack and matching typed values."""
    typed = old["state"]["values"]
    made = _made(ws, user, view)
    made["state"]["values"] = forms.kept(made, typed)
    keep = {key: old[key] for key in ("id", "root_view_id", "previous_view_id")}
    old.clear()
    old.update({**made, **keep})


def _push(ws: Workspace, user: User, view: Json) -> Json:
    stack = ws.modals[user.id]
    if len(stack) >= MOST_VIEWS:
        raise SlackError("push_limit_reached")
    made = _made(ws, user, view)
    made["root_view_id"] = stack[0]["id"]
    made["previous_view_id"] = stack[-1]["id"]
    stack.append(made)
    return made


def _hash(ws: Workspace) -> str:
    return f"{int(ws.clock.now().timestamp())}.{secrets.token_hex(4)}"


def _tell_stack(ws: Workspace, user_id: str) -> None:
    ws.tell_pages("views", {"views": ws.modals.get(user_id, [])}, user=user_id)

"""views.*: modals and Home tabs."""

from sandbox import views
from sandbox.methods.context import Context, Method
from sandbox.state import Json


def _open(call: Context) -> Json:
    return {"view": views.open_modal(call.ws, _trigger(call), call.structure("view"))}


def _push(call: Context) -> Json:
    return {"view": views.push_modal(call.ws, _trigger(call), call.structure("view"))}


def _update(call: Context) -> Json:
    view = views.update_modal(
        call.ws,
        call.structure("view"),
        view_id=call.text("view_id"),
        external_id=call.text("external_id"),
        view_hash=call.text("hash"),
    )
    return {"view": view}


def _publish(call: Context) -> Json:
    view = views.publish_home(call.ws, call.required("user_id"), call.structure("view"), call.text("hash"))
    return {"view": view}


def _trigger(call: Context) -> str:
    return call.text("trigger_id") or call.required("interactivity_pointer")


METHODS = {
    "views.open": Method(_open, tier=4),
    "views.push": Method(_push, tier=4),
    "views.update": Method(_update, tier=4),
    "views.publish": Method(_publish, tier=4),
}

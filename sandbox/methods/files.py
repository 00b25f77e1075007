"""files.*: upload in three steps (URL, bytes, completion) and look one up."""

from sandbox import channels, content, messages
from sandbox.errors import SlackError
from sandbox.files import described
from sandbox.methods.context import Context, Method
from sandbox.state import File, Json


def _upload_url(call: Context) -> Json:
    ws = call.ws
    if not call.text("filename") or not call.text("length").isdigit():
        raise SlackError("missing_argument")
    now = int(ws.clock.now().timestamp())
    file = File(ws.new_id("F"), call.text("filename"), int(call.text("length")), ws.app.bot_user_id, now)
    ws.files[file.id] = file
    return {"upload_url": f"{ws.base_url}/upload/{file.id}", "file_id": file.id}


def _complete(call: Context) -> Json:
    ws = call.ws
    listed = call.structure("files")
    if not isinstance(listed, list) or not listed:
        raise SlackError("invalid_arguments", messages=["[ERROR] missing required field: files"])
    files = [_uploaded(call, entry) for entry in listed]
    targets = [t for t in [call.text("channel_id"), *call.names("channels")] if t]
    places = [channels.for_posting(ws, target) for target in targets]
    for file in files:
        file.complete = True
        file.channels += [place.id for place in places]
    shared = [described(call.ws, file) for file in files]
    for place in places:
        fields = _comment(call) | {"files": shared, "upload": True}
        app = ws.user(ws.app.bot_user_id)
        messages.post(ws, place, app, messages.app_fields(ws, fields), thread_ts=call.text("thread_ts"))
    return {"files": shared if places else [{"id": f.id, "title": f.title} for f in files]}


def _info(call: Context) -> Json:
    file = call.ws.files.get(call.required("file"))
    if file is None or not file.complete:
        raise SlackError("file_not_found")
    return {"file": described(call.ws, file), "comments": [], "response_metadata": {"next_cursor": ""}}


def _uploaded(call: Context, entry: Json) -> File:
    file = call.ws.files.get(str(entry.get("id")))
    if file is None or file.content is None:
        raise SlackError("file_not_found")
    file.title = str(entry.get("title") or file.name)
    return file


def _comment(call: Context) -> Json:
    blocks = content.checked_blocks(call.ws, call.structure("blocks"))
    return {"text": call.text("initial_comment"), **({"blocks": blocks} if blocks else {})}


METHODS = {
    "files.getUploadURLExternal": Method(_upload_url, "files:write", tier=4),
    "files.completeUploadExternal": Method(_complete, "files:write", tier=4),
    "files.info": Method(_info, "files:read", tier=4),
}

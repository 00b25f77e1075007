"""Uploaded files as Slack describes them."""

from sandbox.state import File, Json
from sandbox.workspace import Workspace


def described(ws: Workspace, file: File) -> Json:
    """A file object; its content is behind `url_private`, which wants the bot token."""
    link = f"{ws.base_url}/files/{file.id}"
    about: Json = {"id": file.id, "name": file.name, "title": file.title or file.name, "user": file.user}
    about |= {"created": file.created, "size": file.length, "mode": "hosted", "channels": list(file.channels)}
    about |= {"filetype": file.name.rpartition(".")[2], "url_private": link, "url_private_download": link}
    return about | {"permalink": f"{ws.base_url}/page/files/{file.id}"}


def stub(file: Json) -> Json:
    """What an event says of a file of another workspace: ask `files.info`."""
    return {"id": file["id"], "created": file["created"], "file_access": "check_file_info"}

"""The content of a message of the app: text, blocks, attachments and metadata, checked as Slack checks them."""

import json
from typing import Any

from sandbox import blocks as block_kit
from sandbox.errors import SlackError
from sandbox.state import Json
from sandbox.workspace import Workspace

MOST_TEXT = 40_000
MOST_EDITED_TEXT = 4_000
MOST_ATTACHMENTS = 100
# Slack documents `metadata_too_large` but no number; 16 KB is what its clients have been seen to take.
MOST_METADATA_BYTES = 16_000


def of(ws: Workspace, args: Json) -> Json:
    """The fields of a new message.

    Text beyond 40,000 characters is cut off, as Slack does. Raises `no_text`, `invalid_blocks`,
    `invalid_blocks_format`, `too_many_attachments`, `markdown_text_conflict`, `invalid_metadata_format`,
    `metadata_too_large`.
    """
    fields: Json = {"text": str(args.get("text") or args.get("markdown_text") or "")[:MOST_TEXT]}
    if args.get("markdown_text") and (args.get("text") or args.get("blocks")):
        raise SlackError("markdown_text_conflict")
    blocks = checked_blocks(ws, args.get("blocks"))
    if blocks:
        fields["blocks"] = blocks
    attachments = args.get("attachments")
    if attachments:
        fields["attachments"] = checked_attachments(attachments)
    if not fields["text"].strip() and not blocks and not attachments:
        raise SlackError("no_text")
    metadata = checked_metadata(args.get("metadata"))
    if metadata:
        fields["metadata"] = metadata
    return fields


def changes(ws: Workspace, args: Json) -> Json:
    """The fields to change by an edit: what is absent stays; an empty list or object removes.

    Raises the codes of `of`, and `msg_too_long` for text over 4,000 characters.
    """
    wanted: Json = {}
    if args.get("text") is not None:
        wanted["text"] = str(args["text"])
    if len(wanted.get("text", "")) > MOST_EDITED_TEXT:
        raise SlackError("msg_too_long")
    if args.get("blocks") is not None:
        wanted["blocks"] = checked_blocks(ws, args["blocks"]) or None
    if args.get("attachments") is not None:
        wanted["attachments"] = checked_attachments(args["attachments"]) or None
    if args.get("metadata") is not None:
        wanted["metadata"] = checked_metadata(args["metadata"]) or None
    if not wanted or (not wanted.get("text", "x").strip() and not wanted.get("blocks")):
        raise SlackError("no_text")
    return wanted


def checked_blocks(ws: Workspace, blocks: Any) -> list[Json]:
    """Blocks with a `block_id` each. Raises `invalid_blocks_format`, `invalid_blocks` with the reasons."""
    if blocks is None or blocks == "":
        return []
    if not isinstance(blocks, list):
        raise SlackError("invalid_blocks_format")
    found = block_kit.problems(blocks, "message")
    if found:
        raise SlackError("invalid_blocks", messages=found)
    return with_ids(ws, blocks)


def with_ids(ws: Workspace, blocks: list[Json]) -> list[Json]:
    """Blocks as Slack gives them back: `block_id` and `action_id` filled in where the app gave none."""
    return [_identified(ws, block) for block in blocks]


def checked_attachments(attachments: Any) -> list[Json]:
    """Attachments. Raises `invalid_attachments`, `too_many_attachments`."""
    if not isinstance(attachments, list):
        raise SlackError("invalid_attachments")
    if len(attachments) > MOST_ATTACHMENTS:
        raise SlackError("too_many_attachments")
    return attachments


def checked_metadata(metadata: Any) -> Json:
    """Message metadata. Raises `invalid_metadata_format`, `metadata_too_large`."""
    if not metadata:
        return {}
    if not isinstance(metadata, dict) or not isinstance(metadata.get("event_payload"), dict):
        raise SlackError("invalid_metadata_format")
    if not isinstance(metadata.get("event_type"), str) or not metadata["event_type"]:
        raise SlackError("invalid_metadata_format")
    if len(json.dumps(metadata)) > MOST_METADATA_BYTES:
        raise SlackError("metadata_too_large")
    return {"event_type": metadata["event_type"], "event_payload": metadata["event_payload"]}


def _identified(ws: Workspace, block: Json) -> Json:
    named: Json = {**block, "block_id": block.get("block_id") or ws.new_id("b", 5).lower()}
    for key in ("accessory", "element"):
        if isinstance(block.get(key), dict):
            named[key] = _with_action_id(ws, block[key])
    if block["type"] in ("actions", "context_actions"):
        named["elements"] = [_with_action_id(ws, element) for element in block["elements"]]
    return named


def _with_action_id(ws: Workspace, element: Json) -> Json:
    if element["type"] in ("image", "plain_text", "mrkdwn") or element.get("action_id"):
        return element
    return {**element, "action_id": ws.new_id("a", 5).lower()}

"""What Slack's composer makes of typed text: escaping, links and the rich_text block."""

import re

from sandbox.state import Json

_REFERENCE = re.compile(r"<(?:@[UW][A-Z0-9]+|#[CG][A-Z0-9]+|!(?:here|channel|everyone))>")
_URL = re.compile(r"https?://[^\s<>|]+")
_PART = re.compile(r"<([^<>]+)>")


def typed(text: str) -> str:
    """Text as Slack stores what a person typed.

    `&`, `<` and `>` are escaped, bare links become `<link>`; references the composer made (`<@U1>`, `<#C1>`,
    `<!here>`) stay.
    """
    out: list[str] = []
    end = 0
    for found in _REFERENCE.finditer(text):
        out.append(_plain(text[end : found.start()]))
        out.append(found.group())
        end = found.end()
    out.append(_plain(text[end:]))
    return "".join(out)


def escape(text: str) -> str:
    """`&`, `<` and `>` as entities."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def unescape(text: str) -> str:
    """Entities as characters."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def rich_text(text: str, block_id: str) -> Json:
    """The rich_text block that accompanies a person's message."""
    elements: list[Json] = []
    end = 0
    for found in _PART.finditer(text):
        _add_text(elements, text[end : found.start()])
        elements.append(_reference(found.group(1)))
        end = found.end()
    _add_text(elements, text[end:])
    section = {"type": "rich_text_section", "elements": elements}
    return {"type": "rich_text", "block_id": block_id, "elements": [section]}


def with_names(text: str, names: dict[str, str]) -> str:
    """Mentions as slash commands with escaping carry them: `<@U1|ann>`."""
    return re.sub(r"<@([UW][A-Z0-9]+)>", lambda m: f"<@{m[1]}|{names.get(m[1], m[1])}>", text)


def _plain(text: str) -> str:
    out: list[str] = []
    end = 0
    for found in _URL.finditer(text):
        out.append(escape(text[end : found.start()]))
        out.append(f"<{escape(found.group())}>")
        end = found.end()
    out.append(escape(text[end:]))
    return "".join(out)


def _add_text(elements: list[Json], text: str) -> None:
    if text:
        elements.append({"type": "text", "text": unescape(text)})


def _reference(inner: str) -> Json:
    target, _, label = inner.partition("|")
    match target[:1]:
        case "@":
            return {"type": "user", "user_id": target[1:]}
        case "#":
            return {"type": "channel", "channel_id": target[1:]}
        case "!":
            return {"type": "broadcast", "range": target[1:]}
        case _:
            link: Json = {"type": "link", "url": unescape(target)}
            return {**link, "text": label} if label else link

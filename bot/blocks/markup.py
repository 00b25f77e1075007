"""mrkdwn that is safe to send: what people typed gets into it only escaped."""

import re
from collections.abc import Iterable
from typing import Any, LiteralString

from bot.text import fit, one_line

_GUARD = "\u034f"
"""Combining grapheme joiner: in front of a formatting character it takes away its effect, and is not seen."""
_FORMATTING = re.compile(r"`|(?<![^\W_])[*_~]|[*_~](?![^\W_])")
_DECORATION = re.compile(f"(?<!{_GUARD})[*•]")
_LONG = 300


class Markup(str):
    """mrkdwn in which every control sequence is our own. Made by `say`, `esc` and `join` only."""

    __slots__ = ()


NOTHING = Markup("")


def esc(text: str, most: int = _LONG) -> Markup:
    """What somebody typed, on one line of at most `most` characters, without any effect as formatting."""
    if isinstance(text, Markup):
        return text
    short = _FORMATTING.sub(lambda found: _GUARD + found.group(), fit(one_line(text), most))
    escaped = short.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return Markup(_GUARD + escaped if escaped.startswith("&gt;") else escaped)


def unesc(markup: str) -> str:
    """The text that `esc` was given, cleaned and cut."""
    return markup.replace(_GUARD, "").replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def say(template: LiteralString, *values: Any) -> Markup:
    """A sentence of ours with values in its `{}`; text that is not Markup is escaped, numbers are written out."""
    return Markup(template.format(*(_safe(value) for value in values)))


def join(separator: LiteralString, parts: Iterable[Markup]) -> Markup:
    """The parts that are not empty, with a separator of ours between them."""
    return Markup(separator.join(part for part in parts if part))


def spoken(line: Markup) -> Markup:
    """A line of a list as a sentence for a message's plain text: without bold, bullets and line breaks."""
    words = " ".join(_DECORATION.sub("", line).split())
    return Markup(f"{words}." if words and words[-1] not in ".:?" else words)


def _safe(value: Any) -> str:
    return esc(value) if isinstance(value, str) else str(value)

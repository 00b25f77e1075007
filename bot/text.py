"""What people typed, made fit to be kept and shown: no hidden characters, no more than fits."""

import re
import unicodedata
from functools import lru_cache

_MARKS = 4
"""Combining marks in a row that any script needs; more are noise."""
_CHARACTERS = 4096
"""Characters of which it is remembered what they are: more than a team writes in."""

# Blank look-alikes that are letters or symbols to Unicode: fillers, joiners, the empty braille cell.
_BLANK = "\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0"
_JOINERS = "\u200c\u200d"
_SPACES = re.compile(r"[^\S\n]+")
_LINE_ENDS = re.compile(r"\r\n?|[\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
_LOOSE_JOINER = re.compile(f"(?<![^\\x00-\\x7f{_JOINERS}])[{_JOINERS}]+|[{_JOINERS}]+(?![^\\x00-\\x7f{_JOINERS}])")
_EMPTY_LINES = re.compile(r"\n{3,}")


def clean(text: str) -> str:
    """The text without control, direction and zero-width characters, lone surrogates and heaps of marks.

    Joiners stay between two letters or signs beyond ASCII: Persian, Hindi and emoji are spelled with them.
    """
    if text.isascii() and text.isprintable():  # most of what is written, and there is nothing to take out of it
        return _SPACES.sub(" ", text).strip()
    text = _SPACES.sub(" ", _LINE_ENDS.sub("\n", text))
    while True:
        cleaned = _LOOSE_JOINER.sub("", _few_marks("".join(filter(_is_kept, text))))
        if cleaned == text:
            break
        text = cleaned
    return _EMPTY_LINES.sub("\n\n", re.sub(r" *\n *", "\n", text)).strip()


def one_line(text: str) -> str:
    """The cleaned text on one line."""
    return " ".join(clean(text).split())


def size(text: str) -> int:
    """Length as the strictest reader counts it: UTF-16 units."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def fit(text: str, most: int, empty: str = "–") -> str:
    """The text in at most `most` units, cut between whole characters and marked with "…"; never empty."""
    if not text:
        return empty
    if size(text) <= most:
        return text
    end = min(most - 1, len(text))  # one is for the mark
    while size(text[:end]) > most - 1:
        end -= (size(text[:end]) - most + 2) // 2
    while end > 0 and _sticks(text, end):
        end -= 1
    return text[:end].rstrip() + "…"


@lru_cache(_CHARACTERS)
def _is_kept(char: str) -> bool:
    if char == "\n" or char in _JOINERS:
        return True
    if char in _BLANK or ord(char) & 0xFFFE == 0xFFFE or "\ufdd0" <= char <= "\ufdef":
        return False
    return unicodedata.category(char) not in ("Cc", "Cf", "Cs")


def _few_marks(text: str) -> str:
    if text.isascii() or not any(map(_is_mark, text)):
        return text
    kept, row = [], 0
    for char in text:
        row = row + 1 if _is_mark(char) else 0
        if row <= _MARKS:
            kept.append(char)
    return "".join(kept)


@lru_cache(_CHARACTERS)
def _is_mark(char: str) -> bool:
    return unicodedata.category(char) in ("Mn", "Me")


def _sticks(text: str, at: int) -> bool:
    """Whether a cut before `at` would tear apart what is one character to a reader."""
    after, before = text[at], text[at - 1]
    if after in _JOINERS or before in _JOINERS or "\U0001f3fb" <= after <= "\U0001f3ff":
        return True
    if unicodedata.category(after)[0] == "M":
        return True
    flags = re.search("[\U0001f1e6-\U0001f1ff]*$", text[:at])
    return "\U0001f1e6" <= after <= "\U0001f1ff" and flags is not None and len(flags.group()) % 2 == 1

"""Reading what is said about questions in plain words: asked by a mention, named by number. Pure."""

import re
from dataclasses import dataclass
from enum import StrEnum

LONGEST = 1000
"""Characters kept of a question; what is longer is cut."""

_HANDLES = re.compile(r"^(?:\s*@[UW][A-Z0-9]{2,20}[\s,:]*)+")
_ASKS = re.compile(r"^\W{0,3}(?:this )?(?:needs?(?: an?)? answers?|question)\b[*_~]{0,3}\s*(?:[:–—-]\s*|$)", re.I)
_SENTENCES = re.compile(r"(?<=[.!?;:])\s+")
_NUMBER = re.compile(r"^[\s>*_~•–—-]{0,6}Q-?(?P<number>\d{1,6})\b[*_~]{0,3}[\s:,–—-]{0,8}(?P<rest>.*)$", re.I | re.S)


class Word(StrEnum):
    """What is said of a question that is named by its number."""

    ANSWERED = "answered"
    WITHDRAWN = "withdrawn"
    AGAIN = "again"


_WORDS = {
    "answered": Word.ANSWERED,
    "done": Word.ANSWERED,
    "closed": Word.ANSWERED,
    "withdrawn": Word.WITHDRAWN,
    "withdraw": Word.WITHDRAWN,
    "not needed": Word.WITHDRAWN,
    "again": Word.AGAIN,
    "ask again": Word.AGAIN,
    "reopen": Word.AGAIN,
}


@dataclass(frozen=True, slots=True)
class Named:
    """A text that begins with a question's number."""

    number: int
    rest: str

    @property
    def word(self) -> Word | None:
        """The mark it sets, if all it says is one."""
        return _WORDS.get(self.rest.strip(" .!").casefold())


def asked(text: str) -> str | None:
    """The question after "needs an answer:" (or "question:"), mentions before it left out.

    Empty when nothing follows: then the thread's first message is meant. None when the text asks for no answer.
    """
    bare = _HANDLES.sub("", text)
    found = _ASKS.match(bare)
    return bare[found.end() :].strip()[:LONGEST] if found else None


def asking(text: str) -> str:
    """The sentences of a text that end with a question mark; empty where there are none.

    Lines that ask already ("question: …"), and what answers a question by its number, are left out.
    """
    lines = (line.strip() for line in text.splitlines())
    free = [line for line in lines if line and asked(line) is None and named(line) is None]
    sentences = (one.strip(" \t-•*>") for line in free for one in _SENTENCES.split(line))
    return " ".join(one for one in sentences if one.endswith("?") and one.strip("?! "))[:LONGEST]


def named(text: str) -> Named | None:
    """The question a text begins with, such as "Q-7: done since noon"; none if it begins with no number."""
    found = _NUMBER.match(_HANDLES.sub("", text))
    return Named(int(found["number"]), found["rest"].strip()) if found else None

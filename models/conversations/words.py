"""Words about an escalation in a plain message. Pure.

In the thread of an escalation: `mine`, `update: …`, `done: …`, `rest until Friday: …`, `S2: …`, `reopen: …`.
Anywhere in the engagement's channels: `escalate: …`, `escalate S1: …`, `escalate B-7: …`.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

from models.escalations.ladders import Severity

_LONGEST = 4000
_MARK = r"^[\s>*_~•–—-]{0,12}"
_THEN = r"[*_~]{0,3}\s?(?::|\s[–—-]\s)[*_~]{0,3}\s?(?P<rest>\S[\s\S]*)$"
_END = r"[*_~]{0,3}[.! ]*$"
_OWN = re.compile(
    _MARK + r"(?:mine|ack(?:nowledged?)?|on it|(?:i|we)(?:’|')?(?:ll| will)? (?:own|take|have|got) (?:it|this)"
    r"|(?:i|we)(?:’m|'m| am|’re|'re| are) on it)" + _END,
    re.I,
)
_UPDATE = re.compile(_MARK + r"update" + _THEN, re.I)
_DONE = re.compile(_MARK + r"(?:done|resolved?|fixed|solved|closed?)(?:" + _END + "|" + _THEN + ")", re.I)
_REST = re.compile(
    _MARK + r"(?:rest|snooze)(?: it)? until (?P<day>[\w-]{1,20}\.?(?: \w{1,12}\.?)?(?: \d{4})?)"
    r"(?:" + _END + "|" + _THEN + ")",
    re.I,
)
_RATE = re.compile(_MARK + r"(?:severity )?(?P<severity>S[1-4])(?:" + _END + "|" + _THEN + ")", re.I)
_REOPEN = re.compile(_MARK + r"(?:reopen|open again|not (?:done|solved|fixed))(?:" + _END + "|" + _THEN + ")", re.I)
_ESCALATE = re.compile(
    _MARK
    + r"escalate(?:[ ,]{1,2}(?:(?P<severity>S[1-4])|B-?(?P<blocker>\d{1,6}))\b){0,2}"
    + "(?:"
    + _THEN
    + "|"
    + _END
    + ")",
    re.I,
)


class Deed(StrEnum):
    """What a message asks for."""

    OWN = "own"
    UPDATE = "update"
    DONE = "done"
    REST = "rest"
    RATE = "rate"
    REOPEN = "reopen"


@dataclass(frozen=True, slots=True)
class Said:
    """One deed, and the words that go with it."""

    deed: Deed
    note: str = ""
    day: str = ""
    severity: Severity | None = None


@dataclass(frozen=True, slots=True)
class Escalate:
    """Something to be escalated: a blocker by its number, or what the words say."""

    what: str
    severity: Severity | None = None
    blocker: int | None = None


_WORDS = (
    (_OWN, Deed.OWN),
    (_UPDATE, Deed.UPDATE),
    (_DONE, Deed.DONE),
    (_REST, Deed.REST),
    (_RATE, Deed.RATE),
    (_REOPEN, Deed.REOPEN),
)


def deed(text: str) -> Said | None:
    """What a message in the thread of an escalation asks for; None for talk."""
    for pattern, kind in _WORDS:
        if found := pattern.match(text[:_LONGEST].strip()):
            named = found.groupdict()
            severity = named.get("severity")
            return Said(
                kind,
                (named.get("rest") or "").strip(),
                named.get("day") or "",
                Severity(severity.upper()) if severity else None,
            )
    return None


def escalate(text: str) -> Escalate | None:
    """What a message wants escalated; None for talk, and for the bare word."""
    found = _ESCALATE.match(text[:_LONGEST].strip())
    if found is None:
        return None
    what, severity, blocker = " ".join((found["rest"] or "").split()), found["severity"], found["blocker"]
    if not what and blocker is None:
        return None
    return Escalate(what, Severity(severity.upper()) if severity else None, int(blocker) if blocker else None)

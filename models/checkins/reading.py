"""Reading a plain reply: free text with a few light conventions. Pure.

A line that begins with `blocked:` raises a blocker (`blocked S1:`, or `[S1]` at either end, says how bad it is),
`next:` a promise, `question:` asks the other side, `skip:` skips;
`C-3 done`, `C-3 dropped: why` and `C-3 moved to Friday: why` speak of a commitment; `no blockers` answers the question.
All else is the answer's text.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from models.access import Side
from models.checkins.submissions import NewBlocker, Outcome, Promise, Submission, Verdict
from models.commitments.rules import MoveCause
from models.escalations.ladders import Severity

LONGEST = 300
"""Characters of one promise or blocker; what is longer is cut."""

LONGEST_REPLY = 8000
"""Characters read of one reply."""

FARTHEST = timedelta(days=5 * 366)
"""Dates further away than this are taken as slips of the pen."""

AHEAD = timedelta(days=366)
"""How far ahead a promise or a need may lie."""

_MARK = r"^[\s>*_~•–—-]{0,12}(?:\d{1,2}[.)]\s)?[*_~]{0,3}"
"""What people and Slack put before a line: bullets, numbers, quotes, bold."""

_LINE = re.compile(
    _MARK + r"(?P<word>blocked|blockers?|next|will|plan|today|skip|questions?)"
    r"(?:,? [\[(]?(?P<severity>S[1-4])[\])]?)?[*_~]{0,3}\s?(?::|\s[–—-]\s)"
    r"[*_~]{0,3}\s?(?P<rest>\S.*)$",
    re.I,
)
_RATED = re.compile(
    r"^(?:[\[(](?P<a>[sS][1-4])[\])][:,]?|(?:[sS]everity )?(?P<b>[sS][1-4])(?:[:,]| [–—-])|(?P<c>S[12])) "
    r"(?P<what>\S.*)$"
)
_RATED_LAST = re.compile(
    r"^(?P<what>.*\S)(?: ?[\[(](?P<a>[sS][1-4])[\])]|(?:,| [–—-]| [sS]everity) ?(?P<b>[sS][1-4])| (?P<c>S[12]))[.! ]*$"
)
"""How bad a blocker is, at either end of its words. Without brackets, comma or colon only S1 and S2: "S3 access" and "a
job in S4" speak of something else, and a mistaken S4 would keep the matter quiet."""
_FREE = re.compile(
    _MARK + r"(?:no blockers?|not blocked|nothing (?:is )?blocking(?: us)?"
    r"|(?:blocked|blockers?): ?(?:no|none|nothing|nope|nil|n/a))"
    r"(?: (?:today|so far|now|at the moment|from (?:me|us)|for (?:me|us)))?[*_~]{0,3}[.! ]*$",
    re.I,
)
_COMMITMENT = re.compile(
    _MARK + r"C-?(?P<number>\d{1,6})\b[\s:,–—*_-]{0,8}"
    r"(?P<verdict>done|kept|finished|delivered|dropped|drop|moved|move|on track)\b"
    r"(?: to (?P<day>[^:,–—]{1,40}?))?(?:(?: ?[:,]| [–—-]) ?(?P<reason>\S.*)|[.! ]*)$",
    re.I,
)
_BY = re.compile(
    r"[ ,(]{0,3}\b(?:needed )?(?:by|until|due) (?P<day>[\w-]{1,20}\.?(?: \w{1,12}\.?)?(?: \d{4})?)"
    r"(?: (?:at )?\d{1,2}(?::\d\d)?(?: ?[ap]m)?)?[).! ]*$",
    re.I,
)
_HANDLE = re.compile(r"@(?P<id>[UW][A-Z0-9]{2,20})\b")
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MONTHS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
_DONE = {"done", "kept", "finished", "delivered"}


@dataclass(frozen=True, slots=True)
class Roll:
    """Who and what a reply may speak of."""

    side: Side
    people: Mapping[str, tuple[UUID, Side, str]]
    """Slack user id to participant, side and name."""
    commitments: Mapping[int, UUID]
    """The writer's own open commitments by number."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What was understood."""

    submission: Submission
    skip_reason: str | None = None

    @property
    def is_conventional(self) -> bool:
        """Whether any line followed a convention, so that it counts even in the middle of a talk."""
        said = self.submission
        return bool(
            said.promises
            or said.blockers
            or said.outcomes
            or said.asks
            or said.is_blocked is not None
            or self.skip_reason
        )


def read(text: str, today: date, roll: Roll) -> Heard:
    """Understand one reply. `today` is the check-in's local date: "by Friday" is counted from it."""
    promises: list[Promise] = []
    blockers: list[NewBlocker] = []
    outcomes: list[Outcome] = []
    asks: list[str] = []
    notes: list[str] = []
    free, skip_reason = False, None
    for line in (" ".join(raw.split()) for raw in text[:LONGEST_REPLY].splitlines()):
        if _FREE.match(line):
            free = True
        elif (about := _COMMITMENT.match(line)) and (outcome := _outcome(about, today, roll)):
            outcomes.append(outcome)
        elif (found := _LINE.match(line)) and (not found["severity"] or _blocks(found)):
            word, rest = found["word"].lower(), found["rest"].strip()
            if word == "skip":
                skip_reason = rest[:LONGEST]
            elif _asks(found):
                asks.append(rest[:LONGEST])
            elif _blocks(found):
                blockers.append(_blocker(rest, found["severity"], today, roll))
            else:
                what, due = _ahead(rest, today)
                promises.append(Promise(_named(what, roll)[:LONGEST], due))
        elif line.strip():
            notes.append(_named(line.strip(), roll))
    if skip_reason and (promises or blockers or outcomes or asks or free):
        notes.append(f"Skip: {skip_reason}")  # whoever says something has not skipped
        skip_reason = None
    said = Submission(
        outcomes=tuple(outcomes),
        promises=tuple(promises),
        is_blocked=True if blockers else (False if free else None),
        blockers=tuple(blockers),
        asks=tuple(dict.fromkeys(asks)),
        note="\n".join(notes),
    )
    return Heard(said, skip_reason)


def merge(form: Submission | None, heard: Iterable[Submission]) -> Submission:
    """A form's answers and all replies together: what the person says, all in all."""
    parts = [part for part in (form, *heard) if part is not None]
    blocked = [part.is_blocked for part in parts if part.is_blocked is not None]
    return Submission(
        answers=form.answers if form else {},
        outcomes=tuple(item for part in parts for item in part.outcomes),
        promises=tuple(dict.fromkeys(item for part in parts for item in part.promises)),
        is_blocked=any(blocked) if blocked else None,
        blockers=tuple(dict.fromkeys(item for part in parts for item in part.blockers)),
        still=form.still if form else (),
        asks=tuple(dict.fromkeys(item for part in parts for item in part.asks)),
        note="\n".join(filter(None, (part.note for part in parts))),
    )


def questions_in(said: Submission) -> tuple[str, ...]:
    """Every question to the other side: of replies, and lines of a form's texts that begin with `question:`."""
    texts = [answer for answer in said.answers.values() if isinstance(answer, str)]
    lines = (" ".join(raw.split()) for text in texts for raw in text[:LONGEST_REPLY].splitlines())
    found = [match["rest"].strip()[:LONGEST] for line in lines if (match := _LINE.match(line)) and _asks(match)]
    return tuple(dict.fromkeys([*said.asks, *found]))


def _asks(found: re.Match[str]) -> bool:
    return found["word"].lower().startswith("question")


def _blocks(found: re.Match[str]) -> bool:
    return found["word"].lower().startswith("block")


def split_severity(text: str) -> tuple[str, Severity | None]:
    """A blocker's words and how bad it is, if they say so at either end ("[S1] …", "…, S2")."""
    found = _RATED.match(text.strip()) or _RATED_LAST.match(text.strip())
    if found is None:
        return text.strip(), None
    return found["what"].strip(" ,"), Severity((found["a"] or found["b"] or found["c"]).upper())


def passed_over(said: Submission) -> tuple[int, ...]:
    """Numbers of commitments that lines speak of without being understood: not the writer's own, or without a date."""
    found = (_COMMITMENT.match(line) for line in said.note.splitlines())
    return tuple(dict.fromkeys(int(about["number"]) for about in found if about))


def split_date(text: str, today: date) -> tuple[str, date | None]:
    """A text and the date it ends with ("… by Friday", "… until 2026-12-01"), if it does. It may be any date."""
    found = _BY.search(text)
    day = _day(_words(found["day"]), today) if found else None
    if found is None or day is None or not text[: found.start()].strip():
        return text.strip(), None
    return text[: found.start()].strip(" ,.("), day


def is_out_of_reach(day: date, today: date) -> bool:
    """Whether nobody can mean to do something by then: it has passed, or is more than a year away."""
    return not today <= day <= today + AHEAD


def parse_day(text: str, today: date) -> date | None:
    """A date in words: ISO, today, tomorrow, a weekday (the next one), "1 Dec" or "Dec 1" (the next one)."""
    day = _day(_words(text), today)
    return day if day and abs(day - today) <= FARTHEST else None


def _ahead(text: str, today: date) -> tuple[str, date | None]:
    """The same for what is still to come: a date that has passed, or is far away, is no date but words."""
    what, day = split_date(text, today)
    return (text.strip(), None) if day and is_out_of_reach(day, today) else (what, day)


def _words(text: str) -> list[str]:
    return [word.rstrip(".,") for word in text.lower().split()]


def _day(words: list[str], today: date) -> date | None:
    if not words or not words[0]:
        return None
    try:
        return date.fromisoformat(words[0])
    except ValueError:
        pass
    if words[0] in ("today", "eod", "tonight"):
        return today
    if words[0] == "tomorrow":
        return today + timedelta(days=1)
    for index, name in enumerate(_WEEKDAYS):
        if len(words[0]) >= 3 and name.startswith(words[0]):
            return today + timedelta(days=(index - today.weekday() - 1) % 7 + 1)
    return _calendar_day(words, today)


def _calendar_day(words: list[str], today: date) -> date | None:
    numbers = [int(found[1]) for word in words[:2] if (found := re.fullmatch(r"(\d{1,2})(?:st|nd|rd|th)?", word))]
    months = [month for word in words[:2] if (month := _month(word))]
    years = [int(word) for word in words[2:3] if re.fullmatch(r"\d{4}", word)]
    if len(numbers) != 1 or len(months) != 1:
        return None
    for year in years or (today.year, today.year + 1):
        try:
            day = date(year, months[0], numbers[0])
        except ValueError:
            continue
        if years or day >= today:
            return day
    return None


def _month(word: str) -> int | None:
    return next((number for number, name in enumerate(_MONTHS, 1) if len(word) >= 3 and name.startswith(word)), None)


def _outcome(found: re.Match[str], today: date, roll: Roll) -> Outcome | None:
    """What a line says of one of the writer's own commitments; None when it is not theirs, or names no date."""
    commitment_id = roll.commitments.get(int(found["number"]))
    if commitment_id is None:
        return None
    verdict, reason = found["verdict"].lower(), (found["reason"] or "").strip()[:LONGEST]
    if verdict in _DONE:
        return Outcome(commitment_id, Verdict.KEPT)
    if verdict.startswith("drop"):
        return Outcome(commitment_id, Verdict.DROPPED, reason=reason or "no reason given")
    if verdict == "on track":
        return Outcome(commitment_id, Verdict.ON_TRACK)
    day = parse_day(found["day"], today) if found["day"] else None
    day = None if day and is_out_of_reach(day, today) else day
    cause = MoveCause.VENDOR if roll.side is Side.VENDOR else MoveCause.INHOUSE
    return Outcome(commitment_id, Verdict.MOVED, day, cause, reason or "no reason given") if day else None


def _blocker(rest: str, rated: str | None, today: date, roll: Roll) -> NewBlocker:
    rest, severity = (rest, Severity(rated.upper())) if rated else split_severity(rest)
    what, needed_by = _ahead(rest, today)
    if severity is None:
        what, severity = split_severity(what)
    named = next((roll.people[found["id"]] for found in _HANDLE.finditer(rest) if found["id"] in roll.people), None)
    return NewBlocker(
        what=_named(what, roll)[:LONGEST],
        acting_side=named[1] if named else roll.side.other,
        acting_id=named[0] if named else None,
        needed_by=needed_by,
        severity=severity or Severity.S3,
    )


def _named(text: str, roll: Roll) -> str:
    """Handles written out as names."""
    return _HANDLE.sub(
        lambda found: f"@{roll.people[found['id']][2]}" if found["id"] in roll.people else "@someone", text
    )

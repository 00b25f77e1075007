"""Promises as lines of a text field, there and back."""

import re
from collections.abc import Sequence
from datetime import date

from bot.text import clean, one_line
from models.checkins.reading import split_date
from models.checkins.submissions import Promise

_BULLET = re.compile(r"^(?:(?:[-*•–]|\d{1,2}[.)])(?:\s+|$))+")
_SAYS_SOMETHING = re.compile(r"[^\W_]|[^\x00-\x7f]")


def from_lines(text: str, due: date | None, today: date) -> tuple[Promise, ...]:
    """One promise a line that is not empty; a date at the end of a line goes before `due`, which holds for all."""
    found = []
    for line in clean(text).splitlines():
        what, own = split_date(_BULLET.sub("", line.strip()), today)
        what = _settled(what) if own else what
        if _SAYS_SOMETHING.search(what):
            found.append(Promise(what, own or due))
    return tuple(dict.fromkeys(found))


def as_lines(promises: Sequence[Promise], default: date, today: date) -> tuple[str, date]:
    """The lines of promises and the date that holds for lines without their own: read again, they say the same."""
    said = tuple(Promise(one_line(promise.what), promise.due or default) for promise in promises)
    dates = [promise.due for promise in said if promise.due]
    candidates = sorted(dict.fromkeys(dates), key=dates.count, reverse=True) or [default]
    texts = {due: "\n".join(_line(promise, due, today) for promise in said) for due in candidates}
    due = next((due for due in candidates if from_lines(texts[due], due, today) == said), candidates[0])
    return texts[due], due


def _settled(what: str) -> str:
    """A text whose date was taken off, without what would be taken off the next time it is read."""
    while (bare := _BULLET.sub("", what).strip(" ,.(")) != what:
        what = bare
    return what


def _line(promise: Promise, due: date, today: date) -> str:
    if from_lines(promise.what, due, today) == (promise,):
        return promise.what
    return f"{promise.what} by {promise.due}"

"""Promises as lines of a text field, there and back."""

import re
from collections.abc import Sequence
from datetime import date

from bot.text import clean, one_line
from models.checkins.reading import split_date
from models.checkins.submissions import Promise

_BULLET = re.compile(r"^(?:[-*•–]|\d{1,2}[.)])\s+")


def from_lines(text: str, due: date | None, today: date) -> tuple[Promise, ...]:
    """One promise a line that is not empty; a date at the end of a line goes before `due`, which holds for all."""
    found = []
    for line in clean(text).splitlines():
        what, own = split_date(_BULLET.sub("", line.strip()), today)
        if what:
            found.append(Promise(what, own or due))
    return tuple(dict.fromkeys(found))


def as_lines(promises: Sequence[Promise], default: date, today: date) -> tuple[str, date]:
    """The lines of promises and the date that holds for most of them: read again, they give the same promises."""
    if not promises:
        return "", default
    dates = [promise.due or default for promise in promises]
    due = max(sorted(set(dates)), key=dates.count)
    return "\n".join(_line(promise, promise.due or default, due, today) for promise in promises), due


def _line(promise: Promise, own: date, due: date, today: date) -> str:
    what = one_line(promise.what)
    if own == due and from_lines(what, due, today) == (Promise(what, due),):
        return what
    return f"{what} by {own.isoformat()}"

"""Recurrences in plain English: words people type become RRULE text, and a Shape becomes words people read."""

import re
from datetime import date

from models.calendars.local_time import MONTH_NAMES, WEEKDAY_NAMES
from models.calendars.recurrence_shape import DAY_CODES, Frequency, Shape, Weekday

_LONGEST_WORDS = 120
_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
_UNIT = {Frequency.DAILY: "day", Frequency.WEEKLY: "week", Frequency.MONTHLY: "month", Frequency.YEARLY: "year"}
_WORKDAYS = tuple(Weekday(0, day) for day in range(5))
_WORKDAY_CODES = ",".join(DAY_CODES[:5])

_FIXED = {
    "daily": "FREQ=DAILY",
    "every day": "FREQ=DAILY",
    "weekdays": f"FREQ=WEEKLY;BYDAY={_WORKDAY_CODES}",
    "every weekday": f"FREQ=WEEKLY;BYDAY={_WORKDAY_CODES}",
    "weekly": "FREQ=WEEKLY",
    "every week": "FREQ=WEEKLY",
    "fortnightly": "FREQ=WEEKLY;INTERVAL=2",
    "monthly": "FREQ=MONTHLY",
    "every month": "FREQ=MONTHLY",
    "quarterly": "FREQ=MONTHLY;INTERVAL=3",
    "every quarter": "FREQ=MONTHLY;INTERVAL=3",
    "yearly": "FREQ=YEARLY",
    "every year": "FREQ=YEARLY",
}
_EVERY_FEW = {"other": 2, "two": 2, "three": 3, "four": 4} | {word: n for n, word in enumerate(_ORDINALS, 1) if n > 1}
_FREQUENCY_OF = {unit: frequency for frequency, unit in _UNIT.items()}
_DAYS = {
    spelling: code
    for code, name in zip(DAY_CODES, WEEKDAY_NAMES, strict=True)
    for spelling in (name.lower(), f"{name.lower()}s", name[:3].lower(), code.lower())
} | {"tues": "TU", "wednes": "WE", "thur": "TH", "thurs": "TH"}
_NTH = {"last": -1} | {word: n for n, word in enumerate(_ORDINALS[:5], 1)}
_NUMBERED = re.compile(r"([0-9]{1,3})(st|nd|rd|th)?", re.ASCII)


def rule_text(words: str) -> str | None:
    """RRULE text for plain words such as “mon,wed,fri” or “first Monday”; None if they are none we know."""
    if len(words) > _LONGEST_WORDS:
        return None
    said = words.lower().replace(",", " ").replace("&", " and ").split()
    phrase = [word for word in said if word not in ("the", "on", "and")]
    plain = " ".join(phrase)
    if plain in _FIXED:
        return _FIXED[plain]
    in_month = re.fullmatch(r"(.+?) (?:of|every|each)(?: every| each)?(?: (\w+))? month", plain)
    if in_month:
        return _monthly(in_month[1].split(), _every_few(in_month[2]) if in_month[2] else 1)
    if phrase[:1] == ["every"]:
        return _every(phrase[1:])
    return _weekly(phrase, 1) or _monthly(phrase, 1)


def describe(shape: Shape, starts_on: date) -> str:
    """A shape in plain words, with its end where it has one. `starts_on` fills in what the shape leaves open."""
    words = _PLAIN[shape.frequency](shape, starts_on)
    if shape.count is not None:
        return f"{words}, {shape.count} time{'s' if shape.count > 1 else ''}"
    if shape.until is not None:
        return f"{words}, until {shape.until.day} {MONTH_NAMES[shape.until.month - 1]} {shape.until.year}"
    return words


def _every(words: list[str]) -> str | None:
    """What follows “every”: “tuesday”, “second tuesday”, “2 weeks monday”, “third month”, “last friday”."""
    interval = _every_few(words[0]) if words else None
    if interval is None:
        return _weekly(words, 1) or _monthly(words, 1)
    unit = words[1].removesuffix("s") if len(words) > 1 else ""
    if unit not in _FREQUENCY_OF:
        return _weekly(words[1:], interval)
    if unit == "week" and words[2:]:
        return _weekly(words[2:], interval)
    return f"FREQ={_FREQUENCY_OF[unit]};INTERVAL={interval}" if not words[2:] else None


def _weekly(words: list[str], interval: int) -> str | None:
    if not words or not all(word in _DAYS for word in words):
        return None
    codes = ",".join(dict.fromkeys(_DAYS[word] for word in words))
    return f"FREQ=WEEKLY;INTERVAL={interval};BYDAY={codes}"


def _monthly(words: list[str], interval: int | None) -> str | None:
    """“first monday”, “first third monday”, “first monday last friday”, “last weekday”, “last day”, “1st 15th”."""
    if interval is None:
        return None
    start = f"FREQ=MONTHLY;INTERVAL={interval}"
    words = [word for word in words if word != "every"]
    places = [_nth(word) for word in words]
    if words[1:] in (["weekday"], ["day"]) and places[0] is not None:
        return (
            f"{start};BYDAY={_WORKDAY_CODES};BYSETPOS={places[0]}"
            if words[1] == "weekday"
            else (f"{start};BYMONTHDAY={places[0]}")
        )
    if words and all(_NUMBERED.fullmatch(word) for word in words):
        return f"{start};BYMONTHDAY={','.join(str(place) for place in places)}"
    days = _nth_days(words)
    return f"{start};BYDAY={','.join(days)}" if days else None


def _nth_days(words: list[str]) -> list[str]:
    """RRULE days of “first third monday last friday”; empty if it is not that."""
    days: list[str] = []
    waiting: list[int] = []
    for word in words:
        place, code = _nth(word), _DAYS.get(word)
        if place is not None:
            waiting.append(place)
        elif code is not None and waiting:
            days += [f"{nth}{code}" for nth in waiting]
            waiting = []
        else:
            return []
    return [] if waiting else days


def _nth(word: str) -> int | None:
    numbered = _NUMBERED.fullmatch(word)
    return int(numbered[1]) if numbered else _NTH.get(word)


def _every_few(word: str) -> int | None:
    numbered = _NUMBERED.fullmatch(word)
    return int(numbered[1]) if numbered else _EVERY_FEW.get(word)


def _daily_words(shape: Shape, starts_on: date) -> str:
    return "daily" if shape.interval == 1 else f"every {_few(shape.interval)} day"


def _weekly_words(shape: Shape, starts_on: date) -> str:
    days = [day for _, day in shape.weekdays] or [starts_on.weekday()]
    names = [WEEKDAY_NAMES[day] for day in days]
    if shape.interval == 1:
        return "every weekday" if shape.weekdays == _WORKDAYS else _listed([f"{name}s" for name in names])
    every = f"every {_few(shape.interval)}"
    return f"{every} {names[0]}" if len(names) == 1 else f"{every} week on {_listed(names)}"


def _monthly_words(shape: Shape, starts_on: date) -> str:
    if shape.months:
        return f"{_in_month(shape, starts_on)} of {_listed([MONTH_NAMES[month - 1] for month in shape.months])}"
    return f"{_in_month(shape, starts_on)} of {'the' if shape.interval == 1 else f'every {_few(shape.interval)}'} month"


def _yearly_words(shape: Shape, starts_on: date) -> str:
    months = _listed([MONTH_NAMES[month - 1] for month in shape.months or (starts_on.month,)])
    every = "every year" if shape.interval == 1 else f"every {_few(shape.interval)} year"
    return f"{_in_month(shape, starts_on)} of {months} {every}"


def _in_month(shape: Shape, starts_on: date) -> str:
    if shape.positions:
        names = "weekday" if shape.weekdays == _WORKDAYS else " or ".join(WEEKDAY_NAMES[d] for _, d in shape.weekdays)
        return f"{_listed([_place(position) for position in shape.positions])} {names}"
    if not shape.weekdays:
        return _listed([_date_words(day) for day in shape.month_days or (starts_on.day,)])
    by_day: dict[int, list[str]] = {}
    for nth, day in shape.weekdays:
        by_day.setdefault(day, []).append(_place(nth))
    return _listed([f"{_listed(places)} {WEEKDAY_NAMES[day]}" for day, places in by_day.items()])


def _date_words(day: int) -> str:
    return f"the {_place(day)} day" if day < 0 else f"the {_numeral(day)}"


def _place(nth: int) -> str:
    if nth < -1:
        return f"{_place(-nth)} last"
    return "last" if nth == -1 else _few(nth)


def _few(number: int) -> str:
    """An ordinal: in words up to ten, then in figures."""
    return _ORDINALS[number - 1] if number <= len(_ORDINALS) else _numeral(number)


def _numeral(number: int) -> str:
    teen = number // 10 % 10 == 1
    return f"{number}{'th' if teen else {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th')}"


def _listed(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


_PLAIN = {
    Frequency.DAILY: _daily_words,
    Frequency.WEEKLY: _weekly_words,
    Frequency.MONTHLY: _monthly_words,
    Frequency.YEARLY: _yearly_words,
}

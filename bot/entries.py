"""The fields of a modal that was sent, read one by one; what is wrong with them is collected.

A view comes from outside: any part may be missing or of another shape.
"""

from collections.abc import Collection, Iterator, Mapping
from datetime import date, timedelta
from typing import Any

from bot import ids
from bot.fields import Draft
from bot.text import clean, one_line, size
from models.errors import Invalid

FARTHEST = timedelta(days=366)
"""How far ahead a date can lie."""

_UNREADABLE = "This could not be read. Please fill it in again."
_NO_PART = "This is no part of the form any more. Please close the form and open it again."
_ACTIONS = frozenset({ids.VALUE, ids.ANSWER_CHANGE})
_PLAIN = ("value", "selected_date", "selected_time", "selected_conversation")
_NO_FIELDS = ({ids.ANSWER_SWITCH},)
"""What Slack sends among the fields although it is none: the select beside a text."""


class Entries:
    """What stands in the fields of one view, and what is wrong with it."""

    def __init__(self, view: object, known: Collection[str]) -> None:
        """`known` are the block ids of all fields the form can have; any other is refused."""
        self.problems: dict[str, str] = {}
        self._on_view = tuple(input_ids(view))
        values: dict[str, str | None] = {}
        for block_id, entry in _raw(view).items():
            if block_id not in known:
                self.wrong(block_id, _NO_PART)
                continue
            try:
                values[block_id] = _value(entry)
            except ValueError:
                self.wrong(block_id, _UNREADABLE)
        self.draft = Draft(values)

    def wrong(self, block_id: str, text: str, governed_by: str = "") -> None:
        """Note what is wrong: on its field, or where that is not shown, on the field that governs it."""
        places = [place for place in (block_id, governed_by, *self._on_view[:1]) if place in self._on_view]
        self.problems.setdefault(places[0] if places else block_id, text)

    def text(self, block_id: str, most: int, missing: str = "", governed_by: str = "", *, lines: bool = True) -> str:
        """A text of at most `most` characters; an empty one is wrong when `missing` says why."""
        typed = self.draft.get(block_id) or ""
        text = clean(typed) if lines else one_line(typed)
        if not text and missing:
            self.wrong(block_id, missing, governed_by)
        if size(text) > most:
            self.wrong(block_id, f"Please keep it to {most} characters; it has {size(text)}.", governed_by)
        return text

    def choice(self, block_id: str, allowed: Collection[str], missing: str = "", governed_by: str = "") -> str | None:
        """One of the allowed values."""
        value = self.draft.get(block_id)
        if value is None and missing:
            self.wrong(block_id, missing, governed_by)
        if value is not None and value not in allowed:
            self.wrong(block_id, _NO_PART, governed_by)
            return None
        return value

    def day(
        self, block_id: str, missing: str = "", governed_by: str = "", *, earliest: date | None, latest: date
    ) -> date | None:
        """A date within the two, both included."""
        text = self.draft.get(block_id)
        if not text:
            if missing:
                self.wrong(block_id, missing, governed_by)
            return None
        try:
            found = date.fromisoformat(text)
        except ValueError:
            self.wrong(block_id, _UNREADABLE, governed_by)
            return None
        if problem := out_of_range(found, earliest, latest):
            self.wrong(block_id, problem, governed_by)
        return found

    def check(self) -> None:
        """Raise Invalid with everything that is wrong, if anything is."""
        if self.problems:
            raise Invalid(self.problems)


def out_of_range(day: date, earliest: date | None, latest: date) -> str:
    """What is wrong with a date that has to lie within the two; an empty text when it does."""
    if earliest and day < earliest:
        return "This date has passed. Please choose a later one."
    return "Please choose a date within a year." if day > latest else ""


def read_draft(view: object) -> Draft:
    """What stands in the fields right now, as far as it can be read: for drawing the modal again."""
    values: dict[str, str | None] = {}
    for block_id, entry in _raw(view).items():
        try:
            values[block_id] = _value(entry)
        except ValueError:
            continue
    return Draft(values)


def input_ids(view: object) -> Iterator[str]:
    """Block ids of the fields a view shows."""
    blocks = view.get("blocks") if isinstance(view, Mapping) else None
    for block in blocks if isinstance(blocks, list) else ():
        if isinstance(block, Mapping) and block.get("type") == "input" and isinstance(block.get("block_id"), str):
            yield block["block_id"]


def _raw(view: object) -> dict[str, Any]:
    state = view.get("state") if isinstance(view, Mapping) else None
    values = state.get("values") if isinstance(state, Mapping) else None
    entries = values if isinstance(values, Mapping) else {}
    return {
        block_id: entry
        for block_id, entry in entries.items()
        if isinstance(block_id, str) and not (isinstance(entry, Mapping) and set(entry) in _NO_FIELDS)
    }


def _value(entry: object) -> str | None:
    """The value of one block's only field. Raises ValueError for anything that Slack would not send."""
    if not isinstance(entry, Mapping) or len(entry) != 1 or not _ACTIONS.issuperset(entry):
        raise ValueError("not one field of ours")
    element = next(iter(entry.values()))
    if not isinstance(element, Mapping):
        raise ValueError("not a field")
    value = next((element[key] for key in _PLAIN if key in element), None)
    if "selected_options" in element:
        value = _several(element["selected_options"])
    if "selected_option" in element:
        option = element["selected_option"]
        value = option.get("value") if isinstance(option, Mapping) else None
        if option is not None and not isinstance(value, str):
            raise ValueError("not an option")
    if value is not None and not isinstance(value, str):
        raise ValueError("not a text")
    return value or None


def _several(options: object) -> str:
    """The values of several chosen options, with blanks between them. Raises ValueError."""
    values = [option.get("value") if isinstance(option, Mapping) else None for option in _list(options)]
    if not all(isinstance(value, str) and " " not in value for value in values):
        raise ValueError("not options")
    return " ".join(str(value) for value in values)


def _list(value: object) -> list[object]:
    if not isinstance(value, list):
        raise ValueError("not a list")
    return value

"""Fields of modals: text, number, date, choice, person. The action id says whether other fields depend on it."""

import math
import re
from collections.abc import Sequence
from datetime import date

from slack_sdk.models.blocks import (
    ConversationFilter,
    ConversationSelectElement,
    DatePickerElement,
    InputBlock,
    InputInteractiveElement,
    NumberInputElement,
    Option,
    OptionGroup,
    PlainTextInputElement,
    RadioButtonsElement,
    StaticMultiSelectElement,
    StaticSelectElement,
    TimePickerElement,
)

from bot import ids
from bot.blocks import kit
from bot.text import clean, fit, one_line
from models.access import Side
from models.engagements.views import Parties, Who

_LABEL, _HINT, _PLACEHOLDER = 500, 500, 150
_OPTIONS, _RADIOS = 100, 10
_CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d", re.ASCII)


def text(
    block_id: str,
    label: str,
    *,
    value: str | None = None,
    most: int,
    multiline: bool = False,
    optional: bool = False,
    hint: str = "",
    placeholder: str = "",
    decisive: bool = False,
) -> InputBlock:
    """A text of at most `most` characters."""
    element = PlainTextInputElement(
        action_id=_action(decisive),
        initial_value=fit(clean(value), most) if value and clean(value) else None,
        multiline=multiline,
        max_length=most,
        placeholder=kit.plain(placeholder, _PLACEHOLDER) if placeholder else None,
    )
    return _input(block_id, label, element, optional=optional, hint=hint, decisive=decisive)


def number(
    block_id: str, label: str, *, value: str | None, optional: bool, hint: str = "", decisive: bool = False
) -> InputBlock:
    """A number, whole or not."""
    element = NumberInputElement(
        action_id=_action(decisive), is_decimal_allowed=True, initial_value=value if _is_number(value) else None
    )
    return _input(block_id, label, element, optional=optional, hint=hint, decisive=decisive)


def day(
    block_id: str,
    label: str,
    *,
    value: str | None = None,
    optional: bool = False,
    hint: str = "",
    decisive: bool = False,
) -> InputBlock:
    """A date."""
    element = DatePickerElement(action_id=_action(decisive), initial_date=value if is_day(value) else None)
    return _input(block_id, label, element, optional=optional, hint=hint, decisive=decisive)


def radios(
    block_id: str,
    label: str,
    options: Sequence[Option],
    *,
    value: str | None = None,
    optional: bool = False,
    hint: str = "",
    decisive: bool = False,
) -> InputBlock:
    """A choice of a few, all of them seen at once."""
    shown = options[:_RADIOS]
    element = RadioButtonsElement(action_id=_action(decisive), options=shown, initial_option=_chosen(shown, value))
    return _input(block_id, label, element, optional=optional, hint=hint, decisive=decisive)


def select(
    block_id: str,
    label: str,
    options: Sequence[Option],
    *,
    value: str | None = None,
    optional: bool = False,
    hint: str = "",
    decisive: bool = False,
) -> InputBlock:
    """A choice of many."""
    shown = options[:_OPTIONS]
    element = StaticSelectElement(action_id=_action(decisive), options=shown, initial_option=_chosen(shown, value))
    return _input(block_id, label, element, optional=optional, hint=hint, decisive=decisive)


def clock(block_id: str, label: str, *, value: str | None, hint: str = "") -> InputBlock:
    """A time of day."""
    element = TimePickerElement(action_id=ids.VALUE, initial_time=value if value and _CLOCK.fullmatch(value) else None)
    return _input(block_id, label, element, optional=False, hint=hint, decisive=False)


def channel(
    block_id: str, label: str, *, value: str | None = None, optional: bool = False, hint: str = ""
) -> InputBlock:
    """A channel that the person who chooses can see."""
    element = ConversationSelectElement(
        action_id=ids.VALUE,
        initial_conversation=value or None,
        filter=ConversationFilter(include=["public", "private"], exclude_bot_users=True),
    )
    return _input(block_id, label, element, optional=optional, hint=hint, decisive=False)


def grouped(
    block_id: str, label: str, groups: Sequence[tuple[str, Sequence[Option]]], *, value: str = "", hint: str = ""
) -> InputBlock:
    """A choice of many, in groups."""
    shown = _groups(groups)
    chosen = _chosen([choice for group in shown for choice in group.options or ()], value)
    element = StaticSelectElement(action_id=ids.VALUE, option_groups=shown, initial_option=chosen)
    return _input(block_id, label, element, optional=False, hint=hint, decisive=False)


def several(
    block_id: str,
    label: str,
    groups: Sequence[tuple[str, Sequence[Option]]],
    *,
    values: Sequence[str],
    optional: bool = False,
    hint: str = "",
) -> InputBlock:
    """Any number of many, in groups."""
    shown = _groups(groups)
    chosen = [choice for group in shown for choice in group.options or () if choice.value in values]
    element = StaticMultiSelectElement(action_id=ids.VALUE, option_groups=shown, initial_options=chosen or None)
    return _input(block_id, label, element, optional=optional, hint=hint, decisive=False)


def person(
    block_id: str,
    label: str,
    roster: Sequence[Who],
    parties: Parties,
    *,
    value: str | None = None,
    optional: bool = False,
    hint: str = "",
    decisive: bool = False,
) -> InputBlock | None:
    """A person of the roster, by side; None when there is nobody to choose."""
    groups = [_group(side, roster, parties) for side in Side]
    shown = [group for group in groups if group is not None]
    if not shown:
        return None
    chosen = _chosen([choice for group in shown for choice in group.options or ()], value)
    element = StaticSelectElement(action_id=_action(decisive), option_groups=shown, initial_option=chosen)
    return _input(block_id, label, element, optional=optional, hint=hint, decisive=decisive)


def is_day(value: str | None) -> bool:
    """Whether it is a date as Slack writes it, YYYY-MM-DD."""
    try:
        return value is not None and date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


def _input(
    block_id: str, label: str, element: InputInteractiveElement, *, optional: bool, hint: str, decisive: bool
) -> InputBlock:
    return InputBlock(
        block_id=block_id,
        label=kit.plain(label, _LABEL),
        element=element,
        optional=optional,
        hint=kit.plain(hint, _HINT) if one_line(hint) else None,
        dispatch_action=decisive,
    )


def _action(decisive: bool) -> str:
    return ids.ANSWER_CHANGE if decisive else ids.VALUE


def _group(side: Side, roster: Sequence[Who], parties: Parties) -> OptionGroup | None:
    people = [who for who in roster if who.side is side][:_OPTIONS]
    if not people:
        return None
    choices = [kit.option(who.name, str(who.participant_id)) for who in people]
    return OptionGroup(label=kit.plain(parties.name(side), 75), options=choices)


def _groups(groups: Sequence[tuple[str, Sequence[Option]]]) -> list[OptionGroup]:
    return [
        OptionGroup(label=kit.plain(label, 75), options=list(options[:_OPTIONS]))
        for label, options in groups
        if options
    ]


def _chosen(options: Sequence[Option], value: str | None) -> Option | None:
    return next((choice for choice in options if choice.value == value), None)


def _is_number(value: str | None) -> bool:
    try:
        return value is not None and math.isfinite(float(value)) and "e" not in value.lower()
    except ValueError:
        return False

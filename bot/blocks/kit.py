"""The house vocabulary of blocks: message, section, button, dates, people, shares; all within Slack's limits."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from slack_sdk.models.blocks import (
    ActionsBlock,
    Block,
    ButtonElement,
    ConfirmObject,
    ContextBlock,
    DividerBlock,
    HeaderBlock,
    InteractiveElement,
    MarkdownTextObject,
    Option,
    PlainTextObject,
    SectionBlock,
)
from slack_sdk.models.views import View

from bot.blocks.markup import NOTHING, Markup, esc, join, say
from bot.text import clean, fit, one_line, size
from models.calendars.local_time import MONTH_NAMES, WEEKDAY_NAMES
from models.engagements.views import Parties, Who

SECTION = 2900
"""Characters of a section; Slack takes 3,000."""
BLOCKS = 50
"""Blocks of a message."""
HOME_BLOCKS = 100
"""Blocks of a Home tab."""
TEXT = 3900
"""Characters of a message's plain text; Slack refuses edits over 4,000."""
NAME = 40

_CHANNEL = re.compile(r"[CG][A-Z0-9]{1,30}")
_USER = re.compile(r"[UW][A-Z0-9]{1,30}")


@dataclass(frozen=True, slots=True)
class Rendered:
    """A message: its complete plain summary (what a screen reader says) and its blocks."""

    text: str
    blocks: list[dict[str, Any]]


def message(sentences: Iterable[Markup], blocks: Iterable[Block | None]) -> Rendered:
    """A message: the sentences that say all of it in plain words, and the blocks; what is None is left out."""
    said: list[Markup] = []
    for sentence in sentences:
        if sentence and size(join(" ", [*said, sentence])) <= TEXT:
            said.append(sentence)
    shown = [block for block in blocks if block is not None]
    return Rendered(join(" ", said), [block.to_dict() for block in shown[:BLOCKS]])


def home(blocks: Iterable[Block | None]) -> Rendered:
    """A Home tab; what is None is left out. It has no plain text: Slack notifies nobody of it."""
    shown = [block for block in blocks if block is not None]
    return Rendered("", [block.to_dict() for block in shown[:HOME_BLOCKS]])


def modal(
    title: str, callback_id: str, subject: UUID | str, blocks: Sequence[Block | None], submit: str | None
) -> dict[str, Any]:
    """A modal about one row."""
    view = View(
        type="modal",
        title=plain(title, 24),
        callback_id=callback_id,
        private_metadata=str(subject),
        submit=plain(submit, 24) if submit else None,
        close=plain("Cancel" if submit else "Close", 24),
        blocks=[block for block in blocks if block is not None],
    )
    return view.to_dict()


def plain(text: str, most: int, *, lines: bool = False) -> PlainTextObject:
    """Anybody's text as plain text, on one line unless `lines`: nothing in it has any effect."""
    return PlainTextObject(text=fit(clean(text) if lines else one_line(text), most), emoji=True)


def mrkdwn(markup: Markup) -> MarkdownTextObject:
    """A text object; nothing in it becomes a link by itself."""
    return MarkdownTextObject(text=markup, verbatim=True)


def header(text: str) -> HeaderBlock:
    """A heading."""
    return HeaderBlock(text=plain(text, 150))


def section(*lines: Markup, accessory: InteractiveElement | None = None) -> SectionBlock | None:
    """A paragraph of the lines that are not empty; None when there is nothing to say. What does not fit is left out."""
    kept: list[Markup] = []
    for line in lines:
        if line and size(join("\n", [*kept, line])) <= SECTION:
            kept.append(line)
    return SectionBlock(text=mrkdwn(join("\n", kept)), accessory=accessory) if kept else None


def sections(lines: Iterable[Markup]) -> list[SectionBlock]:
    """As many paragraphs as the lines that are not empty need."""
    found: list[list[Markup]] = [[]]
    for line in lines:
        if size(join("\n", [*found[-1], line])) > SECTION:
            found.append([])
        found[-1].append(line)
    blocks = [section(*part) for part in found]
    return [block for block in blocks if block is not None]


def quoted(text: str) -> SectionBlock | None:
    """What somebody wrote, as they wrote it."""
    return SectionBlock(text=plain(text, SECTION, lines=True)) if clean(text) else None


def context(*lines: Markup) -> ContextBlock | None:
    """Small print; None when there is nothing to say."""
    shown = [line for line in lines if line and size(line) <= SECTION]
    return ContextBlock(elements=[mrkdwn(line) for line in shown[:10]]) if shown else None


def divider() -> DividerBlock:
    """A line across."""
    return DividerBlock()


def actions(*elements: InteractiveElement | None) -> ActionsBlock | None:
    """A row of buttons."""
    shown = [element for element in elements if element is not None]
    return ActionsBlock(elements=shown[:25]) if shown else None


def button(
    label: str, action_id: str, value: UUID, *, primary: bool = False, confirm: ConfirmObject | None = None
) -> ButtonElement:
    """A button about one row."""
    return ButtonElement(
        text=plain(label, 75),
        action_id=action_id,
        value=str(value),
        style="primary" if primary else None,
        confirm=confirm,
    )


def confirm(title: str, text: str, yes: str) -> ConfirmObject:
    """The question before something that is not easily taken back."""
    return ConfirmObject(
        title=plain(title, 100), text=plain(text, 300), confirm=plain(yes, 30), deny=plain("Cancel", 30)
    )


def option(label: str, value: str) -> Option:
    """One choice."""
    return Option(text=plain(label, 75), value=value)


def title(text: str, day_shown: date) -> str:
    """What names one check-in: "Daily stand-up · Tue 24 Nov"."""
    return f"{fit_title(text)} · {day(day_shown)}"


def fit_title(text: str) -> str:
    """A cadence's title, as it fits into a heading."""
    return fit(one_line(text), 100)


def name(who: Who) -> Markup:
    """A person's name; nobody is notified."""
    return esc(who.name, NAME)


def mention(who: Who) -> Markup:
    """A person's mention, which notifies them; their name where Slack could not know them."""
    return mention_id(who.slack_user_id) or name(who)


def mention_id(user_id: str) -> Markup:
    """A mention by Slack user id; empty for what is no such id."""
    return Markup(f"<@{user_id}>") if _USER.fullmatch(user_id) else NOTHING


def channel(channel_id: str) -> Markup:
    """A link to a channel; empty for what is no channel id."""
    return Markup(f"<#{channel_id}>") if _CHANNEL.fullmatch(channel_id) else NOTHING


def parties_line(parties: Parties) -> Markup:
    """Both organisations."""
    return say("{} and {}", esc(parties.company, NAME), esc(parties.vendor, NAME))


def when(moment: datetime) -> Markup:
    """An instant on the reader's own clock, with UTC for what cannot show that."""
    utc = moment.astimezone(UTC)
    words = f"{day(utc.date())} {utc:%H:%M} UTC"
    return Markup(f"<!date^{int(utc.timestamp())}^{{time}} {{date_short_pretty}}|{words}>")


def day(shown: date, near: date | None = None) -> str:
    """A date: "Tue 24 Nov"; with the year when it is not that of `near`."""
    year = f" {shown.year}" if near and near.year != shown.year else ""
    return f"{WEEKDAY_NAMES[shown.weekday()][:3]} {shown.day} {MONTH_NAMES[shown.month - 1][:3]}{year}"


def local_day(moment: datetime, zone: str) -> date:
    """The date on a person's own calendar."""
    return moment.astimezone(ZoneInfo(zone)).date()


def share(part: int, whole: int) -> str:
    """A share with its numbers: "7 of 8 · 88 %"; nothing out of nothing is "no data"."""
    return f"{part} of {whole} · {percent(part, whole)}" if whole > 0 else "no data"


def percent(part: int, whole: int) -> str:
    """A share in per cent. All and none are said only where they are exact."""
    rounded = (200 * part + whole) // (2 * whole)
    if 0 < part < whole:
        rounded = min(99, max(1, rounded))
    return f"{rounded} %"


def plural(count: int, one: str, many: str = "") -> str:
    """A counted word: "1 promise", "2 promises"."""
    return f"{count} {one if count == 1 else many or one + 's'}"


def cut(lines: Sequence[Markup], most: int, elsewhere: Markup = NOTHING) -> list[Markup]:
    """The first lines, and how many more there are (`elsewhere` says where to find them)."""
    rest = len(lines) - most
    more = [say("and {} more{}", rest, elsewhere)] if rest > 0 else []
    return [*lines[:most], *more]

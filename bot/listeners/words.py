"""Words people type: Slack's message markup as plain text, the words after a mention, and dates of an absence. Pure."""

import re
from dataclasses import dataclass
from datetime import date, timedelta

from models.checkins.reading import parse_day
from models.conversations.words import Deed

_MARKUP = re.compile(r"<([^<>|]*)(?:\|([^<>]*))?>")
_BLOCKER = re.compile(r"^b-?(?P<number>\d{1,6})$")
_DEEDS = {
    "mine": Deed.OWN,
    "take": Deed.OWN,
    "update": Deed.UPDATE,
    "done": Deed.DONE,
    "resolved": Deed.DONE,
    "resolve": Deed.DONE,
}
_BETWEEN = re.compile(r"\s+(?:to|until|till|through|-|–)\s+|\s*(?:\.\.|…)\s*", re.IGNORECASE)
_WEEK = re.compile(r"^(?:last\s+)?(?:week\b\s*)?(?:of\s+)?", re.IGNORECASE)
_UNTIL = re.compile(r"^(?:until|till|to)\s+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Words:
    """A command: its first word in lower case, and the rest as typed."""

    verb: str
    rest: str


def words(text: str) -> Words:
    """The words of a command or a mention, in plain text."""
    verb, _, rest = plain(text).strip().partition(" ")
    return Words(verb.lower().strip(".,:!?"), rest.strip())


@dataclass(frozen=True, slots=True)
class OnBlocker:
    """What somebody says of a blocker: it is theirs, where it stands or that it is done, and a word on it."""

    number: int
    deed: Deed
    note: str


def on_blocker(spoken: Words) -> OnBlocker | None:
    """The buttons of a blocker's card in words: "B-3 mine", "B-3 update: …", "B-3 done: …". None for anything else."""
    found = _BLOCKER.match(spoken.verb)
    deed, _, note = spoken.rest.partition(" ")
    meant = _DEEDS.get(deed.lower().strip(".,:!?"))
    return OnBlocker(int(found["number"]), meant, note.strip()) if found and meant else None


def after_mention(text: str, bot_user_id: str) -> str:
    """What is said to the bot: the text without the mention it begins with, or, failing that, without any of them."""
    handle = re.compile(rf"<@{re.escape(bot_user_id)}(?:\|[^>]*)?>[\s,:]*")
    found = handle.search(text)
    return text[found.end() :] if found and not text[: found.start()].strip() else handle.sub("", text)


def mentions(text: str, bot_user_id: str) -> bool:
    """Whether a message speaks to the bot, so that it comes as a mention besides."""
    return f"<@{bot_user_id}" in text


def plain(text: str) -> str:
    """The text of a message without Slack's markup: people as @U…, links as typed, entities as characters."""
    bare = _MARKUP.sub(lambda found: _bare(found[1], found[2]), text)
    return bare.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def absence(text: str, today: date) -> tuple[date, date] | None:
    """First and last day of "Monday to Friday", "until 3 Dec", "tomorrow"; none when it is no date."""
    until = _UNTIL.match(text.strip())
    if until:
        last = parse_day(text.strip()[until.end() :], today)
        return (today, last) if last else None
    first_text, *rest = _BETWEEN.split(text.strip(), maxsplit=1)
    first = parse_day(first_text, today)
    last = parse_day(rest[0], max(first, today)) if first and rest else first
    return (first, last) if first and last else None


def week(text: str, today: date) -> date | None:
    """A day of the week that is meant: "last week", or "13 Nov", "Monday", "week of 3 Nov": the last such day."""
    if text.strip().lower() == "last week":
        return today - timedelta(days=7)
    meant = _WEEK.sub("", text.strip())
    coming = parse_day(meant, today)
    if coming is None or coming <= today:
        return coming
    been = (parse_day(meant, today - timedelta(days=days)) for days in (7, 364))
    return max((day for day in been if day and day <= today), default=coming)


def _bare(target: str, label: str | None) -> str:
    match target[:1]:
        case "@":
            return target
        case "#":
            return f"#{label or target[1:]}"
        case "!":
            return label or f"@{target[1:].split('^')[0]}"
        case _:
            shown = target.removeprefix("mailto:").removeprefix("tel:")
            return shown if not label or label in target else f"{label} ({shown})"

"""The Home tab: what one person has to do now, what they promised, what waits for them, and their hours."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from itertools import islice

from slack_sdk.models.blocks import Block

from bot import ids
from bot.blocks import home_owner, kit, lines, own_escalations
from bot.blocks.asks import listed_row
from bot.blocks.kit import Rendered
from bot.blocks.markup import NOTHING, Markup, esc, join, say, spoken
from models.access import Side
from models.calendars.local_time import WEEKDAY_NAMES
from models.calendars.working_time import WorkingHours
from models.checkins.views import Answerable
from models.home.views import HomeView, OwnCommitment, Seat, SharedHome, Upcoming, WaitingBlocker, WaitingQuestion

_DUE, _LATE, _ROWS, _BLOCKERS, _ABSENCES, _SHARED = 10, 3, 10, 10, 3, 5


def home(view: HomeView) -> Rendered:
    """A person's Home as it is now; without a place on any roster, only that."""
    if not view.seats:
        return no_access()
    several = len(view.seats) > 1
    return kit.home(
        [
            *_due(view.due, view.late, several, view.now),
            *own_escalations.on_home(view.escalations, several=several),
            *_blockers(view.blockers, several),
            *_questions(view.questions),
            *_commitments(view.commitments, view.today, several),
            *_orphans(view.orphans, view.today),
            *home_owner.owner(view),
            *_upcoming(view.upcoming, several),
            *_hours(view),
            *_seen(view.seats),
            kit.divider(),
            kit.actions(kit.button("Help", ids.HOME_HELP_OPEN, view.home_id)),
            kit.context(say("Updated {}", kit.when(view.now))),
        ]
    )


def shared_home(view: SharedHome) -> Rendered:
    """The same for somebody who asked in the channel, where everybody reads it."""
    rows = [lines.commitment(item.line, today=view.today, with_name=False) for item in view.commitments]
    found = [lines.blocker(item.line, view.parties) for item in view.blockers]
    climbing = [own_escalations.row(item.own, item.parties) for item in view.escalations]
    asked = [listed_row(item.line, item.parties) for item in view.questions]
    how = (
        say("To act on an escalation, reply in its thread: `mine`, `update: …` or `done: …`.") if climbing else NOTHING
    )
    shown = [
        *lines.titled("Escalations for you or your side", climbing, _SHARED),
        *lines.titled("Waiting for you or your side", found, _SHARED),
        *lines.titled("Questions for you or your side", asked, _SHARED),
        *lines.titled("Your open promises", rows, _SHARED),
        *lines.titled("Next check-ins", [_next(item, several=False) for item in view.upcoming], _SHARED),
    ]
    open_now = [_open_now(item) for item in view.open_now]
    told = open_now or [say("No check-in is open for you now.")]
    first = say("*{}*, with {}", esc(view.name, kit.NAME), kit.parties_line(view.parties))
    buttons = [kit.button("Answer", ids.ANSWER_OPEN, item.checkin_id, primary=True) for item in view.open_now[:3]]
    return kit.message(
        [spoken(line) for line in [first, *told, *shown]],
        [
            kit.section(first),
            kit.section(*told),
            kit.actions(*buttons),
            *kit.sections(shown),
            kit.context(how, say("Everybody in the channel can read this, so nothing of your own is in it.")),
        ],
    )


def _open_now(item: Answerable) -> Markup:
    return say("*Open now:* {} until {}", _title(item, several=False), kit.when(item.deadline_at))


def no_access() -> Rendered:
    """The Home of somebody who is on no roster, or not any more: nothing of what it showed before is left."""
    return kit.home(
        [
            kit.header("Nothing for you here"),
            kit.section(
                say("You are on no roster of Vendor Cadence now, so there is nothing to show or to answer."),
                say("If you should be, ask the owner of the engagement to add you."),
            ),
        ]
    )


def _due(due: Sequence[Answerable], late: Sequence[Answerable], several: bool, now: datetime) -> Iterable[Block | None]:
    yield kit.header("Due now")
    if not due:
        yield kit.section(say("Nothing waits for your answer."))
    for item in due[:_DUE]:
        words = join("\n", [_title(item, several=several), _until(item, now)])
        yield kit.section(words, accessory=kit.button("Answer", ids.ANSWER_OPEN, item.checkin_id, primary=True))
    for item in late[:_LATE]:
        words = say("{}\nclosed without your answer; a late one still counts", _title(item, several=several))
        yield kit.section(words, accessory=kit.button("Answer late", ids.ANSWER_OPEN, item.checkin_id))


def _until(item: Answerable, now: datetime) -> Markup:
    if item.deadline_at < now:
        return say("your time ended {}; a late answer still counts", kit.when(item.deadline_at))
    return say("open until {}", kit.when(item.deadline_at))


def _title(item: Answerable, *, several: bool) -> Markup:
    title = say("*{}*", esc(kit.title(item.title, item.local_date), 150))
    return join(" · ", [title, esc(item.parties.vendor, kit.NAME) if several else NOTHING])


def _blockers(found: Sequence[WaitingBlocker], several: bool) -> Iterable[Block | None]:
    if not found:
        return
    yield kit.header("Waiting for you")
    for item in found[:_BLOCKERS]:
        whose = NOTHING if item.is_own else say("nobody on your side has taken it")
        words = join(
            "\n      ",
            [lines.blocker(item.line, item.parties), join(" · ", [whose, _vendor(item.parties.vendor, several)])],
        )
        button = (
            kit.button("Update", ids.UPDATE_OPEN, item.line.id)
            if item.is_own
            else kit.button("Mine", ids.MINE_PRESS, item.line.id)
        )
        yield kit.section(words, accessory=button)
    yield from _more(len(found) - _BLOCKERS)


def _commitments(found: Sequence[OwnCommitment], today: date, several: bool) -> Iterable[Block | None]:
    yield kit.header("Your promises")
    rows = [
        join(" · ", [lines.commitment(item.line, today=today, with_name=False), _vendor(item.parties.vendor, several)])
        for item in found
    ]
    yield from kit.sections(kit.cut(rows, _ROWS) or [say("None are open.")])
    if rows:
        yield kit.context(say("Say what became of one when you answer, or reply “C-3 done” in the check-in's thread."))


def _questions(found: Sequence[WaitingQuestion]) -> Iterable[Block | None]:
    if found:
        yield kit.header("Questions that wait for you or your side")
        yield from kit.sections(kit.cut([listed_row(item.line, item.parties) for item in found], _ROWS))


def _orphans(found: Sequence[OwnCommitment], today: date) -> Iterable[Block | None]:
    if found:
        yield kit.header("Promises of people who are gone")
        yield from kit.sections(kit.cut([lines.commitment(item.line, today=today) for item in found], _ROWS))
        yield kit.context(say("Somebody on your side has to take them on."))


def _upcoming(found: Sequence[Upcoming], several: bool) -> Iterable[Block | None]:
    yield kit.header("Next check-ins")
    yield kit.section(*(_next(item, several) for item in found) if found else [say("None are planned for you.")])


def _next(item: Upcoming, several: bool) -> Markup:
    excuse = say("you are not asked: {}", esc(item.excuse)) if item.excuse else NOTHING
    words = [say("• {} {}", kit.when(item.ask_at), esc(item.title, kit.NAME))]
    return join(" · ", [*words, _vendor(item.parties.vendor, several), excuse])


def _hours(view: HomeView) -> Iterable[Block | None]:
    hours = view.hours
    away = [(first, last) for first, last in sorted(hours.absences) if last >= view.today]
    is_away = any(first <= view.today for first, _ in away)
    yield kit.header("Your hours")
    span = say("{} to {}", f"{hours.start:%H:%M}", f"{hours.end:%H:%M}")
    yield kit.section(
        join(" · ", [_weekdays(hours), span, esc(hours.zone, kit.NAME)]),
        *(_absence(first, last) for first, last in islice(away, _ABSENCES)),
    )
    yield kit.actions(
        kit.button("I will be away", ids.HOME_AWAY_OPEN, view.home_id),
        kit.button("I am back", ids.HOME_BACK_PRESS, view.home_id) if is_away else None,
    )


def _weekdays(hours: WorkingHours) -> Markup:
    """Days in a row as "Mon to Fri", others one by one."""
    days = sorted(hours.weekdays)
    names = [WEEKDAY_NAMES[day][:3] for day in days]
    if len(days) > 2 and days[-1] - days[0] == len(days) - 1:
        return say("{} to {}", names[0], names[-1])
    return say("{}", ", ".join(names))


def _absence(first: date, last: date) -> Markup:
    return (
        say("🌴 Away on {}", kit.day(first))
        if first == last
        else say("🌴 Away {} to {}", kit.day(first), kit.day(last))
    )


def _seen(seats: Sequence[Seat]) -> Iterable[Block | None]:
    """What the other side can see, in the words of each side."""
    yield kit.header("What the other side can see")
    for side in sorted({seat.side for seat in seats}):
        others = sorted({seat.parties.name(side.other) for seat in seats if seat.side is side})
        named = say("*{}*", esc(others[0], kit.NAME)) if len(others) == 1 else say("*The other side*")
        yield kit.section(
            say("{} sees what stands in the shared channel: answers, promises, blockers, the weekly summary.", named),
            say("It sees how many of your side have not answered, not who."),
            _ONLY_INHOUSE if side is Side.INHOUSE else _FAIR_TO_VENDOR,
        )
    yield kit.context(say("This page is for you alone."))


_ONLY_INHOUSE = say("It does not see your in-house channel, your hours or this page.")
_FAIR_TO_VENDOR = say("It does not see your hours or this page. Both sides are measured by the same rules.")


def _vendor(name: str, several: bool) -> Markup:
    return esc(name, kit.NAME) if several else NOTHING


def _more(rest: int) -> Iterable[Block | None]:
    if rest > 0:
        yield kit.context(say("and {} more: “/cadence status” in the channel shows all", rest))

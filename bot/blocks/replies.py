"""Answers to commands and mentions: the status, and outcomes in a sentence or two."""

from datetime import datetime

from slack_sdk.models.blocks import Block

from bot import ids
from bot.blocks import asks, escalations, kit, lines
from bot.blocks.help import help_text, unknown
from bot.blocks.kit import Rendered
from bot.blocks.markup import NOTHING, Markup, esc, join, say, spoken
from bot.blocks.summaries import weekly
from models.access import Side
from models.checkins.rules import PENDING, CheckInState, PromptState
from models.checkins.views import Board, CadenceStatus, Status
from models.summaries.views import Summary

_ROWS = 6
_CADENCES = 8


def status(view: Status, now: datetime) -> Rendered:
    """Where an engagement stands, with what is open for the asker."""
    own = [
        lines.commitment(line, today=kit.local_day(now, line.who.zone), with_name=False) for line in view.commitments
    ]
    away = say("You are away until {}.", kit.day(view.away_until)) if view.away_until else NOTHING
    mine = [away, *lines.titled("Your open promises", own, _ROWS)]
    return _status(view, mine, own_states=True)


def shared_status(view: Status) -> Rendered:
    """The same for everybody in the channel: nothing of the asker's own."""
    return _status(view, [], own_states=False)


def summary(view: Summary) -> Rendered:
    """The weekly summary for somebody who asked for it."""
    return weekly(view, is_posted=False)


def no_summary() -> Rendered:
    """There is no such weekly summary."""
    return _sentence(say("There is no weekly summary for that week yet."))


def skipped() -> Rendered:
    """A check-in was skipped."""
    return _sentence(say("Skipped. The board shows it with your reason; an answer given later replaces it."))


def noted() -> Rendered:
    """Something was said of a blocker."""
    return _sentence(say("Noted; the blocker's card shows it."))


def is_away() -> Rendered:
    """An absence was entered."""
    return _sentence(say("Noted. On those days you are not asked and not counted; “away back” ends it."))


def is_back() -> Rendered:
    """An absence was ended."""
    return _sentence(say("Welcome back: you are asked again."))


def answer_here(board: Board | None) -> Rendered:
    """The button to answer, for somebody who asked for it in the channel: in time, early or late."""
    if board is None:
        return _sentence(say("No check-in takes an answer of yours right now."))
    title = esc(kit.title(board.title, board.local_date), 150)
    match board.state:
        case CheckInState.OPEN:
            words = say("{} is open until {}.", title, kit.when(board.closes_at))
        case CheckInState.SCHEDULED:
            words = say("{} opens {}; you can answer it already.", title, kit.when(board.opens_at))
        case _:
            words = say("{} has closed; an answer still counts, and is marked late.", title)
    button = kit.button("Answer", ids.ANSWER_OPEN, board.checkin_id, primary=True)
    return kit.message([words], [kit.section(words), kit.actions(button)])


def opened(board: Board | None) -> Rendered:
    """A check-in was opened because somebody asked for it."""
    title = esc(kit.title(board.title, board.local_date), 150) if board else say("The next check-in")
    return _sentence(say("Opened: {}. Everybody who is there is being asked.", title))


def _sentence(words: Markup) -> Rendered:
    return kit.message([words], [kit.section(words)])


def _status(view: Status, mine: list[Markup], *, own_states: bool) -> Rendered:
    cadences = [_cadence(item, own_states) for item in view.cadences[:_CADENCES]]
    blockers = [lines.blocker(line, view.parties) for line in view.blockers]
    open_now = next((item.current for item in view.cadences if _is_open(item)), None)
    trouble = say("⚠️ {}", esc(view.trouble)) if view.trouble else NOTHING
    state = say("This engagement is {}: nothing is asked or posted.", view.state) if view.state != "active" else NOTHING
    none_open = say("No open blockers.")
    climbing = _climbing(view)
    blocks: list[Block | None] = [
        kit.header(f"{kit.fit_title(view.parties.company)} and {kit.fit_title(view.parties.vendor)}"),
        kit.section(trouble, state),
        *kit.sections(cadences or [say("No check-ins are set up yet.")]),
        *kit.sections(mine),
        *kit.sections(lines.titled("Escalations", climbing, _ROWS)),
        *kit.sections(lines.titled("Open blockers", blockers, _ROWS) or [none_open]),
        *kit.sections(asks.open_rows(view.asks, view.parties, _ROWS)),
        _answer_button(open_now),
    ]
    words = [
        say("Status of {}.", kit.parties_line(view.parties)),
        trouble,
        state,
        *(spoken(line) for line in [*cadences, *mine]),
        *(spoken(line) for line in climbing[:_ROWS]),
        *([lines.blocker_spoken(line, view.parties) for line in view.blockers[:_ROWS]] or [none_open]),
        *asks.open_spoken(view.asks, view.parties, _ROWS),
    ]
    return kit.message(words, blocks)


def _climbing(view: Status) -> list[Markup]:
    """The open escalations, a line each."""
    return [escalations.in_list(line, view.parties) for line in view.escalations]


def _cadence(item: CadenceStatus, own_states: bool) -> Markup:
    now = _answered(item.current) if item.current and _is_open(item) else NOTHING
    later = say("next {}", kit.when(item.next_opens_at)) if item.next_opens_at else NOTHING
    own = _own(item.your_state) if own_states and now else NOTHING
    return join(" · ", [say("*{}*", esc(item.title)), esc(item.rule), now, own, later])


def _is_open(item: CadenceStatus) -> bool:
    return item.current is not None and item.current.state is CheckInState.OPEN


def _answered(board: Board) -> Markup:
    sides = []
    for side in Side:
        asked = [line for line in board.lines if line.who.side is side and line.state is not PromptState.EXCUSED]
        answered = sum(line.state is PromptState.ANSWERED for line in asked)
        if asked:
            sides.append(say("{} {} of {}", esc(board.parties.name(side), kit.NAME), answered, len(asked)))
    return say("open until {}: answered by {}", kit.when(board.closes_at), join(", ", sides) or say("nobody yet"))


def _own(state: PromptState | None) -> Markup:
    if state is None:
        return NOTHING
    if state in PENDING:
        return say("*you have not answered yet*")
    match state:
        case PromptState.ANSWERED:
            return say("you have answered")
        case PromptState.SKIPPED:
            return say("you have skipped")
        case PromptState.EXCUSED:
            return say("you are away")
        case _:
            return say("closed without your answer")


def _answer_button(board: Board | None) -> Block | None:
    return kit.actions(kit.button("Answer", ids.ANSWER_OPEN, board.checkin_id, primary=True)) if board else None


__all__ = [
    "answer_here",
    "help_text",
    "is_away",
    "is_back",
    "no_summary",
    "noted",
    "opened",
    "shared_status",
    "skipped",
    "status",
    "summary",
    "unknown",
]

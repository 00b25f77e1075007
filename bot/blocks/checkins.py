"""The board of a check-in, live and as its report, and what a person is asked and reminded with."""

from datetime import datetime
from zoneinfo import ZoneInfo

from slack_sdk.models.blocks import ActionsBlock, Block

from bot import ids
from bot.blocks import asks, kit, lines
from bot.blocks.kit import Rendered
from bot.blocks.markup import NOTHING, Markup, esc, join, say, spoken
from bot.blocks.reports import report_blocks, report_spoken
from models.access import Side
from models.checkins.rules import LATE_FOR, PENDING, CheckInState, PromptState
from models.checkins.views import Board, BoardLine, PromptView

_BLOCKERS = 5
_ASKS = 5
_NAMES = 12
_REASON = 80


def board(view: Board, now: datetime) -> Rendered:
    """The first message of a check-in's thread. Names are written out, nobody is mentioned.

    Who has answered, is away or skipped with a reason is named; who has not answered is a number.
    """
    heading = kit.title(view.title, view.local_date)
    if view.state is CheckInState.SKIPPED:
        words = _skipped(view)
        return kit.message([_spoken_title(view), words], [kit.header(heading), kit.section(words)])
    if view.state is CheckInState.CLOSED:
        return _closed(view, now)
    blocks: list[Block | None] = [
        kit.header(heading),
        kit.context(join(" · ", [kit.parties_line(view.parties), _until(view), _opened_late(view)])),
        *(block for side in Side for block in kit.sections(_side(view, side))),
        *kit.sections(_blockers(view)),
        *kit.sections(asks.open_rows(view.asks, view.parties, _ASKS)),
        _answer_button(view, "Answer", is_primary=True),
    ]
    told = [_spoken_title(view), say("{}.", _until(view)), *(_side_spoken(view, side) for side in Side)]
    return kit.message([*told, *_blockers_spoken(view), *asks.open_spoken(view.asks, view.parties, _ASKS)], blocks)


def prompt(view: PromptView, *, with_mention: bool = False) -> Rendered:
    """What a person is asked: in a direct message, or with a mention in the board's thread."""
    if view.state not in PENDING or view.checkin_state is not CheckInState.OPEN:
        return _no_longer_asked(view)
    asked = say("what happened since {}, and what is next?", esc(view.last_day))
    if view.last_day in ("", "today"):
        asked = say("what is next?")
    title = esc(kit.title(view.title, view.local_date), 150)
    greeting = join(" ", [_whom(view, with_mention), say("*{}*: {}", title, asked)])
    until = say("Answers until {}.", kit.when(view.deadline_at))
    blocks = [
        kit.section(greeting, join(" ", [_open_for(view), until])),
        _ask_buttons(view),
        kit.context(_or_reply(with_mention)),
    ]
    words = [spoken(greeting), _open_for(view), until, _or_reply(with_mention)]
    return kit.message(words, blocks)


def reminder(view: PromptView, *, with_mention: bool = False) -> Rendered:
    """The one reminder."""
    if view.state not in PENDING or view.checkin_state is not CheckInState.OPEN:
        return _no_longer_asked(view)
    title = esc(kit.title(view.title, view.local_date), 150)
    still_open = say("Still open: {}, until {}.", title, kit.when(view.deadline_at))
    words = join(" ", [_whom(view, with_mention), still_open])
    blocks = [kit.section(words), _ask_buttons(view), kit.context(_or_reply(with_mention))]
    return kit.message([words, _or_reply(with_mention)], blocks)


def _closed(view: Board, now: datetime) -> Rendered:
    late = _answer_button(view, "Answer late") if now - view.closes_at < LATE_FOR else None
    blocks: list[Block | None] = [
        kit.header(kit.title(view.title, view.local_date)),
        kit.context(join(" · ", [kit.parties_line(view.parties), say("Closed {}", kit.when(view.closes_at))])),
        *report_blocks(view),
        *kit.sections(asks.open_rows(view.asks, view.parties, _ASKS)),
        *(block for side in Side for block in kit.sections(_side(view, side))),
        late,
    ]
    words = [_spoken_title(view), say("Closed."), *(_side_spoken(view, side) for side in Side)]
    asked = asks.open_spoken(view.asks, view.parties, _ASKS)
    return kit.message([*words, *report_spoken(view), *asked], blocks)


def _skipped(view: Board) -> Markup:
    reason = say("It was skipped: {}.", esc(view.skip_reason or "no reason was kept"))
    return join(" ", [reason, say("Nobody was asked and nothing is counted.")])


def _no_longer_asked(view: PromptView) -> Rendered:
    """What a posted question turns into once it is settled."""
    title = esc(kit.title(view.title, view.local_date), 150)
    match view.state:
        case PromptState.ANSWERED:
            words = say("✅ {}: answered. You can still change your answer.", title)
        case PromptState.SKIPPED:
            words = say("{}: skipped. An answer would replace that.", title)
        case PromptState.EXCUSED:
            words = say("{}: you are away, so you are not asked.", title)
        case _:
            words = say("{}: closed. A late answer still counts, and is marked late.", title)
    label = "Change answer" if view.state is PromptState.ANSWERED else "Answer"
    button = None if view.state is PromptState.EXCUSED else kit.button(label, ids.ANSWER_OPEN, view.checkin_id)
    return kit.message([words], [kit.section(words), kit.actions(button)])


def _whom(view: PromptView, with_mention: bool) -> Markup:
    return kit.mention(view.who) if with_mention else NOTHING


def _open_for(view: PromptView) -> Markup:
    """What is open for the person, counted."""
    found = [
        kit.plural(view.open_commitments, "promise") if view.open_commitments else "",
        kit.plural(view.open_blockers, "blocker") if view.open_blockers else "",
    ]
    counted = " and ".join(text for text in found if text)
    return say("Open for you: {}.", counted) if counted else NOTHING


def _or_reply(in_thread: bool) -> Markup:
    if in_thread:
        return say("Or just reply in this thread, in your own words.")
    return say("Or just reply here, in your own words.")


def _ask_buttons(view: PromptView) -> ActionsBlock | None:
    return kit.actions(
        kit.button("Answer", ids.ANSWER_OPEN, view.checkin_id, primary=True),
        kit.button("Skip today…", ids.SKIP_OPEN, view.checkin_id),
    )


def _answer_button(view: Board, label: str, *, is_primary: bool = False) -> ActionsBlock | None:
    return kit.actions(kit.button(label, ids.ANSWER_OPEN, view.checkin_id, primary=is_primary))


def _spoken_title(view: Board) -> Markup:
    return say("{}, {}.", esc(kit.title(view.title, view.local_date), 150), kit.parties_line(view.parties))


def _until(view: Board) -> Markup:
    if view.state is CheckInState.SCHEDULED:
        return say("Opens {}", kit.when(view.opens_at))
    asked = [line for line in view.lines if line.state is not PromptState.EXCUSED]
    if all(line.deadline_at == view.closes_at for line in asked):
        return say("Answers until {}", kit.when(view.closes_at))
    clocks = {f"{line.deadline_at.astimezone(ZoneInfo(line.who.zone)):%H:%M}" for line in asked}
    if len(clocks) > 1:
        return say("Open until {}", kit.when(view.closes_at))
    return say("Answers until {}, each in their own time zone · closes {}", clocks.pop(), kit.when(view.closes_at))


def _opened_late(view: Board) -> Markup:
    return say("opened later than planned") if view.opened_late else NOTHING


def _on_side(view: Board, side: Side, *states: PromptState) -> list[BoardLine]:
    return [line for line in view.lines if line.who.side is side and line.state in states]


def _total(view: Board, side: Side) -> Markup:
    """Answered of those asked; who is away or has a holiday is not asked."""
    asked = sum(line.who.side is side and line.state is not PromptState.EXCUSED for line in view.lines)
    answered = len(_on_side(view, side, PromptState.ANSWERED))
    return say("{} of {} answered", answered, asked) if asked else say("nobody to ask")


def _side(view: Board, side: Side) -> list[Markup]:
    answered = [_answered(line) for line in _on_side(view, side, PromptState.ANSWERED)]
    away = [_with_reason(line, "away") for line in _on_side(view, side, PromptState.EXCUSED)]
    skipped = [_with_reason(line, "no reason") for line in _on_side(view, side, PromptState.SKIPPED)]
    return [
        say("*{}* · {}", esc(view.parties.name(side), kit.NAME), _total(view, side)),
        join(", ", kit.cut(answered, _NAMES)),
        say("Away: {}", join(", ", kit.cut(away, _NAMES))) if away else NOTHING,
        say("Skipped: {}", join(", ", kit.cut(skipped, _NAMES))) if skipped else NOTHING,
        _others(view, side),
    ]


def _answered(line: BoardLine) -> Markup:
    return say("{} (late)", kit.name(line.who)) if line.is_late else kit.name(line.who)


def _with_reason(line: BoardLine, otherwise: str) -> Markup:
    return say("{} ({})", kit.name(line.who), esc(line.excuse or otherwise, _REASON))


def _others(view: Board, side: Side) -> Markup:
    """Those who have not answered, as numbers."""
    pending = len(_on_side(view, side, *PENDING))
    missed = len(_on_side(view, side, PromptState.MISSED))
    found = [
        say("{} still to answer", pending) if pending else NOTHING,
        say("{} without an answer", missed) if missed else NOTHING,
    ]
    return join(" · ", found)


def _side_spoken(view: Board, side: Side) -> Markup:
    parts = [_total(view, side), _others(view, side)]
    return say("{}: {}.", esc(view.parties.name(side), kit.NAME), join(", ", parts))


def _blockers(view: Board) -> list[Markup]:
    rows = [lines.blocker(line, view.parties) for line in view.blockers]
    return lines.titled("Open blockers", rows, _BLOCKERS)


def _blockers_spoken(view: Board) -> list[Markup]:
    if not view.blockers:
        return [say("No open blockers.")]
    count = say("{}:", kit.plural(len(view.blockers), "open blocker"))
    return [count, *(lines.blocker_spoken(line, view.parties) for line in view.blockers[:_BLOCKERS])]

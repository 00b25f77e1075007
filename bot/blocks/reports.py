"""The report of a closed check-in: who must act first, and what changed."""

from slack_sdk.models.blocks import Block

from bot.blocks import kit, lines
from bot.blocks.markup import Markup, say
from models.checkins.views import Board, Report

_FIRST = 3
_ROWS = 3
_ELSEWHERE = Markup(", in the thread")


def report_blocks(view: Board) -> list[Block | None]:
    """The report in a few lines; long lists are cut."""
    report = view.report
    if report is None:
        return []
    first = [lines.blocker(line, view.parties) for line in report.act_first]
    return [
        *kit.sections(lines.titled("Who must act first", first, _FIRST)),
        *kit.sections(_changes(view, report)),
    ]


def report_spoken(view: Board) -> list[Markup]:
    """The report within a message's plain text."""
    report = view.report
    if report is None:
        return []
    counts = _counts(report)
    changed = say("Changed: {}.", ", ".join(counts)) if counts else say("Nothing changed.")
    first = [lines.blocker_spoken(line, view.parties) for line in report.act_first[:_FIRST]]
    return [changed, *([say("To act first:"), *first] if first else [say("No open blockers.")])]


def _changes(view: Board, report: Report) -> list[Markup]:
    groups = [
        lines.titled("Kept", [lines.commitment(line) for line in report.kept], _ROWS, _ELSEWHERE),
        lines.titled("Moved", [lines.moved(line, view.parties) for line in report.moved], _ROWS, _ELSEWHERE),
        lines.titled("Dropped", [lines.dropped(line) for line in report.dropped], _ROWS, _ELSEWHERE),
        lines.titled("Promised", [lines.commitment(line) for line in report.promised], _ROWS, _ELSEWHERE),
        _raised(report),
        lines.titled("Blockers resolved", [lines.blocker_short(line) for line in report.resolved], _ROWS, _ELSEWHERE),
    ]
    found = [line for group in groups for line in group]
    return found or [say("*What changed* · nothing was promised, kept, moved or blocked.")]


def _raised(report: Report) -> list[Markup]:
    """Blockers raised: those that stand among what comes first are not told twice."""
    first = {line.number for line in report.act_first[:_FIRST]}
    rows = [lines.blocker_short(line) for line in report.raised if line.number not in first]
    above = [line.number for line in report.raised if line.number in first]
    if not above:
        return lines.titled("Blockers raised", rows, _ROWS, _ELSEWHERE)
    heading = say("*Blockers raised* · {}: {} above", len(report.raised), lines.numbers("B", above))
    return [heading, *kit.cut(rows, _ROWS, _ELSEWHERE)]


def _counts(report: Report) -> list[str]:
    counted = [
        (len(report.kept), "kept"),
        (len(report.moved), "moved"),
        (len(report.dropped), "dropped"),
        (len(report.promised), "promised"),
    ]
    blockers = [(len(report.raised), "raised"), (len(report.resolved), "resolved")]
    return [f"{count} {word}" for count, word in counted if count] + [
        f"{kit.plural(count, 'blocker')} {word}" for count, word in blockers if count
    ]

"""The weekly summary: figures of both sides with their numbers, what needs a decision; the rows; the in-house part."""

from collections import Counter
from collections.abc import Sequence

from slack_sdk.models.blocks import Block

from bot.blocks import asked, escalation_figures, escalations, kit, lines
from bot.blocks.kit import Rendered
from bot.blocks.markup import NOTHING, Markup, esc, join, say, spoken
from models.access import Side
from models.blockers.views import BlockerLine
from models.commitments.views import CommitmentLine
from models.summaries.views import OnTime, Participation, Summary

DECISION_AFTER = 2
"""Working days after which an open blocker needs a decision."""

_ROWS = 4
_DETAIL_ROWS = 40


def weekly(view: Summary, *, is_posted: bool = True) -> Rendered:
    """The summary, at most a screenful; the one that is posted in the channel has its rows in its thread."""
    decisions = _decisions(view)
    elsewhere = Markup(", in the thread") if is_posted else NOTHING
    climbed = escalation_figures.told(view.facts.escalations, view.facts.escalations_before, view.parties)
    rows = say("Every row is in the thread. Late answers from now on count in the next summary.")
    blocks: list[Block | None] = [
        kit.header(_heading(view)),
        kit.context(join(" · ", [kit.parties_line(view.parties), _span(view)]), _confidence(view)),
        *kit.sections(lines.titled("Needs a decision", decisions, _ROWS, elsewhere)),
        *kit.sections([say("*Answers*"), *_answers(view)]),
        *kit.sections([say("*Promises that were due*"), *_promises(view)]),
        *kit.sections([say("*Blockers*"), _blockers(view)]),
        *kit.sections([say("*Escalations*"), *climbed] if climbed else []),
        *kit.sections([say("*Questions to each other*"), *asked.rows(view)]),
        kit.context(rows) if is_posted else None,
    ]
    words = [
        say("{}, {}.", esc(_heading(view), 150), kit.parties_line(view.parties)),
        _confidence(view),
        say("Answers:"),
        *(say("{}.", line) for line in _answers(view)),
        say("Promises that were due:"),
        *(say("{}.", line) for line in _promises(view)),
        say("Blockers: {}.", _blockers(view)),
        *([say("Escalations:"), *(say("{}.", line) for line in climbed)] if climbed else []),
        say("Questions to each other:"),
        *(say("{}.", line) for line in asked.rows(view)),
        say("{} a decision.", _need(len(decisions))),
        *(spoken(row) for row in decisions[:_ROWS]),
    ]
    return kit.message(words, blocks)


def detail(view: Summary) -> Rendered:
    """The rows behind the figures, in the thread."""
    facts, parties = view.facts, view.parties
    groups = [
        lines.titled("Kept", [lines.commitment(line) for line in facts.kept], _DETAIL_ROWS),
        lines.titled("Moved", [lines.moved(line, parties) for line in facts.moved], _DETAIL_ROWS),
        lines.titled("Dropped", [lines.dropped(line) for line in facts.dropped], _DETAIL_ROWS),
        lines.titled("Overdue and open", [lines.commitment(line) for line in facts.overdue], _DETAIL_ROWS),
        lines.titled("Blockers raised", [lines.blocker_short(line) for line in facts.raised], _DETAIL_ROWS),
        lines.titled("Blockers resolved", [lines.blocker_short(line) for line in facts.resolved], _DETAIL_ROWS),
        lines.titled("Blockers still open", [lines.blocker(line, parties) for line in facts.still_open], _DETAIL_ROWS),
        lines.titled(
            "Escalations open", [escalations.in_list(line, parties) for line in facts.escalated], _DETAIL_ROWS
        ),
        lines.titled("Escalations by severity", _by_severity(view), _DETAIL_ROWS),
        lines.titled("Questions still open", asked.open_rows(view), _DETAIL_ROWS),
        lines.titled("Check-ins that were skipped", _skipped(view), _DETAIL_ROWS),
    ]
    shown = [group for group in groups if group]
    nothing = say("No promise fell due, no blocker was raised or stayed open, and no check-in was skipped.")
    blocks: list[Block | None] = [block for group in shown for block in kit.sections(group)]
    if len(blocks) > kit.BLOCKS:
        blocks = [*blocks[: kit.BLOCKS - 1], kit.context(say("There are more rows than fit into one message."))]
    words = [spoken(line) for group in shown for line in group]
    return kit.message(words or [nothing], blocks or [kit.section(nothing)])


def inhouse(view: Summary) -> Rendered:
    """For the in-house side alone: its own people without an answer, and what it owes the provider."""
    facts, parties = view.facts, view.parties
    missing = _missing(view)
    owed = [line for line in facts.overdue if line.who.side is Side.INHOUSE]
    blocking = [line for line in facts.still_open if line.acting_side is Side.INHOUSE]
    owed_rows = [
        *(lines.commitment(line) for line in owed),
        *(lines.blocker(line, parties) for line in blocking),
    ]
    vendor = esc(parties.vendor, kit.NAME)
    nothing = say("Nothing is owed to {}: no overdue promise, no open blocker that waits for you.", vendor)
    shown = kit.sections([say("*What you owe {}* · {}", vendor, len(owed_rows)), *kit.cut(owed_rows, 15)])
    missed = say("*Without an answer:* {}", missing) if missing else say("Everybody on your side answered.")
    blocks: list[Block | None] = [
        kit.header(f"{_heading(view)} · in-house"),
        kit.section(missed),
        *(shown if owed_rows else [kit.section(nothing)]),
        kit.context(say("Only your side sees this. The provider is not told who did not answer.")),
    ]
    owing = say("You owe {}: {}.", vendor, _counted(owed, blocking)) if owed_rows else nothing
    words = [say("{}, in-house.", esc(_heading(view), 150)), spoken(missed), owing, *(spoken(row) for row in owed_rows)]
    return kit.message(words, blocks)


def _by_severity(view: Summary) -> list[Markup]:
    facts = view.facts
    return escalation_figures.by_severity(facts.escalations, facts.escalations_before, view.parties)


def _missing(view: Summary) -> Markup:
    """Own people without an answer, and how often."""
    times = Counter(who.participant_id for who in view.facts.missing_inhouse)
    people = {who.participant_id: who for who in view.facts.missing_inhouse}
    rows = [
        say("{} ({} times)", kit.name(who), times[key]) if times[key] > 1 else kit.name(who)
        for key, who in people.items()
    ]
    return join(", ", kit.cut(rows, 30))


def _heading(view: Summary) -> str:
    return f"{kit.fit_title(view.title)} · {kit.day(view.first_day)} to {kit.day(view.last_day, view.first_day)}"


def _span(view: Summary) -> Markup:
    held = view.facts.checkins
    skipped = len(view.facts.skipped_checkins)
    return say("{}{}", kit.plural(held, "check-in"), say(", {} skipped", skipped) if skipped else NOTHING)


def _confidence(view: Summary) -> Markup:
    if not view.is_low_confidence:
        return NOTHING
    return say("⚠️ Low confidence: fewer than ten answers were expected, so the percentages say little.")


def _answers(view: Summary) -> list[Markup]:
    return [_participation(view, row) for row in view.facts.participation if row.side is not None]


def _participation(view: Summary, row: Participation) -> Markup:
    answered = row.on_time + row.late
    name = _side_name(view, row.side)
    if row.expected <= 0:
        return say("{}: no data, nobody was asked", name)
    extra = f"{row.on_time} in time"
    if row.skipped:
        extra += f", {row.skipped} skipped with a reason"
    return say("{} {} ({})", name, kit.share(answered, row.expected), extra)


def _promises(view: Summary) -> list[Markup]:
    return [_kept(view, row) for row in view.facts.on_time if row.side is not None]


def _kept(view: Summary, row: OnTime) -> Markup:
    changed = f"{row.moved} moved, {row.dropped} dropped"
    name = _side_name(view, row.side)
    if row.due <= 0:
        return say("{}: no data, none was due ({})", name, changed)
    return say("{} {} kept by the first promised date ({})", name, kit.share(row.kept_original, row.due), changed)


def _blockers(view: Summary) -> Markup:
    facts = view.facts
    counts = say("{} raised, {} resolved, {} still open", len(facts.raised), len(facts.resolved), len(facts.still_open))
    waits = [
        say("{} to act on {}", _side_name(view, side), count)
        for side in Side
        if (count := sum(line.acting_side is side for line in facts.still_open))
    ]
    oldest = max((line.age_days for line in facts.still_open), default=0)
    age = say("oldest {}", kit.plural(oldest, "working day")) if oldest else NOTHING
    return join("; ", [counts, join(", ", waits), age])


def _decisions(view: Summary) -> list[Markup]:
    """What climbs and nobody owns, blockers that are old or overdue, and overdue promises, of either side."""
    unowned = [line for line in view.facts.escalated if line.owner is None]
    pressing = [line for line in view.facts.still_open if line.age_days >= DECISION_AFTER or line.is_overdue]
    return [
        *(escalations.in_list(line, view.parties) for line in unowned),
        *(lines.blocker(line, view.parties) for line in pressing),
        *(join(" · ", [lines.commitment(line), say("*overdue*")]) for line in view.facts.overdue),
        *asked.overdue_rows(view),
    ]


def _need(count: int) -> str:
    return f"{count} {'matter needs' if count == 1 else 'matters need'}" if count else "Nothing needs"


def _counted(owed: Sequence[CommitmentLine], blocking: Sequence[BlockerLine]) -> str:
    found = [
        kit.plural(len(owed), "overdue promise") if owed else "",
        kit.plural(len(blocking), "open blocker") if blocking else "",
    ]
    return " and ".join(text for text in found if text)


def _skipped(view: Summary) -> list[Markup]:
    return [say("• {}", esc(text)) for text in view.facts.skipped_checkins]


def _side_name(view: Summary, side: Side | None) -> Markup:
    return esc(view.parties.name(side), kit.NAME) if side else say("Both sides")

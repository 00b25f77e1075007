"""One person's answer: in full in the check-in's thread, or in one line what was understood from a plain reply."""

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from slack_sdk.models.blocks import Block

from bot import ids
from bot.blocks import kit, lines
from bot.blocks.inputs import is_day
from bot.blocks.kit import Rendered
from bot.blocks.markup import NOTHING, Markup, esc, join, say
from bot.text import clean
from models.cadences.rules import Question, QuestionType, is_asked
from models.checkins.reading import is_out_of_reach, passed_over, split_date
from models.checkins.rules import Source
from models.checkins.submissions import Verdict
from models.checkins.views import AnswerView
from models.commitments.rules import CommitmentState
from models.commitments.views import CommitmentLine

_VERDICTS = {Verdict.KEPT: "kept", Verdict.MOVED: "moved", Verdict.DROPPED: "dropped"}
_TEXTS = 10
_ROWS = 15


def answer(view: AnswerView) -> Rendered:
    """The answer in the thread: in one line after a thread reply, since the reply stands right above it."""
    if view.is_withdrawn:
        words = say("{} took the answer back.", kit.name(view.who))
        return kit.message([words], [kit.context(words)])
    if view.source is Source.THREAD:
        understood: list[Markup] = [
            _understood(view, say(" from {}", kit.name(view.who))),
            say("Edit your reply to correct it."),
        ]
        button = kit.button("Needs an answer", ids.ASK_REPLY, view.prompt_id) if view.has_free_question else None
        return kit.message(understood, [kit.context(join(" ", understood)), kit.actions(button)])
    return _in_full(view)


def receipt(view: AnswerView, *, with_mention: bool = False) -> Rendered:
    """What was understood from a direct message, told to its writer there; or with a mention, where that fails."""
    to = kit.mention(view.who) if with_mention else NOTHING
    if view.is_withdrawn:
        words = join(" ", [to, say("Your answer is taken back.")])
        return kit.message([words], [kit.context(words)])
    told: list[Markup] = [
        to,
        _understood(view, NOTHING),
        say("It stands in the channel's thread. Edit your message to correct it."),
    ]
    return kit.message(told, [kit.context(join(" ", told))])


def _understood(view: AnswerView, whom: Markup) -> Markup:
    late = say(" (late)") if view.is_late else NOTHING
    return say("Understood{}{}: {}.", whom, late, join(", ", _findings(view)))


def _findings(view: AnswerView) -> list[Markup]:
    """What was found, each kind with its numbers."""
    found = [
        *(_concluded(word, _with(view, verdict)) for verdict, word in _VERDICTS.items()),
    ]
    if view.promised:
        numbers = lines.numbers("C", [line.number for line in view.promised])
        found.insert(0, say("{} ({})", kit.plural(len(view.promised), "promise"), numbers))
    if view.blockers:
        found.append(say("blocked: {}", lines.numbers("B", [line.number for line in view.blockers])))
    elif view.submission.is_blocked is False:
        found.append(say("not blocked"))
    if view.asked:
        found.append(say("asked {}", lines.numbers("Q", view.asked)))
    if clean(view.submission.note) or view.submission.answers:
        found.append(say("a note"))
    found += [say("not the date of C-{}", number) for number in _undated(view)]
    found += [say("not C-{}: no open promise of yours, or no date", number) for number in passed_over(view.submission)]
    return [words for words in found if words] or [say("nothing yet")]


def _undated(view: AnswerView) -> list[int]:
    """Promises whose words still end with a date: it has passed, or is more than a year away."""
    today = kit.local_day(view.given_at, view.who.zone)
    dates = ((line.number, split_date(line.what, today)[1]) for line in view.promised)
    return [number for number, day in dates if day and is_out_of_reach(day, today)]


def _concluded(word: str, found: tuple[CommitmentLine, ...]) -> Markup:
    return say("{} {}", word, lines.numbers("C", [line.number for line in found])) if found else NOTHING


def _with(view: AnswerView, verdict: Verdict) -> tuple[CommitmentLine, ...]:
    """The outcomes of one verdict: by what was said, else by the state the commitment is in."""
    said = {outcome.commitment_id: outcome.verdict for outcome in view.submission.outcomes}
    by_state = {CommitmentState.KEPT: Verdict.KEPT, CommitmentState.DROPPED: Verdict.DROPPED}
    return tuple(
        line
        for line in view.outcomes
        if said.get(line.id, by_state.get(line.state, Verdict.MOVED if line.moves else Verdict.ON_TRACK)) is verdict
    )


def _in_full(view: AnswerView) -> Rendered:
    who = say("*{}* · {}", kit.name(view.who), esc(view.parties.name(view.who.side), kit.NAME))
    marks = join(" · ", [say("late") if view.is_late else NOTHING, say("changed") if view.version > 1 else NOTHING])
    blocks: list[Block | None] = [
        kit.section(join(" · ", [who, marks])),
        *kit.sections(_short_answers(view)),
        *_long_answers(view),
        *kit.sections(_records(view)),
        kit.quoted(view.submission.note),
    ]
    told = [say("{}, {}:", kit.name(view.who), esc(view.title)), say("{}.", join(", ", _findings(view)))]
    return kit.message(told, blocks)


def _records(view: AnswerView) -> list[Markup]:
    """Commitments and blockers of this answer, with their numbers."""
    kept = [lines.commitment(line, with_name=False) for line in _with(view, Verdict.KEPT)]
    moved = [lines.moved(line, view.parties, with_name=False) for line in _with(view, Verdict.MOVED)]
    dropped = [lines.dropped(line, with_name=False) for line in _with(view, Verdict.DROPPED)]
    promised = [lines.commitment(line, with_name=False) for line in view.promised]
    groups = [
        lines.titled("✅ Kept", kept, _ROWS),
        lines.titled("📅 Moved", moved, _ROWS),
        lines.titled("✖️ Dropped", dropped, _ROWS),
        lines.titled("Promised", promised, _ROWS),
        lines.titled("Blocked", [lines.blocker(line, view.parties) for line in view.blockers], _ROWS),
    ]
    found = [line for group in groups for line in group]
    if not view.blockers and view.submission.is_blocked is False:
        found.append(say("Nothing in the way."))
    if view.asked:
        found.append(say("*Asked the other side* {}", lines.numbers("Q", view.asked)))
    return found


def _short_answers(view: AnswerView) -> list[Markup]:
    """Answers of a word or a number, one line each."""
    return [
        say("*{}* {}", esc(question.text), _worded(question, view))
        for question in _answered(view)
        if question.type is not QuestionType.TEXT
    ]


def _long_answers(view: AnswerView) -> Iterable[Block | None]:
    """Answers in a person's own words, as they wrote them."""
    written = [question for question in _answered(view) if question.type is QuestionType.TEXT]
    for question in written[:_TEXTS]:
        yield kit.section(say("*{}*", esc(question.text)))
        yield kit.quoted(str(view.submission.answers[question.id]))
    if len(written) > _TEXTS:
        yield kit.context(say("and {} more answers", len(written) - _TEXTS))


def _answered(view: AnswerView) -> list[Question]:
    answers = view.submission.answers
    return [
        question
        for question in view.questions
        if answers.get(question.id) not in (None, "") and is_asked(question, answers)
    ]


def _worded(question: Question, view: AnswerView) -> Markup:
    given = view.submission.answers[question.id]
    match question.type:
        case QuestionType.YES_NO if isinstance(given, bool):
            return say("Yes" if given else "No")
        case QuestionType.SCALE:
            return say("{} of 5", given)
        case QuestionType.PERSON:
            return esc(_name(view, str(given)), kit.NAME)
        case QuestionType.DATE:
            return esc(kit.day(date.fromisoformat(str(given))) if is_day(str(given)) else str(given))
        case _:
            return esc(str(given))


def _name(view: AnswerView, participant_id: str) -> str:
    try:
        return view.names.get(UUID(participant_id), "somebody no longer on the roster")
    except ValueError:
        return "somebody"

"""The modal in which a person answers a check-in: open promises, questions in order, the forced word on blockers."""

from collections.abc import Sequence
from typing import Any

from slack_sdk.models.blocks import Block, InputBlock, Option, SectionBlock, StaticSelectElement

from bot import fields, ids
from bot.blocks import inputs, kit, lines
from bot.blocks.blocker_inputs import blocker_inputs, promise_inputs, still_inputs
from bot.blocks.markup import Markup, esc, join, say
from bot.fields import Draft
from bot.text import fit, one_line
from models.cadences.rules import Question, QuestionType
from models.checkins.rules import CheckInState
from models.checkins.submissions import Verdict
from models.checkins.views import Answerable, AnswerForm
from models.commitments.rules import MoveCause
from models.commitments.views import CommitmentLine

_VERDICTS = [
    kit.option("On track", Verdict.ON_TRACK),
    kit.option("Kept: it is done", Verdict.KEPT),
    kit.option("Moved: it gets a new date", Verdict.MOVED),
    kit.option("Dropped: it will not be done", Verdict.DROPPED),
]
_YES_NO = [kit.option("Yes", fields.YES), kit.option("No", fields.NO)]
_SCALE = [kit.option(str(step), str(step)) for step in range(1, fields.SCALE + 1)]


def answer_modal(
    form: AnswerForm,
    draft: Draft | None = None,
    *,
    others: Sequence[Answerable] = (),
    has_changed: bool = False,
) -> dict[str, Any]:
    """The modal as it opens, or with `draft`, what stands in its fields now, as it is drawn again.

    `others` are further check-ins to switch to; `has_changed` says that the form changed while it was being filled in.
    """
    blocks = [*_intro(form, has_changed), *_fields(form, draft or Draft()), _switch(others)]
    return kit.modal(form.title, ids.ANSWER_SUBMIT, form.checkin_id, blocks, "Send")


def shown_fields(form: AnswerForm, draft: Draft) -> frozenset[str]:
    """Block ids of the fields that the modal has with `draft` in them, without drawing the rest."""
    return frozenset(str(block.block_id) for block in _fields(form, draft) if isinstance(block, InputBlock))


def _fields(form: AnswerForm, now_in: Draft) -> list[Block | None]:
    blocks: list[Block | None] = []
    asked = fields.questions(form, now_in)
    has_blocker_question = any(question.type is QuestionType.BLOCKER for question in asked)
    for question in asked:
        if question.type is QuestionType.BLOCKER:
            blocks += still_inputs(form, now_in)
        blocks += _question(form, question, now_in)
    if not has_blocker_question:
        blocks += still_inputs(form, now_in)
    return [*blocks, _asks(form, now_in)]


def _intro(form: AnswerForm, has_changed: bool) -> list[Block | None]:
    notice = "Something changed while you were writing. Please look through it once more, then send."
    where = say("{} · {}", kit.parties_line(form.parties), kit.day(form.local_date))
    return [
        kit.section(say("⚠️ *{}*", Markup(notice))) if has_changed else None,
        kit.context(join(" · ", [where, _deadline(form)])),
    ]


def _asks(form: AnswerForm, draft: Draft) -> InputBlock:
    """What the person needs to know from the other side: a line makes a question with a number and a due time."""
    other = fit(one_line(form.parties.name(form.who.side.other)), kit.NAME)
    return inputs.text(
        ids.ASKS,
        f"What do you need to know from {other}?",
        value=draft.get(ids.ASKS, "\n".join(form.given.asks) if form.given else None),
        most=fields.NOTE,
        multiline=True,
        optional=True,
        hint="One question a line. Each gets a time by which the answer is due.",
    )


def _deadline(form: AnswerForm) -> Markup:
    if form.given is not None:
        return say("You have answered; sending again changes your answer.")
    if form.state is CheckInState.SCHEDULED:
        return say("Opens {}; your answer is kept until then.", kit.when(form.opens_at))
    if form.is_late:
        return say("⏰ Late: answers were due {}. Yours still counts, and is marked late.", kit.when(form.deadline_at))
    return say("Answers until {}", kit.when(form.deadline_at))


def _switch(others: Sequence[Answerable]) -> SectionBlock | None:
    if not others:
        return None
    choices = [answerable_option(item) for item in others[:100]]
    select = StaticSelectElement(
        action_id=ids.ANSWER_SWITCH, options=choices, placeholder=kit.plain("Go there instead", 150)
    )
    return kit.section(say("Another check-in wants your answer too:"), accessory=select)


def answerable_option(item: Answerable) -> Option:
    """A check-in as one choice of a list."""
    name = f"{kit.day(item.local_date)} · {item.title} · {item.parties.vendor}"
    return kit.option(name, str(item.checkin_id))


def _question(form: AnswerForm, question: Question, draft: Draft) -> list[Block | None]:
    match question.type:
        case QuestionType.REVIEW:
            return _review(form, question, draft)
        case QuestionType.PROMISES:
            return promise_inputs(form, question, draft)
        case QuestionType.BLOCKER:
            return blocker_inputs(form, question, draft)
        case _:
            return [_plain_question(form, question, draft)]


def _plain_question(form: AnswerForm, question: Question, draft: Draft) -> InputBlock | None:
    block_id = ids.question(question.id)
    value = draft.get(block_id, fields.given(form, question))
    rest: dict[str, Any] = {
        "value": value,
        "optional": not question.required,
        "hint": question.hint,
        "decisive": question.id in fields.decisive(form),
    }
    match question.type:
        case QuestionType.YES_NO:
            return inputs.radios(block_id, question.text, _YES_NO, **rest)
        case QuestionType.SCALE:
            return inputs.radios(block_id, question.text, _SCALE, **rest)
        case QuestionType.CHOICE:
            choices = [kit.option(text, str(index)) for index, text in enumerate(question.options)]
            return inputs.select(block_id, question.text, choices, **rest) if choices else None
        case QuestionType.NUMBER:
            return inputs.number(block_id, question.text, **rest)
        case QuestionType.DATE:
            return inputs.day(block_id, question.text, **rest)
        case QuestionType.PERSON:
            return inputs.person(block_id, question.text, form.roster, form.parties, **rest)
        case _:
            return inputs.text(block_id, question.text, most=fields.NOTE, multiline=True, **rest)


def _review(form: AnswerForm, question: Question, draft: Draft) -> list[Block | None]:
    shown = fields.reviewed(form)
    if not shown:
        return []
    left_out = len(form.commitments) - len(shown)
    more = say(
        "The {} due first are shown; {} more stay as they are. A reply like `C-{} done` speaks of any of them.",
        len(shown),
        left_out,
        shown[0].number,
    )
    blocks: list[Block | None] = [kit.section(say("*{}*", esc(question.text)), more if left_out else Markup(""))]
    for line in shown:
        blocks += _verdict(form, line, draft)
    return blocks


def _verdict(form: AnswerForm, line: CommitmentLine, draft: Draft) -> list[Block | None]:
    verdict = fields.verdict(form, line, draft)
    due = kit.day(line.current_due, form.local_date)
    select = inputs.select(
        ids.review(line.id, "verdict"),
        lines.commitment_words(line),
        _VERDICTS,
        value=verdict,
        hint=f"Was due {due}: overdue." if lines.is_overdue(line, form.local_date) else f"Due {due}.",
        decisive=True,
    )
    if verdict not in (Verdict.MOVED, Verdict.DROPPED):
        return [select]
    said = fields.outcome_given(form, line)
    reason_id = ids.review(line.id, "reason")
    reason = inputs.text(
        reason_id,
        f"Why? (C-{line.number})",
        value=draft.get(reason_id, said.reason if said else None),
        most=fields.WHAT,
    )
    return [select, *(_new_date(form, line, draft) if verdict == Verdict.MOVED else []), reason]


def _new_date(form: AnswerForm, line: CommitmentLine, draft: Draft) -> list[Block | None]:
    said = fields.outcome_given(form, line)
    due_id, cause_id = ids.review(line.id, "due"), ids.review(line.id, "cause")
    due = said.new_due.isoformat() if said and said.new_due else None
    cause = said.cause.value if said and said.cause else None
    causes = [kit.option(lines.cause(item, form.parties), item.value) for item in MoveCause]
    return [
        inputs.day(due_id, f"New date (C-{line.number})", value=draft.get(due_id, due)),
        inputs.select(cause_id, f"Whose cause? (C-{line.number})", causes, value=draft.get(cause_id, cause)),
    ]

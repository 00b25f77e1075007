"""The fields of the answer modal that make records: promises, a new blocker, "still blocked?"."""

from slack_sdk.models.blocks import Block

from bot import fields, ids
from bot.blocks import inputs, kit, lines
from bot.blocks.escalations import SEVERITIES
from bot.blocks.markup import say
from bot.fields import Draft
from bot.promises import as_lines
from bot.text import fit, one_line
from models.cadences.rules import Question
from models.checkins.submissions import NewBlocker
from models.checkins.views import AnswerForm
from models.escalations.ladders import Severity

_BLOCKED = [kit.option("Yes, something is in the way", fields.YES), kit.option("No, nothing", fields.NO)]
_STILL = [kit.option("Yes, still blocked", fields.YES), kit.option("No, it is out of the way", fields.NO)]
_LINES = 3000
RATINGS = [kit.option(words, rated.value) for rated, words in SEVERITIES.items()]
"""The severities as choices."""


def promise_inputs(form: AnswerForm, question: Question, draft: Draft) -> list[Block | None]:
    """Promises, one a line, and the date that holds for lines without their own."""
    block_id, due_id = ids.question(question.id), ids.question(question.id, "due")
    text, due = as_lines(form.given.promises if form.given else (), form.default_due, form.local_date)
    how = "One promise a line. A line may end with its own date: “by Friday”, “by 2026-12-01”."
    return [
        inputs.text(
            block_id,
            question.text,
            value=draft.get(block_id, text),
            most=_LINES,
            multiline=True,
            optional=not question.required,
            hint=f"{question.hint} {how}" if question.hint else how,
        ),
        inputs.day(
            due_id,
            "Due, for lines without a date",
            value=draft.get(due_id, due.isoformat()),
            optional=True,
            hint=f"Left empty, it is your next working day: {kit.day(form.default_due)}.",
        ),
    ]


def still_inputs(form: AnswerForm, draft: Draft) -> list[Block | None]:
    """Ask "still blocked?" of each open blocker the person can speak of, and name those that wait for them."""
    blocks: list[Block | None] = []
    waiting = [lines.blocker(line, form.parties) for line in fields.waiting_for(form)]
    if waiting:
        blocks.append(
            kit.section(say("*Open blockers that concern you.* Say how they stand on their cards."), *waiting)
        )
    for line in fields.still_asked(form):
        block_id = ids.still(line.id)
        label = f"Still blocked? {lines.blocker_words(line, form.parties)}"
        value = draft.get(block_id, fields.still_given(form, line))
        blocks.append(inputs.radios(block_id, label, _STILL, value=value))
    if more := fields.unlisted(form):
        blocks.append(
            kit.context(say("{} open besides: say how they stand on their cards.", kit.plural(more, "blocker")))
        )
    return blocks


def blocker_inputs(form: AnswerForm, question: Question, draft: Draft) -> list[Block | None]:
    """The forced yes or no; yes asks what, who must act and until when."""
    block_id = ids.question(question.id)
    value = draft.get(block_id, fields.given(form, question))
    choice = inputs.radios(
        block_id,
        question.text,
        _BLOCKED,
        value=value,
        hint=question.hint or "Please choose one: silence would look like “no”.",
        decisive=True,
    )
    return [choice, *(_new_blocker(form, question, draft) if value == fields.YES else [])]


def _new_blocker(form: AnswerForm, question: Question, draft: Draft) -> list[Block | None]:
    said = form.given.blockers[0] if form.given and form.given.blockers else NewBlocker("")
    names = {part: ids.question(question.id, part) for part in ("what", "side", "person", "needed", "severity")}
    side = (said.acting_side or form.who.side.other).value
    person = str(said.acting_id) if said.acting_id else None
    needed = said.needed_by.isoformat() if said.needed_by else None
    sides = [
        kit.option(fit(one_line(form.parties.name(item)), 75), item.value) for item in fields.organisation_first(form)
    ]
    return [
        inputs.text(names["what"], "What is in the way?", value=draft.get(names["what"], said.what), most=fields.WHAT),
        inputs.radios(names["side"], "Who must act?", sides, value=draft.get(names["side"], side)),
        inputs.person(
            names["person"],
            "Anybody in particular?",
            form.roster,
            form.parties,
            value=draft.get(names["person"], person),
            optional=True,
            hint="If you name a person, their organisation must act.",
        ),
        inputs.day(names["needed"], "Needed by", value=draft.get(names["needed"], needed), optional=True),
        severity(names["severity"], draft.get(names["severity"], said.severity.value)),
    ]


def severity(block_id: str, value: str | None = None) -> Block:
    """How bad a new blocker is; as a rule it slows somebody down."""
    return inputs.select(
        block_id, "How bad is it?", RATINGS, value=value or Severity.S3.value, hint="S1 is escalated at once."
    )

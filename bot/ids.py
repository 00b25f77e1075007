"""Ids that Slack hands back to us: actions, modals and fields. What they carry is one row's id and nothing else."""

from uuid import UUID

from models.errors import NotFound

ANSWER_OPEN = "checkin.answer.open"
"""Button: value = check-in id."""
ANSWER_SUBMIT = "checkin.answer.submit"
"""Modal: private_metadata = check-in id."""
ANSWER_CHANGE = "checkin.answer.change"
"""A field of the answer modal on which others depend: draw the modal again."""
ANSWER_SWITCH = "checkin.answer.switch"
"""Select in the answer modal: the chosen option's value = the other check-in's id."""
CHOOSE_SUBMIT = "checkin.choose.submit"
SKIP_OPEN = "checkin.skip.open"
SKIP_SUBMIT = "checkin.skip.submit"
AWAY_SUBMIT = "checkin.away.submit"
MINE_PRESS = "blocker.mine.press"
UPDATE_OPEN = "blocker.update.open"
UPDATE_SUBMIT = "blocker.update.submit"
RESOLVE_OPEN = "blocker.resolve.open"
RESOLVE_SUBMIT = "blocker.resolve.submit"
RAISE_MESSAGE = "blocker.message.raise"
"""Message shortcut."""
RAISE_SUBMIT = "blocker.raise.submit"
"""Modal: private_metadata = `message_ref`."""
ASK_ANSWERED = "ask.answered.press"
"""Button: value = the question's id; so with the two that follow."""
ASK_WITHDRAW = "ask.withdraw.press"
ASK_AGAIN = "ask.again.press"
ASK_REPLY = "ask.reply.mark"
"""Button under the short answer to a plain reply: value = prompt id."""
ASK_MESSAGE = "ask.message.mark"
"""Message shortcut."""
HOME_AWAY_OPEN = "home.away.open"
"""Buttons of the Home tab: value = the Home's id. What they do is done for whoever presses."""
HOME_BACK_PRESS = "home.back.press"
HOME_HELP_OPEN = "home.help.open"
HOME_NEXT_PRESS = "home.next.press"
HOME_PREVIOUS_PRESS = "home.previous.press"

ESCALATE_OPEN = "blocker.escalate.open"
"""Button on a blocker's card: value = blocker id."""
ESCALATE_BLOCKER = "blocker.escalate.submit"
ESCALATE_SUBMIT = "escalation.raise.submit"
"""Modal: private_metadata = engagement id."""
OWN_PRESS = "escalation.own.press"
"""Buttons of an escalation: value = escalation id; their modals hold it too."""
WORD_OPEN = "escalation.update.open"
WORD_SUBMIT = "escalation.update.submit"
FINISH_OPEN = "escalation.finish.open"
FINISH_SUBMIT = "escalation.finish.submit"
SNOOZE_OPEN = "escalation.snooze.open"
SNOOZE_SUBMIT = "escalation.snooze.submit"
RERATE_OPEN = "escalation.rerate.open"
RERATE_SUBMIT = "escalation.rerate.submit"
REOPEN_OPEN = "escalation.reopen.open"
REOPEN_SUBMIT = "escalation.reopen.submit"
PRIVATE_OPEN = "escalation.private.open"
PRIVATE_SUBMIT = "escalation.private.submit"
SETUP_OPEN = "admin.setup.open"
"""Button: value = draft id of a set-up, or `NEW` to begin one."""
NEW = "new"
PARTIES_SUBMIT = "admin.parties.submit"
"""Modals of a set-up: private_metadata = draft id."""
PEOPLE_SUBMIT = "admin.people.submit"
RHYTHM_SUBMIT = "admin.rhythm.submit"
DAYS_SUBMIT = "admin.days.submit"
CREATE_SUBMIT = "admin.create.submit"
SETUP_BACK_PRESS = "admin.setup_back.press"
"""Button in a modal of a set-up: one form back."""
SETTINGS_OPEN = "admin.settings.open"
"""Button: value = engagement id. The modal's private_metadata is the same."""
EDIT_OPEN = "admin.edit.open"
"""Button or select in the settings: value = what is changed, and of which thing, as `edit_value` writes it."""
NEWCOMER_SUBMIT = "admin.newcomer.submit"
"""Modal: private_metadata = engagement id."""
EDIT_SUBMIT = "admin.edit.submit"
"""Modals of a change: private_metadata = draft id."""
SAVE_SUBMIT = "admin.save.submit"
EDIT_BACK_PRESS = "admin.edit_back.press"
"""Button: value = draft id; back to the form, on the present state if that has changed."""

ASKS = "asks"
"""Field of the answer modal: questions to the other side, one a line."""

VALUE = "value"
"""Action id of every field on which nothing depends."""

# Fields of the small modals: the names that services use in `Invalid.fields`, so their refusals land on the field.
CHECKIN = "checkin"
REASON = "reason"
NOTE = "note"
FIRST_DAY = "first_day"
LAST_DAY = "last_day"
WHAT = "what"
SIDE = "side"
PERSON = "person"
NEEDED = "needed"
SEVERITY = "severity"
UNTIL = "until"

_LONGEST = 255


def row_id(text: object) -> UUID:
    """The row id in a button's value or a modal's private_metadata. Raises NotFound for anything else."""
    try:
        return UUID(str(text))
    except ValueError:
        raise NotFound() from None


def message_ref(engagement_id: UUID, channel_id: str, ts: str, root_ts: str) -> str:
    """A modal's private_metadata for what is made of a message; `root_ts` is where its thread begins."""
    return f"{engagement_id} {channel_id} {ts} {root_ts}"


def read_message_ref(text: object) -> tuple[UUID, str, str, str]:
    """What `message_ref` was given. Raises NotFound for anything else."""
    parts = str(text).split(" ")
    if len(parts) != 4:
        raise NotFound()
    return row_id(parts[0]), parts[1], parts[2], parts[3]


def question(question_id: str, part: str = "") -> str:
    """Field of one question of the answer modal; `part` names one of several (`due`, `what`, `side` …)."""
    return f"answer.{question_id[: _LONGEST - 20]}{'.' if part else ''}{part}"


def review(commitment_id: UUID, part: str) -> str:
    """Field on one open commitment: `verdict`, `due`, `cause` or `reason`."""
    return f"review.{commitment_id}.{part}"


def edit_value(kind: str, about: str = "") -> str:
    """What a button or option of the settings changes."""
    return f"{kind}|{about}"


def edit_of(text: object) -> tuple[str, str]:
    """Kind and about of `edit_value`. They come from outside: both are looked up."""
    kind, _, about = str(text).partition("|")
    return kind, about


def still(blocker_id: UUID) -> str:
    """The field "still blocked?" of one open blocker."""
    return f"still.{blocker_id}"

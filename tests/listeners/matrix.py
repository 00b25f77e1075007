"""Who gets what from which handler, in which state: data.

Columns are the owner and a member in-house, an observer in-house, a member of the provider who is a guest here, the
provider's lead from the provider's own workspace, and somebody on no roster.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from bot import ids
from models.escalations.ladders import Severity
from sandbox.seed import HOME
from tests.support.payloads import VENDOR_TEAM, Json

PEOPLE: Mapping[str, tuple[str, str]] = {
    "owner": ("U0INES", HOME),
    "member": ("U0OLAF", HOME),
    "observer": ("U0ADA", HOME),
    "other side": ("U0VIKRAM", HOME),
    "external": ("U0VERA", VENDOR_TEAM),
    "stranger": ("U0MALLORY", HOME),
}
"""Slack user id, and the workspace the person comes from."""

OUTCOMES = {
    "d": "done: something is stored",
    "f": "a form opens, or is drawn again",
    "l": "what was asked for is shown",
    "o": "nothing changed: the person hears what is so already",
    "i": "nothing changed: the person hears what is missing",
    "r": "nothing changed: the person hears whose it is to do",
    "h": "nothing changed: the person hears no more than that there is nothing here for them",
    "n": "nothing at all",
}


@dataclass(frozen=True)
class Entry:
    """How a handler is reached, about what, and what comes of it by state: a letter for each person."""

    how: str
    """press, shortcut or command; `view` is a press in an open form, `submit` a form that is sent."""
    name: str
    """Action id, callback id or command."""
    about: str
    """What the row is: see the makers in the test."""
    outcomes: Mapping[str, str]
    values: Json = field(default_factory=dict)
    text: str = ""


def _note(text: str = "Soon") -> Json:
    return {ids.NOTE: {ids.VALUE: {"type": "plain_text_input", "value": text}}}


def _day(field_id: str, day: str) -> Json:
    return {field_id: {ids.VALUE: {"type": "datepicker", "selected_date": day}}}


def _choice(field_id: str, value: str) -> Json:
    option = {"value": value, "text": {"type": "plain_text", "text": value}}
    return {field_id: {ids.VALUE: {"type": "radio_buttons", "selected_option": option}}}


def _text(field_id: str, text: str) -> Json:
    return {field_id: {ids.VALUE: {"type": "plain_text_input", "value": text}}}


def _same(states: tuple[str, ...], outcome: str, **others: str) -> dict[str, str]:
    return dict.fromkeys(states, outcome) | others


_ASK = ("waiting", "replied", "answered", "withdrawn")
_BLOCKER = ("open", "owned", "resolved")
_CHECKIN = ("open", "closed", "scheduled")
_ASKED = _same(_CHECKIN, "ff r ff h", scheduled="oo r oo h")
_ESCALATION = ("open", "acknowledged", "snoozed", "exhausted", "resolved")
_RATED = _choice(ids.SEVERITY, Severity.S1.value) | _note("")

ASKS = {
    # The in-house side asked: its people say whether that is answered.
    "asks.press_answered": Entry(
        "press", ids.ASK_ANSWERED, "ask", _same(_ASK[:2], "dd r rr h") | _same(_ASK[2:], "oo r rr h")
    ),
    "asks.press_withdraw": Entry(
        "press", ids.ASK_WITHDRAW, "ask", _same(_ASK[:2], "dd r rr h") | _same(_ASK[2:], "oo r rr h")
    ),
    "asks.press_again": Entry("press", ids.ASK_AGAIN, "ask", _same(_ASK, "dd r rr h", waiting="oo r rr h")),
    # Vik's reply in the check-in's thread asks something.
    "asks.mark_reply": Entry("press", ids.ASK_REPLY, "reply", {"asks": "dd r dd h", "asked": "oo r oo h"}),
    "asks.mark_message": Entry("shortcut", ids.ASK_MESSAGE, "message", {"new": "dd r dd h"}),
}

BLOCKERS = {
    # Raised by Vik: the in-house side must act; the provider's people, and whoever took it, say when it is resolved.
    "blockers.press_mine": Entry(
        "press", ids.MINE_PRESS, "blocker", _same(_BLOCKER, "dd r rr h", resolved="oo r oo h", owned="od r rr h")
    ),
    "blockers.open_update": Entry(
        "press", ids.UPDATE_OPEN, "blocker", _same(_BLOCKER, "ff r ff h", resolved="oo r oo h")
    ),
    "blockers.open_resolve": Entry(
        "press", ids.RESOLVE_OPEN, "blocker", {"open": "rr r ff h", "owned": "fr r ff h", "resolved": "oo r oo h"}
    ),
    "blockers.submit_update": Entry(
        "submit", ids.UPDATE_SUBMIT, "blocker", _same(_BLOCKER, "dd r dd h", resolved="oo r oo h"), _note()
    ),
    "blockers.submit_resolve": Entry(
        "submit",
        ids.RESOLVE_SUBMIT,
        "blocker",
        {"open": "rr r dd h", "owned": "dr r dd h", "resolved": "oo r oo h"},
        _note(),
    ),
    "blockers.open_raise": Entry("shortcut", ids.RAISE_MESSAGE, "message", {"new": "ff r ff h"}),
    "blockers.submit_raise": Entry(
        "submit",
        ids.RAISE_SUBMIT,
        "message",
        {"new": "dd r dd h"},
        _text(ids.WHAT, "No access") | _choice(ids.SIDE, "vendor"),
    ),
}

CHECKINS = {
    # Asked are both sides, but no observer. It is afternoon in India: their time to answer in is over.
    "checkins.open_answer": Entry("press", ids.ANSWER_OPEN, "check-in", _ASKED),
    "checkins.submit_answer": Entry("submit", ids.ANSWER_SUBMIT, "check-in", _ASKED),
    "checkins.redraw_answer": Entry("view", ids.ANSWER_CHANGE, "check-in", _ASKED),
    "checkins.switch_answer": Entry("view", ids.ANSWER_SWITCH, "check-in", _ASKED),
    "checkins.choose_checkin": Entry("submit", ids.CHOOSE_SUBMIT, "check-in", _ASKED),
    # Vik and Vera have answered, so there is nothing for them to skip.
    "checkins.open_skip": Entry(
        "press", ids.SKIP_OPEN, "check-in", _ASKED | {"open": "ff r oo h", "closed": "oo r oo h"}
    ),
    "checkins.submit_skip": Entry(
        "submit",
        ids.SKIP_SUBMIT,
        "check-in",
        {"open": "dd r oo h", "closed": "oo r oo h"},
        _text(ids.REASON, "At the dentist"),
    ),
    "checkins.submit_away": Entry(
        "submit",
        ids.AWAY_SUBMIT,
        "nothing",
        {"any": "dd d dd h"},
        _day(ids.FIRST_DAY, "2026-12-21") | _day(ids.LAST_DAY, "2026-12-22"),
    ),
}

ESCALATIONS = {
    # Against the provider: its people own it and say where it stands; only in-house it is closed, rested, rated.
    "escalations.press_own": Entry(
        "press",
        ids.OWN_PRESS,
        "escalation",
        _same(_ESCALATION, "dd r dd h", acknowledged="dd r od h", resolved="oo r oo h"),
    ),
    "escalations.open_word": Entry(
        "press", ids.WORD_OPEN, "escalation", {"open": "ff r ff h", "resolved": "oo r oo h"}
    ),
    "escalations.open_finish": Entry(
        "press", ids.FINISH_OPEN, "escalation", {"open": "ff r ff h", "resolved": "oo r oo h"}
    ),
    "escalations.open_snooze": Entry(
        "press", ids.SNOOZE_OPEN, "escalation", {"open": "ff r rr h", "resolved": "oo r rr h"}
    ),
    "escalations.open_rerate": Entry(
        "press", ids.RERATE_OPEN, "escalation", {"open": "ff r rr h", "resolved": "oo r rr h"}
    ),
    "escalations.open_reopen": Entry(
        "press", ids.REOPEN_OPEN, "escalation", {"open": "oo r oo h", "resolved": "ff r ff h"}
    ),
    "escalations.open_private": Entry(
        "press", ids.PRIVATE_OPEN, "escalation", {"open": "ff r rr h", "resolved": "ff r rr h"}
    ),
    "escalations.submit_word": Entry(
        "submit", ids.WORD_SUBMIT, "escalation", _same(_ESCALATION, "dd r dd h", resolved="oo r oo h"), _note()
    ),
    "escalations.submit_finish": Entry(
        "submit", ids.FINISH_SUBMIT, "escalation", _same(_ESCALATION, "dd r dd h", resolved="oo r oo h"), _note()
    ),
    "escalations.submit_snooze": Entry(
        "submit",
        ids.SNOOZE_SUBMIT,
        "escalation",
        _same(_ESCALATION, "dd r rr h", resolved="oo r rr h"),
        _day(ids.UNTIL, "2026-11-26") | _note(""),
    ),
    "escalations.submit_rerate": Entry(
        "submit", ids.RERATE_SUBMIT, "escalation", _same(_ESCALATION, "dd r rr h", resolved="oo r rr h"), _RATED
    ),
    "escalations.submit_reopen": Entry(
        "submit", ids.REOPEN_SUBMIT, "escalation", _same(_ESCALATION, "oo r oo h", resolved="dd r dd h"), _note("")
    ),
    "escalations.submit_private": Entry(
        "submit", ids.PRIVATE_SUBMIT, "escalation", _same(_ESCALATION, "dd r rr h"), _note("Between us")
    ),
    "escalations.command_escalate": Entry("command", "/escalate", "nothing", {"any": "ff r f- h"}),
    "escalations.submit_escalate": Entry(
        "submit",
        ids.ESCALATE_SUBMIT,
        "engagement",
        {"any": "dd r dd h"},
        _text(ids.WHAT, "The tills are down") | _choice(ids.SIDE, "vendor") | _RATED,
    ),
    "escalations.open_escalate_blocker": Entry(
        "press", ids.ESCALATE_OPEN, "blocker", _same(_BLOCKER, "ff r ff h", resolved="oo r oo h")
    ),
    "escalations.submit_escalate_blocker": Entry(
        "submit", ids.ESCALATE_BLOCKER, "blocker", _same(_BLOCKER, "dd r dd h", resolved="oo r oo h"), _RATED
    ),
}

HOME_TAB = {
    "home.open_away": Entry("press", ids.HOME_AWAY_OPEN, "nothing", {"any": "ff f ff h"}),
    "home.press_back": Entry("press", ids.HOME_BACK_PRESS, "absence", {"any": "dd d dd h"}),
    "home.open_help": Entry("press", ids.HOME_HELP_OPEN, "nothing", {"any": "ff f ff f"}),
    "home.press_next": Entry("press", ids.HOME_NEXT_PRESS, "nothing", {"any": "nn n nn n"}),
    "home.press_previous": Entry("press", ids.HOME_PREVIOUS_PRESS, "nothing", {"any": "nn n nn n"}),
}

ADMINISTRATION = {
    "settings.open_settings": Entry("press", ids.SETTINGS_OPEN, "engagement", {"any": "fr r rr h"}),
    "settings.open_edit": Entry("view", ids.EDIT_OPEN, "cadence", {"any": "dr r rr h"}),
    "settings.submit_newcomer": Entry(
        "submit", ids.NEWCOMER_SUBMIT, "engagement", {"any": "dr r rr h"}, _text("newcomer", "U0TOMAS")
    ),
    "settings.submit_edit": Entry("submit", ids.EDIT_SUBMIT, "draft", {"own": "dh h hh h"}),
    "settings.press_edit_back": Entry("view", ids.EDIT_BACK_PRESS, "draft", {"own": "dh h hh h"}),
    "settings.submit_save": Entry("submit", ids.SAVE_SUBMIT, "draft", {"own": "dh h hh h"}),
    "setup.open_setup": Entry("press", ids.SETUP_OPEN, "set-up", {"own": "fh h hh h"}),
    "setup.submit_parties": Entry("submit", ids.PARTIES_SUBMIT, "set-up", {"own": "dh h hh h"}),
    "setup.submit_people": Entry("submit", ids.PEOPLE_SUBMIT, "set-up", {"own": "dh h hh h"}),
    "setup.submit_rhythm": Entry("submit", ids.RHYTHM_SUBMIT, "set-up", {"own": "dh h hh h"}),
    "setup.submit_days": Entry("submit", ids.DAYS_SUBMIT, "set-up", {"own": "dh h hh h"}),
    "setup.submit_create": Entry("submit", ids.CREATE_SUBMIT, "set-up", {"own": "ih h hh h"}),
    "setup.press_setup_back": Entry("view", ids.SETUP_BACK_PRESS, "set-up", {"own": "dh h hh h"}),
}

COMMANDS = {
    # People of other workspaces have no commands.
    "commands.standup": Entry("command", "/standup", "nothing", {"any": "ff l f- h"}),
    "commands.cadence": Entry("command", "/cadence", "nothing", {"any": "ll l l- l"}),
    "commands.cadence status": Entry("command", "/cadence", "nothing", {"any": "ll l l- h"}, text="status"),
    "commands.cadence answer": Entry("command", "/cadence", "nothing", {"any": "ff l f- h"}, text="answer"),
    "commands.cadence standup": Entry("command", "/cadence", "nothing", {"any": "ff l f- h"}, text="standup"),
    "commands.cadence choose": Entry("command", "/cadence", "nothing", {"any": "ff f f- f"}, text="choose"),
    "commands.cadence escalate": Entry("command", "/cadence", "nothing", {"any": "ff r f- h"}, text="escalate"),
    "commands.cadence help": Entry("command", "/cadence", "nothing", {"any": "ll l l- l"}, text="help"),
    "commands.cadence now": Entry("command", "/cadence", "nothing", {"any": "ff l f- h"}, text="now"),
    "commands.cadence skip": Entry("command", "/cadence", "nothing", {"any": "ff o o- h"}, text="skip"),
    "commands.cadence away": Entry("command", "/cadence", "nothing", {"any": "ff f f- h"}, text="away"),
    "commands.cadence summary": Entry("command", "/cadence", "nothing", {"any": "ll l l- h"}, text="summary"),
    "commands.cadence questions": Entry("command", "/cadence", "nothing", {"any": "ll l l- h"}, text="questions"),
    "commands.cadence setup": Entry("command", "/cadence", "nothing", {"any": "fo o r- o"}, text="setup"),
    "commands.cadence settings": Entry("command", "/cadence", "nothing", {"any": "fr r r- h"}, text="settings"),
}

LEFT_OVER = {
    "workspace.on_old_button": Entry("press", "something.old", "nothing", {"any": "hh h hh h"}),
    "workspace.on_closed": Entry("closed", "anything", "nothing", {"any": "nn n nn n"}),
}

MATRIX: Mapping[str, Entry] = {
    **ASKS,
    **BLOCKERS,
    **CHECKINS,
    **ESCALATIONS,
    **HOME_TAB,
    **COMMANDS,
    **ADMINISTRATION,
    **LEFT_OVER,
}

EVENTS = {
    "channels.on_happening",
    "channels.on_unshared",
    "channels.on_id_changed",
    "channels.on_left",
    "channels.on_joined",
    "channels.on_user_changed",
    "channels.on_team_revoked",
    "home.on_opened",
    "mentions.on_mention",
    "messages.on_message",
    "workspace.on_loss",
    "workspace.on_other_event",
}
"""What Slack says happened: nobody presses it. Words of people are tried by kind of person in the journeys."""

"""Every handler, every kind of person, every state: one stage for all of them. A handler that is not listed fails."""

import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import count
from typing import Any
from uuid import uuid4

import pytest
import structlog
from sqlalchemy import event
from structlog.testing import capture_logs

from bot import ids
from bot.listeners.commands import _VERBS
from models.access import SYSTEM, Role, Side, Standing
from models.asks import service as asks
from models.asks import threads
from models.blockers import service as blockers
from models.blockers.rules import NewBlocker
from models.blockers.service import Thread
from models.blockers.tables import Blocker
from models.cadences.tables import Cadence
from models.checkins import marking, replies
from models.checkins import service as checkins
from models.checkins.rules import CheckInState
from models.checkins.tables import CheckIn, Prompt
from models.db import Database
from models.engagements.tables import Participant, Person
from models.escalations import service as escalations
from models.escalations.ladders import Severity
from models.escalations.rules import EscalationState
from models.escalations.tables import Escalation
from models.setup import drafts, setups
from models.setup.edits import Kind
from sandbox import views
from sandbox.limits import Limits
from sandbox.seed import example_world
from sandbox.server import SandboxServer
from tests.listeners.conftest import Answered, Desk
from tests.listeners.matrix import EVENTS, MATRIX, OUTCOMES, PEOPLE, Entry
from tests.support import payloads
from tests.support.payloads import CHANNEL, VENDOR_TEAM, Json
from tests.support.world import nov

_REFUSALS = {"NotAllowed": "r", "NotFound": "h", "Conflict": "o"}
_TALK = {"outbox_message", "home"}
"""Tables in which what is to be said waits: an old button has things drawn again."""
_numbers = count(1)


class Maker:
    """Makes what a handler is about, each time anew, by the services."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._world = desk.world
        self._by = {
            "ask": self._ask,
            "blocker": self._blocker,
            "check-in": self._checkin,
            "escalation": self._escalation,
            "engagement": lambda _: str(self._world.engagement_id),
            "cadence": lambda _: ids.edit_value("cadence", "daily"),
            "draft": self._draft,
            "set-up": self._setup,
            "reply": self._reply,
            "message": lambda _: _ts(),
            "absence": self._absence,
            "nothing": lambda _: str(uuid4()),
        }

    def make(self, about: str, state: str) -> str:
        """A new one in this state: what its buttons carry."""
        return self._by[about](state)

    def _ask(self, state: str) -> str:
        """Ines asks the provider."""
        ts = _ts()
        key = self._world.does(
            "ines", asks.mark, self._world.engagement_id, channel_id=CHANNEL, ts=ts, thread_ts=ts, text="Which port?"
        )
        if state == "replied":
            self._world.does("vik", threads.heard, channel_id=CHANNEL, thread_ts=ts, ts=_ts(), text="443")
        elif state != "waiting":
            self._world.does("ines", asks.answered if state == "answered" else asks.withdraw, key)
        return str(key)

    def _blocker(self, state: str) -> str:
        """Vik waits for the in-house side; Ines has taken it."""
        ts = _ts()
        new, where = NewBlocker("No access"), Thread(CHANNEL, ts, ts)
        self._world.does("vik", blockers.raise_from_message, self._world.engagement_id, new, where)
        key = self._world.rows(Blocker)[-1].id
        if state == "owned":
            self._world.does("ines", blockers.take, key)
        elif state == "resolved":
            self._world.does("vik", blockers.resolve, key, "")
        return str(key)

    def _reply(self, state: str) -> str:
        """Vik's reply in the thread of the check-in asks something; once it is marked, it asks nothing more."""
        said = {"thread_ts": self._desk.board.ts, "ts": _ts(), "text": "no blockers\nWhich port does it need?"}
        self._world.does("vik", replies.heard, channel_id=CHANNEL, **said)
        vik, checkin = self._world.place("vik"), self._desk.checkin
        prompt = next(
            row for row in self._world.rows(Prompt) if (row.participant_id, row.checkin_id) == (vik, checkin.id)
        )
        while state == "asked" and self._world.does("vik", marking.mark, prompt.id):
            pass
        return str(prompt.id)

    def _escalation(self, state: str) -> str:
        """Ines escalates against the provider; Vik owns it."""
        where = (self._world.engagement_id, "Stuck", Severity.S2, Side.VENDOR)
        row = self._world.does("ines", escalations.escalate, *where, source_key=f"view:{next(_numbers)}")
        match state:
            case "acknowledged":
                self._world.does("vik", escalations.acknowledge, row.id)
            case "snoozed":
                self._world.does("ines", escalations.snooze, row.id, nov(26), "")
            case "resolved":
                self._world.does("ines", escalations.finish, row.id, "")
            case "exhausted":
                with self._world.db.transaction(SYSTEM) as tx:
                    tx.one(Escalation, row.workspace_id, row.id).state = EscalationState.EXHAUSTED
        return str(row.id)

    def _checkin(self, state: str) -> str:
        rows = [row for row in self._world.rows(CheckIn) if row.state is CheckInState(state)]
        return str(rows[0].id)

    def _absence(self, _: str) -> str:
        """Everybody is away next Monday."""
        for name in ("ines", "olaf", "ada", "vik", "vera"):
            self._world.does(name, checkins.away, nov(30), nov(30))
        return ""

    def _draft(self, _: str) -> str:
        """Ines is about to give the stand-up another title."""
        sheet = self._world.does("ines", drafts.begin, self._world.engagement_id, Kind.CADENCE, "daily")
        self._world.does("ines", drafts.keep, sheet.draft_id, {"title": f"Round {next(_numbers)}"})
        return str(sheet.draft_id)

    def _setup(self, _: str) -> str:
        """Ines is about to set up another channel."""
        ines = replace(self._world.actor("ines"), standing=Standing.COLLEAGUE)
        with self._world.db.transaction(ines) as tx:
            return str(setups.begin(tx, "C0OTHER", "Europe/Paris").draft_id)


def request(desk: Desk, entry: Entry, person: str, made: str) -> Json:
    """What Slack sends when this person does it."""
    user, team = PEOPLE[person]
    match entry.how:
        case "press":
            return desk.press(user, entry.name, made, team=team)
        case "command":
            return desk.command(user, entry.name, entry.text)
        case "shortcut":
            message = payloads.message("U0VIKRAM", "Who decides?", CHANNEL, at=made)
            sent = payloads.message_action(user, entry.name, message, team=team)
            return sent | {"trigger_id": desk.server.workspace.new_trigger(user)}
        case "closed":
            return payloads.submission(user, payloads.opened(_view(entry, made)), {}) | {"type": "view_closed"}
    views.open_modal(desk.server.workspace, desk.server.workspace.new_trigger(user), _view(entry, made))
    shown = desk.form(user)
    assert shown is not None
    if entry.how == "submit":
        chosen = {ids.CHECKIN: {ids.VALUE: {"type": "plain_text_input", "value": made}}}
        values = chosen if entry.about == "check-in" and not entry.values else entry.values
        return payloads.submission(user, shown, values, team=team)
    action = {"action_id": entry.name, "type": "static_select", "value": made, "selected_option": {"value": made}}
    sent = payloads.view_press(user, shown, action, team=team)
    return sent | {"trigger_id": desk.server.workspace.new_trigger(user)}


def _view(entry: Entry, made: str) -> Json:
    """A form as this handler's own looks to Slack; what it carries is what counts."""
    metadata = made
    if entry.about == "message":
        metadata = ids.message_ref(_view.engagement_id, CHANNEL, made, made)  # type: ignore[attr-defined]
    if entry.about == "cadence":
        metadata = str(_view.engagement_id)  # type: ignore[attr-defined]
    text = {"type": "section", "text": {"type": "mrkdwn", "text": "A form"}}
    title = {"type": "plain_text", "text": "A form"}
    fields = [
        {
            "type": "input",
            "block_id": name,
            "label": title,
            "optional": True,
            "element": {"type": "plain_text_input", "action_id": ids.VALUE},
        }
        for name in entry.values
    ]
    view = {"type": "modal", "callback_id": entry.name, "private_metadata": metadata, "title": title}
    return view | {"submit": title, "blocks": [text, *fields]}


@contextmanager
def writes(db: Database) -> Iterator[set[str]]:
    """The tables in which rows were written while this is open."""
    tables: set[str] = set()

    def note(_connection: Any, cursor: Any, statement: str, *_: Any) -> None:
        words = statement.replace('"', "").split()
        verb = words[0].upper()
        if verb in ("INSERT", "UPDATE", "DELETE") and cursor.rowcount != 0:
            tables.add(words[1 if verb == "UPDATE" else 2])

    event.listen(db.engine, "after_cursor_execute", note)
    try:
        yield tables
    finally:
        event.remove(db.engine, "after_cursor_execute", note)


async def outcome(desk: Desk, entry: Entry, person: str, made: str) -> str:
    """What comes of it, as a letter; the words instead where something is broken."""
    user = PEOPLE[person][0]
    ws = desk.server.workspace
    ws.modals.pop(user, None)
    ws.ephemerals.pop(user, None)
    body = request(desk, entry, person, made)
    before, heard = desk.form(user), len(desk.server.person(user).direct_messages())
    with writes(desk.world.db) as written, capture_logs() as logs:
        answer = await desk.sends(body)
    directly = desk.server.person(user).direct_messages()[heard:]
    said = f"{ws.ephemerals.get(user, [])}{directly}{answer.text}"
    if answer.status != 200 or any(line["event"] in ("bug", "slack_failed", "not_stored") for line in logs):
        return said or str(answer.status)
    if written - _TALK:
        return "d"
    refused = next((line["reason"] for line in logs if line["event"] == "refused"), "")
    if refused:
        return _REFUSALS[refused]
    return _letter(said, answer, is_form=desk.form(user) not in (before, None))


def _letter(said: str, answer: Answered, *, is_form: bool) -> str:
    if answer.errors:
        return "i"
    if "moved on meanwhile" in said:
        return "o"
    is_redrawn = isinstance(answer.body, dict) and answer.body.get("response_action") in ("update", "push")
    if is_form or is_redrawn:
        return "i" if "That did not work" in said else "f"
    return "l" if len(said) > len('[][]""') else "n"


@pytest.fixture
async def sandbox() -> AsyncIterator[SandboxServer]:
    """A Slack for which a minute passes at every look: so many forms a minute nobody opens."""
    minutes = count()
    server = SandboxServer(example_world(limits=Limits(lambda: next(minutes) * 60.0)))
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
def outspoken() -> Iterator[None]:
    """The log says also what was refused."""
    before = structlog.get_config()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.INFO))
    yield
    structlog.configure(**before)


@pytest.fixture
def staffed(desk: Desk) -> Desk:
    """Olaf is no more than a member, and Vera is known to come from the provider's own workspace."""
    desk.world.change(Participant, {"id": desk.world.place("olaf")}, role=Role.MEMBER)
    desk.world.change(Cadence, {"key": "summary"}, zone="Europe/Paris")
    with desk.world.db.transaction(SYSTEM) as tx:
        vera = next(row for row in desk.world.rows(Person) if row.slack_user_id == "U0VERA")
        tx.one(Person, vera.workspace_id, vera.id).slack_team_id = VENDOR_TEAM
    desk.world.advance()
    _view.engagement_id = desk.world.engagement_id  # type: ignore[attr-defined]
    return desk


@pytest.mark.usefixtures("outspoken")
async def test_who_gets_what_from_which_handler_in_which_state(staffed: Desk) -> None:
    maker, wrong = Maker(staffed), []

    for name, entry in MATRIX.items():
        staffed.forgets_floods()
        for state, expected in entry.outcomes.items():
            found = await tried(staffed, entry, maker, state)
            if found != expected:
                wrong.append(f"{name}, {state}: {found} instead of {expected}")

    assert not wrong, "\n".join([*wrong, *(f"{letter} = {words}" for letter, words in OUTCOMES.items())])


async def tried(desk: Desk, entry: Entry, maker: Maker, state: str) -> str:
    """What comes of it for each person, written as in the matrix."""
    made, letters = maker.make(entry.about, state), []
    for person, expected in zip(PEOPLE, entry.outcomes[state].replace(" ", ""), strict=True):
        if expected == "-":
            letters.append("-")
            continue
        letters.append(await outcome(desk, entry, person, made))
        if letters[-1] == "d":
            made = maker.make(entry.about, state)
    return "".join((*letters[:2], " ", letters[2], " ", *letters[3:5], " ", letters[5]))


def test_every_handler_is_listed(desk: Desk) -> None:
    found = {
        f"{listener.ack_function.__module__.rpartition('.')[2]}.{listener.ack_function.__name__}"
        for listener in desk.bolt._async_listeners
    }

    assert found == {name.partition(" ")[0] for name in MATRIX} | EVENTS


def test_every_word_of_the_command_is_listed() -> None:
    assert {entry.text for entry in MATRIX.values() if entry.name == "/cadence"} == {"", *_VERBS}


def _ts() -> str:
    return f"1795509900.{next(_numbers):06d}"

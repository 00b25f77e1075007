"""What people do. They see only what Slack shows them; what Slack told them goes into the ledger."""

import itertools
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import date, timedelta
from random import Random
from typing import Any

from sandbox.errors import NotAnswered, Refused
from sandbox.person import Person
from sandbox.seed import HOME, INHOUSE, SHARED
from tests.simulation.books import Books, moment
from tests.simulation.history import Spot
from tests.simulation.ledger import Ledger
from tests.simulation.plans import Character, Plan
from tests.support.stage import Stage, direct_with, shown_in

Json = dict[str, Any]
Deed = Callable[[Character], Awaitable[None]]
_PRESSES = 3


class People:
    """Everybody of a plan, on a stage."""

    def __init__(self, stage: Stage, plan: Plan, books: Books, ledger: Ledger, rng: Random) -> None:
        self._stage = stage
        self._plan = plan
        self._books = books
        self._ledger = ledger
        self._rng = rng
        self._numbers = itertools.count(1)

    def mark(self, kind: str = "said") -> str:
        """A word that nobody else says."""
        return f"{kind}-{next(self._numbers)}"

    # -- answering ------------------------------------------------------------------------------------------------

    async def answers(self, who: Character) -> None:
        """Answer the newest board, each in their own way."""
        if self._rng.random() < who.in_form and not self._person(who).user.post_only:
            await self.fills_in(who, self._board())
        elif self._rng.random() < 0.25:
            await self.writes(who)
        else:
            await self.replies(who, self._board())

    async def answers_in_thread(self, who: Character) -> None:
        """Answer the newest board in its thread."""
        await self.replies(who, self._board())

    async def answers_late(self, who: Character) -> None:
        """Answer the board before the newest one."""
        await self.replies(who, self._board(1))

    async def fills_in(self, who: Character, board: Json | None) -> None:
        """Press Answer, fill in the form, send it; pressing again where Slack shows an error."""
        person, day = self._person(who), self._day(board)
        if board is None or day is None or not await self._opens(person, board, "checkin.answer.open"):
            return
        view, mark = person.open_views[-1], self.mark()
        text = "answer.done" if who.side == "vendor" else "answer.checked"
        given: dict[str, Any] = {text: f"Finished {mark}.", "answer.blocked": "no"}
        for block in view["blocks"]:
            block_id = str(block.get("block_id", ""))
            if block_id.endswith(".verdict"):
                given[block_id] = self._rng.choice(("kept", "on_track"))
            elif block_id.startswith("still."):
                given[block_id] = self._rng.choice(("yes", "no"))
        marks = {mark}
        if self._rng.random() < 0.15:
            promised = self.mark()
            given["answer.next"] = f"Part {promised} by Friday"
            marks.add(promised)
        elif "answer.next" in {block.get("block_id") for block in view["blocks"]}:
            given["answer.next"] = ""
        if await self._sends(person, view, given):
            self._ledger.filled_in((who.slack, day), frozenset(marks))

    async def replies(self, who: Character, board: Json | None) -> None:
        """Answer in the thread."""
        if board is None or (day := self._day(board)) is None:
            return
        words, marks = self._words(who)
        said = await self._person(who).posts(SHARED, words, thread_ts=board["ts"])
        self._notes(who, day, (SHARED, said["ts"]), marks)

    async def writes(self, who: Character) -> None:
        """Answer directly, if one was asked directly and the check-in is open."""
        day = self._day(self._board())
        if day is None or day != self._asked_for(who):
            return
        words, marks = self._words(who)
        channel = direct_with(self._stage.sandbox, who.slack)
        said = await self._person(who).posts(channel, words)
        self._ledger.replied((who.slack, day), (channel, said["ts"]), marks)

    async def edits(self, who: Character) -> None:
        """Edit the last reply."""
        if message := self._own_reply(who):
            words, marks = self._words(who)
            await self._person(who).edits(message, words)
            spot = (message["channel"], message["ts"])
            self._notes(who, self._ledger.where[spot][1], spot, marks)

    async def deletes(self, who: Character) -> None:
        """Delete the last reply."""
        if message := self._own_reply(who):
            await self._person(who).deletes(message)
            spot = (message["channel"], message["ts"])
            if self._still_counts(self._ledger.where[spot][1]):
                self._ledger.took_back(spot)

    async def talks(self, who: Character) -> None:
        """Say something that is no answer."""
        await self._person(who).posts(SHARED, f"Has anybody seen {self.mark()}?")

    async def presses_an_old_button(self, who: Character) -> None:
        """Press Answer on a board that is long over."""
        if board := self._board(self._rng.randrange(2, 6)):
            await self._opens(self._person(who), board, "checkin.answer.open")
            await self._closes(who)

    async def presses_twice(self, who: Character) -> None:
        """Press Answer twice, fill in what opened last, and send it twice."""
        if board := self._board():
            await self._opens(self._person(who), board, "checkin.answer.open")
            await self.fills_in(who, board)
            await self._closes(who)

    async def skips(self, who: Character) -> None:
        """Say in the thread that there is nothing to say."""
        if board := self._board():
            await self._person(who).posts(SHARED, "skip: on a training", thread_ts=board["ts"])

    # -- coming and going -----------------------------------------------------------------------------------------

    async def goes_away(self, who: Character) -> None:
        """Be away for some days from tomorrow on."""
        words = self._rng.choice(("away tomorrow", "away Monday to Wednesday", "away Thursday to Friday"))
        await self._tells(who, words)

    async def comes_back(self, who: Character) -> None:
        """Be back."""
        await self._tells(who, "away back")

    # -- what is stuck --------------------------------------------------------------------------------------------

    async def is_blocked(self, who: Character) -> None:
        """Raise a blocker in the thread."""
        if (board := self._board()) and (day := self._day(board)):
            mark = self.mark()
            other = next(one for one in self._plan.cast if one.side != who.side)
            words = f"blocked: No access {mark} for <@{other.slack}>"
            said = await self._person(who).posts(SHARED, words, thread_ts=board["ts"])
            self._notes(who, day, (SHARED, said["ts"]), frozenset({mark}))

    async def works_on_a_card(self, who: Character) -> None:
        """Press a button of some card of a blocker or an escalation, or answer in its thread."""
        cards = [item for item in self._ours() if _is_card(item)]
        if not cards:
            return
        card = self._rng.choice(cards[-4:])
        buttons = [
            element["action_id"]
            for block in card.get("blocks", [])
            for element in block.get("elements", [])
            if element.get("type") == "button"
        ]
        presses = bool(buttons) and not self._person(who).user.post_only
        if not _is_in_a_thread(card) and (not presses or self._rng.random() < 0.3):
            words = self._rng.choice(("mine", "update: looking at it", "done", "still waiting"))
            await self._person(who).posts(SHARED, words, thread_ts=card["ts"])
            return
        if presses:
            await self._presses(who, card, self._rng.choice(buttons))

    async def tidies_up(self, who: Character) -> None:
        """See to the oldest card that waits for a click, and end it."""
        ends = ("escalation.finish.open", "blocker.resolve.open")
        for card in self._ours():
            if action := next((end for end in ends if end in str(card.get("blocks"))), None):
                if not self._person(who).user.post_only:
                    await self._presses(who, card, action)
                elif not _is_in_a_thread(card):
                    await self._person(who).posts(SHARED, "done", thread_ts=card["ts"])
                return

    async def notes_privately(self, who: Character) -> None:
        """Write a private note in the thread of an escalation's twin in the in-house channel."""
        if who.side != "inhouse":
            return
        twins = [item for item in self._ours(INHOUSE) if "escalation.private.open" in str(item.get("blocks"))]
        if twins:
            words = f"Between us: {self.mark('private')}"
            await self._person(who).posts(INHOUSE, words, thread_ts=self._rng.choice(twins)["ts"])

    async def asks(self, who: Character) -> None:
        """Ask the other side by a mention."""
        bot = self._stage.sandbox.workspace.app.bot_user_id
        await self._person(who).posts(SHARED, f"<@{bot}> needs an answer: which port is {self.mark()}?")

    async def answers_a_question(self, who: Character) -> None:
        """Answer somebody's question in its thread."""
        asked = [
            item for item in self._all() if "needs an answer" in item.get("text", "") and item["user"] != who.slack
        ]
        if asked:
            await self._person(who).posts(SHARED, "It is 443.", thread_ts=self._rng.choice(asked)["ts"])

    async def opens_home(self, who: Character) -> None:
        """Open the Home tab."""
        if not who.is_external:
            await self._once(self._person(who).opens_home)

    async def a_stranger_presses(self, _: Character) -> None:
        """Mallory, who is on no roster, presses Answer and writes in the thread."""
        mallory = self._stage.person("mallory")
        if board := self._board():
            await self._once(lambda: mallory.clicks(board, "checkin.answer.open"))
            await mallory.posts(SHARED, f"blocked: by me, {self.mark()}", thread_ts=board["ts"])

    # -- how ------------------------------------------------------------------------------------------------------

    async def _tells(self, who: Character, words: str) -> None:
        if who.is_external or self._rng.random() < 0.3:
            bot = self._stage.sandbox.workspace.app.bot_user_id
            await self._person(who).posts(SHARED, f"<@{bot}> {words}")
        else:
            await self._once(lambda: self._person(who).commands(f"/cadence {words}", SHARED))

    async def _presses(self, who: Character, card: Json, action: str) -> None:
        person = self._person(who)
        before = len(person.open_views)
        await self._once(lambda: person.clicks(card, action))
        if len(person.open_views) > before:
            view = person.open_views[-1]
            given = {
                str(block["block_id"]): f"Seen to, {self.mark()}."
                for block in view["blocks"]
                if block.get("type") == "input" and block["element"]["type"] == "plain_text_input"
            }
            await self._sends(person, view, given)
        await self._closes(who)

    async def _opens(self, person: Person, message: Json, action: str) -> bool:
        """Press until a form is there."""
        before = len(person.open_views)
        for _ in range(_PRESSES):
            await self._once(lambda: person.clicks(message, action))
            if len(person.open_views) > before:
                return True
        return False

    async def _sends(self, person: Person, view: Json, given: dict[str, Any]) -> bool:
        """Send a form until it is taken; false when it is not."""
        for _ in range(_PRESSES):
            try:
                errors = await person.submits(person.open_views[-1], given)
            except NotAnswered:
                continue
            except (Refused, IndexError):
                return False
            if errors:
                break
            return all(shown["id"] != view["id"] for shown in person.open_views)
        if person.open_views:
            await person.closes(clear=True)
        return False

    async def _closes(self, who: Character) -> None:
        person = self._person(who)
        if person.open_views:
            await person.closes(clear=True)

    async def _once(self, doing: Callable[[], Awaitable[object]]) -> None:
        with suppress(NotAnswered, Refused):  # they shrug
            await doing()

    def _person(self, who: Character) -> Person:
        return self._stage.person(who.name)

    def _all(self, channel: str = SHARED) -> list[Json]:
        found = self._stage.sandbox.workspace.channel(channel).messages.values()
        return [{**item, "channel": channel} for item in found if item.get("subtype") != "tombstone"]

    def _ours(self, channel: str = SHARED) -> list[Json]:
        return [item for item in self._all(channel) if item.get("bot_id")]

    def _board(self, back: int = 0) -> Json | None:
        """The newest board, or an earlier one."""
        boards = [item for item in self._ours() if "checkin.answer.open" in str(item.get("blocks"))]
        boards = [item for item in boards if item.get("thread_ts", item["ts"]) == item["ts"]]
        return boards[-1 - back] if len(boards) > back else None

    def _day(self, board: Json | None) -> date | None:
        if board is None:
            return None
        return self._books.dates_of_boards([(SHARED, board["ts"])]).get((SHARED, board["ts"]))

    def _asked_for(self, who: Character) -> date | None:
        """The date of the open check-in that somebody was asked for directly."""
        sql = """SELECT check_in.local_date FROM prompt JOIN check_in ON check_in.id = prompt.checkin_id
                 JOIN participant ON participant.id = prompt.participant_id
                 JOIN person ON person.id = participant.person_id
                 WHERE check_in.state = 'open' AND prompt.asked_at IS NOT NULL AND prompt.workspace_id = ?
                 AND person.slack_user_id = ?"""
        found = [date.fromisoformat(day) for (day,) in self._books.rows(sql, HOME, who.slack)]
        return max(found, default=None)

    def _own_reply(self, who: Character) -> Json | None:
        for (channel, ts), (slack, _) in reversed(self._ledger.where.items()):
            message = self._stage.sandbox.workspace.channel(channel).messages.get(ts)
            if slack == who.slack and message:
                return {**message, "channel": channel}
        return None

    def _notes(self, who: Character, day: date, spot: Spot, marks: frozenset[str]) -> None:
        """A reply counts as long as its check-in takes answers."""
        if self._still_counts(day):
            self._ledger.replied((who.slack, day), spot, marks)

    def _still_counts(self, day: date) -> bool:
        """Whether a check-in is open, or closed at most seven days ago: later, what was said stays as it is."""
        sql = "SELECT closed_at FROM check_in WHERE workspace_id = ? AND local_date = ?"
        closed = moment(self._books.one(sql, HOME, day.isoformat()))
        return closed is None or self._stage.clock.now() - closed <= timedelta(days=7)

    def _words(self, who: Character) -> tuple[str, frozenset[str]]:
        """An answer in words, and its marks. Most say what became of what they promised."""
        marks = [self.mark()]
        lines = [f"Worked on {marks[0]}.", "no blockers"]
        lines += [f"C-{number} done" for number in self._promised(who) if self._rng.random() < 0.7]
        if self._rng.random() < 0.15:
            marks.append(self.mark())
            lines.append(f"next: Part {marks[1]} by Friday")
        return "\n".join(lines), frozenset(marks)

    def _promised(self, who: Character) -> list[int]:
        """The numbers of somebody's open promises, as the bot has told them."""
        sql = """SELECT number FROM commitment JOIN participant ON participant.id = participant_id
                 JOIN person ON person.id = person_id
                 WHERE commitment.state = 'open' AND commitment.workspace_id = ? AND slack_user_id = ?"""
        return [number for (number,) in self._books.rows(sql, HOME, who.slack)]


def _is_in_a_thread(message: Json) -> bool:
    """Whether words below it would be words in a thread that is another message's: in a board's they are an answer."""
    return bool(message.get("thread_ts", message["ts"]) != message["ts"])


def _is_card(message: Json) -> bool:
    return any(word in shown_in(message) for word in ("blocker.", "escalation."))

"""People who answer every check-in once, in its thread or by its form, and remember what they were told is stored."""

import asyncio
import random
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

from sqlmodel import select

from models.checkins.tables import Reply, Response
from models.db import Tx
from sandbox.errors import NotAnswered
from sandbox.person import Person
from sandbox.server import SandboxServer
from sandbox.state import Json
from tests.support import alike

_ITEM = re.compile(r"Item \d{5}\b")
_TRIES = 20
_READING_SECONDS = 2.0
"""Nobody answers what has not stood there for so long."""


@dataclass(frozen=True)
class Said:
    """What somebody said in a check-in: a reply in a channel, with its ts, or a form, with none."""

    item: str
    channel_id: str
    ts: str


class Crowd:
    """The people of all engagements. Each answers one check-in after the other, about so many seconds apart."""

    def __init__(self, sandbox: SandboxServer, engagements: int, pause: float, seed: int) -> None:
        self._sandbox = sandbox
        self._channels = [alike.channel(number) for number in range(engagements)]
        self._pause = pause
        self._chance = random.Random(seed)
        self._given = 0
        self.said: list[Said] = []
        """All of it is to be stored: forms were acknowledged, replies Slack brings until they are, four times."""
        self.pressed_again = 0
        """How often a press or a form was not taken, so that the person tried once more."""
        self._refused: list[str] = []

    async def answer(self, checkins: int) -> None:
        """Answer until everybody has answered so many check-ins."""
        async with asyncio.TaskGroup() as group:
            for user_id in alike.PEOPLE:
                group.create_task(self._answer_all(self._sandbox.person(user_id), checkins))

    async def _answer_all(self, person: Person, checkins: int) -> None:
        done: set[tuple[str, str]] = set()
        while len(done) < checkins:
            await asyncio.sleep(self._pause * self._chance.uniform(0.5, 1.5))
            boards = [board for board in self._boards() if (board["channel"], board["ts"]) not in done]
            if boards:
                board = self._chance.choice(boards)
                await self._answer(person, board)
                done.add((board["channel"], board["ts"]))

    def _boards(self) -> Iterator[Json]:
        latest = self._sandbox.workspace.clock.now().timestamp() - _READING_SECONDS
        for channel_id in self._channels:
            for message in self._sandbox.workspace.channel(channel_id).messages.values():
                is_top = message.get("thread_ts", message["ts"]) == message["ts"]
                if message.get("bot_id") and is_top and float(message["ts"]) < latest:
                    yield {**message, "channel": channel_id}

    async def _answer(self, person: Person, board: Json) -> None:
        """By the form, or in the thread, where the provider's people always answer."""
        self._given += 1
        item = f"Item {self._given:05}"
        if person.id in alike.INHOUSE and self._chance.random() < 0.6:
            if await self._fill_in(person, board, item):
                self.said.append(Said(item, board["channel"], ""))
            else:
                self._refused.append(f"{item} in {board['channel']} was taken by nobody after {_TRIES} tries")
                if person.open_views:
                    await person.closes(clear=True)
        else:
            made = await person.posts(board["channel"], f"{item} is finished.", thread_ts=board["ts"])
            self.said.append(Said(item, board["channel"], made["ts"]))

    async def _fill_in(self, person: Person, board: Json, item: str) -> bool:
        """Press Answer and send the form, again if it was not taken, as one is told to; whether it was at last."""
        for _ in range(_TRIES):
            with suppress(NotAnswered):
                if not person.open_views:
                    await person.clicks(board, "checkin.answer.open")
                if person.open_views and await self._send(person, item):
                    return True
            self.pressed_again += 1
            await asyncio.sleep(1)
        return False

    async def _send(self, person: Person, item: str) -> bool:
        wrong = await person.submits(
            person.open_views[-1], {"answer.checked": f"{item} is finished.", "answer.blocked": "no"}
        )
        return not wrong and not person.open_views

    # -- what became of it --------------------------------------------------------------------------------------

    def wrong(self, tx: Tx) -> list[str]:
        """What was acknowledged and is not stored exactly once, or is stored though nobody said it."""
        answers = [frozenset(_ITEM.findall(tx.unseal(row, "answers"))) for row in tx.session.exec(select(Response))]
        stored = Counter(item for items in answers for item in items)
        heard = Counter((row.channel_id, row.ts) for row in tx.session.exec(select(Reply)))
        wrong = [f"{len(answers)} answers are stored, {len(self.said)} were given"] * (len(answers) != len(self.said))
        taken = self._taken()
        for said in self.said:
            if (times := stored.pop(said.item, 0)) != 1:
                how = "" if not said.ts or (said.channel_id, said.ts) in taken else ", and was taken by nobody"
                wrong.append(f"{said.item} in {said.channel_id} is stored {times} times{how}")
            if said.ts and (times := heard.pop((said.channel_id, said.ts), 0)) != 1:
                wrong.append(f"the reply {said.item} in {said.channel_id} is stored {times} times")
        return wrong + [f"nobody said {what}" for what in (*stored, *heard)] + self._refused

    def _taken(self) -> set[tuple[str, str]]:
        """Channel and ts of the messages that somebody acknowledged in time; the others may be stored all the same."""
        events = [
            entry.payload["event"]
            for entry in self._sandbox.deliveries.log
            if entry.ack.ok and entry.kind == "events_api"
        ]
        return {(event.get("channel"), event.get("ts")) for event in events if event["type"] == "message"}

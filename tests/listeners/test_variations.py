"""Slack leaves things out, sends them empty, and adds others: whatever is missing, nothing breaks.

Every field of every kind of request is left out, sent as null and sent empty, one at a time.
"""

import traceback
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest
from structlog.testing import capture_logs

from bot import ids
from bot.web import GARBLED
from models.checkins.tables import Response
from tests.listeners.conftest import Desk
from tests.listeners.test_checkins import FILLED, open_form
from tests.support import payloads
from tests.support.payloads import CHANNEL, TEAM, VENDOR_TEAM, Json

GONE = object()
INSTEAD: tuple[Any, ...] = (GONE, None, "")
KINDS = ("reply", "broadcast", "direct", "edit", "deletion", "mention", "press", "command", "submission", "redraw")


def places(body: Json, at: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Every field of a request, at any depth, but for the blocks of a form."""
    for name, value in body.items():
        yield (*at, name)
        if isinstance(value, dict) and name not in ("text", "blocks"):
            yield from places(value, (*at, name))
        elif isinstance(value, list) and value and isinstance(value[0], dict) and name != "blocks":
            yield from places(value[0], (*at, name, 0))


def without(body: Json, place: tuple[str | int, ...], instead: object) -> Json:
    """The request with one field replaced, or taken out."""
    changed = deepcopy(body)
    inner: Any = changed
    for step in place[:-1]:
        inner = inner[step]
    if instead is GONE or (instead == "" and isinstance(inner[place[-1]], dict | list)):
        del inner[place[-1]]
    else:
        inner[place[-1]] = instead
    return changed


async def request(desk: Desk, kind: str) -> Json:
    """One good request of a kind."""
    said = payloads.message("U0VERA", "Index done", CHANNEL, team=VENDOR_TEAM, thread=desk.board.ts)
    match kind:
        case "reply":
            return payloads.event(said, team=VENDOR_TEAM, shared=True)
        case "broadcast":
            return payloads.event(said | {"subtype": "thread_broadcast", "root": {"ts": desk.board.ts}})
        case "direct":
            return payloads.event(payloads.message("U0INES", "Index done", "D0INES"))
        case "edit":
            return payloads.event(payloads.changed(said, "Index almost done"), shared=True)
        case "deletion":
            return payloads.event(payloads.deleted(said), shared=True)
        case "mention":
            return payloads.event(payloads.mention("U0VERA", "status", CHANNEL, team=VENDOR_TEAM), shared=True)
        case "press":
            return desk.press("U0VERA", ids.ANSWER_OPEN, str(desk.checkin.id), team=VENDOR_TEAM)
        case "command":
            return desk.command("U0INES", "/cadence", "status")
        case "submission":
            return payloads.submission("U0VERA", await open_form(desk, "U0VERA", VENDOR_TEAM), FILLED, team=VENDOR_TEAM)
        case _:
            form = await open_form(desk, "U0VERA", VENDOR_TEAM)
            action = {"action_id": ids.ANSWER_CHANGE, "type": "radio_buttons", "selected_option": {"value": "yes"}}
            return payloads.view_press("U0VERA", form, action, team=VENDOR_TEAM)


@pytest.mark.parametrize("kind", KINDS)
async def test_no_missing_or_odd_field_breaks_anything(desk: Desk, kind: str) -> None:
    good = await request(desk, kind)
    broken = []
    for place in places(good):
        for instead in INSTEAD if place != ("view", "id") else ():
            body = without(good, place, instead)
            if problem := await _problem(desk, body):
                broken.append((place, "gone" if instead is GONE else instead, problem))
    assert not broken, broken[:12]


async def _problem(desk: Desk, body: Json) -> object:
    """What went wrong with a request; none when it was answered, or refused by Bolt as no request at all."""
    desk.forgets_floods()
    with capture_logs() as logs:
        try:
            status = (await desk.sends(body)).status
        except GARBLED as error:
            where = traceback.extract_tb(error.__traceback__)[-1].filename
            return None if "slack_bolt" in where else error
    bugs = [entry for entry in logs if entry["event"] == "bug" and not entry["frames"][-1].startswith("listener_")]
    return bugs or (status if status >= 500 else None)


@pytest.mark.parametrize("kind", KINDS)
async def test_fields_nobody_has_heard_of_change_nothing(desk: Desk, kind: str) -> None:
    good = await request(desk, kind)
    with_more = {**good, "context_enterprise_id": "E1", "enterprise_id": "E1", "novelty": {"a": [1]}}
    if "event" in with_more:
        with_more["event"] = {**good["event"], "assistant_thread": {"x": 1}, "files": [], "attachments": []}

    first = await desk.sends(with_more)

    assert first.status == 200


@pytest.mark.parametrize("left_out", ["authorizations", "event_context", "context_team_id", "is_ext_shared_channel"])
async def test_an_event_is_understood_without_what_slack_need_not_send(desk: Desk, left_out: str) -> None:
    good = payloads.event(payloads.message("U0INES", "Index done", CHANNEL, team=TEAM, thread=desk.board.ts))
    del good[left_out]

    assert (await desk.sends(good)).status == 200

    assert len(desk.world.rows(Response)) == 1


@pytest.mark.parametrize("team", [None, {"id": VENDOR_TEAM, "domain": "theirs"}])
async def test_a_press_is_of_the_workspace_whose_message_it_is_on(desk: Desk, team: Json | None) -> None:
    """For an app that an organisation installed, Slack names no team; others name the person's."""
    body = desk.press("U0VERA", ids.ANSWER_OPEN, str(desk.checkin.id), team=VENDOR_TEAM) | {"team": team}

    await desk.sends(body)

    assert desk.form("U0VERA") is not None


async def test_a_press_that_does_not_say_where_somebody_is_from_is_looked_up(desk: Desk) -> None:
    body = desk.press("U0VERA", ids.ANSWER_OPEN, str(desk.checkin.id), team=VENDOR_TEAM)
    del body["user"]["team_id"]

    await desk.sends(body)

    assert desk.form("U0VERA") is not None

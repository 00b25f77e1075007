"""Hostile HTTP: whatever is sent to the door without a right is refused with 4xx, no trace and no body in the log."""

import json
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import ClientSession, web
from slack_bolt.async_app import AsyncApp

from bot.doctor.findings import Level
from bot.doctor.slack import way_in
from bot.errors import on_error
from bot.identity import NoToken
from bot.settings import Settings
from bot.verifier import MAX_BODY, ReplayMemory, Verifier
from bot.web import SLACK_PATH, SlackDoor, web_app
from models.clock import SystemClock
from sandbox.seed import BOT_TOKEN
from tests.conftest import TEST_KEYS
from tests.support import payloads
from tests.support.payloads import form, sign

SECRET = b"8f742231b10e8888abcd99yyyzzz85a5"
CANARY = "canary-text-that-must-not-be-logged"
GOOD = json.dumps(payloads.event({"type": "app_home_opened", "user": "U1", "text": CANARY})).encode()
JSON = "application/json"
FORM = "application/x-www-form-urlencoded"


class Door:
    """The web server on a free port, and what came through it."""

    def __init__(self) -> None:
        self.heard: list[dict[str, Any]] = []
        self.problems: dict[str, str] = {}
        self.url = ""

    async def start(self) -> web.AppRunner:
        bolt = AsyncApp(authorize=NoToken(), process_before_response=True, request_verification_enabled=False)

        async def hear(body: dict[str, Any]) -> None:
            self.heard.append(body)

        bolt.event({"type": "app_home_opened"})(hear)
        bolt.error(on_error())
        door = SlackDoor(bolt, Verifier([SECRET], SystemClock()), ReplayMemory())
        self.app = web_app(live=self._check, ready=self._check, slack=door)
        runner = web.AppRunner(self.app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        return runner

    async def _check(self) -> dict[str, str]:
        return self.problems


@pytest.fixture
async def door() -> AsyncIterator[Door]:
    door = Door()
    runner = await door.start()
    yield door
    await runner.cleanup()


@pytest.fixture
async def http() -> AsyncIterator[ClientSession]:
    async with ClientSession() as session:
        yield session


def now() -> int:
    return int(time.time())  # noqa: TID251 (signatures are about real time)


def signed(body: bytes, content_type: str = JSON, **changed: str | None) -> dict[str, str]:
    names = {"timestamp": "X-Slack-Request-Timestamp", "signature": "X-Slack-Signature"}
    headers = {"Content-Type": content_type, **sign(body, SECRET, now())}
    for part, value in changed.items():
        headers.pop(names[part])
        if value is not None:
            headers[names[part]] = value
    return headers


DIGEST = "0" * 64
HEADERS = {
    "no headers": {"timestamp": None, "signature": None},
    "no timestamp": {"timestamp": None},
    "no signature": {"signature": None},
    "empty timestamp": {"timestamp": ""},
    "empty signature": {"signature": ""},
    "blank timestamp": {"timestamp": "  "},
    "words for a timestamp": {"timestamp": "yesterday"},
    "fraction": {"timestamp": "1795000000.5"},
    "exponent": {"timestamp": "1e9"},
    "negative": {"timestamp": "-1"},
    "hexadecimal": {"timestamp": "0x6B49D200"},
    "underscores": {"timestamp": "1_795_000_000"},
    "not a number": {"timestamp": "nan"},
    "infinite": {"timestamp": "inf"},
    "arabic digits": {"timestamp": "١٧٩٥٠٠٠٠٠٠"},
    "5000 digits": {"timestamp": "9" * 5000},
    "thirteen digits": {"timestamp": "1795000000000"},
    "zero": {"timestamp": "0"},
    "long ago": {"timestamp": "1531420618"},
    "far ahead": {"timestamp": "99999999999"},
    "no version": {"signature": DIGEST},
    "other version": {"signature": f"v1={DIGEST}"},
    "upper case": {"signature": f"V0={DIGEST}"},
    "short digest": {"signature": "v0=abc"},
    "long digest": {"signature": f"v0={DIGEST}0"},
    "no hex": {"signature": f"v0={'g' * 64}"},
    "capital hex": {"signature": f"v0={'A' * 64}"},
    "not ASCII": {"signature": f"v0={'é' * 64}"},
    "two signatures": {"signature": f"v0={DIGEST},v0={DIGEST}"},
    "wrong digest": {"signature": f"v0={DIGEST}"},
}

BODIES = {
    "empty": (b"", JSON),
    "a list": (b"[]", JSON),
    "a number": (b"1", JSON),
    "null": (b"null", JSON),
    "empty object": (b"{}", JSON),
    "half an object": (b'{"type":', JSON),
    "not UTF-8": (b'{"type":"\xff\xfe"}', JSON),
    "deep nesting": (b'{"a":' * 100_000, JSON),
    "authorizations of the wrong kind": (b'{"type":"event_callback","authorizations":7,"event":{}}', JSON),
    "team of the wrong kind": (b'{"team":7,"user":8}', JSON),
    "payload that is no JSON": (b"payload=not-json", FORM),
    "payload that is a list": (b"payload=%5B1%5D", FORM),
    "payload that is a text": (b"payload=%22x%22", FORM),
    "no actions": (form({"type": "block_actions", "user": {"id": "U1"}, "actions": None}), FORM),
    "no view": (form({"type": "view_submission", "user": {"id": "U1"}, "view": None}), FORM),
    "no event": (b'{"type":"event_callback","authorizations":[],"event":null}', JSON),
    "empty form": (b"&&&", FORM),
    "another content type": (GOOD, "text/xml"),
    "no content type": (GOOD, ""),
}


@pytest.mark.parametrize("case", HEADERS)
async def test_a_garbled_signature_is_refused(
    door: Door, http: ClientSession, case: str, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    async with http.post(door.url + SLACK_PATH, data=GOOD, headers=signed(GOOD, **HEADERS[case])) as answer:
        text = await answer.text()

    assert answer.status in (400, 401)
    shown = text + caplog.text + "".join(capsys.readouterr())
    assert "Traceback" not in shown
    assert CANARY not in shown
    assert not door.heard


@pytest.mark.parametrize("case", BODIES)
async def test_a_garbled_body_is_refused_even_if_signed(
    door: Door, http: ClientSession, case: str, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    body, content_type = BODIES[case]

    async with http.post(door.url + SLACK_PATH, data=body, headers=signed(body, content_type)) as answer:
        text = await answer.text()

    assert 400 <= answer.status < 500
    shown = text + caplog.text + "".join(capsys.readouterr())
    assert "Traceback" not in shown
    assert CANARY not in shown
    assert not door.heard


async def test_a_long_body_is_refused_by_its_length_alone(door: Door, http: ClientSession) -> None:
    body = b"x" * (MAX_BODY + 1)

    async with http.post(door.url + SLACK_PATH, data=body, headers=signed(body)) as answer:
        assert answer.status == 413


async def test_a_long_body_without_a_length_is_refused(door: Door, http: ClientSession) -> None:
    async def drip() -> AsyncIterator[bytes]:
        for _ in range(20):
            yield b"x" * 65536

    async with http.post(door.url + SLACK_PATH, data=drip(), headers=signed(b"x")) as answer:
        assert answer.status == 413


async def test_what_slack_signed_comes_through_once(door: Door, http: ClientSession) -> None:
    headers = signed(GOOD)
    for _ in range(3):
        async with http.post(door.url + SLACK_PATH, data=GOOD, headers=headers) as answer:
            assert answer.status == 200

    assert len(door.heard) == 1


async def test_the_challenge_needs_a_signature_like_everything_else(door: Door, http: ClientSession) -> None:
    body = json.dumps({"type": "url_verification", "challenge": "abc", "token": "x"}).encode()

    async with http.post(door.url + SLACK_PATH, data=body, headers=signed(body)) as answer:
        assert await answer.json() == {"challenge": "abc"}
    async with http.post(door.url + SLACK_PATH, data=body, headers={"Content-Type": JSON}) as answer:
        assert answer.status == 401
    check = b"ssl_check=1&token=x"
    async with http.post(door.url + SLACK_PATH, data=check, headers={"Content-Type": FORM}) as answer:
        assert answer.status == 401
    async with http.post(door.url + SLACK_PATH, data=check, headers=signed(check, FORM)) as answer:
        assert answer.status == 200


async def test_every_route_that_takes_a_body_is_behind_the_verifier(door: Door, http: ClientSession) -> None:
    seen = set()
    for route in door.app.router.routes():
        path = route.resource.canonical if route.resource else ""
        seen.add((route.method, path))
        if route.method in ("GET", "HEAD"):
            continue
        async with http.request(route.method, door.url + path, data=GOOD, headers={"Content-Type": JSON}) as answer:
            assert answer.status == 401

    assert seen == {
        ("POST", SLACK_PATH),
        *((method, path) for method in ("GET", "HEAD") for path in ("/healthz", "/readyz")),
    }


async def test_health_says_what_is_wrong_to_the_own_machine(door: Door, http: ClientSession) -> None:
    async with http.get(door.url + "/readyz") as answer:
        assert (answer.status, await answer.json()) == (200, {"status": "ok"})

    door.problems = {"database": "cannot be reached"}

    async with http.get(door.url + "/healthz") as answer:
        assert (answer.status, (await answer.json())["problems"]) == (503, door.problems)


# -- the doctor looks at the door from outside ------------------------------------------------------------------------


def _settings(url: str, secret: str = SECRET.decode()) -> Settings:
    return Settings.model_validate(
        {
            "slack_bot_token": BOT_TOKEN,
            "slack_signing_secret": secret,
            "cadence_keys": TEST_KEYS,
            "http_host": "127.0.0.1",
            "http_port": int(url.rpartition(":")[2]),
        }
    )


async def test_the_doctor_sees_a_door_that_lets_in_what_is_signed_and_nothing_else(door: Door) -> None:
    found = await way_in(_settings(door.url))

    assert (found.level, found.said) == (
        Level.PASS,
        f"HTTP: {door.url}{SLACK_PATH} lets in what is signed, and nothing else.",
    )


async def test_the_doctor_sees_a_process_with_another_secret_and_then_with_the_right_one(door: Door) -> None:
    found = await way_in(_settings(door.url, "0123456789abcdef0123456789abcdef"))
    assert (found.level, "refuses what is signed" in found.said) == (Level.FAIL, True)
    assert "SLACK_SIGNING_SECRET" in found.remedy

    assert (await way_in(_settings(door.url))).level is Level.PASS


@pytest.mark.parametrize(
    ("status", "said"),
    [(200, "takes requests that are not signed"), (302, "leads elsewhere"), (404, "answers 404"), (502, "answers 502")],
)
async def test_the_doctor_sees_that_something_else_answers(status: int, said: str) -> None:
    async def answer(_request: web.Request) -> web.Response:
        return web.Response(status=status, headers={"Location": "/x"} if status == 302 else {})

    other = web.Application()
    other.router.add_post("/{rest:.*}", answer)
    runner = web.AppRunner(other, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()

    found = await way_in(_settings(f"http://127.0.0.1:{runner.addresses[0][1]}"))
    await runner.cleanup()

    assert (found.level, said in found.said) == (Level.WARN if status == 302 else Level.FAIL, True), found


async def test_the_doctor_warns_while_nothing_answers() -> None:
    found = await way_in(_settings("http://127.0.0.1:9"))

    assert found.level is Level.WARN
    assert "cadence run" in found.remedy

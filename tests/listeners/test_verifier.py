"""Signatures, freshness, replays and floods, without a network."""

import asyncio
import hmac
import random
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest

from bot.verifier import Answer, FloodGuard, Refused, ReplayMemory, Verifier
from models.clock import ManualClock
from tests.support.payloads import sign

SECRET = b"8f742231b10e8888abcd99yyyzzz85a5"
NEW_SECRET = b"0123456789abcdef0123456789abcdef"
NOW = datetime(2018, 7, 14, 1, 23, 38, tzinfo=UTC)
BODY = b'{"type":"event_callback"}'
FIRST, SECOND = "v0=" + 32 * "a1", "v0=" + 32 * "b2"


@pytest.fixture
def verifier() -> Verifier:
    return Verifier([NEW_SECRET, SECRET], ManualClock(NOW))


def let_in(verifier: Verifier, headers: dict[str, str], body: bytes = BODY) -> None:
    verifier.check_body(verifier.check_headers(headers, len(body)), body)


def test_the_signature_is_slacks() -> None:
    expected = "v0=" + hmac.new(SECRET, b"v0:1531420618:" + BODY, sha256).hexdigest()

    headers = sign(BODY, SECRET, 1531420618)

    assert headers["X-Slack-Signature"] == expected


@pytest.mark.parametrize("secret", [SECRET, NEW_SECRET])
def test_old_and_new_secret_are_accepted_during_a_change(verifier: Verifier, secret: bytes) -> None:
    let_in(verifier, sign(BODY, secret, int(NOW.timestamp())))


@pytest.mark.parametrize(("seconds", "is_let_in"), [(0, True), (299, True), (-299, True), (301, False), (-301, False)])
def test_a_signature_is_good_for_five_minutes(verifier: Verifier, seconds: int, is_let_in: bool) -> None:
    headers = sign(BODY, SECRET, int((NOW + timedelta(seconds=seconds)).timestamp()))

    if is_let_in:
        let_in(verifier, headers)
    else:
        with pytest.raises(Refused, match="stale"):
            let_in(verifier, headers)


def test_no_flipped_bit_gets_through(verifier: Verifier) -> None:
    headers = sign(BODY, SECRET, int(NOW.timestamp()))
    dice = random.Random(5)

    for _ in range(20_000):
        flipped = bytearray(BODY)
        flipped[dice.randrange(len(BODY))] ^= 1 << dice.randrange(8)
        with pytest.raises(Refused, match="wrong_signature"):
            let_in(verifier, headers, bytes(flipped))


def test_a_missing_secret_never_means_no_check() -> None:
    for secrets in ([], [b""], [SECRET, b""]):
        with pytest.raises(ValueError, match="signing secret"):
            Verifier(secrets, ManualClock(NOW))


async def test_a_repetition_gets_the_same_answer_and_has_no_second_effect() -> None:
    memory, calls = ReplayMemory(), 0

    async def handle() -> Answer:
        nonlocal calls
        calls += 1
        await asyncio.sleep(0)
        return Answer(200, f"answer {calls}", "text/plain")

    answers = await asyncio.gather(*(memory.once(FIRST, handle) for _ in range(5)))

    assert {answer.body for answer in answers} == {"answer 1"}
    assert (await memory.once(SECOND, handle)).body == "answer 2"


async def test_a_failed_attempt_may_be_repeated() -> None:
    memory = ReplayMemory()
    answers = iter([Answer(500, "", "text/plain"), Answer(200, "stored", "text/plain")])

    async def handle() -> Answer:
        return next(answers)

    assert (await memory.once(FIRST, handle)).status == 500
    assert (await memory.once(FIRST, handle)).body == "stored"


async def test_a_handler_that_breaks_does_not_hold_up_its_repetitions() -> None:
    memory = ReplayMemory()

    async def breaks() -> Answer:
        await asyncio.sleep(0)
        raise RuntimeError

    first = asyncio.create_task(memory.once(FIRST, breaks))
    await asyncio.sleep(0)
    second = await memory.once(FIRST, breaks)

    assert second.status == 503
    with pytest.raises(RuntimeError):
        await first


async def test_signatures_are_forgotten_after_ten_minutes() -> None:
    seconds = 0.0
    memory = ReplayMemory(lambda: seconds)

    async def handle() -> Answer:
        return Answer(200, str(seconds), "text/plain")

    await memory.once(FIRST, handle)
    seconds = 601.0

    assert (await memory.once(FIRST, handle)).body == "601.0"


def test_one_person_cannot_flood_and_others_are_not_held_up() -> None:
    seconds = 0.0
    guard = FloodGuard(burst=20, seconds=10, now=lambda: seconds)

    let_through = sum(guard.lets_in("mallory") for _ in range(100))

    assert let_through == 20
    assert guard.lets_in("ines")
    seconds = 0.5
    assert guard.lets_in("mallory")
    assert not guard.lets_in("mallory")


def test_the_guard_lets_in_after_a_clock_that_was_ahead_was_set_back() -> None:
    seconds = 4e7
    guard = FloodGuard(burst=20, seconds=10, now=lambda: seconds)
    assert guard.lets_in("install")

    seconds = 0.0

    assert sum(guard.lets_in("install") for _ in range(100)) == 20
